"""The one fake of ours: a carrier that does what a test says, and keeps what ended with it."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from newsletter.backends.carrier import Parcel, Turn
from newsletter.model import Outcome, Phase, Verdict

ACCEPTED = Outcome(Verdict.ACCEPTED, Phase.DOT, 250, "2.0.0", "Ok: queued")


def accept(parcel: Parcel) -> Outcome:
    return ACCEPTED


@dataclass
class ScriptedCarrier:
    """Answers each parcel by `answer`; an answer before the dot comes at the next turn.

    ended: the recipients whose mail ended, in their order. before_turn: what a test does meanwhile.
    """

    answer: Callable[[Parcel], Outcome] = accept
    width: int = 2
    before_turn: Callable[[], None] = lambda: None
    trouble: tuple[str, bool] = ("", False)
    ended: list[Parcel] = field(default_factory=list)
    withdrawn: list[Parcel] = field(default_factory=list)
    closed: list[bool] = field(default_factory=list)
    _woken: threading.Event = field(default_factory=threading.Event)
    _begun: list[Parcel] = field(default_factory=list)
    _ripe: set[Parcel] = field(default_factory=set)
    _done: list[tuple[Parcel, Outcome]] = field(default_factory=list)

    def room(self) -> int:
        return 0 if self.closed else self.width - len(self._begun) - len(self._ripe)

    def put(self, parcel: Parcel) -> None:
        assert self.room() > 0
        self._begun.append(parcel)

    def turn(self, timeout_s: float) -> Turn:
        self.before_turn()
        if not (self._begun or self._done):
            self._woken.wait(min(timeout_s, 0.05))
        self._woken.clear()
        turn = Turn(done=self._done, trouble=self.trouble[0], fatal=self.trouble[1])
        self._done = []
        for parcel in self._begun:
            outcome = self.answer(parcel)
            if outcome.phase is Phase.DOT:
                turn.ripe.append(parcel)
                self._ripe.add(parcel)
            else:
                turn.done.append((parcel, outcome))
        self._begun = []
        return turn

    def wake(self) -> None:
        self._woken.set()

    def release(self, parcels: Sequence[Parcel]) -> None:
        for parcel in parcels:
            self._ripe.remove(parcel)
            self.ended.append(parcel)
            self._done.append((parcel, self.answer(parcel)))

    def withdraw(self, parcels: Sequence[Parcel]) -> None:
        self._ripe.difference_update(parcels)
        self.withdrawn += parcels

    def close(self, *, now: bool = False) -> list[tuple[Parcel, Outcome]]:
        self.closed.append(now)
        returned = Outcome(Verdict.RETURNED, Phase.BODY)
        return [*self._done, *((parcel, returned) for parcel in [*self._begun, *self._ripe])]

    @property
    def begun(self) -> list[str]:
        """Whose mail was put since the last turn."""
        return [parcel.envelope.recipient for parcel in self._begun]

    @property
    def addresses(self) -> list[str]:
        return [parcel.envelope.recipient for parcel in self.ended]
