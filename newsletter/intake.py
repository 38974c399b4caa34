"""Reading what is named or configured: files, patterns of files, and addresses.

Opens files and hands addresses on. A file that is no file of text is refused before it is read, so that no
pipe or device holds the program up. Decides what one failure means: of what a user names each has to be read;
of the configured sources one may fail without losing the others.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from newsletter import __version__, addresses, gather, headway, sources
from newsletter.addresses import Wanted
from newsletter.announcements import Quiet, Silence
from newsletter.config import Settings, SourceSettings
from newsletter.errors import ConfigError, DigestError, FetchError, NewsletterError
from newsletter.fetch import Fetched, NotModified, Watch
from newsletter.fetch.kept import Kept
from newsletter.gather import Enriched, Get, Note, Outside, State
from newsletter.model import Digest


@contextmanager
def opened(settings: Settings, utcnow: Callable[[], datetime], outside: Outside | None) -> Iterator[Outside]:
    """The network with its copies and someone to tell of progress, or what is given in their place."""
    with headway.told() as tell:
        if outside is not None:
            yield replace(outside, tell=tell)
        else:
            yield Outside(_getter(settings, utcnow), Kept(cache_dir(settings)), utcnow, tell)


def named(given: Sequence[str | Path], outside: Outside) -> tuple[Digest, ...]:
    """The digests of paths and addresses.

    Raises: DigestError or FetchError for the first that cannot be read.
    """
    digests: list[Digest] = []
    for name in map(str, given):
        if not addresses.is_address(name):
            digests.append(_of_file(Path(name)))
            continue
        wanted = addresses.given(name, today=outside.now().date(), bases=outside.bases)
        found, notes = gather.gather(wanted, outside)
        problems = _problems(notes)
        if problems and not found:
            raise problems[0]
        _warn(problems)
        digests += found
    return tuple(digests)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the configured sources gave. problems: what could not be had; quiet: where nothing is new, why."""

    digests: tuple[Digest, ...]
    problems: tuple[NewsletterError, ...]
    quiet: tuple[Quiet, ...]


def gathered(settings: Settings, outside: Outside) -> Gathered:
    """What the configured sources gave, in their order; one that fails does not lose the others."""
    parts = [_of_source(source, outside) for source in settings.sources]
    return Gathered(
        tuple(digest for part in parts for digest in part.digests),
        tuple(problem for part in parts for problem in part.problems),
        tuple(quiet for part in parts for quiet in part.quiet),
    )


def configured(settings: Settings, outside: Outside) -> tuple[Digest, ...]:
    """The digests of the configured sources, in their order; empty where nothing is new, and that is right.

    Raises: NewsletterError where there is no digest and a source could not be read.
    """
    found = gathered(settings, outside)
    if found.problems and not found.digests:
        raise found.problems[0] if len(found.problems) == 1 else NewsletterError(_joined(found.problems))
    _warn(found.problems)
    return found.digests


def enrich(digests: Sequence[Digest], outside: Outside) -> tuple[tuple[Digest, ...], tuple[Enriched, ...]]:
    """The digests with what arXiv knows of papers without an id, and what was added."""
    whole, added, notes = gather.enrich(digests, outside)
    for note in notes:
        if note.state is State.FAILED:
            headway.warn(f"{note.text}; what is known already is used")
    return whole, added


