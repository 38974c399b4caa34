"""What an operator writes of a schedule, and how a mistake in it is told."""

from datetime import date, time
from pathlib import Path

import pytest

from newsletter import config, schedule
from newsletter.errors import ConfigError
from newsletter.model import Every, Rule

TUESDAYS = 'every = "week"\non = "tuesday"\n'


def written(tmp_path: Path, table: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(f"[lists.weekly.schedule]\n{table}\n", encoding="utf-8")
    return path


def read(tmp_path: Path, table: str) -> Rule:
    chosen = config.schedule(config.load(written(tmp_path, table)), "weekly")
    assert chosen is not None
    return chosen.rule


def mistake(tmp_path: Path, table: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config.load(written(tmp_path, table))
    [line] = str(caught.value).replace(f"{tmp_path}/", "").splitlines()
    return line.removeprefix("config.toml, ").replace("lists.weekly.schedule", "schedule")


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        (TUESDAYS, Rule(Every.WEEK, ("tuesday",))),
        (
            'every = "week"\non = ["Thu", "monday", "thursday"]\nat = ["17:30", 09:00:00, "17:30"]',
            Rule(Every.WEEK, ("monday", "thursday"), (time(9), time(17, 30))),
        ),
        ('every = "month"\non = 15', Rule(Every.MONTH, ("15",))),
        (
            'every = "month"\non = ["first  Tue", "last day"]',
            Rule(Every.MONTH, ("first tuesday", "last day")),
        ),
        (
            'every = "two weeks"\non = "fri"\nstarting = 2026-01-06',
            Rule(Every.TWO_WEEKS, ("friday",), (time(9),), "UTC", date(2026, 1, 6)),
        ),
        ('every = "day"\ntimezone = "Asia/Kolkata"', Rule(Every.DAY, (), (time(9),), "Asia/Kolkata")),
        ('cron = " 0 9  * * TUE "', Rule(Every.CRON, (), (), cron="0 9 * * tue")),
    ],
)
def test_a_schedule_is_a_rule(tmp_path: Path, table: str, rule: Rule) -> None:
    assert read(tmp_path, table) == rule


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('on = "tuesday"', 'line 1: schedule: say when: every = "week" and on = "tuesday", or cron'),
        ("lead_hours = 4", 'line 1: schedule: say when: every = "week" and on = "tuesday", or cron'),
        (
            'every = "weekly"',
            'line 2: schedule.every: write "day", "weekday", "week", "two weeks" or "month"',
        ),
        ('every = "cron"', 'line 2: schedule.every: write "day", "weekday", "week", "two weeks" or "month"'),
        ('every = "week"', 'line 1: schedule: say the day, such as on = "tuesday"'),
        ('every = "month"', 'line 1: schedule: say the day, such as on = "first tuesday"'),
        (
            'every = "week"\non = 2',
            "line 3: schedule.on: no day of the week: '2'; write such as tuesday; a num",
        ),
        (
            'every = "week"\non = "first tuesday"',
            "line 3: schedule.on: no day of the week: 'first tuesday'; wr",
        ),
        (
            'every = "month"\non = 31',
            "line 3: schedule.on: no day of a month: '31'; write such as \"first tue",
        ),
        (
            'every = "day"\non = "tuesday"',
            'line 3: schedule.on: on goes with every = "week", "two weeks" or "m',
        ),
        (TUESDAYS + "at = 9", 'line 4: schedule.at.0: write a time such as "09:00", not 9'),
        (TUESDAYS + 'at = "noon"', "line 4: schedule.at.0: write a time such as \"09:00\", not 'noon'"),
        (TUESDAYS + 'at = "09:00+02:00"', "line 4: schedule.at: 09:00:00+02:00 has a zone of its own; write"),
        (
            TUESDAYS + "at = 09:00:30",
            "line 4: schedule.at: 09:00:30 is not a whole minute; write a time such",
        ),
        (TUESDAYS + "at = []", 'line 4: schedule.at: say the time, such as at = "09:00"'),
        (
            TUESDAYS + 'timezone = "Berlin"',
            "line 4: schedule.timezone: no time zone 'Berlin'; did you mean 'E",
        ),
        (
            TUESDAYS + 'timezone = "Europe/Berln"',
            "line 4: schedule.timezone: no time zone 'Europe/Berln'; did",
        ),
        (
            TUESDAYS + 'timezone = "GMT+1"',
            "line 4: schedule.timezone: no time zone 'GMT+1'; write a name suc",
        ),
        (TUESDAYS + 'timezone = "Europe"', "line 4: schedule.timezone: no time zone 'Europe'; write a name"),
        (
            TUESDAYS + 'timezone = "../zone"',
            "line 4: schedule.timezone: no time zone '../zone'; write a name",
        ),
        (TUESDAYS + 'timezone = "right/UTC"', "line 4: schedule.timezone: no time zone 'right/UTC'; write"),
        (
            TUESDAYS + 'starting = "soon"',
            "line 4: schedule.starting: write a day such as 2026-01-06, not 'soon'",
        ),
        (TUESDAYS + "starting = 5", "line 4: schedule.starting: write a day such as 2026-01-06, not '5'"),
        (TUESDAYS + 'cron = "0 9 * * tue"', "line 1: schedule: write either cron, or every, on and at"),
        (
            TUESDAYS + "lead_hours = 169",
            "line 1: schedule: issues are 168 hours apart, and lead_hours is 169;",
        ),
        (
            'every = "weekday"\nlead_hours = 24.5',
            "line 1: schedule: issues are 24 hours apart, and lead_hours",
        ),
        (TUESDAYS + 'editor = "ada"', "line 4: schedule.editor: write one address"),
    ],
)
def test_a_mistake_in_a_schedule_is_told_with_its_place_and_the_next_step(
    tmp_path: Path, table: str, told: str
) -> None:
    assert mistake(tmp_path, table).startswith(told)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "0 9 * * 2",
            "days of the week by names, such as tue or mon-fri, not '2': a number means another day",
        ),
        ("0 9 * * tue#1", "days of the week by names, such as tue or mon-fri, not 'tue#1'"),
        ("0 9 * * xyz", 'not a line of cron: Invalid weekday name "xyz"'),
        ("0 9 1 * mon", "a day of the month and one of the week: programs disagree whether one or both have"),
        (
            "@weekly",
            "a line of cron has five fields: minute, hour, day, month, day of the week; write such as",
        ),
        ("0 0 9 * * tue", "a line of cron has five fields: minute, hour, day, month, day of the week"),
        ("0 25 * * *", "not a line of cron: Error validating expression '25'"),
        ("0 0 30 2 *", "'0 0 30 2 *' never comes: no month has that day"),
        ("0 0 31 4,6,9,11 *", "'0 0 31 4,6,9,11 *' never comes: no month has that day"),
        ("* * * * *", "'* * * * *' is more than 24 issues a day"),
        ("0,59 0-23 * * *", "'0,59 0-23 * * *' is more than 24 issues a day"),
    ],
)
def test_a_line_of_cron_that_is_none_or_means_two_things_is_refused(
    tmp_path: Path, line: str, told: str
) -> None:
    assert mistake(tmp_path, f'cron = "{line}"').startswith(f"line 2: schedule.cron: {told}")


