"""Opens everything: settings, digests, looks, the store; holds the only clock.

Translates what the operating system says into the project's own errors. Decides nothing about content.
"""

import getpass
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, date, datetime, time
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from newsletter import (
    citations,
    config,
    headway,
    identity,
    intake,
    look_folders,
    message,
    output,
    pages,
    publish,
    rendering,
    sources,
    telling,
)
from newsletter.config import Settings
from newsletter.errors import ConfigError, NewsletterError, StoreError
from newsletter.gather import Enriched, Outside
from newsletter.model import (
    Digest,
    Edit,
    Edition,
    EditKind,
    Ingested,
    Issue,
    MailingList,
    ReaderLinks,
    RenderedIssue,
)
from newsletter.selection import Selection
from newsletter.templating import Look

if TYPE_CHECKING:
    from newsletter import imap, store
    from newsletter.archive import Archive
    from newsletter.desk import Desk
    from newsletter.dispatch import Dispatch
    from newsletter.drafts import Draft
    from newsletter.mailroom import Mailroom
    from newsletter.newsroom import Newsroom
    from newsletter.subscribe import Send

DEFAULT_CONFIG = Path("config.toml")
SAMPLE_NAME = "the bundled sample"
SAMPLE_NOTE = (
    "This issue is made from the bundled sample, and its papers are invented.\n\n"
    "For one of real papers, save a Daily Papers page as text and run: newsletter render page.txt --open"
)
# RFC 2606 keeps this domain free for examples, so that a preview is never delivered by accident.
PREVIEW_RECIPIENT = "Reader <reader@example.net>"


def utcnow() -> datetime:
    """The present moment, aware. The rest of the program is told the time."""
    return datetime.now(UTC)


def clock_of(database: "store.Engine") -> Callable[[], datetime]:
    """What tells the time of an open store: its server, one for all machines, else this machine."""
    from newsletter.store import clock

    return clock.of(database, utcnow)


def load_settings(path: Path | None) -> Settings:
    """The settings of `path`; without one those of ./config.toml, else the built-in ones."""
    if path is None and not DEFAULT_CONFIG.exists():
        return config.load(None)
    return config.load(path or DEFAULT_CONFIG)


def read_digests(
    given: Sequence[str | Path], settings: Settings, *, outside: Outside | None = None
) -> tuple[Digest, ...]:
    """The digests of the paths and addresses; without any those of the configured sources, else the sample.

    outside: what stands for the network and its copies, in tests. What the sources did not give is told on
    stderr.
    Raises: DigestError or FetchError for the first of `given` that cannot be read; with the configured
    sources only where none of them could.
    """
    if given or settings.sources:
        with intake.opened(settings, utcnow, outside) as reach:
            return intake.named(given, reach) if given else intake.configured(settings, reach)
    sample = files("newsletter").joinpath("sample", "daily-papers.txt").read_bytes()
    return (sources.parse(sample, SAMPLE_NAME),)


def enrich(
    digests: Sequence[Digest], settings: Settings, *, outside: Outside | None = None
) -> tuple[tuple[Digest, ...], tuple[Enriched, ...]]:
    """The digests with what arXiv knows of papers without an id, and what was added with which confidence."""
    with intake.opened(settings, utcnow, outside) as reach:
        return intake.enrich(digests, reach)


@contextmanager
def open_store(settings: Settings, *, create: bool = True, honour: bool = False) -> Iterator["store.Engine"]:
    """The configured store, closed afterwards. create: whether one is made where none is.

    honour: whether those who left while it could not be written are taken off first, as whoever looks at
    readers needs it. Raises: StoreError; SchemaOutdated where its tables are not those of this version.
    """
    from newsletter import store, subscribe  # they take as long to load as a whole render, which needs none

    database = store.open_store(settings.database_url.get_secret_value(), create=create)
    try:
        if honour:
            subscribe.honour(database, settings.leaving_file)
        yield database
    finally:
        database.dispose()


def ingest(database: "store.Engine", digest: Digest, *, progress: Callable[[int], None]) -> Ingested:
    """What taking the digest in came to; doing it again goes on from there. Raises: StoreError."""
    from newsletter import collect

    return collect.ingest(database, digest, now=utcnow(), progress=progress)


