"""The ledger as one worker sees it: what it may send, and the word that it has to wait for.

Every method is one transaction, and is done again where the connection was lost in it, whether or not what it
did was kept. A process that dies leaves what it had claimed to the next one, and of each connection at most
one row in `sending`, which becomes `unknown`: listed, and never sent again by itself. Whoever cannot write
the ledger must not write to a server either.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from newsletter import store
from newsletter.deliver.claiming import Claims, Due
from newsletter.deliver.deciding import recorded
from newsletter.fence import Fence
from newsletter.model import DeliveryStatus, Edition, IssueStatus, Outcome
from newsletter.pace import Pace, Retry
from newsletter.store import deliveries, issues, sendings, suppressions, workers
from newsletter.store.deliveries import Claimed
from newsletter.store.sendings import State
from newsletter.store.workers import Worker
from newsletter.subscribe import bouncing

# The least time between two rises of the fence within a run.
_RISE_S = 10.0
# The most time between two signs of life, however long the lease: another machine may have a shorter one.
_SIGN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Terms:
    """How a worker delivers.

    lease: how long others wait for a worker that gives no sign of life. patience_s: how long it waits for
    another one that writes, and for a server that is gone: what is not written down then is unknown.
    """

    pace: Pace
    retry: Retry
    lease: timedelta = timedelta(seconds=60)
    durable: bool = True
    patience_s: float = store.PATIENCE_S


@dataclass(frozen=True, slots=True)
class Word:
    """What the ledger says about a round.

    ends: the rows whose mails may end now; they are `sending`. begins: the rows whose mails may begin.
    state: of the issue.
    """

    ends: frozenset[int] = frozenset()
    begins: frozenset[int] = frozenset()
    state: State = State.RUNNING


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of an issue. due: when the next row may go, None where none is pending.

    others: whether a mail of another worker is at its end.
    """

    due: datetime | None
    others: bool
    state: State


_Asked = ParamSpec("_Asked")
_Said = TypeVar("_Said")


def _again(
    method: Callable[Concatenate["Ledger", _Asked], _Said],
) -> Callable[Concatenate["Ledger", _Asked], _Said]:
    """The method, done until its transaction was not cut off, and not by a server that forgot something.

    Only a connection that is lost can lead to another server.
    """

    @wraps(method)
    def done(ledger: "Ledger", /, *args: _Asked.args, **kwargs: _Asked.kwargs) -> _Said:
        tries = 0

        def once() -> _Said:
            nonlocal tries
            tries += 1
            if tries > 1 and ledger.fence:
                ledger.fence.require()
            return method(ledger, *args, **kwargs)

        return store.again(ledger.database, once, patience_s=ledger.terms.patience_s)

    return done


