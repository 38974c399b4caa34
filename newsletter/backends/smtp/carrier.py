"""Many mails to one server over several connections at once, in one thread.

Owns the connections: when one is opened, which mail goes on which, how long an answer may take, and when it
is time to say goodbye. Two mails never share a reply, and at most one of a connection has had its end
without an answer. If this process dies here, nothing but those are in doubt. A server that breaks on
several commands at once gets them one by one.
Source: RFC 5321 §4.5.3.2 (timeouts), RFC 2920. BDAT (RFC 3030) is left out: it saves no turn where the end
of a mail waits for the ledger. Measured on one connection to Postfix, 60 KB mails: DATA 405 to 629 a second,
BDAT 21; with 20 ms a turn 35 to 40, and 14.
"""

import random
import selectors
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from newsletter.backends.carrier import Parcel, Turn
from newsletter.backends.smtp.conversation import DEPTH, Conversation
from newsletter.backends.smtp.lane import Lane
from newsletter.backends.smtp.opening import Opener, Session
from newsletter.backends.smtp.pressure import Pressure
from newsletter.backends.smtp.session import Server
from newsletter.model import Outcome, Phase, Verdict
from newsletter.outcomes.replies import of_loss

# Mails at once on a connection that waits for each reply: one, and one that lies ready.
_DEPTH_OF_TURNS = 2
# Sessions that are opened at once.
_OPENING = 4
# The longest wait for an answer that RFC 5321 §4.5.3.2 asks for, in seconds, where it is under five minutes.
_MOST_S = {Phase.DATA: 120.0, Phase.BODY: 180.0}
# How often it is looked whether an answer is overdue: so many times in the shortest timeout, and in seconds.
_LOOKS = 4
_LOOK_S = 1.0
# Seconds for the answer to a goodbye.
_GOODBYE_S = 1.0
# Connections that broke on several commands at once until the server gets them one by one.
_DOUBTS = 2
# What an operator can do about it.
_SEE_THERE = "its log says why"
_TOO_FAST = "it may have a limit, see delivery.rate"
# So that processes that were refused together do not come again together.
_CHANCE = random.SystemRandom().random


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard a server is pressed, and how long it may take.

    end_timeout_s: for the answer to the end of a mail. pause_s: after the first complaint; it doubles with
    each one in a row, up to most_pause_s.
    """

    connections: int = 20
    mails_per_connection: int = 500
    answer_timeout_s: float = 300.0
    end_timeout_s: float = 600.0
    pause_s: float = 1.0
    most_pause_s: float = 300.0


class SmtpCarrier:
    """A carrier of mails to a server. name: of this machine, as its mails are from."""

    def __init__(
        self,
        server: Server,
        limits: Limits,
        *,
        name: str,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = _CHANCE,
    ) -> None:
        self._server = server
        self._limits = limits
        self._clock = clock
        self._chance = chance
        self._opener = Opener(server, name, timeout_s=limits.answer_timeout_s)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._opener.woken, selectors.EVENT_READ, None)
        self._pressure = Pressure(
            limits.connections, pause_s=limits.pause_s, most_pause_s=limits.most_pause_s
        )
        # Connections in use, and those that have said goodbye with the time to forget them.
        self._lanes: set[Lane] = set()
        self._leaving: dict[Lane, float] = {}
        # Where the next mail goes: connections with nothing to do, then those with less than they could have.
        self._idle: dict[Lane, None] = {}
        self._behind: dict[Lane, None] = {}
        self._room = 0
        self._ripe: dict[Parcel, Lane] = {}
        self._turn = Turn()
        self._trouble = ""
        self._fatal = self._closed = False
        self._pipelining = self._parameters = True
        self._doubts = 0
        shortest = min(limits.answer_timeout_s, limits.end_timeout_s)
        self._look_s = min(_LOOK_S, shortest / _LOOKS)
        self._look_at = 0.0
        self._goodbye_s = min(_GOODBYE_S, limits.answer_timeout_s)

    def room(self) -> int:
        """How many more parcels it takes now; 0 while there is no connection, or it is not to be pressed."""
        if self._fatal or self._clock() < self._pressure.hushed_until:
            return 0
        return self._room

    def put(self, parcel: Parcel) -> None:
        """Begin to hand the parcel over. Its end does not go before `release`."""
        lane = next(reversed(self._idle or self._behind), None)
        if lane is None:
            # A connection may have gone since somebody looked.
            self._turn.done.append((parcel, of_loss(Phase.MAIL, "there is no connection for it any more")))
            return
        lane.given += 1
        lane.conversation.put(parcel)
        self._exchange(lane)

    def turn(self, timeout_s: float) -> Turn:
        """What has happened since the last turn; waits at most so long for anything to happen."""
        if not self._closed:
            self._open_more(self._clock())
            there = self._turn.done or self._turn.ripe
            self._pump(0.0 if there else max(0.0, min(timeout_s, self._look_s)))
        turn, self._turn = self._turn, Turn()
        # A mail may have become ripe and have been lost again.
        turn.ripe = [parcel for parcel in turn.ripe if parcel in self._ripe]
        turn.trouble, turn.fatal = self._trouble, self._fatal and not self._closed
        return turn

    def wake(self) -> None:
        """End the turn that waits, or the next one at once; may be called from any thread."""
        self._opener.wake()

    def release(self, parcels: Sequence[Parcel]) -> None:
        """Hand over the ends of ripe parcels; one whose connection has gone by now comes back by `turn`."""
        now = self._clock()
        for parcel in parcels:
            lane = self._ripe.pop(parcel, None)
            if lane is not None:
                lane.told = None
                lane.release(now)
                self._settle(lane)

    def withdraw(self, parcels: Sequence[Parcel]) -> None:
        """Take ripe parcels back; they never arrive, and nothing more is told of them."""
        for parcel in parcels:
            lane = self._ripe.pop(parcel, None)
            if lane is not None:
                lane.conversation.withdraw()
                self._settle(lane)

    def close(self, *, now: bool = False) -> list[tuple[Parcel, Outcome]]:
        """Say goodbye; not before mails whose ends are on their way are answered, unless `now`.

        What comes back is told: those answered, and what was under way as returned or unknown. Nothing the
        second time.
        """
        if self._closed:
            return []
        self._closed = self._fatal = True
        while not now and any(lane.conversation.phase is Phase.DOT for lane in self._lanes):
            self._pump(self._look_s)
        for lane in list(self._lanes):
            if lane.conversation.held:
                lane.conversation.lost("was ended here")
                self._settle(lane)
            else:
                self._leave(lane)
        until = self._clock() + self._goodbye_s
        while not now and self._leaving and self._clock() < until:
            self._pump(self._look_s)
        for lane in list(self._leaving):
            self._forget(lane)
        self._opener.close()
        self._selector.close()
        done, self._turn = self._turn.done, Turn()
        return done

    def _pump(self, timeout_s: float) -> None:
        """Waits for what comes, and takes it in."""
        events = self._selector.select(timeout_s)
        now = self._clock()
        for key, mask in events:
            lane = key.data
            if lane is None:
                self._welcome(now)
            elif lane.leaving:
                # Whatever is said to a goodbye is the end.
                self._forget(lane)
            else:
                if mask & selectors.EVENT_READ:
                    lane.read(now)
                self._exchange(lane, now)
        if now >= self._look_at:
            self._look_at = now + self._look_s
            self._look(now)

    def _exchange(self, lane: Lane, now: float | None = None) -> None:
        lane.exchange(self._clock() if now is None else now)
        self._settle(lane)

    def _settle(self, lane: Lane) -> None:
        """Takes over what a connection has come to: mails that are done or ripe, or its end."""
        conversation = lane.conversation
        if conversation.done:
            for _, outcome in conversation.done:
                self._learn(outcome)
            for parcel, _ in conversation.done:
                self._ripe.pop(parcel, None)
            self._turn.done += conversation.done
            conversation.done.clear()
        if conversation.misled:
            self._parameters = False
        if conversation.over:
            self._ended(lane)
            return
        if lane.blocked is not lane.watched:
            self._watch(lane)
        ripe = conversation.ripe
        if ripe is not None and lane.told is None and not lane.blocked:
            lane.told = ripe
            self._ripe[ripe] = lane
            self._turn.ripe.append(ripe)
        self._offer(lane)

    def _watch(self, lane: Lane) -> None:
        lane.watched = lane.blocked
        mask = selectors.EVENT_READ | selectors.EVENT_WRITE if lane.watched else selectors.EVENT_READ
        self._selector.modify(lane.sock, mask, lane)

    def _offer(self, lane: Lane) -> None:
        """Counts what the connection can still take."""
        held = lane.conversation.held
        depth = DEPTH if lane.conversation.pipelining else _DEPTH_OF_TURNS
        space = max(0, min(depth - held, self._limits.mails_per_connection - lane.given))
        self._room += space - lane.space
        lane.space = space
        self._idle.pop(lane, None)
        self._behind.pop(lane, None)
        if space:
            (self._behind if held else self._idle)[lane] = None
        elif not held:
            self._leave(lane)

    def _learn(self, outcome: Outcome) -> None:
        """What one outcome says about how hard the server may be pressed."""
        if outcome.verdict is Verdict.ACCEPTED:
            self._pressure.took()
            self._trouble = ""
        elif outcome.verdict is Verdict.DEFERRED and outcome.phase is not Phase.RCPT and outcome.code != 421:
            self._learn_to_wait(outcome)

    def _learn_to_wait(self, outcome: Outcome) -> None:
        if self._pressure.deferred(now=self._clock(), chance=self._chance()):
            said = f"{outcome.code} {outcome.text}".strip()
            self._trouble = f"{self._server.name} puts off one mail after the other: {said}; {_TOO_FAST}"

    def _ended(self, lane: Lane) -> None:
        """Forgets a connection that is over, and minds why."""
        conversation = lane.conversation
        if conversation.doubtful:
            self._doubts += 1
            self._pipelining = self._pipelining and self._doubts < _DOUBTS
        between = conversation.ended_in in (None, Phase.MAIL) and conversation.taken > 0
        if not between and not conversation.quiet and not self._fatal:
            self._complain(f"{self._server.name} {conversation.over}; {_SEE_THERE}")
        self._forget(lane)

    def _complain(self, trouble: str) -> None:
        self._pressure.complained(now=self._clock(), chance=self._chance())
        self._trouble = trouble

    def _forget(self, lane: Lane) -> None:
        self._room -= lane.space
        lane.space = 0
        self._lanes.discard(lane)
        self._leaving.pop(lane, None)
        self._idle.pop(lane, None)
        self._behind.pop(lane, None)
        self._selector.unregister(lane.sock)
        lane.sock.close()

    def _leave(self, lane: Lane) -> None:
        lane.leave()
        self._room -= lane.space
        lane.space = 0
        self._lanes.discard(lane)
        self._idle.pop(lane, None)
        self._leaving[lane] = self._clock() + self._goodbye_s

    def _open_more(self, now: float) -> None:
        """Begins with as many sessions as the server bears and the mails at hand need."""
        if self._fatal or now < self._pressure.paused_until:
            return
        while (there := len(self._lanes) + self._opener.under_way) < self._pressure.wanted:
            if there and (self._room or not self._lanes or self._opener.under_way >= _OPENING):
                return
            self._opener.open()

    def _welcome(self, now: float) -> None:
        for session in self._opener.collected():
            if isinstance(session, Session):
                self._begin(session, now)
            elif session.fatal:
                self._trouble, self._fatal = str(session), True
            else:
                self._complain(str(session))

    def _begin(self, session: Session, now: float) -> None:
        conversation = Conversation(
            session.features,
            pipelining=self._pipelining and "pipelining" in session.features,
            parameters=self._parameters,
        )
        lane = Lane(session.sock, conversation, now=now)
        self._lanes.add(lane)
        self._selector.register(lane.sock, selectors.EVENT_READ, lane)
        self._offer(lane)

    def _look(self, now: float) -> None:
        """Ends connections whose answer is overdue, and forgets those that say nothing to a goodbye."""
        for lane in list(self._lanes):
            conversation = lane.conversation
            if (conversation.waits or lane.blocked) and now - lane.since > self._patience(lane):
                conversation.timed_out()
                self._settle(lane)
        for lane, until in list(self._leaving.items()):
            if now > until:
                self._forget(lane)

    def _patience(self, lane: Lane) -> float:
        phase = lane.conversation.phase
        if phase is Phase.DOT:
            return self._limits.end_timeout_s
        return min(
            self._limits.answer_timeout_s, _MOST_S.get(phase or Phase.MAIL, self._limits.answer_timeout_s)
        )