@contextmanager
def open_desk(settings: Settings) -> Iterator["Desk"]:
    """Where issues of the configured store are edited. Raises: StoreError where there is none yet."""
    from newsletter import desk

    with open_store(settings, create=False) as database:
        yield desk.Desk(database, settings, clock_of(database), telling.opened)


@contextmanager
def open_mailroom(settings: Settings) -> Iterator["Mailroom"]:
    """Where mails from readers are taken in, with the store or, where it cannot be opened, without.

    Raises: ConfigError without a key for links.
    """
    from newsletter import mailroom

    config.link_keys(settings)
    with ExitStack() as opened:
        try:
            database = opened.enter_context(open_store(settings, create=False))
        except StoreError as error:
            headway.warn(f"{error}; until then {settings.leaving_file} keeps who leaves")
            database = None
        yield mailroom.Mailroom(database, settings, utcnow)


@contextmanager
def open_mailbox(settings: Settings) -> Iterator["Sequence[imap.Mail]"]:
    """The new mails of the configured mailbox, by IMAP. Raises: ConfigError without one; NewsletterError."""
    from newsletter import imap

    chosen = settings.bounces
    if not chosen.imap_host:
        raise ConfigError("bounces.imap_host: no mailbox is configured; name its server and its login")
    server = imap.Server(
        host=chosen.imap_host,
        port=chosen.imap_port,
        user=chosen.imap_user,
        password=chosen.imap_password.get_secret_value(),
        folder=chosen.imap_folder,
        security=chosen.security,
        timeout_s=chosen.timeout_s,
    )
    with imap.opened(server) as mails:
        yield mails


@contextmanager
def open_archive(settings: Settings, list_slug: str | None = None) -> Iterator["Archive"]:
    """The public issues of the configured store, or of one list of it.

    Raises: NotFound for a list that is not public; StoreError where there is no store yet; ConfigError.
    """
    from newsletter import archive

    if list_slug is None:
        lists = config.public_lists(settings)
    else:
        lists = {list_slug: config.public_list(settings, list_slug)}
    with open_store(settings, create=False) as database:
        yield archive.Archive(database, lists)


@contextmanager
def open_dispatch(settings: Settings) -> Iterator["Dispatch"]:
    """Where issues of the configured store are sent from; who left meanwhile is taken off first.

    Raises: StoreError where there is no store yet.
    """
    from newsletter import dispatch

    with open_store(settings, create=False, honour=True) as database:
        yield dispatch.Dispatch(database, settings, clock_of(database))


@contextmanager
def open_newsroom(
    settings: Settings,
    *,
    create: bool = True,
    clock: Callable[[], datetime] | None = None,
    outside: Outside | None = None,
) -> Iterator["Newsroom"]:
    """Where issues of the configured store come about by their schedules (`newsroom_on`).

    create: whether a store is made where there is none. Raises: StoreError.
    """
    with open_store(settings, create=create, honour=True) as database:
        yield newsroom_on(database, settings, clock or clock_of(database), outside=outside)


def newsroom_on(
    database: "store.Engine",
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    outside: Outside | None = None,
) -> "Newsroom":
    """Where issues of an open store come about by their schedules.

    clock, outside: what tells the time, and what stands for the network, in tests.
    """
    from newsletter import desk, dispatch, newsroom

    return newsroom.Newsroom(
        database,
        settings,
        clock,
        desk=desk.Desk(database, settings, clock, telling.opened),
        dispatch=dispatch.Dispatch(database, settings, clock),
        write=partial(write_issue, settings),
        outside=outside,
    )


def write_issue(settings: Settings, edition: Edition, seen: "Draft", folder: Path) -> None:
    """Write the files of an issue of the store, as `newsletter issues render` does."""
    links = config.preview_links(settings, edition.list, str(edition.number))
    rendered, mail = render(seen.issue, load_look(seen.issue.list.look, settings), links)
    output.write_issue(folder, seen.issue, rendered, mail)


def user() -> str:
    """Who runs this program, as the operating system knows them."""
    with suppress(KeyError, OSError):  # a user without a name, as in a container
        return getpass.getuser()
    return "unknown"