@dataclass(slots=True)
class Ledger:
    """The rows of one issue, for a worker that has joined."""

    database: store.Engine
    edition: Edition
    terms: Terms
    clock: Callable[[], datetime]
    # What finds out later that the database was restored; None where nobody looks.
    fence: Fence | None = None
    worker: int = field(init=False)
    _claims: Claims = field(init=False)
    _seen_at: datetime = field(init=False)
    # Until when a claim would hold whose end is not known.
    _claimed_until: datetime | None = None
    # Of claims and rounds, which one thread of its own makes.
    _rounds: store.Writer = field(init=False)
    _salt: bytes = b""
    # Of the monotonic clock: when the fence rises again.
    _rises_at: float = 0.0

    def __post_init__(self) -> None:
        durable, patience_s = self.terms.durable, self.terms.patience_s
        self._rounds = store.Writer(self.database, durable=durable, patience_s=patience_s)

    @_again
    def join(self) -> int:
        """How many rows earlier workers left at the end of a mail; they are `unknown` now."""
        now = self.clock()
        with self._writing() as tx:
            sending = sendings.of(tx, self.edition.id)
            if sending is None:
                raise LookupError(self.edition.name)  # pragma: no cover - it begins before anybody joins
            self.worker = workers.join(tx, now=now)
            self._claims = Claims(
                self.edition.id, self.worker, sending.started_at, self.terms.pace, self.terms.lease
            )
            self._seen_at = now
            unknown = self._recover(tx, now, workers.hold_all(tx, self.worker))
            number = self._rise(tx, at_once=True)
        if self.fence:
            # Before the first mail goes.
            self.fence.keep(number)
        return unknown

    @_again
    def claim(self, most: int, *, without: Sequence[str] = ()) -> list[Due]:
        """Deliveries that are due, at most so many, as far as the rates have places. without: domains."""
        now = self.clock()
        with self._rounds.writing() as tx:
            if self._claimed_until:
                deliveries.unclaim(tx, self.edition.id, worker=self.worker, until=self._claimed_until)
            if sendings.state(tx, self.edition.id) is not State.RUNNING:
                return []
            self._claimed_until = now + self.terms.lease
            found = self._claims.claim(tx, most, now=now, without=without)
        self._claimed_until = None
        return found

    @_again
    def commit(
        self,
        done: Sequence[tuple[Claimed, Outcome]],
        ends: Sequence[Claimed],
        begins: Sequence[Claimed],
    ) -> Word:
        """The ledger's word on a round, with the outcomes written down.

        ends: whose mails wait for their end; begins: whose mails would begin.
        """
        now = self.clock()
        lively = self.is_silent()
        with self._rounds.writing() as tx:
            held = self._hold(tx, now, looks=True) if lively else ()
            barred = self._record(tx, done, [*ends, *begins], now)
            word = self._word(tx, ends, begins, barred, now)
            self._stop_short(tx, [one for one in ends if one.id not in word.ends], barred, now)
            self._stop_short(tx, [one for one in begins if one.id not in word.begins], barred, now)
            if lively:
                self._live(tx, now, held)
            risen = self._rise(tx) if lively else 0
        self._keep(risen)
        return word

    def is_silent(self) -> bool:
        """Whether others have had no sign of life for so long that the next commit should give one."""
        return self.clock() - self._seen_at > min(self.terms.lease / 6, _SIGN)

    @_again
    def give_back(self, rows: Sequence[Claimed]) -> None:
        """Let others have claimed rows whose mails have not begun."""
        with self._writing() as tx:
            workers.hold(tx, self.worker)
            deliveries.give_back(tx, [one.id for one in rows], worker=self.worker)

    @_again
    def left(self) -> Left:
        """What is left of the issue; with nothing left, it is finished."""
        now = self.clock()
        with self._writing() as tx:
            # A cancelled issue changes rows of every worker.
            halted = sendings.state(tx, self.edition.id) is State.CANCELLED
            self._live(tx, now, self._hold(tx, now, looks=True, all=halted))
            state = sendings.hold(tx, self.edition.id)
            if state is State.CANCELLED:
                # What was at its end then, and came back.
                deliveries.cancel(tx, self.edition.id, now=now)
            due = deliveries.next_due(tx, self.edition.id)
            if due is not None and state is State.FINISHED:
                # The late word of one that was taken for gone.
                state = State.RUNNING
                sendings.turn(tx, self.edition.id, state)
                issues.change(tx, self.edition, status=IssueStatus.SENDING)
            others = due is None and deliveries.is_open(tx, self.edition.id)
            if due is None and not others and state in (State.RUNNING, State.PAUSED):
                state = State.FINISHED
                sendings.turn(tx, self.edition.id, state, finished_at=now)
            if state is State.FINISHED:
                issues.change(tx, self.edition, status=IssueStatus.SENT)
            risen = self._rise(tx)
        self._keep(risen)
        return Left(due, others, state)

    @_again
    def stop(self, reason: str) -> None:
        """Halt the issue for every worker."""
        with self._writing() as tx:
            if sendings.hold(tx, self.edition.id) is State.RUNNING:
                sendings.turn(tx, self.edition.id, State.STOPPED, reason=reason)

    @_again
    def leave(self) -> None:
        """End as a worker; what it has claimed is others' to take."""
        with self._writing() as tx:
            workers.hold(tx, self.worker)
            deliveries.free(tx, self.edition.id, [self.worker])
            workers.end(tx, [self.worker], now=self.clock())
            risen = self._rise(tx, at_once=True)
        self._keep(risen)

    def close(self) -> None:
        """Give the connection of the rounds back."""
        self._rounds.close()

    def _writing(self) -> AbstractContextManager[store.Connection]:
        return store.writing(self.database, durable=self.terms.durable, patience_s=self.terms.patience_s)

    def _record(
        self,
        tx: store.Connection,
        done: Sequence[tuple[Claimed, Outcome]],
        going: Sequence[Claimed],
        now: datetime,
    ) -> frozenset[int]:
        """The rows among `going` whose readers must not be written to; what came of attempts is written down.

        First what refusals say about addresses (`bouncing`), which others may suppress at the same time.
        """
        issue = self.edition.id
        refusals = [
            bouncing.of_outcome(
                outcome, outcome.kind, delivery=one.id, subscriber=one.subscriber, issue=issue, now=now
            )
            for one, outcome in done
            if outcome.kind is not None
        ]
        if refusals:
            workers.hold(tx, self.worker)
            bouncing.record(tx, refusals, now=now)
        self._salt = self._salt or suppressions.salt(tx)
        digests = {one.id: suppressions.digest(self._salt, one.folded) for one in going}
        rows = [recorded(one, outcome, retry=self.terms.retry, now=now) for one, outcome in done]
        asked = [
            *workers.holding(tx, self.worker),
            *deliveries.recording(tx, rows, worker=self.worker),
            suppressions.asking(tx, digests.values()),
        ]
        *_, found = store.ask_all(tx, asked)
        suppressed = {digest for [digest] in found}
        return frozenset(number for number, digest in digests.items() if digest in suppressed)

    def _word(
        self,
        tx: store.Connection,
        ends: Sequence[Claimed],
        begins: Sequence[Claimed],
        barred: frozenset[int],
        now: datetime,
    ) -> Word:
        """The word on a round; the rows of mails that may end are `sending`."""
        ending, beginning = ([one.id for one in rows if one.id not in barred] for rows in (ends, begins))
        asked = [
            deliveries.taking(tx, ending, worker=self.worker, now=now),
            deliveries.staying(tx, beginning, worker=self.worker),
            sendings.asking_state(self.edition.id),
        ]
        taken, still, [[state]] = store.ask_all(tx, asked)
        return Word(frozenset(row[0] for row in taken), frozenset(row[0] for row in still), State(state))

    def _stop_short(
        self, tx: store.Connection, rows: Sequence[Claimed], barred: frozenset[int], now: datetime
    ) -> None:
        """Write down that these mails do not go; nothing for rows that others have claimed."""
        for cause, ids in (
            ("the address must not be written to", [one.id for one in rows if one.id in barred]),
            ("the reader had left", [one.id for one in rows if one.id not in barred]),
        ):
            if ids:
                deliveries.skip(tx, ids, cause=cause, worker=self.worker, now=now)

    def _hold(
        self, tx: store.Connection, now: datetime, *, looks: bool, all: bool = False
    ) -> Sequence[Worker]:
        """The workers that nobody else changes now, beside this one: none, but where one seems to be gone.

        Where each held all whenever it gives a sign of life, they would wait for each other. looks: whether
        it is looked for any that is gone. all: whether all are held in any case.
        """
        if all or (looks and self._gone(workers.around(tx, self.worker), now)):
            return workers.hold_all(tx, self.worker)
        workers.hold(tx, self.worker)
        return ()

    def _live(self, tx: store.Connection, now: datetime, held: Sequence[Worker]) -> None:
        """A sign of life, and a look at who else gives none."""
        workers.seen(tx, self.worker, now=now)
        deliveries.renew(tx, self.edition.id, worker=self.worker, until=now + self.terms.lease)
        self._recover(tx, now, held)
        self._seen_at = now

    def _rise(self, tx: store.Connection, *, at_once: bool = False) -> int:
        """The fence's number, risen as the last thing in the transaction, at once or in its time; else 0."""
        if self.fence is None or (time.monotonic() < self._rises_at and not at_once):
            return 0
        self._rises_at = time.monotonic() + _RISE_S
        return self.fence.rise(tx)

    def _keep(self, risen: int) -> None:
        if self.fence and risen:
            self.fence.keep_if_possible(risen)

    def _recover(self, tx: store.Connection, now: datetime, held: Sequence[Worker]) -> int:
        """How many rows of workers that are gone are `unknown` now; what they had claimed is free."""
        gone = self._gone(held, now)
        if not gone:
            return 0
        unknown = deliveries.abandon(tx, gone, now=now)
        deliveries.free(tx, self.edition.id, gone)
        workers.end(tx, gone, now=now)
        return unknown

    def _gone(self, found: Sequence[Worker], now: datetime) -> list[int]:
        """The numbers of those of whom nothing more is to be expected."""
        return [
            one.id
            for one in found
            if one.id != self.worker and workers.is_gone(one, lease=self.terms.lease, now=now)
        ]


def tally(tx: store.Connection, issue: int) -> dict[str, int]:
    """How many rows of the issue there are, by what a run reports: `deferred` are pending and were tried."""
    by_status = deliveries.counts(tx, issue)
    deferred = deliveries.deferred(tx, issue)
    found = {"recipients": sum(by_status.values()), "deferred": deferred}
    found |= {status.value: by_status[status] for status in DeliveryStatus}
    return found | {"pending": by_status[DeliveryStatus.PENDING] - deferred}
