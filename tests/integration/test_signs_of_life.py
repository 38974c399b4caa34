"""Who gives a sign of life, and who looks at whom, among workers with leases of their own."""

import time
from datetime import timedelta

from sqlalchemy import Engine, event

from newsletter import deliver
from newsletter.store.sendings import State
from tests.delivering import SENT, PlainMails, delivering, names
from tests.fakes import ACCEPTED, ScriptedCarrier


def test_a_worker_with_a_long_lease_is_not_taken_for_gone_by_one_with_a_short_one(database: Engine) -> None:
    way = delivering(database, names(2))
    way.enqueue()
    one = way.ledger(lease=timedelta(hours=1))
    one.join()
    claimed = [due.claimed for due in one.claim(1)]
    one.commit([], claimed, [])
    for _ in range(6):
        way.later(seconds=11)
        assert one.is_silent()
        one.commit([], [], [])

    other = way.ledger(lease=timedelta(seconds=60))

    assert other.join() == 0


def test_workers_hold_each_other_only_where_one_seems_to_be_gone(database: Engine) -> None:
    """Else each would wait for all the others whenever one gives a sign of life."""
    way = delivering(database, names(2))
    way.enqueue()
    one, other = way.ledger(), way.ledger()
    one.join()
    other.join()
    held: list[str] = []
    event.listen(database, "before_cursor_execute", lambda _, __, said, *rest: held.append(said))
    way.later(seconds=11)
    one.commit([], [], [])
    assert not any("FOR UPDATE OF workers" in said for said in held)

    way.later(seconds=61)
    one.commit([], [], [])

    assert any("FOR UPDATE OF workers" in said for said in held) is (database.dialect.name == "postgresql")
    way.run()
    assert set(way.statuses().values()) == {SENT}


def test_one_that_finds_everything_taken_asks_less_and_less_often_and_hears_of_the_end(
    database: Engine,
) -> None:
    issue, asked = delivering(database, names(10)), []
    issue.enqueue()
    other = issue.ledger()
    other.join()
    rows = [one.claimed for one in other.claim(10)]
    carrier = ScriptedCarrier()
    began = time.monotonic()

    class Counting(deliver.Ledger):
        def claim(self, most, *, without=()):  # type: ignore[no-untyped-def]
            asked.append("claim")
            return super().claim(most, without=without)

        def left(self):  # type: ignore[no-untyped-def]
            asked.append("left")
            return super().left()

    def ends() -> None:
        if rows and time.monotonic() > began + 4:
            other.commit([], rows, [])
            other.commit([(row, ACCEPTED) for row in rows], [], [])
            rows.clear()

    carrier.before_turn = ends
    run = deliver.Run(issue.ledger(), carrier, PlainMails(), lambda: False, lambda progress: None)
    run.ledger = Counting(database, issue.edition, run.ledger.terms, issue.clock)

    assert run.go().state is State.FINISHED
    assert len(asked) <= 14  # at 0.5 s it would be 16 until everything has gone