def web_look(settings: Settings) -> Look:
    """The templates of the web pages, with the operator's own files in place of ours.

    Raises: NewsletterError for a file that cannot be read.
    """
    bundled = look_folders.shipped_looks()
    return look_folders.folder(pages.FOLDER, bundled=bundled, own=settings.templates_dir)


def looks(settings: Settings) -> tuple[str, ...]:
    """The names of every look, the operator's own and the bundled ones."""
    return look_folders.names(look_folders.shipped_looks(), settings.templates_dir)


def load_look(name: str, settings: Settings) -> Look:
    """The look of that name, whole: what it lacks is the default look's (`look_folders`).

    Files of the operator's own that change nothing are told on stderr.
    Raises: NotFound; NewsletterError for a file that cannot be read.
    """
    own = settings.templates_dir
    look = look_folders.load(name, bundled=look_folders.shipped_looks(), own=own)
    for file in look_folders.idle(look, own):
        headway.warn(f"{look.places[file]}: no template of the look names it, so it changes nothing")
    return look


def folders_of_look(name: str, settings: Settings) -> tuple[Path, ...]:
    """Where the files of a look may stand: the default look's, the bundled ones, then the operator's own."""
    bundled = look_folders.shipped_looks()
    own = (settings.templates_dir / name,) if settings.templates_dir else ()
    return (bundled / look_folders.DEFAULT, bundled / name, *own)


def draft(
    digests: Sequence[Digest],
    *,
    list: MailingList,
    on: date,
    overrides: Sequence[Edit] = (),
    tell: publish.Tell | None = None,
) -> Issue:
    """The issue made from these digests; one made from the bundled sample says so."""
    issue, _ = explained(digests, list=list, on=on, overrides=overrides, tell=tell)
    return issue


def explained(
    digests: Sequence[Digest],
    *,
    list: MailingList,
    on: date,
    overrides: Sequence[Edit] = (),
    tell: publish.Tell | None = None,
) -> tuple[Issue, Selection]:
    """The issue made from these digests, and how it came about.

    overrides: an editor's too; a note of theirs stands in place of the one that an issue made from the
    bundled sample has.
    """
    from_sample = any(digest.source == SAMPLE_NAME for digest in digests)
    noted = any(edit.kind is EditKind.NOTE for edit in overrides)
    note = SAMPLE_NOTE if from_sample and not noted else publish.note(overrides)
    chosen = publish.choose(identity.merge(digests), list=list, on=on, edits=overrides)
    issue = publish.issue(chosen, list=list, on=on, note=note, tell=tell)
    if not issue.read:
        raise NewsletterError("no paper to show: the sources hold none; name a saved digest")
    if not issue.sections:
        raise NewsletterError("no paper to show; raise trending_limit or choose other themes")
    return issue, chosen


class Render(Protocol):
    """`rendering.render`, or what does the same elsewhere."""

    def __call__(self, issue: Issue, /, *, look: Look, links: ReaderLinks) -> RenderedIssue:
        """The issue as mail. Raises: RenderError."""


def render(
    issue: Issue, look: Look, links: ReaderLinks, *, by: Render = rendering.render
) -> tuple[RenderedIssue, bytes]:
    """The issue as a preview reader gets it, and the whole mail that carries it."""
    rendered = by(issue, look=look, links=links)
    # Nine in the morning of the issue's day: the same issue gives the same bytes, whenever it is rendered.
    sent_at = datetime.combine(issue.date, time(9), UTC)
    mail = message.compose(
        rendered,
        list=issue.list,
        links=links,
        recipient=PREVIEW_RECIPIENT,
        sent_at=sent_at,
        attachments=citations.attached(issue),
    )
    return rendered, mail


def send_test(mail: bytes, to: str, settings: Settings) -> str:
    """What the configured server said when it took this mail for that address (`sending.send_test`)."""
    from newsletter import sending  # no render needs it

    return sending.send_test(mail, to, settings, now=utcnow())


def letter_sender(settings: Settings) -> "Send":
    """What hands a letter to the configured server (`sending.letters`). Raises: ConfigError without one."""
    from newsletter import sending

    return sending.letters(settings)
