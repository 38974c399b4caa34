"""The letters that are due: handing each over, and what becomes of those that no server took.

A letter counts as gone from before it is handed over. A process that dies at any step writes some too few,
never one too many; whatever else stops it, those that were not tried wait for the next time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from newsletter import store
from newsletter.errors import BackendUnavailable, MaybeSent, NewsletterError, Refused
from newsletter.subscribe.asking import Due, put_back

# Hands a mail over: its bytes, its sender and its recipient.
Send = Callable[[bytes, str, str], None]


@dataclass(slots=True)
class Posted:
    """How many letters went, and in words what went wrong."""

    went: int = 0
    problems: list[str] = field(default_factory=list)


def post(
    database: store.Engine,
    take: Callable[[], Sequence[Due]],
    compose: Callable[[Due], tuple[bytes, str]],
    send: Send,
) -> Posted:
    """What handing over all letters that are due came to. Raises: StoreError, and whatever `compose` raises.

    take: takes up some that are due, none where there are no more. compose: a letter's bytes and its sender.
    """
    posted = Posted()
    # Those that may go the next time.
    kept: dict[int, Due] = {}
    try:
        while due := take():
            kept |= {one.ask: one for one in due}
            for one in due:
                mail, sender = compose(one)
                del kept[one.ask]
                problem = _refusal(send, mail, sender, one.address)
                posted.went += problem is None
                posted.problems += [str(problem)] * (problem is not None)
                kept |= {one.ask: one} if _may_go_later(problem) else {}
                if isinstance(problem, BackendUnavailable):
                    return posted
        return posted
    finally:
        for one in kept.values():
            put_back(database, one)


def _refusal(send: Send, mail: bytes, sender: str, recipient: str) -> NewsletterError | None:
    try:
        send(mail, sender, recipient)
    except NewsletterError as error:
        return error
    return None


def _may_go_later(problem: NewsletterError | None) -> bool:
    if isinstance(problem, BackendUnavailable):
        return not isinstance(problem, MaybeSent)
    return isinstance(problem, Refused) and problem.later
