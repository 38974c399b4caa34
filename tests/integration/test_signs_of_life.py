"""Who gives a sign of life, and who looks at whom, among workers with leases of their own."""

from datetime import timedelta

from sqlalchemy import Engine, event

from tests.delivering import SENT, delivering, names


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
