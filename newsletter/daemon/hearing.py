"""What is heard of one issue on its way: that it began, how far it is now and then, and how it ended."""

from collections.abc import Callable, Mapping

from newsletter.daemon.journal import Tell
from newsletter.daemon.outbound import Outbound
from newsletter.daemon.vitals import Vitals
from newsletter.deliver import Progress
from newsletter.dispatch import Sent
from newsletter.model import Edition, Event, IssueStatus

# Seconds between two lines about an issue on its way.
_PROGRESS_S = 60.0
# What a line counts, in this order; the first one always, the others where there are any.
_COUNTED = ("sent", "failed", "deferred", "unknown", "skipped")


class Stopped(Exception):  # noqa: N818  no fault
    """The process ends; what was being done goes on with the next one."""


def named(edition: Edition) -> Mapping[str, str | int]:
    """What an event says about which issue it is."""
    return {"list": edition.list, "issue": edition.number}


class Hearing:
    """Sends one issue once, and tells of it. even: seconds of a clock that goes on evenly."""

    def __init__(
        self,
        edition: Edition,
        *,
        tell: Tell,
        vitals: Vitals,
        stopping: Callable[[], bool],
        even: Callable[[], float],
    ) -> None:
        self._edition = edition
        self._tell = tell
        self._vitals = vitals
        self._stopping = stopping
        self._even = even
        self._began = False
        self._sent = 0
        self._next = 0.0

    def sent(self, outbound: Outbound) -> tuple[Event, ...]:
        """What came of it; () where no mail was due. Raises: NewsletterError; Stopped."""
        outbound.honour()
        if self._edition.status is IssueStatus.APPROVED:
            outbound.dispatch.enqueue(self._edition, progress=self._written)
        sent = outbound.dispatch.send(self._edition, wait=False, stopping=self._stopping, heard=self._hear)
        self._count(sent.ended.progress)
        if not self._began and not sent.ended.reason and not _counts(sent.ended.progress)["sent"]:
            return ()
        event = self._ended(sent)
        self._tell(event)
        return (event,)

    def _written(self, readers: int) -> None:
        """Hears how many readers were written down. Raises: Stopped, and the next process goes on there."""
        if self._stopping():
            raise Stopped

    def _hear(self, progress: Progress) -> None:
        self._count(progress)
        if not any(_counts(progress).values()) and not progress.trouble:
            return
        now = self._even()
        if self._began and now < self._next:
            return
        self._next = now + _PROGRESS_S
        name = "delivery.progress" if self._began else "delivery.started"
        values = {key: count for key, count in _counts(progress).items() if count and self._began}
        trouble = {"trouble": progress.trouble} if progress.trouble else {}
        self._began = True
        self._tell(Event(name, {**named(self._edition), **values, **trouble}))

    def _count(self, progress: Progress) -> None:
        self._vitals.sent(progress.sent - self._sent)
        self._sent = progress.sent

    def _ended(self, sent: Sent) -> Event:
        counts = _counts(sent.ended.progress)
        values: dict[str, str | int | float] = {
            **named(self._edition),
            **{key: count for key, count in counts.items() if count or key == "sent"},
            "state": sent.ended.state.value,
            "seconds": round(sent.seconds, 1),
            "recipients": sent.tally["recipients"],
            "have_it": sent.tally["sent"],
        }
        if sent.ended.due:
            values["due"] = f"{sent.ended.due:%Y-%m-%dT%H:%M:%SZ}"
        if sent.ended.reason:
            values["reason"] = sent.ended.reason
        return Event("delivery.ended", values, "warning" if sent.ended.reason else "info")


def _counts(progress: Progress) -> Mapping[str, int]:
    return {name: getattr(progress, name) for name in _COUNTED}
