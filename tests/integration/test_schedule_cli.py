"""`newsletter schedule`, as an operator types it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from newsletter import schedule, store
from newsletter.cli import commands
from newsletter.model import SlotState
from newsletter.store import periods

CONFIG = """
[lists.weekly.schedule]
every = "week"
on = "tuesday"
timezone = "Europe/Berlin"
[lists.lab]
title = "Lab"
"""
runner = CliRunner()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("config.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return runner.invoke(commands, ["schedule", *arguments])


def missed_last_week(now: datetime) -> str:
    """The name of the last period of the list, which the store has as missed."""
    rule = schedule.rule(every="week", on=["tue"], zone="Europe/Berlin")
    slot = schedule.slots(rule, after=now - timedelta(days=7), until=now)[0]
    database = store.open_store("sqlite:///newsletter.db")
    with store.writing(database) as tx:
        assert periods.begin(tx, "weekly", slot, SlotState.MISSED, note="no power", now=now)
    database.dispose()
    return slot.period


def test_the_next_ten_runs_of_every_list_are_shown_without_a_store(folder: Path) -> None:
    shown = run()

    lines = shown.stdout.splitlines()
    assert shown.exit_code == 0
    assert lines[:2] == [
        "weekly: every week on tuesday at 09:00 (Europe/Berlin)",
        "period\tlocal time\tUTC\tin\tthe clock",
    ]
    assert len([line for line in lines if line.split("\t")[0].count("-W")]) >= 10
    assert "lab: no schedule, so that its issues are made by hand" in shown.stderr
    assert "what came before is not shown: " in shown.stderr
    assert "weekly: no source is configured" in shown.stderr
    assert [path.name for path in folder.iterdir()] == ["config.toml"]


def test_what_became_of_the_last_periods_is_shown() -> None:
    period = missed_last_week(datetime.now(UTC))

    shown = run("--list", "weekly")
    said = json.loads(run("--json").stdout)

    assert "weekly, so far\nperiod\tshould go\tstate\tissue\tnote\n" in shown.stdout
    assert f"{period}\tTue " in shown.stdout
    assert "\tmissed\t\tno power\n" in shown.stdout
    assert said["held"] == ""
    assert [(one["list"], len(one["next"]), len(one["past"])) for one in said["lists"]] == [
        ("weekly", 10, 1),
        ("lab", 0, 0),
    ]


def test_a_list_that_there_is_not_is_told() -> None:
    told = run("--list", "daily")

    assert (told.exit_code, told.stderr) == (1, "error: no list 'daily'; lists: weekly, lab\n")


def test_a_mistake_in_the_schedule_is_told_with_its_line(folder: Path) -> None:
    folder.joinpath("config.toml").write_text(CONFIG.replace('"tuesday"', "2"), encoding="utf-8")

    told = run()

    assert told.exit_code == 2
    assert "config.toml, line 4: lists.weekly.schedule.on: no day of the week: '2'" in told.stderr


def test_the_schedule_goes_on_where_nothing_held_it() -> None:
    missed_last_week(datetime.now(UTC))

    again = run("resume")

    assert (again.exit_code, again.stdout) == (0, "nothing holds the schedule; nothing to do\n")


def test_there_is_nothing_to_go_on_with_where_there_is_no_store(folder: Path) -> None:
    told = run("resume")

    assert told.exit_code == 1
    assert "no database yet" in told.stderr
    assert not folder.joinpath("newsletter.db").exists()


def test_the_word_to_go_on_is_about_the_configuration_that_was_named(folder: Path) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    elsewhere.joinpath("config.toml").write_text(CONFIG, encoding="utf-8")

    told = run("--config", str(elsewhere / "config.toml"), "resume")

    assert str(elsewhere / "newsletter.db") in told.stderr


@pytest.mark.parametrize("command", [[], ["resume"]])
def test_the_help_has_an_example(command: list[str]) -> None:
    assert "Example: newsletter schedule" in run(*command, "--help").stdout
