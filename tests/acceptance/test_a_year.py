"""A year of three weekly lists: whatever befalls the machine, each reader has each issue once.

The daemon runs as it does every day, in a process of its own, with a clock that the test moves on; who had
what is told by the server that took the mails. Readers come and go, and the process is killed again and
again. More readers: NEWSLETTER_TEST_READERS=2000.
"""

import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.ledger_server import Ways, serving
from tests.years import DAY, HOUR, LISTS, NEW_YEAR, Year, moments, prepare

READERS = int(os.environ.get("NEWSLETTER_TEST_READERS", "60"))
REAL = ("daily-papers-page.txt", "hf_api_json/2025-03-25.json", "hf_api_json/2026-06-03.json")
# Mondays, before the draft for Berlin is made.
BROKEN_FOR_HOURS = datetime(2026, 2, 23, 18, tzinfo=UTC)
BROKEN_FOR_GOOD = datetime(2026, 4, 13, 18, tzinfo=UTC)
# Tuesdays, when that issue goes.
DOWN_FOR_HOURS = datetime(2026, 5, 19, tzinfo=UTC)
DOWN_TOO_LONG = datetime(2026, 6, 2, tzinfo=UTC)
AWAY = datetime(2026, 7, 6, tzinfo=UTC)
BACKUP = datetime(2026, 8, 17, 12, tzinfo=UTC)
RESTORED = datetime(2026, 8, 19, 10, tzinfo=UTC)
END = datetime(2027, 1, 4, tzinfo=UTC)
# Each week of ISO has its issue, but for some.
WEEKS = [f"2026-W{week:02}" for week in range(2, 54)]
LACKING = {
    "berlin": {
        "2026-W16": "missed",  # its source was broken
        "2026-W23": "missed",  # the machine was down for too long
        "2026-W28": "missed",  # the machine was away
        "2026-W29": "missed",
    },
    "cairo": {"2026-W28": "missed", "2026-W01": "done"},
    "havana": {"2026-W28": "missed", "2026-W01": "done"},
}
# Of that issue the restored database knows nothing.
FORGOTTEN = ("berlin", "2026-W34")


@pytest.fixture
def year(tmp_path: Path) -> Iterator[Year]:
    with serving(tmp_path, Ways(mood=(3, 0), seed=5)) as ledger:
        made = prepare(tmp_path / "year", ledger, readers=READERS, seed=5)
        yield made
        made.stop()


def test_each_reader_has_each_issue_of_a_year_once(year: Year) -> None:
    chance, due = random.Random(7), agenda(year)  # noqa: S311
    for at in moments(NEW_YEAR + 12 * HOUR, END):
        year.now = at
        while due and due[0][0] <= at:
            due.pop(0)[1]()
        if is_up(at):
            year.step(at, killed=chance.random() < 0.01)
    year.step(END)
    year.settle()
    year.step(END + HOUR)
    year.stop()

    wanted, served = year.wanted(), year.served()
    ids = {one for _, mails in wanted for one in mails}
    assert {one for one, times in served.items() if times > 1} == set()
    assert ids - served.keys() == set()
    assert served.keys() - ids == year.forgotten
    for slug in LISTS:
        known = [week for week in WEEKS if (slug, week) != FORGOTTEN]
        assert year.weeks(slug) == dict.fromkeys(known, "done") | LACKING[slug]
    assert year.killed > 10


def agenda(year: Year) -> list[tuple[datetime, Callable[[], object]]]:
    """What happens in the year besides, in its order."""
    sources, hidden = year.folder / "digests", year.folder / "hidden"
    found: list[tuple[datetime, Callable[[], object]]] = []
    for week in range(52):
        monday = NEW_YEAR + timedelta(days=4 + 7 * week)
        found += [
            (monday, year.digest),
            (monday + 60 * HOUR, partial(year.join, 2, LISTS[week % 3])),
            (monday + 60 * HOUR, partial(year.leave, 2)),
            *((monday + hours * HOUR, year.settle) for hours in (35, 107, 155)),
        ]
    for begin, span in ((BROKEN_FOR_HOURS, 16 * HOUR), (BROKEN_FOR_GOOD, 29 * HOUR)):
        found += [(begin, partial(sources.rename, hidden)), (begin + span, partial(hidden.rename, sources))]
    found += [(NEW_YEAR + (4 + 28 * at) * DAY, partial(year.real, name)) for at, name in enumerate(REAL)]
    found += [(AWAY + 9 * DAY, partial(say_a_word, year)), (BACKUP, year.backup)]
    found += [(RESTORED, partial(restore, year))]
    return sorted(found, key=lambda one: one[0])


def say_a_word(year: Year) -> None:
    assert "schedule.held" in year.step(year.now)
    year.resume()


def restore(year: Year) -> None:
    year.restore()
    say_a_word(year)


def is_up(at: datetime) -> bool:
    """Whether the machine runs."""
    down = ((DOWN_FOR_HOURS, 16 * HOUR), (DOWN_TOO_LONG, 23 * HOUR), (AWAY, 9 * DAY))
    return not any(begin <= at < begin + span for begin, span in down)
