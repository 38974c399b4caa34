"""Questions that wait for others, asked at one time.

Owns how long all of them may take. Knows nothing of what is asked.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from newsletter.diagnosis import Check, Group, Level

# Seconds for all together: each step of one has five, and no honest answer takes six of them.
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Job:
    """One part of what is asked, and what it is about."""

    group: Group
    ask: Callable[[], Sequence[Check]]

    def unfinished(self) -> Check:
        """What is said where it comes to no end."""
        said = "some of it came to no end: an answer that never ends, or only drips"
        return Check(Level.WARNING, self.group, "", "everything", said, "look at it from another machine")


def asked(
    jobs: Sequence[Job],
    *,
    patience_s: float = PATIENCE_S,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> list[Check]:
    """What the jobs find, in their order; of one that comes to no end in time, that it did not.

    patience_s: for all together. progress: told how many are done, and of how many.
    Raises: what a job raises.
    """
    answers: SimpleQueue[tuple[int, Sequence[Check] | Exception]] = SimpleQueue()
    for number, job in enumerate(jobs):
        # Daemons: whoever hangs on a server that never ends its answer does not keep the program.
        Thread(target=_answer, args=(number, job, answers), daemon=True).start()
    found: dict[int, Sequence[Check]] = {}
    until = time.monotonic() + patience_s
    while len(found) < len(jobs):
        try:
            number, answer = answers.get(timeout=max(until - time.monotonic(), 0))
        except Empty:
            break
        if isinstance(answer, Exception):
            raise answer
        found[number] = answer
        progress(len(found), len(jobs))
    return [check for number, job in enumerate(jobs) for check in found.get(number, (job.unfinished(),))]


def _answer(number: int, job: Job, answers: SimpleQueue[tuple[int, Sequence[Check] | Exception]]) -> None:
    try:
        answers.put((number, job.ask()))
    except Exception as error:
        answers.put((number, error))
