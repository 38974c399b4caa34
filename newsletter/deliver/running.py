"""Delivering one issue: rounds of handing mails over and writing down what came of it.

Owns the order of effects. Everything of a mail but its end may be with the server at any time; its end goes
only after the ledger has its row as `sending`, and the outcome is written down in the next round. All
outcomes and all ends of a round are one transaction, so that durability costs a few commits for a hundred
mails; while it waits for the disk, in a thread of its own, connections go on with everything else. Whatever
stops a run, nothing is lost: what was not sent is pending, and what may have been is unknown.
"""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from newsletter.backends.carrier import Carrier, Parcel
from newsletter.deliver.claiming import Due
from newsletter.deliver.deciding import Brakes, Hush
from newsletter.deliver.ledger import Ledger, Word
from newsletter.deliver.waiting import Waiting
from newsletter.errors import StoreError
from newsletter.model import Outcome, Phase, Verdict
from newsletter.pace import AHEAD
from newsletter.store.deliveries import Claimed
from newsletter.store.sendings import State

# Rows that are claimed together: what a process that dies leaves for others to wait for.
_CLAIM = 500
# Rows that are left when more are claimed: enough for the time that takes.
_LOW = 200
# Seconds that a turn waits at the most, so that an operator's word is heard soon.
_TURN_S = 0.25
# Seconds between two transactions where more mails than that are taken a second: rounds grow by what comes
# meanwhile. Measured: a fifth less of processor time for a mail, and no fewer mails; but where a server
# takes its time, each mail would wait for nothing.
_GAP_S = 0.001
_FAST = 2000
# Seconds until the ledger is asked though nothing is to be written: a run that waits for its server, or for a
# rate, gives a sign of life all the same, and hears that the issue was cancelled.
_BEAT_S = 5.0
# Seconds between two looks at what is left, where nothing is to do: the first, how much longer each is than
# the one before while others hold all that is due, and the most. With a rate, no place is missed.
_LOOK_S, _LONGER, _LOOK_MOST_S = 0.5, 1.5, 3.0
# What becomes due so soon is waited for, in any case.
_SOON = timedelta(seconds=15)
# Seconds that what is under way has to end, once a run is told to: a service manager gives it 90.
_END_S = 25.0
# Seconds without any mail going before a run gives up on its server: it may come back while the run is to
# wait; else whoever started it should know soon, sooner where nothing ever went.
_PATIENCE_S, _IMPATIENCE_S, _FIRST_IMPATIENCE_S = 3600.0, 60.0, 15.0


class Mails(Protocol):
    """Makes the mail of a delivery."""

    def parcel(self, claimed: Claimed) -> Parcel:
        """The mail for that reader. Raises: ValueError for a reader whom no mail can be made for."""


