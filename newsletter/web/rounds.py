"""What is done while the site runs, whoever visits it: letters, leaving that waited, forgetting.

One thread does one thing after the other. It never ends because of an error, and tells each once, until it
changes or is over.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from newsletter import headway
from newsletter.errors import BackendUnavailable, NewsletterError, fault
from newsletter.people import People
from newsletter.subscribe import Send

# Seconds between two rounds of each.
LETTERS_S = 1.0
# Who left stands in a file of this machine, which whoever sends from another one does not see.
HONOUR_S = 2.0
TIDY_S = 3600.0
# Seconds until what went wrong is tried again: a server that is down is not asked every second.
AGAIN_S = 60.0
# How often it is looked whether something is due.
_PAUSE_S = 0.5


@dataclass(slots=True)
class Job:
    """Something to be done again and again. what: in the words of a message. every_s: seconds in between.

    again_s: seconds until it is tried again where something went wrong, if that is more.
    """

    what: str
    every_s: float
    do: Callable[[], object]
    again_s: float = AGAIN_S
    due_at: float = field(default=0.0, init=False)
    trouble: str = field(default="", init=False)


def jobs(people: People, *, send: Send | None) -> tuple[Job, ...]:
    """What is done for these readers. send: what hands a letter over, None where no letters go."""
    letters = (Job("letters", LETTERS_S, partial(post, people, send)),) if send else ()
    return (
        *letters,
        Job("taking in who left", HONOUR_S, people.honour, HONOUR_S),
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
    trouble = _trouble(job.do)
    job.due_at = at + (max(job.every_s, job.again_s) if trouble else job.every_s)
    if trouble != job.trouble:
        headway.warn(f"{job.what}: {trouble or 'works again'}")
    job.trouble = trouble


def post(people: People, send: Send) -> None:
    """Let the letters go that are due. Raises: BackendUnavailable where none can go."""
    closed: list[BackendUnavailable] = []

    def tried(mail: bytes, sender: str, recipient: str) -> None:
        try:
            send(mail, sender, recipient)
        except BackendUnavailable as error:
            closed.append(error)
            raise

    people.post(tried)
    if closed:
        raise closed[-1]


def _trouble(do: Callable[[], object]) -> str:
    """What went wrong, "" for nothing."""
    try:
        do()
    except NewsletterError as error:
        return str(error)
    except Exception as error:
        return fault(error)
    return ""
