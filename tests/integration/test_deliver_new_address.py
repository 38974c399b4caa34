"""A reader who changes to another address while an issue goes: one of the two has the issue, or none."""

import pytest
from sqlalchemy import Engine, update

from newsletter import store
from newsletter.store import tables
from tests.delivering import SENT, SKIPPED, Delivering, closed, delivering
from tests.fakes import ScriptedCarrier
from tests.readers import reader

OLD, NEW = "ada@old.example", "ada@new.example"

__all__ = ["closed"]


@pytest.fixture
def issue(database: Engine) -> Delivering:
    made = delivering(database, [OLD])
    made.enqueue()
    return made


def moves(issue: Delivering) -> None:
    """Leave with the one, and join with the other: nobody's address is written over."""
    issue.leaves(OLD)
    reader(issue.database, NEW)


def test_who_moved_before_the_send_has_the_next_issue_at_the_new_address(issue: Delivering) -> None:
    moves(issue)

    _, carrier = issue.run()

    assert carrier.addresses == []
    assert issue.statuses() == {OLD: SKIPPED}


@pytest.mark.parametrize("turn", range(4))
def test_who_moves_in_the_midst_of_the_send_has_it_at_the_old_address_or_not_at_all(
    issue: Delivering, turn: int
) -> None:
    carrier = ScriptedCarrier()
    turns = iter(range(100))
    carrier.before_turn = lambda: moves(issue) if next(turns) == turn else None

    issue.run(carrier)

    assert carrier.addresses in ([], [OLD])
    assert issue.statuses() == {OLD: SENT if carrier.addresses else SKIPPED}


def test_an_address_that_an_operator_writes_over_counts_from_the_claim_on(issue: Delivering) -> None:
    before = issue.ledger()
    before.join()
    with store.writing(issue.database) as tx:
        tx.execute(update(tables.subscribers).values(address=NEW, folded=NEW, canonical=NEW))

    assert [due.claimed.address for due in before.claim(10)] == [NEW]
    before.leave()
    _, carrier = issue.run()
    assert carrier.addresses == [NEW]
