"""Where issues are sent from: the store, with the server, pace, keys and looks that the settings give.

Hands each thing done to `deliver` with the settings it needs. What an issue looks like is decided when its
audience is written down; from then on only keys, server and pace are read from the settings. Where the
connection to the database is lost, what sending needs is done again, for as long as the ledger tries.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from newsletter import (
    citations,
    config,
    deliver,
    dkim,
    drafts,
    look_folders,
    message,
    pace,
    rendering,
    sending,
    store,
    wire,
)
from newsletter.config import Settings
from newsletter.deliver import Ended, Progress, Terms
from newsletter.errors import Conflict
from newsletter.fence import Fence
from newsletter.model import (
    ENDED,
    Delivery,
    DeliveryStatus,
    Edition,
    Goes,
    Issue,
    IssueReport,
    IssueStatus,
)
from newsletter.store import asks, deliveries, issues, periods, processes, sendings, workers
from newsletter.store.processes import Process
from newsletter.store.sendings import Sending, State
from newsletter.store.workers import Worker

_Done = TypeVar("_Done")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run came to, and how the whole issue stands. tally: as of `deliver.tally`."""

    ended: Ended
    tally: Mapping[str, int]
    seconds: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How one issue stands. sending: None for one that was never sent. due: of its next pending row."""

    edition: Edition
    sending: Sending | None
    tally: Mapping[str, int]
    due: datetime | None


class Dispatch:
    """The issues of an open store, on their way to readers. clock: what tells the time."""

    def __init__(self, database: store.Engine, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._settings = settings
        self.clock = clock
        self.fence = Fence(database, settings.fence_file)

    def find(self, name: str) -> Edition:
        """The issue of that name: slug/number, or a list's slug for its last issue that was approved.

        A recap is meant by its number alone. Raises: NotFound.
        """
        return self._again(lambda: self._find(name))

    def _find(self, name: str) -> Edition:
        with store.reading(self._database) as tx:
            known = [one for one in issues.every(tx, list=name) if not one.recap]
        approved = [one for one in known if one.status in issues.FINAL]
        return approved[-1] if approved else drafts.find(self._database, name)

    def content(self, edition: Edition) -> Issue:
        """The issue as it was approved. Raises: NewsletterError; Conflict for one that is not."""
        if edition.status not in issues.FINAL:
            raise Conflict(f"{edition.name} is {edition.status}; newsletter issues approve {edition.list}")
        return deliver.content(self._database, edition)

    def letters(self) -> int:
        """How many letters wait for the mail server."""
        with store.reading(self._database) as tx:
            return asks.queue_length(tx)

    def expected(self, edition: Edition) -> Mapping[tuple[str, ...], int]:
        """How many readers would get each choice of themes, () for the whole issue."""
        return deliver.expected(self._database, edition)

    def enqueue(
        self, edition: Edition, *, progress: Callable[[int], None], local: datetime | None = None
    ) -> Sending:
        """The sending of the issue, with its audience written down. local: as of `deliver.enqueue`.

        Raises: Conflict where it does not go to readers, or where the database was restored; RenderError;
        ConfigError; StoreError.
        """
        self._require_fence()
        return self._again(lambda: self._enqueue(edition, progress=progress, local=local))

    def due(self) -> tuple[Edition, ...]:
        """The issues that have mails to go now, the oldest first: begun by a schedule, or left half sent."""
        now = self.clock()
        with store.reading(self._database) as tx:
            numbers = sendings.due(tx, now=now)
            return tuple(one for one in issues.every(tx) if one.id in numbers)

    def held(self) -> str:
        """Why nothing goes before an operator's word, with the next step; "" where it may.

        Raises: StoreError.
        """
        return self.fence.restored()

    def accept(self) -> int:
        """How many mails may or may not have gone, now that an operator knows of the restored database.

        They are listed as unknown (`Fence.accept`). Where the audience of an issue that may have gone was not
        written down yet, it is written down first. Nothing is done where nothing was restored. Raises:
        NewsletterError.
        """
        if not self.held():
            return 0
        for edition in self._in_doubt():
            with suppress(Conflict):  # nobody reads the list
                self._enqueue(edition, progress=lambda readers: None)
        zones = {slug: one.rule.zone for slug, one in config.schedules(self._settings).items()}
        return self.fence.accept(zones=zones, now=self.clock())

    def _in_doubt(self) -> tuple[Edition, ...]:
        """The issues that may have gone, though the database knows of none of their mails or not of all."""
        found = config.schedules(self._settings)
        sent = {*self._settings.lists} - {slug for slug, one in found.items() if one.goes is Goes.WRITE}
        now = self.clock()
        with store.reading(self._database) as tx:
            known = [one for one in issues.every(tx) if one.list in sent]
            last = {one.list: one.number for one in known}
            return tuple(
                one for one in known if _may_have_gone(tx, one, is_last=one.number == last[one.list], now=now)
            )

    def _enqueue(
        self, edition: Edition, *, progress: Callable[[int], None], local: datetime | None = None
    ) -> Sending:
        chosen = config.mailing_list(self._settings, edition.list)
        return deliver.enqueue(
            self._database,
            edition,
            sender=message.mailbox(chosen.sender).addr_spec,
            pattern=lambda issue, began: self._pattern(issue, edition, began),
            now=self.clock(),
            progress=progress,
            local=local,
        )

    def send(
        self,
        edition: Edition,
        *,
        wait: bool,
        stopping: Callable[[], bool],
        heard: Callable[[Progress], None],
    ) -> Sent:
        """How sending what is due of the issue ended; its audience is written down before.

        wait: whether it stays until what was put off is due. Raises: Conflict, also where the database was
        restored from a backup; ConfigError; StoreError.
        """
        self._require_fence()
        began = time.monotonic()
        going = self._again(lambda: self._going(edition))
        ledger = deliver.Ledger(self._database, edition, self._terms(), self.clock, self.fence)
        mails = deliver.SplicedMails(
            self._database,
            edition,
            going.sender,
            config.link_keys(self._settings),
            self._settings.bounce_address,
            dkim.answering(sending.signers(self._settings), going.sender),
            stuffed=self._settings.delivery.backend == "smtp",
        )
        carrier = sending.carrier(self._settings, name=going.sender.rpartition("@")[2])
        ended = deliver.Run(ledger, carrier, mails, stopping, heard, wait).go()
        if ended.state is State.STOPPED and not ended.reason:
            # Another process found out why.
            found = self._again(lambda: self._sending(edition))
            ended = replace(ended, reason=found.reason if found else "")
        return Sent(ended, self.tally(edition), time.monotonic() - began)

    def tally(self, edition: Edition) -> Mapping[str, int]:
        """How many deliveries of the issue there are, by what became of them."""

        def tallied() -> Mapping[str, int]:
            with store.reading(self._database) as tx:
                return deliver.tally(tx, edition.id)

        return self._again(tallied)

    def report(self, edition: Edition) -> IssueReport:
        """What became of the issue so far. Raises: NotFound for one that was never sent."""
        return deliver.report(self._database, edition)

    def steer(self, edition: Edition, to: State) -> tuple[bool, int]:
        """Whether the issue has just been brought to that state, and how many mails will not go now."""
        return deliver.steer(self._database, edition, to, now=self.clock())

    def settle(
        self, edition: Edition, *, resend: bool, addresses: Collection[str] = (), failed: bool = False
    ) -> int:
        """How many unknown, or failed, deliveries are settled (`deliver.settle`)."""
        return deliver.settle(
            self._database, edition, resend=resend, addresses=addresses, failed=failed, now=self.clock()
        )

    def reconcile(self, edition: Edition, log: Iterable[str]) -> tuple[int, int]:
        """How many unknown deliveries a Postfix log shows as taken, and how many are to go again."""
        return deliver.reconcile(self._database, edition, log, now=self.clock())

    def listed(self, edition: Edition, statuses: Collection[DeliveryStatus]) -> Sequence[Delivery]:
        """The deliveries of the issue with one of those statuses."""
        with store.reading(self._database) as tx:
            return deliveries.listed(tx, edition.id, statuses)

    def standing(self) -> tuple[Standing, ...]:
        """How each issue stands that is not cancelled, the latest of its list first."""
        with store.reading(self._database) as tx:
            editions = [one for one in issues.every(tx) if one.status is not IssueStatus.CANCELLED]
            return tuple(
                Standing(
                    one, sendings.of(tx, one.id), deliver.tally(tx, one.id), deliveries.next_due(tx, one.id)
                )
                for one in sorted(editions, key=lambda one: (one.list, -one.number))
            )

    def processes(self) -> tuple[Process, ...]:
        """The processes that are there to deliver or to lead, busy or not."""
        with store.reading(self._database) as tx:
            return processes.present(tx, now=self.clock())

    def workers(self) -> tuple[tuple[Worker, bool], ...]:
        """The processes that deliver, each with whether it is gone."""
        lease = timedelta(seconds=self._settings.delivery.lease_s)
        with store.reading(self._database) as tx:
            found = workers.present(tx)
        return tuple((one, workers.is_gone(one, lease=lease, now=self.clock())) for one in found)

    def _require_fence(self) -> None:
        if reason := self._again(self.held):
            raise Conflict(f"nothing goes: {reason}")

    def _again(self, do: Callable[[], _Done]) -> _Done:
        """What comes of it, done again where the connection to the server is lost."""
        return store.again(self._database, do)

    def _sending(self, edition: Edition) -> Sending | None:
        with store.reading(self._database) as tx:
            return sendings.of(tx, edition.id)

    def _going(self, edition: Edition) -> Sending:
        """The sending of the issue, running; whoever sends one that halted itself lets it go on."""
        found = self._sending(edition)
        if found is None or found.state is State.FREEZING:
            raise Conflict(f"{edition.name}: its readers are not written down yet; send it again")
        if found.state is State.PAUSED:
            problem = f"{edition.name} is paused"
            raise Conflict(f"{problem}; let it go on with: newsletter deliveries resume {edition.name}")
        if found.state is State.CANCELLED:
            raise Conflict(f"{edition.name} was cancelled; what had not gone does not go any more")
        if found.state is State.STOPPED:
            self.steer(edition, State.RUNNING)
        return found

    def _pattern(self, issue: Issue, edition: Edition, began: datetime) -> bytes:
        """The mail of the issue with marks, as each of its readers gets it.

        Its Date is when the issue began to go, so that a repeated mail is the same.
        """
        marks = config.marked_links(self._settings, edition.list, str(edition.number))
        bundled, own = look_folders.shipped_looks(), self._settings.templates_dir
        look = look_folders.load(issue.list.look, bundled=bundled, own=own)
        return wire.pattern(
            rendering.render(issue, look=look, links=marks),
            list=issue.list,
            links=marks,
            sent_at=began.replace(microsecond=0),
            attachments=citations.attached(issue),
        )

    def _terms(self) -> Terms:
        chosen = self._settings.delivery
        domains = {domain: pace.interval(rate) for domain, rate in chosen.domain_rates.items()}
        return Terms(
            pace.Pace(
                pace.interval(chosen.rate),
                tuple((domain, gap) for domain, gap in sorted(domains.items()) if gap),
                timedelta(minutes=chosen.ramp_up_minutes),
            ),
            pace.Retry(
                tuple(timedelta(minutes=minutes) for minutes in chosen.retry_minutes),
                timedelta(hours=chosen.give_up_hours),
            ),
            lease=timedelta(seconds=chosen.lease_s),
            durable=chosen.durable,
        )


def _may_have_gone(tx: store.Connection, edition: Edition, *, is_last: bool, now: datetime) -> bool:
    """Whether an issue that is approved may have begun to go after a backup. is_last: of its list."""
    if sending := sendings.of(tx, edition.id):
        return sending.state is State.FREEZING
    if edition.status is not IssueStatus.APPROVED:
        return False
    period = periods.of_issue(tx, edition.id)
    return is_last if period is None else period.state not in ENDED and period.slot_at <= now
