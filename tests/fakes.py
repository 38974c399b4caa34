"""The one fake of ours: a carrier that does what a test says, and keeps what ended with it."""

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
        under_way = [
            (parcel, Outcome(Verdict.RETURNED, Phase.BODY)) for parcel in [*self._begun, *self._ripe]
        ]
        return [*self._done, *under_way]

    @property
    def addresses(self) -> list[str]:
        return [parcel.envelope.recipient for parcel in self.ended]
