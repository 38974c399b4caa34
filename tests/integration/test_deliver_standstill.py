"""Runs whose server stands still, or breaks off: what they hold stays theirs, and goes once."""

import pytest
from sqlalchemy import Engine

from newsletter.model import Outcome, Phase, Verdict
from newsletter.store.sendings import State
from tests.delivering import SENT, SKIPPED, Delivering, closed, delivering, names
from tests.fakes import ScriptedCarrier

__all__ = ["closed"]


@pytest.fixture
def issue(database: Engine) -> Delivering:
    made = delivering(database, names(10))
    made.enqueue()
    return made


def away(issue: Delivering, *, turns: int, seconds: float) -> ScriptedCarrier:
    """A carrier that has no connection for so many turns of so many seconds each."""
    carrier, left = ScriptedCarrier(width=0), [turns]

    def turn() -> None:
        left[0] -= 1
        carrier.width = 0 if left[0] > 0 else 50
        issue.later(seconds=seconds if left[0] > 0 else 0)

    carrier.before_turn = turn
    return carrier


def test_a_server_that_is_away_for_longer_than_a_lease_gets_each_mail_once(issue: Delivering) -> None:
    ended, carrier = issue.run(away(issue, turns=8, seconds=100))

    assert (carrier.addresses, ended.state) == (names(10), State.FINISHED)
    assert issue.statuses() == dict.fromkeys(names(10), SENT)


@pytest.mark.parametrize("jump_h", [365 * 24, -2, 0.1])
def test_a_clock_that_jumps_in_the_midst_of_a_send_repeats_and_loses_nothing(
    issue: Delivering, jump_h: float
) -> None:
    carrier, turns = ScriptedCarrier(), [0]

    def jump() -> None:
        turns[0] += 1
        if turns[0] == 3:
            issue.later(hours=jump_h)

    carrier.before_turn = jump

    ended, _ = issue.run(carrier)

    assert (sorted(carrier.addresses), ended.state) == (names(10), State.FINISHED)
    assert issue.statuses() == dict.fromkeys(names(10), SENT)


def test_others_take_nothing_from_one_that_waits_for_its_server(issue: Delivering) -> None:
    carrier = away(issue, turns=20, seconds=5)
    turn, other, taken, turns = carrier.before_turn, issue.ledger(), [], [20]
    other.join()

    def looks() -> None:
        turn()
        turns[0] -= 1
        if turns[0] == 1:
            taken.extend(other.claim(10))
            other.leave()

    carrier.before_turn = looks

    issue.run(carrier)

    assert (taken, carrier.addresses) == ([], names(10))


def test_a_mail_that_is_lost_and_not_to_go_any_more_ends_nothing_else(issue: Delivering) -> None:
    gone = names(10)[0]

    class Breaking(ScriptedCarrier):
        def withdraw(self, parcels):  # type: ignore[no-untyped-def]
            super().withdraw(parcels)
            # The connection went before, and the next turn says so.
            self._done += [(parcel, Outcome(Verdict.RETURNED, Phase.MAIL)) for parcel in parcels]

    carrier = Breaking()
    carrier.before_turn = lambda: issue.leaves(gone) if gone in carrier.begun else None

    issue.run(carrier)

    assert issue.statuses() == dict.fromkeys(names(10), SENT) | {gone: SKIPPED}


def test_a_server_that_drops_each_mail_is_given_up(
    issue: Delivering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsletter.deliver.running._FIRST_IMPATIENCE_S", 0.8)
    dropped = Outcome(Verdict.RETURNED, Phase.MAIL)
    carrier = ScriptedCarrier(lambda parcel: dropped, trouble=("the server hangs up", False))

    assert issue.run(carrier)[0].reason == "the server hangs up"
