"""Where those who run lists are told what happened: notices of the store, mailed to whom the settings name.

A notice is told once. It counts as told after its mail was handed over: who dies in between lets it go once
more, with the same Message-ID, when its turn comes again. One that no server takes is put off, and nothing
here ends a process: what stood in the way is handed back in words.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import chain, zip_longest

from newsletter import (
    budget,
    citations,
    config,
    drafts,
    letters,
    links,
    lint,
    look_folders,
    message,
    notice_mails,
    rendering,
    store,
)
from newsletter.config import Settings
from newsletter.drafts import Draft
from newsletter.errors import BackendUnavailable, NewsletterError, Refused
from newsletter.model import Edition, IssueStatus, MailingList, Notice, NoticeKind, RenderedIssue
from newsletter.notice_mails import Brief
from newsletter.store import issues, notices, periods
from newsletter.subscribe import Send
from newsletter.templating import Look

# How long a notice waits after each time that it did not go; the last one is repeated.
_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
# How often a server may refuse one before it is given up: about a day.
_REFUSALS = 26
# For how long a notice is this process's alone: longer than a server takes to answer.
_OURS = timedelta(minutes=5)
# Notices that are told in one call: a server that is slow holds up nothing else for long.
_MOST = 100
_OF_EDITORS = (NoticeKind.DRAFT, NoticeKind.REMINDER)

# What is in a draft, as its readers will have it (`Desk.look`).
LookAt = Callable[[Edition], Draft]


@dataclass(slots=True)
class Posted:
    """How many notices were told, and how many wait for another time.

    trouble: what stands in the way of those, "" for nothing. notes: what a log should have: whom nobody told.
    """

    told: int = 0
    waiting: int = 0
    trouble: str = ""
    notes: list[str] = field(default_factory=list)


def post(
    database: store.Engine, settings: Settings, *, send: Send, now: datetime, look_at: LookAt | None = None
) -> Posted:
    """What came of telling the notices that are due. Raises: StoreError.

    send: hands a mail over, and raises where it cannot. look_at: for what is in a draft; None where no list
    has a model tell what its papers are about.
    """
    return _Posting(database, settings, send, now, look_at).go()


@dataclass(slots=True)
class _Posting:
    """One call of `post`."""

    database: store.Engine
    settings: Settings
    send: Send
    now: datetime
    look_at: LookAt | None
    posted: Posted = field(default_factory=Posted)

    def go(self) -> Posted:
        look = cache(self._look_of_letters)
        for number, notice, tries in self._due():
            try:
                self._tell(number, notice, look)
            except NewsletterError as error:
                self._put_off(number, notice, tries, error)
                if isinstance(error, BackendUnavailable):
                    break
        with store.reading(self.database) as tx:
            self.posted.waiting = notices.waiting(tx)
        return self.posted

    def _due(self) -> Iterator[tuple[int, Notice, int]]:
        """Each notice that is due and was not taken up by another process."""
        with store.reading(self.database) as tx:
            found = notices.due(tx, now=self.now, most=_MOST)
        for number, notice, tries in found:
            with store.writing(self.database) as tx:
                ours = notices.take(tx, number, until=self.now + _OURS, now=self.now)
            if ours:
                yield number, notice, tries

    def _tell(self, number: int, notice: Notice, look: Callable[[], Look]) -> None:
        to = self._recipient(notice)
        if not to:
            self._ended(number, f"nobody was told: {notice.subject}; {_missing(notice)}")
            return
        mail, sender = self._mail(notice, to, look())
        if not mail:
            self._ended(number, f"not told any more: {notice.subject}; it is no draft now")
            return
        self.send(mail, sender, to)
        self._ended(number)
        self.posted.told += 1

    def _ended(self, number: int, note: str = "") -> None:
        with store.writing(self.database, durable=True) as tx:
            notices.told(tx, number, now=self.now)
        self.posted.notes += [note] * bool(note)

    def _put_off(self, number: int, notice: Notice, tries: int, error: NewsletterError) -> None:
        said = links.without_tokens(str(error))
        if isinstance(error, Refused) and tries + 1 >= _REFUSALS:
            self._ended(number, f"given up: {notice.subject}: {said}")
            return
        with store.writing(self.database) as tx:
            notices.put_off(tx, number, until=self.now + _WAITS[min(tries, len(_WAITS) - 1)])
        self.posted.trouble = f"a notice did not go ({notice.subject}): {said}"

    def _recipient(self, notice: Notice) -> str:
        """Whose mail it is, "" for nobody's."""
        schedules = config.schedules(self.settings)
        editors = {slug: one.editor for slug, one in schedules.items() if one.editor}
        editor = editors.get(notice.list, "")
        if notice.kind is not NoticeKind.ALERT:
            return editor
        return self.settings.run.operator or editor or next(iter(editors.values()), "")

    def _mail(self, notice: Notice, to: str, look: Look) -> tuple[bytes, str]:
        """The bytes of a notice's mail, none for a draft that is none any more; and its sender."""
        known = notice.list in self.settings.lists
        chosen = config.mailing_list(self.settings, notice.list if known else None)
        sender = message.mailbox(chosen.sender).addr_spec
        if notice.kind not in _OF_EDITORS:
            return self._plain(notice, chosen, to, look), sender
        edition = self._edition(notice)
        if edition is None or edition.status is not IssueStatus.DRAFT:
            return b"", sender
        try:
            return self._draft(notice, edition, to, look), sender
        except NewsletterError as error:
            # A look that cannot be rendered is the first thing that its editor has to know.
            text = f"{notice.text}\n\nThe mail of {edition.name} cannot be made as things stand: {error}"
            broken = Notice(notice.key, notice.kind, notice.list, notice.subject, text, notice.issue)
            return self._plain(broken, chosen, to, look), sender

    def _plain(self, notice: Notice, list: MailingList, to: str, look: Look) -> bytes:
        return notice_mails.plain(notice, list=list, recipient=to, look=look, sent_at=self.now)

    def _draft(self, notice: Notice, edition: Edition, to: str, look: Look) -> bytes:
        seen = self._seen(edition)
        rendered, mail = self._rendered(seen)
        findings = budget.judged(lint.check(rendered, mail), list=seen.issue.list)
        with store.reading(self.database) as tx:
            period = periods.of_issue(tx, edition.id)
        about = links.Approval(edition.number, drafts.fingerprint(seen), self.now)
        brief = Brief(
            sections=tuple((one.title, len(one.picks)) for one in seen.issue.sections),
            findings=tuple(f"{one.level}: {one.rule}: {one.message}" for one in findings),
            misses=tuple(_misses(seen)),
            lacking=period.note if period else "",
            link=config.approve_link(self.settings, edition.list, about),
        )
        return notice_mails.draft(
            notice, brief, rendered, list=seen.issue.list, recipient=to, look=look, sent_at=self.now
        )

    def _edition(self, notice: Notice) -> Edition | None:
        with store.reading(self.database) as tx:
            found = [one for one in issues.every(tx, list=notice.list) if one.id == notice.issue]
        return found[0] if found else None

    def _seen(self, edition: Edition) -> Draft:
        if self.look_at:
            return self.look_at(edition)
        chosen = config.mailing_list(self.settings, edition.list)
        overrides = config.overrides(self.settings, chosen, number=edition.number)
        return drafts.look(self.database, edition, list=chosen, overrides=overrides)

    def _rendered(self, seen: Draft) -> tuple[RenderedIssue, bytes]:
        """The issue as a test mail of it is made, and that whole mail."""
        issue = seen.issue
        reader = config.preview_links(self.settings, issue.list.slug, str(seen.edition.number))
        bundled, own = look_folders.shipped_looks(), self.settings.templates_dir
        look = look_folders.load(issue.list.look, bundled=bundled, own=own)
        rendered = rendering.render(issue, look=look, links=reader)
        mail = message.compose(
            rendered,
            list=issue.list,
            links=reader,
            recipient=issue.list.sender,
            sent_at=self.now,
            attachments=citations.attached(issue),
        )
        return rendered, mail

    def _look_of_letters(self) -> Look:
        bundled, own = look_folders.shipped_looks(), self.settings.templates_dir
        worn = look_folders.load(look_folders.DEFAULT, bundled=bundled, own=own)
        return letters.dressed(look_folders.folder(letters.FOLDER, bundled=bundled, own=own), worn)


def _missing(notice: Notice) -> str:
    if notice.kind is NoticeKind.ALERT:
        return "set run.operator in config.toml"
    return f"set lists.{notice.list}.schedule.editor in config.toml"


def _misses(seen: Draft) -> Iterator[str]:
    """The papers that nearly came in, each with its score: the nearest of every theme, then the next ones."""
    titles = {theme.slug: theme.title for theme in seen.issue.list.themes}
    themes = seen.chosen.misses if seen.chosen else {}
    rows = [[(slug, miss) for miss in row] for slug, row in themes.items()]
    for slug, miss in filter(None, chain.from_iterable(zip_longest(*rows))):
        yield f"{miss.paper.title} ({titles.get(slug, slug)} {miss.match.score:.2f}: {miss.why})"
