"""Runs that deliver an issue: each reader once, whatever the server says and whoever else delivers."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from newsletter import deliver, store
from newsletter.backends.carrier import Parcel
from newsletter.errors import StoreError
from newsletter.model import BounceKind, IssueStatus, Outcome, Phase, Verdict
from newsletter.pace import Pace
from newsletter.store import issues, sendings, suppressions
from newsletter.store.sendings import State
from tests.delivering import (
    FAILED,
    PENDING,
    SENDING,
    SENT,
    SKIPPED,
    UNKNOWN,
    Delivering,
    PlainMails,
    closed,
    delivering,
    names,
)
from tests.fakes import ACCEPTED, ScriptedCarrier

LATER = Outcome(Verdict.DEFERRED, Phase.RCPT, 451, "4.7.1", "try later")
NOBODY = Outcome(Verdict.REJECTED, Phase.RCPT, 550, "5.1.1", "no such user", BounceKind.HARD)
UNWANTED = Outcome(Verdict.REJECTED, Phase.RCPT, 550, "5.7.515", "no", BounceKind.POLICY, of_sender=True)
LOST = Outcome(Verdict.UNKNOWN, Phase.DOT, text="no answer came")
SENDER = Outcome(Verdict.RETURNED, Phase.MAIL, 550, "5.7.1", "who are you?", of_sender=True)

__all__ = ["closed"]


@pytest.fixture
def issue(database: Engine) -> Delivering:
    made = delivering(database, names(10))
    made.enqueue()
    return made


def only(address: str, outcome: Outcome) -> ScriptedCarrier:
    """A carrier that takes every mail but the one to that address."""
    return ScriptedCarrier(lambda parcel: outcome if parcel.envelope.recipient == address else ACCEPTED)


def test_everybody_gets_the_issue_once(issue: Delivering) -> None:
    ended, carrier = issue.run()

    assert carrier.addresses == names(10)
    assert issue.statuses() == dict.fromkeys(names(10), SENT)
    assert (ended.state, ended.reason, ended.due, carrier.closed) == (State.FINISHED, "", None, [False])
    with store.reading(issue.database) as tx:
        assert issues.numbered(tx, list="weekly", number=1).status is IssueStatus.SENT  # type: ignore[union-attr]


def test_sending_again_sends_nothing(issue: Delivering) -> None:
    issue.run()

    ended, carrier = issue.run()

    assert (carrier.addresses, ended.state) == ([], State.FINISHED)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(NOBODY, FAILED), (LATER, PENDING), (LOST, UNKNOWN)],
)
def test_what_a_server_says_of_one_is_of_that_one_alone(
    issue: Delivering, outcome: Outcome, status: object
) -> None:
    issue.run(only(names(10)[3], outcome))

    assert issue.statuses() == dict.fromkeys(names(10), SENT) | {names(10)[3]: status}
    assert issue.causes()[names(10)[3]] == outcome.text


def test_what_was_put_off_goes_when_its_time_has_come(issue: Delivering) -> None:
    ended, _ = issue.run(only(names(10)[3], LATER))
    assert ended.due
    assert ended.due > issue.now + timedelta(minutes=1)
    _, early = issue.run()
    issue.later(minutes=2)

    ended, late = issue.run()

    assert (early.addresses, late.addresses, ended.state) == ([], [names(10)[3]], State.FINISHED)


def test_what_is_put_off_for_a_day_is_given_up(issue: Delivering) -> None:
    for _ in range(300):
        issue.run(only(names(10)[3], LATER))
        issue.later(minutes=10)

    assert issue.statuses()[names(10)[3]] is FAILED
    assert issue.causes()[names(10)[3]] == "given up: try later"


def test_an_unknown_one_is_never_sent_again_by_itself(issue: Delivering) -> None:
    issue.run(only(names(10)[3], LOST))
    issue.later(days=1)

    _, carrier = issue.run()

    assert carrier.addresses == []
    assert issue.state() is State.FINISHED


def test_an_end_goes_only_after_the_ledger_has_it(issue: Delivering) -> None:
    seen: list[dict[str, object]] = []

    class Looking(ScriptedCarrier):
        def release(self, parcels):  # type: ignore[no-untyped-def]
            now = issue.statuses()
            seen.extend({parcel.envelope.recipient: now[parcel.envelope.recipient]} for parcel in parcels)
            super().release(parcels)

    issue.run(Looking())

    assert seen == [{name: SENDING} for name in names(10)]


def test_a_reader_who_leaves_meanwhile_gets_nothing_any_more(issue: Delivering) -> None:
    gone = names(10)[1]
    carrier = ScriptedCarrier()
    # Its mail has begun already: everything but its end is with the server.
    carrier.before_turn = lambda: issue.leaves(gone) if gone in carrier.begun else None

    issue.run(carrier)

    assert gone not in carrier.addresses
    assert (issue.statuses()[gone], issue.causes()[gone]) == (SKIPPED, "the reader had left")
    assert [one.envelope.recipient for one in carrier.withdrawn] == [gone]


def test_a_reader_whose_mail_cannot_be_made_holds_nobody_up(database: Engine) -> None:
    issue = delivering(database, ["impossible@example.org", *names(3)])
    issue.enqueue()

    issue.run()

    assert issue.statuses() == dict.fromkeys(names(3), SENT) | {"impossible@example.org": FAILED}


def test_three_refusals_of_the_sender_halt_the_issue_and_touch_nobody(issue: Delivering) -> None:
    ended, carrier = issue.run(ScriptedCarrier(lambda parcel: SENDER))

    assert ended.reason.startswith("the server refuses what we send, whoever it is for: 550 who are you?")
    assert (issue.state(), issue.statuses()) == (State.STOPPED, dict.fromkeys(names(10), PENDING))
    assert carrier.ended == []


def test_a_storm_of_policy_refusals_stops_after_three_and_what_was_under_way(issue: Delivering) -> None:
    issue.run(ScriptedCarrier(lambda parcel: UNWANTED))

    counts = Counter(issue.statuses().values())
    assert 3 <= counts[FAILED] <= 3 + 2
    assert counts[PENDING] == 10 - counts[FAILED]


def test_many_mailboxes_that_are_not_there_halt_the_issue(database: Engine) -> None:
    issue = delivering(database, names(400))
    issue.enqueue()
    carrier = ScriptedCarrier(
        lambda parcel: NOBODY if parcel.number % 10 == 0 else ACCEPTED,
        width=20,
    )

    ended, _ = issue.run(carrier)

    assert "mails went to mailboxes that are not there" in ended.reason
    assert Counter(issue.statuses().values())[PENDING] > 100


def test_who_has_no_mailbox_is_written_to_no_more(issue: Delivering) -> None:
    issue.run(only(names(10)[3], NOBODY))

    with store.reading(issue.database) as tx:
        found = {name: suppressions.of(tx, name) for name in names(10)}
    assert {name: one.reason for name, one in found.items() if one} == {names(10)[3]: "bounce"}


def test_who_is_refused_for_the_sake_of_the_sender_is_not_punished(issue: Delivering) -> None:
    issue.run(ScriptedCarrier(lambda parcel: UNWANTED))

    with store.reading(issue.database) as tx:
        assert not suppressions.some(tx)


def test_a_run_that_is_told_to_end_ends_what_is_under_way_and_leaves_the_rest(issue: Delivering) -> None:
    told: list[Parcel] = []
    carrier = ScriptedCarrier(lambda parcel: told.append(parcel) or ACCEPTED)

    ended, _ = issue.run(carrier, stopping=lambda: bool(told))

    assert Counter(issue.statuses().values()) == {SENT: 2, PENDING: 8}
    assert (ended.reason, issue.state()) == ("", State.RUNNING)
    assert issue.run()[1].addresses == names(10)[2:]


def test_what_a_dead_process_left_at_its_end_is_unknown_and_the_rest_goes_on(issue: Delivering) -> None:
    dead = issue.ledger()
    dead.join()
    first, second, *_ = (due.claimed for due in dead.claim(5))
    dead.commit([], [first], [second])
    issue.later(minutes=5)

    _, carrier = issue.run()

    assert carrier.addresses == [*names(10)[5:], *names(10)[1:5]] or set(carrier.addresses) == set(
        names(10)[1:]
    )
    assert issue.statuses() == dict.fromkeys(names(10), SENT) | {names(10)[0]: UNKNOWN}


def test_a_process_that_stood_still_sends_nothing_that_others_took(issue: Delivering) -> None:
    slow = issue.ledger()
    slow.join()
    due = [one.claimed for one in slow.claim(10)]
    issue.later(minutes=5)
    issue.run()

    word = slow.commit([], due[:5], due[5:])

    assert (word.ends, word.begins) == (frozenset(), frozenset())
    assert issue.statuses() == dict.fromkeys(names(10), SENT)


def test_the_late_word_of_one_that_was_taken_for_gone_counts(issue: Delivering) -> None:
    slow = issue.ledger()
    slow.join()
    one = slow.claim(1)[0].claimed
    slow.commit([], [one], [])
    issue.later(minutes=5)
    issue.run()
    assert issue.statuses()[one.address] is UNKNOWN

    slow.commit([(one, ACCEPTED)], [], [])

    assert issue.statuses()[one.address] is SENT


def test_two_that_deliver_take_turns_and_send_each_once(issue: Delivering) -> None:
    other, taken = issue.ledger(), []
    other.join()
    taken += [one.claimed for one in other.claim(4)]
    carrier = ScriptedCarrier()

    def ends() -> None:
        if taken and len(carrier.ended) == 6:
            rows = [taken.pop() for _ in range(len(taken))]
            other.commit([], rows, [])
            other.commit([(row, ACCEPTED) for row in rows], [], [])

    carrier.before_turn = ends

    ended, _ = issue.run(carrier)

    assert (len(carrier.ended), ended.state) == (6, State.FINISHED)
    assert issue.statuses() == dict.fromkeys(names(10), SENT)


def test_a_commit_that_fails_stops_everything_before_another_end(
    issue: Delivering, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier = ScriptedCarrier()
    run = deliver.Run(issue.ledger(), carrier, PlainMails(), lambda: False, lambda progress: None)
    commits: list[object] = []

    class Failing(deliver.Ledger):
        def commit(self, done, ends, begins):  # type: ignore[no-untyped-def]
            commits.append(done)
            if len(commits) > 2:
                raise StoreError("disk is full")
            return super().commit(done, ends, begins)

    ledger = issue.ledger()
    run.ledger = Failing(ledger.database, ledger.edition, ledger.terms, ledger.clock)

    with pytest.raises(StoreError):
        run.go()

    assert (len(carrier.ended), carrier.closed) == (2, [True])
    issue.later(minutes=5)
    issue.run()
    assert issue.statuses() == dict.fromkeys(names(10), SENT) | dict.fromkeys(names(2), UNKNOWN)


def test_a_rate_spreads_the_mails_and_outlives_the_process(database: Engine) -> None:
    issue = delivering(database, names(10))
    issue.pace = Pace(timedelta(seconds=10))
    issue.enqueue()
    first = issue.ledger()
    first.join()

    times = [due.go_at - issue.now for due in first.claim(500)]
    issue.later(seconds=11)
    second = issue.ledger()
    second.join()

    assert times == [timedelta(0)]
    assert [due.go_at - issue.now for due in second.claim(500)] == [timedelta(0)]


def test_a_domain_has_its_own_rate(database: Engine) -> None:
    issue = delivering(database, [*names(3), "a@slow.example", "b@slow.example"])
    issue.pace = Pace(domains=(("slow.example", timedelta(minutes=1)),))
    issue.enqueue()
    ledger = issue.ledger()
    ledger.join()

    claimed = [due.claimed.address for due in ledger.claim(500)]

    assert claimed == ["a@slow.example", *names(3)]


def test_a_paused_issue_waits_and_a_cancelled_one_ends(issue: Delivering) -> None:
    carrier = ScriptedCarrier()
    steps = iter([State.PAUSED, None, State.CANCELLED])

    def steer() -> None:
        if len(carrier.ended) >= 2 and (to := next(steps, None)):
            deliver.steer(issue.database, issue.edition, to, now=issue.now)

    carrier.before_turn = steer

    ended, _ = issue.run(carrier)

    assert ended.state is State.CANCELLED
    counts = Counter(issue.statuses().values())
    assert counts[SENT] + counts[SKIPPED] == 10
    assert counts[SENT] <= 4


def test_a_run_that_waits_for_its_server_hears_that_the_issue_is_cancelled(issue: Delivering) -> None:
    carrier = ScriptedCarrier(trouble=("smtp.example.org:587 refuses the connection", False), width=0)
    turns: list[int] = []

    def cancels() -> None:
        turns.append(1)
        if len(turns) == 3:
            deliver.steer(issue.database, issue.edition, State.CANCELLED, now=issue.now)

    carrier.before_turn = cancels

    ended, _ = issue.run(carrier, wait=True, lease=timedelta(seconds=1))

    assert (ended.state, set(issue.statuses().values())) == (State.CANCELLED, {SKIPPED})


def test_a_run_that_waits_sends_what_was_put_off_in_its_time(issue: Delivering) -> None:
    tried: Counter[str] = Counter()

    def later_once(parcel: Parcel) -> Outcome:
        tried[parcel.envelope.recipient] += 1
        return LATER if tried[names(10)[3]] == 1 and parcel.envelope.recipient == names(10)[3] else ACCEPTED

    carrier, turns = ScriptedCarrier(later_once), Counter[int]()

    def some_turns_later() -> None:
        turns[len(carrier.ended)] += 1
        assert turns[9] < 1000, "what is due is not claimed"
        if turns[9] == 20:
            issue.later(minutes=2)

    carrier.before_turn = some_turns_later

    ended, _ = issue.run(carrier, wait=True)

    assert (ended.state, carrier.addresses[-1]) == (State.FINISHED, names(10)[3])
    assert issue.statuses() == dict.fromkeys(names(10), SENT)


def test_whoever_ends_a_run_at_once_loses_no_answer(issue: Delivering) -> None:
    carrier = ScriptedCarrier()

    def hurries() -> None:
        if len(carrier.ended) == 4:
            raise KeyboardInterrupt

    carrier.before_turn = hurries

    with pytest.raises(KeyboardInterrupt):
        issue.run(carrier)

    assert Counter(issue.statuses().values()) == {SENT: 4, PENDING: 6}
    issue.later(minutes=5)
    assert len(issue.run()[1].addresses) == 6


def test_a_server_that_will_never_do_halts_the_issue(issue: Delivering) -> None:
    carrier = ScriptedCarrier(trouble=("smtp.example.org:587 does not accept the login", True), width=0)

    ended, _ = issue.run(carrier)

    assert ended.reason == "smtp.example.org:587 does not accept the login"
    assert issue.state() is State.STOPPED


def test_settling_sends_the_unknown_again_or_takes_them_for_sent(issue: Delivering) -> None:
    lost = names(10)[3:5]
    issue.run(ScriptedCarrier(lambda parcel: LOST if parcel.envelope.recipient in lost else ACCEPTED))

    settle = {"now": issue.now}
    assert deliver.settle(issue.database, issue.edition, resend=False, addresses=lost[:1], **settle) == 1
    assert deliver.settle(issue.database, issue.edition, resend=True, **settle) == 1
    _, carrier = issue.run()

    assert carrier.addresses == lost[1:]
    assert issue.statuses() == dict.fromkeys(names(10), SENT)
    with store.reading(issue.database) as tx:
        sending = sendings.of(tx, issue.edition.id)
    assert sending
    assert sending.state is State.FINISHED
