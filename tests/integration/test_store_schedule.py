"""The rows of the schedule, on both databases."""

from sqlalchemy import Engine

from newsletter import store
from newsletter.model import Notice, NoticeKind, Slot, SlotState
from newsletter.store import gauges, notices, periods
from tests.builders import NOW

SLOT = Slot("2026-W02", NOW, NOW.replace(tzinfo=None))
NOTICE = Notice("missed/weekly/2026-W02", NoticeKind.ALERT, "weekly", "subject", "text")


def test_only_the_first_to_begin_a_period_is_told_so(database: Engine) -> None:
    with store.writing(database) as tx:
        begun = [periods.begin(tx, "weekly", SLOT, SlotState.OPEN, now=NOW) for _ in range(2)]
        begun.append(periods.begin(tx, "serving", SLOT, SlotState.OPEN, now=NOW))

    assert begun == [True, False, True]


def test_only_the_first_notice_of_a_key_is_new(database: Engine) -> None:
    with store.writing(database) as tx:
        assert [notices.add(tx, NOTICE, now=NOW) for _ in range(2)] == [True, False]

    with store.reading(database) as tx:
        assert gauges.read(tx).notices == 1
