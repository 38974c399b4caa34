"""An operator's word in the midst of things: nothing goes after it, and no row stays behind it."""

import pytest
from sqlalchemy import Engine

from newsletter import deliver, drafts, store
from newsletter.errors import Conflict
from newsletter.model import Issue, Outcome, Phase, Verdict
from newsletter.store import workers
from newsletter.store.sendings import State
from tests.delivering import PENDING, SENT, SKIPPED, UNKNOWN, Delivering, closed, delivering, names

__all__ = ["closed"]
RETURNED = Outcome(Verdict.RETURNED, Phase.MAIL)


@pytest.fixture
def issue(database: Engine) -> Delivering:
    made = delivering(database, names(2))
    made.enqueue()
    return made


def test_an_issue_cancelled_while_its_readers_are_written_down_stays_so(database: Engine) -> None:
    issue = delivering(database, names(2))

    def cancels(one: Issue) -> bytes:
        deliver.steer(database, issue.edition, State.CANCELLED, now=issue.now)
        return b"a mail"

    assert issue.enqueue(cancels).state is State.CANCELLED
    assert PENDING not in issue.statuses().values()


def test_an_issue_that_was_cancelled_since_it_was_looked_at_does_not_go(database: Engine) -> None:
    issue = delivering(database, names(2))
    drafts.cancel(database, issue.edition)

    with pytest.raises(Conflict, match="weekly/1 is cancelled"):
        issue.enqueue()

    assert not issue.statuses()


def test_an_issue_whose_readers_are_being_written_down_is_cancelled_on_its_way_alone(
    database: Engine,
) -> None:
    issue = delivering(database, names(2))

    def cancels(one: Issue) -> bytes:
        with pytest.raises(Conflict, match="newsletter deliveries cancel weekly/1"):
            drafts.cancel(database, issue.edition)
        return b"a mail"

    assert issue.enqueue(cancels).state is State.RUNNING


def test_what_comes_back_after_a_cancel_is_not_left_behind(issue: Delivering) -> None:
    ledger = issue.ledger()
    ledger.join()
    one, _ = (due.claimed for due in ledger.claim(2))
    ledger.commit([], [one], [])
    deliver.steer(issue.database, issue.edition, State.CANCELLED, now=issue.now)

    ledger.commit([(one, RETURNED)], [], [])

    assert (ledger.left().due, issue.statuses()) == (None, dict.fromkeys(names(2), SKIPPED))


def test_the_late_word_that_a_mail_did_not_go_opens_the_issue_again(issue: Delivering) -> None:
    slow = issue.ledger()
    slow.join()
    one = slow.claim(1)[0].claimed
    slow.commit([], [one], [])
    issue.later(minutes=5)
    assert issue.run()[0].state is State.FINISHED

    slow.commit([(one, RETURNED)], [], [])

    assert slow.left().state is State.RUNNING
    slow.leave()
    issue.run()
    assert issue.statuses() == dict.fromkeys(names(2), SENT)


def test_one_that_was_taken_for_gone_and_then_died_keeps_nobody_waiting(issue: Delivering) -> None:
    dead = issue.ledger()
    dead.join()
    one = dead.claim(1)[0].claimed
    dead.commit([], [one], [])
    with store.writing(issue.database) as tx:
        workers.end(tx, [dead.worker], now=issue.now)

    ended, _ = issue.run()

    assert (ended.state, issue.statuses()[one.address]) == (State.FINISHED, UNKNOWN)