@dataclass(slots=True)
class Progress:
    """How far a run is. trouble: what stands in the way of the server, "" for nothing."""

    sent: int = 0
    failed: int = 0
    deferred: int = 0
    unknown: int = 0
    skipped: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended.

    reason: why before its time, in words with the next step; "" where all that was due went. due: when the
    next row may go, None where none is left.
    """

    progress: Progress
    reason: str
    due: datetime | None
    state: State


class _Writing(NamedTuple):
    """A round that is being written down, and what waits for it. began: of the monotonic clock."""

    word: Future[Word]
    ripe: Sequence[Parcel]
    begins: Sequence[Claimed]
    began: float


@dataclass(slots=True)
class Run:
    """One worker's run.

    wait: whether it stays until what was put off is due. stopping: whether it is told to end. heard: is told
    how far it is, once a turn.
    """

    ledger: Ledger
    carrier: Carrier
    mails: Mails
    stopping: Callable[[], bool]
    heard: Callable[[Progress], None]
    wait: bool = False
    progress: Progress = field(default_factory=Progress)
    _waiting: Waiting = field(default_factory=Waiting)
    _under_way: dict[int, Claimed] = field(default_factory=dict)
    _done: list[tuple[Claimed, Outcome]] = field(default_factory=list)
    _ripe: list[Parcel] = field(default_factory=list)
    _brakes: Brakes = field(default_factory=Brakes)
    _hush: Hush = field(default_factory=Hush)
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "ledger"))
    _writing: _Writing | None = None
    _claiming: Future[list[Due]] | None = None
    _reason: str = ""
    _state: State = State.RUNNING
    # Of the monotonic clock: no transaction, claim or look at what is left before, no mail under way after.
    _next_write: float = 0.0
    _last_write: float = 0.0
    _next_beat: float = 0.0
    _next_claim: float = 0.0
    _next_look: float = 0.0
    _look_s: float = _LOOK_S
    _last: float = math.inf
    _troubled_since: float | None = None
    _idle: bool = False
    _more: bool = False

    def go(self) -> Ended:
        """How delivering all that is due ended. Raises: StoreError, and then nothing more was handed over."""
        self.progress.unknown += self.ledger.join()
        self._next_beat = time.monotonic() + self._beat_s
        try:
            over, due = False, None
            while not over:
                self._round()
                if not self._busy:
                    over, due = self._is_over()
                self.heard(self.progress)
        except StoreError:
            self.carrier.close(now=True)
            raise
        except BaseException:
            # Somebody is in a hurry; what is known already is written down all the same.
            self._note(self.carrier.close(now=True))
            if self._writing:
                self._writing.word.result()
            self.ledger.commit(self._done, [], [])
            raise
        finally:
            self._writer.shutdown()
            self.ledger.close()
        self.carrier.close()
        self.ledger.leave()
        return Ended(self.progress, self._reason, due, self._state)

    @property
    def _busy(self) -> bool:
        at_work = self._writing or self._claiming
        return bool(self._waiting or self._under_way or self._done or self._ripe or at_work)

    def _round(self) -> None:
        if self._writing and self._writing.word.done():
            self._obey(self._writing)
        self._claim()
        if self._reason:
            # What would meet every reader alike meets as few as possible.
            self._call_back_ripe()
        if not self._writing and self._is_time_to_write():
            begins = self._next()
            if begins or self._done or self._ripe or self._is_silent():
                self._write_down(begins)
        turn = self.carrier.turn(self._timeout_s())
        self._more = bool(turn.ripe or turn.done)
        self._ripe += turn.ripe
        self._note(turn.done)
        self._hear_trouble(turn.trouble, fatal=turn.fatal)
        if self._waiting and not self._begins_more():
            self.ledger.give_back(self._waiting.clear())
        if self._ends_early() and self._under_way:
            self._hurry()

    def _write_down(self, begins: Sequence[Claimed]) -> None:
        """Have the ledger told of the round; `_obey` does what it says."""
        ripe, self._ripe = self._ripe, []
        done, self._done = self._done, []
        ends = [self._under_way[one.number] for one in ripe]
        began = time.monotonic()
        self._next_beat = began + self._beat_s
        word = self._writer.submit(self.ledger.commit, done, ends, begins)
        self._writing = _Writing(word, ripe, begins, began)
        word.add_done_callback(lambda _: self.carrier.wake())

    def _is_silent(self) -> bool:
        return time.monotonic() >= self._next_beat or self.ledger.is_silent()

    @property
    def _beat_s(self) -> float:
        return min(_BEAT_S, self.ledger.terms.lease.total_seconds() / 6)

    def _is_time_to_write(self) -> bool:
        """Whether nothing more comes at once that could be in the same one, or has for long enough."""
        now = time.monotonic()
        if now < self._next_write:
            return False
        return not self._more or now >= self._next_write + _GAP_S

    def _obey(self, writing: _Writing) -> None:
        """Do what the ledger says about a round."""
        self._writing = None
        now = time.monotonic()
        rate = len(writing.ripe) / (now - self._last_write)
        self._next_write = now + (_GAP_S if rate > _FAST else 0)
        self._last_write = now
        word = writing.word.result()
        self._state = word.state
        # Others took a process that stood still for gone, and rows of it for unknown. What would halt the
        # issue came to light meanwhile.
        late = time.monotonic() - writing.began > self.ledger.terms.lease.total_seconds()
        if late or self._reason:
            self._ripe = [*writing.ripe, *self._ripe]
            self._call_back_ripe()
            self.ledger.give_back(writing.begins)
            return
        for claimed in writing.begins:
            if claimed.id in word.begins:
                self._put(claimed)
            else:
                self.progress.skipped += 1
        # One whose connection has gone meanwhile was told already.
        ripe = [one for one in writing.ripe if one.number in self._under_way]
        stays = [one for one in ripe if one.number not in word.ends]
        self.carrier.release([one for one in ripe if one.number in word.ends])
        self.carrier.withdraw(stays)
        self.progress.skipped += len(stays)
        for parcel in stays:
            del self._under_way[parcel.number]

    def _next(self) -> list[Claimed]:
        """The claimed deliveries whose mails begin in this round."""
        if not self._begins_more():
            return []
        return self._waiting.take(self.carrier.room(), now=self.ledger.clock())

    def _claim(self) -> None:
        """Have more rows claimed before the last of them begin."""
        if self._claiming:
            if not self._claiming.done():
                return
            found, self._claiming = self._claiming.result(), None
            self._queue(found)
            self._look_s = _LOOK_S if found else min(_LONGER * self._look_s, self._look_most_s)
            self._next_claim = time.monotonic() + (0 if found else self._look_s)
            self._idle = self._idle and not found
        if not self._begins_more() or len(self._waiting) > _LOW or time.monotonic() < self._next_claim:
            return
        now = self.ledger.clock()
        if self._waiting.is_late(now):
            return
        hushed = self._hush.domains(now=now)
        self._claiming = self._writer.submit(self.ledger.claim, _CLAIM, without=hushed)
        self._claiming.add_done_callback(lambda _: self.carrier.wake())

    @property
    def _look_most_s(self) -> float:
        pace = self.ledger.terms.pace
        return AHEAD.total_seconds() if pace.interval or pace.domains else _LOOK_MOST_S

    def _queue(self, found: Sequence[Due]) -> None:
        """Have claimed rows wait for their times.

        Whoever stood still may claim again what it has in hand already: that goes once all the same.
        """
        in_hand = self._under_way.keys() | self._waiting.numbers()
        if self._writing:
            in_hand |= {one.id for one in self._writing.begins}
        self._waiting.add(due for due in found if due.claimed.id not in in_hand)

    def _put(self, claimed: Claimed) -> None:
        try:
            parcel = self.mails.parcel(claimed)
        except ValueError as error:
            # One reader's mail that cannot be made is no reason to keep it from the others.
            self._settle(claimed, Outcome(Verdict.REJECTED, Phase.BODY, text=f"no mail can be made: {error}"))
            return
        self._under_way[claimed.id] = claimed
        self.carrier.put(parcel)

    def _note(self, done: Sequence[tuple[Parcel, Outcome]]) -> None:
        if any(outcome.verdict is not Verdict.RETURNED for _, outcome in done):
            self._troubled_since = None
        for parcel, outcome in done:
            # One that was called back may have been lost before: it is settled already.
            if claimed := self._under_way.pop(parcel.number, None):
                self._settle(claimed, outcome)

    def _settle(self, claimed: Claimed, outcome: Outcome) -> None:
        self._done.append((claimed, outcome))
        match outcome.verdict:
            case Verdict.ACCEPTED:
                self.progress.sent += 1
            case Verdict.REJECTED:
                self.progress.failed += 1
            case Verdict.UNKNOWN:
                self.progress.unknown += 1
            case Verdict.DEFERRED:
                self.progress.deferred += 1
        self._hush.told(claimed, outcome, now=self.ledger.clock())
        if reason := self._brakes.told(outcome):
            self._stop(reason)

    def _stop(self, reason: str) -> None:
        if not self._reason:
            self._reason = reason
            self.ledger.stop(reason)

    def _hear_trouble(self, trouble: str, *, fatal: bool) -> None:
        self.progress.trouble = trouble
        if not trouble:
            self._troubled_since = None
            return
        if fatal:
            self._stop(trouble)
        now = time.monotonic()
        self._troubled_since = self._troubled_since or now
        if now - self._troubled_since > self._patience_s() and not self._reason:
            self._reason = trouble

    def _patience_s(self) -> float:
        if self.wait:
            return _PATIENCE_S
        return _IMPATIENCE_S if self.progress.sent else _FIRST_IMPATIENCE_S

    def _ends_early(self) -> bool:
        halted = self._state in (State.STOPPED, State.CANCELLED)
        return bool(self._reason) or halted or self.stopping()

    def _begins_more(self) -> bool:
        return self._state is State.RUNNING and not self._ends_early()

    def _hurry(self) -> None:
        """Once a run is to end, what is under way has some seconds."""
        now = time.monotonic()
        self._last = min(self._last, now + _END_S)
        if now > self._last:
            self._call_back_ripe()
            self._note(self.carrier.close(now=True))

    def _call_back_ripe(self) -> None:
        """Take mails back that have not ended: it is certain that they never arrive."""
        ripe, self._ripe = self._ripe, []
        self.carrier.withdraw(ripe)
        for parcel in ripe:
            # Its connection may have gone meanwhile, and the carrier have told it.
            if claimed := self._under_way.pop(parcel.number, None):
                self._settle(claimed, Outcome(Verdict.RETURNED, Phase.MAIL))

    def _is_over(self) -> tuple[bool, datetime | None]:
        """Whether this run has nothing more to do, and when the next row is due."""
        ends = self._ends_early()
        if not ends and time.monotonic() < self._next_look:
            return False, None
        left = self.ledger.left()
        self._state = left.state
        self._next_look = time.monotonic() + self._look_s
        self._idle = True
        if ends or self._ends_early():
            return True, left.due
        if left.due is None:
            return not left.others, None
        wait = left.due - self.ledger.clock()
        if wait > timedelta(0):
            # Nobody holds it, and it is not to wait for a look.
            self._look_s = _LOOK_S
            rest = min(_BEAT_S, max(0.0, wait.total_seconds() - _LOOK_S))
            self._next_claim = self._next_look = time.monotonic() + _LOOK_S + rest
        far = wait > _SOON
        return far and not self.wait and self._state is State.RUNNING, left.due

    def _timeout_s(self) -> float:
        if self._ripe or self._done:
            return _TURN_S if self._writing else (_GAP_S if time.monotonic() < self._next_write else 0.0)
        if not (self._busy or self._idle):
            return 0.0
        if self._waiting and not self._writing and self.carrier.room():
            return min(_TURN_S, self._waiting.wait_s(self.ledger.clock()))
        return _TURN_S
