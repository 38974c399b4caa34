"""What is done while the site runs, whoever visits it: letters, leaving that waited, forgetting.

One thread does one thing after the other. It never ends because of an error, and tells each once, until it
changes or is over.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from newsletter import headway
from newsletter.errors import NewsletterError
from newsletter.people import People
from newsletter.web.guarding import told

# Seconds between two rounds of each.
LETTERS_S = 1.0
HONOUR_S = 30.0
TIDY_S = 3600.0
# How often it is looked whether something is due.
_PAUSE_S = 0.5


@dataclass(slots=True)
class Job:
    """Something to be done again and again. what: in the words of a message. every_s: seconds in between."""

    what: str
    every_s: float
    do: Callable[[], object]
    due_at: float = field(default=0.0, init=False)
    trouble: str = field(default="", init=False)


def jobs(people: People, *, post: Callable[[], object] | None) -> tuple[Job, ...]:
    """What is done for these readers. post: what lets the letters go that are due, None for no letters."""
    letters = (Job("letters", LETTERS_S, post),) if post else ()
    return (
        *letters,
        Job("taking in who left", HONOUR_S, people.honour),
        Job("tidying", TIDY_S, people.tidy),
    )


def run(jobs: Sequence[Job], stopped: threading.Event, *, pause_s: float = _PAUSE_S) -> None:
    """Do each job whenever it is due, until it is stopped."""
    while not stopped.wait(pause_s):
        for job in jobs:
            if not stopped.is_set():
                turn(job, at=time.monotonic())


def turn(job: Job, *, at: float) -> None:
    """Do the job if it is due. at: seconds of a clock that goes on evenly."""
    if at < job.due_at:
        return
    job.due_at = at + job.every_s
    trouble = _trouble(job.do)
    if trouble != job.trouble:
        headway.warn(f"{job.what}: {trouble or 'works again'}")
    job.trouble = trouble


def _trouble(do: Callable[[], object]) -> str:
    """What went wrong, "" for nothing."""
    try:
        do()
    except NewsletterError as error:
        return str(error)
    except Exception as error:
        return f"{told(error)}, a fault of this program"
    return ""
