"""The row of a period: one issue of it, however many decide at once."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier

from sqlalchemy import Engine

from newsletter import schedule, store
from newsletter.model import Notice, NoticeKind, Slot, SlotState
from newsletter.store import notices, periods

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
DAILY = schedule.rule(every="day", at=[NOW.time()])
SLOTS = schedule.slots(DAILY, after=NOW - timedelta(days=20), until=NOW)
SCRIPT = """
import sys
from datetime import UTC, datetime, timedelta
from newsletter import schedule, store
from newsletter.model import SlotState
from newsletter.store import periods

now = datetime(2026, 11, 24, 8, tzinfo=UTC)
rule = schedule.rule(every="day", at=[now.time()])
database = store.open_store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for slot in schedule.slots(rule, after=now - timedelta(days=20), until=now):
    with store.writing(database) as tx:
        if periods.begin(tx, "weekly", slot, SlotState.OPEN, now=now):
            print(slot.period)
"""


def begin(database: Engine, slot: Slot, *, list: str = "weekly") -> bool:
    with store.writing(database) as tx:
        return periods.begin(tx, list, slot, SlotState.OPEN, now=NOW)


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    database = store.open_store(url)
    yield database
    database.dispose()


def test_of_two_threads_that_see_a_period_due_one_begins_it(database: Engine) -> None:
    both = Barrier(2)

    def begun() -> list[bool]:
        both.wait()
        return [begin(database, slot) for slot in SLOTS]

    with ThreadPoolExecutor(2) as threads:
        first, second = [threads.submit(begun) for _ in range(2)]

    assert [a + b for a, b in zip(first.result(), second.result(), strict=True)] == [1] * len(SLOTS)


def test_of_two_processes_that_see_a_period_due_one_begins_it(database_url: str) -> None:
    with opened(database_url) as database:
        at_work = [
            subprocess.Popen(
                [sys.executable, "-c", SCRIPT, database_url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        for process in at_work:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        # Both go at the same moment, as closely as two pipes allow.
        for process in at_work:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        begun = [period for process in at_work for period in process.communicate(timeout=60)[0].split()]
        with store.reading(database) as tx:
            kept = periods.latest(tx, list="weekly", most=100)

    assert sorted(begun) == [slot.period for slot in SLOTS]
    assert [one.name for one in reversed(kept)] == [slot.period for slot in SLOTS]


def test_a_notice_is_new_once(database: Engine) -> None:
    told = Notice("missed weekly 2026-W48", NoticeKind.ALERT, "weekly", "Missed", "No power.")
    with store.writing(database) as tx:
        assert [notices.add(tx, told, now=NOW), notices.add(tx, told, now=NOW)] == [True, False]

    with store.reading(database) as tx:
        assert [notice for _, notice, _ in notices.due(tx, now=NOW)] == [told]


def test_two_lists_have_periods_of_their_own(database: Engine) -> None:
    assert [begin(database, SLOTS[0], list=name) for name in ("weekly", "lab", "weekly")] == [
        True,
        True,
        False,
    ]

    with store.reading(database) as tx:
        assert [one.list for one in periods.under_way(tx)] == ["weekly", "lab"]
        assert [one.name for one in periods.under_way(tx, list="lab")] == [SLOTS[0].period]
        assert periods.names(tx, "lab", since=SLOTS[0].at) == {SLOTS[0].period}


def test_a_row_that_somebody_changed_meanwhile_stays_as_it_is(database: Engine) -> None:
    begin(database, SLOTS[0])
    with store.writing(database) as tx:
        [seen] = periods.under_way(tx)
        turned = periods.turn(tx, seen, SlotState.DRAFTED, note="a draft", now=NOW)
        again = periods.turn(tx, seen, SlotState.MISSED, note="too late", now=NOW)

    with store.reading(database) as tx:
        [kept] = periods.under_way(tx)
    assert (turned, again) == (True, False)
    assert (kept.state, kept.note) == (SlotState.DRAFTED, "a draft")


def test_a_period_whose_schedule_was_edited_goes_at_another_time(database: Engine) -> None:
    weekly = schedule.rule(every="week", on=["thu"])
    monday = Slot("2026-W48", NOW - timedelta(hours=23), datetime.fromisoformat("2026-11-23 09:00"))
    begin(database, monday)
    with store.writing(database) as tx:
        [held] = periods.under_way(tx)
        periods.move(tx, held, schedule.moved(weekly, held.name, at=held.slot_at, now=NOW))

    with store.reading(database) as tx:
        [moved] = periods.under_way(tx)
    assert (moved.name, moved.slot_at) == ("2026-W48", NOW + timedelta(days=2, hours=1))


def test_a_clock_that_goes_back_begins_no_period_again(database: Engine) -> None:
    began = []
    for hour in (0, 1, 2, 0, 1, 26, 2):  # of a clock that is put back twice
        now = NOW + timedelta(hours=hour)
        with store.writing(database) as tx:
            known = periods.names(tx, "weekly", since=NOW - timedelta(days=20))
            found = schedule.decide(
                DAILY,
                since=NOW - timedelta(days=1),
                known=known,
                lead=timedelta(0),
                max_lateness=timedelta(hours=12),
                now=now,
            )
            if found.due and periods.begin(tx, "weekly", found.due, SlotState.OPEN, now=now):
                began.append(found.due.period)

    assert began == ["2026-11-24", "2026-11-25"]


def test_a_rule_holds_since_it_was_written_in_other_words(database: Engine) -> None:
    later = NOW + timedelta(days=3)
    with store.writing(database) as tx:
        first = periods.set_rule(tx, "weekly", "every week on monday", now=NOW)
        same = periods.set_rule(tx, "weekly", "every week on monday", now=later)
        other = periods.set_rule(tx, "weekly", "every week on thursday", now=later)

    assert (first, same, other) == (NOW, NOW, later)