def read_file(path: Path, *, what: str = "saved digest") -> bytes:
    """At most one byte more than a digest may have, so that an endless file is refused and not read.

    Raises: DigestError for what is not there, or not a file of its own.
    """
    if str(path) == "-":
        return sys.stdin.buffer.read(sources.MAX_BYTES + 1)
    try:
        _check_kind(path, path.stat().st_mode, what)
        # Looked at again once it is open, because it may have been exchanged in between.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(number, "rb") as stream:
            _check_kind(path, os.fstat(number).st_mode, what)
            return stream.read(sources.MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise DigestError(str(path), f"no such file; give the path of a {what}") from error
    except OSError as error:
        raise DigestError(str(path), f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise DigestError(str(path), f"this is no path; give the path of a {what}") from error


def read_labels(path: Path) -> str:
    """The text of a UTF-8 file of labels. Raises: DigestError where there is none."""
    return _read_text(path, what="file of labels")


def read_lines(path: Path, *, what: str) -> Iterator[str]:
    """The lines of a file of any length, whatever bytes it holds. Raises: DigestError where there is none."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from file
    except OSError as error:
        raise DigestError(str(path), f"cannot read this {what}: {error.strerror}") from error


def read_note() -> str:
    """The text on standard input. Raises: DigestError where it is not UTF-8."""
    return _read_text(Path("-"), what="note")


def read_page(path: Path) -> bytes:
    """The bytes of a mail or a page. Raises: DigestError where there is none."""
    content = read_file(path, what="mail or page")
    if not content.strip():
        raise DigestError(str(path), "empty; name a mail (.eml) or a page (.html)")
    if len(content) > sources.MAX_BYTES:
        raise DigestError(str(path), f"more than {sources.MAX_BYTES / 1e6:.0f} MB; no mail is that large")
    return content


def read_beside(path: Path) -> str | None:
    """The plain text that stands beside a page, None where there is none. Raises: DigestError."""
    beside = path.with_suffix(".txt")
    return _read_text(beside, what="plain text") if str(path) != "-" and beside.is_file() else None


def _read_text(path: Path, *, what: str) -> str:
    try:
        return read_file(path, what=what).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DigestError(str(path), "not UTF-8 text; save it as UTF-8") from error


def _check_kind(path: Path, mode: int, what: str) -> None:
    if stat.S_ISDIR(mode):
        raise DigestError(str(path), f"this is a folder; give the path of one {what}, or several")
    if not stat.S_ISREG(mode):
        raise DigestError(str(path), f"not a regular file; give the path of a {what}, or pipe it in as -")


def _getter(settings: Settings, utcnow: Callable[[], datetime]) -> Get:
    """One polite GET. The client is made with the first request: its library takes a while to load."""
    agent = f"newsletter/{__version__} (+{settings.base_url})"

    def get(address: str, *, etag: str = "", modified: str = "", watch: Watch) -> Fetched | NotModified:
        return _client(agent, utcnow)(address, etag=etag, modified=modified, watch=watch)

    return get


@cache
def _client(agent: str, utcnow: Callable[[], datetime]) -> Get:
    """One client for the process, so that the pause a host asks for holds from one reading to the next."""
    from newsletter.fetch.client import Client, World

    return Client(agent, world=World(utcnow)).get


def cache_dir(settings: Settings) -> Path:
    """The folder for copies of what the world gave.

    Source: XDG Base Directory Specification, XDG_CACHE_HOME.
    """
    if settings.cache_dir is not None:
        return settings.cache_dir
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "newsletter"


def _of_source(source: SourceSettings, outside: Outside) -> Gathered:
    """What one source gave."""
    if source.file is None:
        read, notes = gather.gather(_wanted(source, outside), outside)
        quiet = (note.quiet for note in notes if note.quiet and note.quiet.silence is not Silence.WRONG)
        return Gathered(read, tuple(_problems(notes)), tuple(quiet))
    found: list[Digest] = []
    problems: list[NewsletterError] = []
    try:
        for path in matching(source.file):
            try:
                found.append(_of_match(path, source.file))
            except DigestError as error:
                problems.append(error)
    except ConfigError as error:
        problems.append(error)
    return Gathered(tuple(found), tuple(problems), ())


def _wanted(source: SourceSettings, outside: Outside) -> tuple[Wanted, ...]:
    today, bases = outside.now().date(), outside.bases
    if source.hf_daily is not None:
        return addresses.hf_daily(source.hf_daily, today=today, bases=bases)
    if source.arxiv is not None:
        return (addresses.arxiv_search(source.arxiv, most=source.max_results, bases=bases),)
    if source.arxiv_category is not None:
        return (addresses.arxiv_category(source.arxiv_category, bases=bases),)
    return (Wanted(source.feed or "", source.feed or ""),)


def matching(text: str) -> list[Path]:
    """The files that a pattern finds, by name. Raises: ConfigError where there is none."""
    pattern = Path(text)
    matches = sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))
    if not matches:
        raise ConfigError(f"sources: no file matches {text}; save a digest there, or edit the source")
    return matches


def _of_match(path: Path, pattern: str) -> Digest:
    """The digest of a file that a pattern found, unless it is a way out of the folder that was searched."""
    parts = Path(pattern).parts
    fixed = next((at for at, part in enumerate(parts) if set(part) & set("*?[")), None)
    if fixed is not None and not path.resolve().is_relative_to(Path(*parts[:fixed]).resolve()):
        problem = "a symbolic link out of the folder of the pattern; name the file itself as a source"
        raise DigestError(str(path), problem)
    return _of_file(path)


def _of_file(path: Path) -> Digest:
    return sources.parse(read_file(path), str(path))


def _problems(notes: Sequence[Note]) -> list[NewsletterError]:
    """What failed, and what was silent where something was due."""
    found: list[NewsletterError] = []
    for note in notes:
        if note.state is State.FAILED:
            found.append(note.error or NewsletterError(note.text))
        elif note.quiet is not None and note.quiet.silence is Silence.WRONG:
            found.append(FetchError(note.name, note.text))
    return found


def _warn(problems: Sequence[NewsletterError]) -> None:
    for problem in problems:
        headway.warn(str(problem))


def _joined(problems: Sequence[NewsletterError]) -> str:
    return "no source could be read:\n" + "\n".join(str(problem) for problem in problems)