def test_more_issues_a_day_than_hours_are_refused(tmp_path: Path) -> None:
    times = ", ".join(f'"{minute // 60:02}:{minute % 60:02}"' for minute in range(0, 750, 30))

    told = mistake(tmp_path, f'every = "day"\nat = [{times}]')

    assert told == "line 3: schedule.at: 25 issues a day; 24 are the most"


def test_a_lead_of_the_whole_time_between_two_issues_is_allowed(tmp_path: Path) -> None:
    assert read(tmp_path, TUESDAYS + "lead_hours = 168").every is Every.WEEK


def test_a_list_without_a_schedule_has_none(tmp_path: Path) -> None:
    assert config.schedule(config.load(None), "weekly") is None
    assert config.schedule(config.load(None), "nobody's") is None


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (schedule.rule(every="week", on=["tue"]), "every week on tuesday at 09:00 (UTC)"),
        (
            schedule.rule(every="month", on=["1", "15"], at=[time(9), time(17)], zone="Asia/Tokyo"),
            "every month on 1 and 15 at 09:00 and 17:00 (Asia/Tokyo)",
        ),
        (
            schedule.rule(every="day", starting=date(2026, 1, 6)),
            "every day at 09:00, from 2026-01-06 on (UTC)",
        ),
        (schedule.rule(cron="0 9 * * tue"), "cron 0 9 * * tue (UTC)"),
    ],
)
def test_a_rule_is_said_in_words(rule: Rule, words: str) -> None:
    assert schedule.words(rule) == words


def test_a_recap_comes_on_the_first_day_of_the_next_month() -> None:
    weekly = schedule.rule(every="week", on=["tue"], at=[time(7), time(17)], zone="Europe/Berlin")

    assert schedule.recap_rule(weekly) == Rule(Every.MONTH, ("1",), (time(7),), "Europe/Berlin")
    assert schedule.recap_rule(schedule.rule(cron="0 9 * * tue")).at == (time(9),)


@pytest.mark.parametrize(
    ("table", "rest", "lacks"),
    [
        ("approval = true", "", ["[[sources]]", "smtp.host", "lists.weekly.schedule.editor"]),
        (
            'approval = true\neditor = "ed@example.org"\nunapproved = "skip"',
            '[smtp]\nhost = "mx"\n[[sources]]\nfile = "x.txt"',
            ["lists.weekly.schedule.lead_hours"],
        ),
        ('goes = "write"', "", ["[[sources]]", "run.operator"]),
        ('editor = "ed@example.org"', '[smtp]\nhost = "mx"\n[[sources]]\nfeed = "https://a.example/f"', []),
        ('goes = "write"\neditor = "ed@example.org"', '[[sources]]\nfile = "x.txt"', ["smtp.host"]),
    ],
)
def test_what_a_schedule_lacks_is_told_with_the_next_step(
    tmp_path: Path, table: str, rest: str, lacks: list[str]
) -> None:
    found = config.lacking(config.load(written(tmp_path, f"{TUESDAYS}{table}\n{rest}")), "weekly")

    assert [line.split()[-1] for line in found] == lacks


def test_a_list_without_a_schedule_lacks_nothing(tmp_path: Path) -> None:
    assert config.lacking(config.load(written(tmp_path, "")), "weekly") == ()
