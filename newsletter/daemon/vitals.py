"""What the process knows of itself since it began: its steps and its mails. The rest is rows."""

import threading
from dataclasses import dataclass, field

# Seconds: most steps look and find nothing to do, some collect papers.
BUCKETS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)


@dataclass(slots=True)
class Vitals:
    """Counts of this process; any thread may add to them. stepped_at: when a step ended well, or it began.

    steps: how many took as long as each bucket says, the last for all that took longer.
    """

    stepped_at: float
    steps: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0
    mails: int = 0
    trouble: str = ""
    held: str = ""
    config_refused: bool = False
    leads: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def stepped(self, seconds: float, *, at: float) -> None:
        """A step ended well, and took so long."""
        place = next((n for n, most in enumerate(BUCKETS) if seconds <= most), len(BUCKETS))
        with self._lock:
            self.stepped_at = at
            self.steps[place] += 1
            self.seconds += seconds

    def sent(self, mails: int) -> None:
        """So many mails more were taken."""
        with self._lock:
            self.mails += mails

    def durations(self) -> tuple[tuple[int, ...], float]:
        """The steps by their buckets, and the seconds of all of them."""
        with self._lock:
            return tuple(self.steps), self.seconds
