"""Bringing in what the sources hold: who is asked, in which order, and what it means when nothing comes.

One source that fails does not lose the others. An answer is kept once it has been read as a digest, so that
no copy is ever an error page; what a crash leaves is the copy of before. Asks through what it is given, and
never connects by itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from newsletter import addresses, announcements, identity, sources, titles
from newsletter.addresses import Bases, Wanted
from newsletter.announcements import Quiet
from newsletter.errors import DigestError, FetchError, NewsletterError
from newsletter.fetch import Fetched, NotModified, Watch, guard
from newsletter.fetch.kept import Copy, Kept
from newsletter.model import Digest, Paper

# Papers looked up in one run: at three seconds each, two and a half minutes.
MOST_LOOKUPS = 50
# Answers that could not be read, after which the next ones will not be either.
_UNREADABLE = 3
# What arXiv answered about a title is not asked for again for so long.
_LOOKUP_HOLDS = timedelta(days=14)


class Get(Protocol):
    """One polite GET: `fetch.client.Client.get`, and the same without a network in tests."""

    def __call__(
        self, address: str, *, etag: str = "", modified: str = "", watch: Watch
    ) -> Fetched | NotModified:
        """The answer of the address, or the word that the known copy is still good."""


class State(StrEnum):
    """What became of one thing that was wanted."""

    READ = "read"  # its digest is there
    QUIET = "quiet"  # there is nothing, see the note's `quiet`
    OLD = "old"  # it could not be had; the digest is that of the copy kept before
    FAILED = "failed"  # it could not be had or read


@dataclass(frozen=True, slots=True)
class Note:
    """What became of one thing that was wanted, in one line.

    quiet: what the silence means, where it was silent. error: what stopped it, where it failed.
    """

    name: str
    state: State
    text: str
    quiet: Quiet | None = None
    error: NewsletterError | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """How far a run has come: which of how many is under way, and how much of it is there."""

    name: str
    number: int
    of: int
    so_far: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """What a run is given of the outside: how to ask, what was kept, the moment, and whom to tell."""

    get: Get
    kept: Kept
    now: Callable[[], datetime]
    tell: Callable[[Step | Note], None] = lambda _: None
    bases: Bases = addresses.PUBLIC


@dataclass(frozen=True, slots=True)
class Enriched:
    """What a look-up added to one paper: where it was found, and how sure it is that this is the paper."""

    position: int
    title: str
    arxiv_id: str
    confidence: float


def gather(wanted: Sequence[Wanted], outside: Outside) -> tuple[tuple[Digest, ...], tuple[Note, ...]]:
    """The digests that could be had, in order, and a note on each thing wanted."""
    digests: list[Digest] = []
    notes: list[Note] = []
    for number, one in enumerate(wanted, start=1):
        step = Step(one.name, number, len(wanted))
        outside.tell(step)
        digest, note = _read(one, step, outside)
        outside.tell(note)
        notes.append(note)
        if digest is not None:
            digests.append(digest)
    return tuple(digests), tuple(notes)


def enrich(
    digests: Iterable[Digest], outside: Outside, *, most: int = MOST_LOOKUPS
) -> tuple[tuple[Digest, ...], tuple[Enriched, ...], tuple[Note, ...]]:
    """The digests with what arXiv knows of papers without an id, what was added, and what went wrong.

    Papers without an abstract come first, because they gain most. most: questions to arXiv in one run; what
    it answered in an earlier one is used again, so that the next run goes on with the rest.
    """
    whole = tuple(digests)
    missing = [paper for digest in whole for paper in digest.papers if not paper.arxiv_id]
    asked = sorted(dict.fromkeys(missing), key=lambda paper: bool(paper.abstract))
    found, notes = _looked_up(asked, outside, most)
    if found:
        least = min(match.confidence for match in found.values())
        told = f"{len(found)} of {len(asked)} papers found, each with a confidence of {least:.2f} or more"
        notes.append(Note("arXiv", State.READ, told))
    for note in notes:
        outside.tell(note)
    return tuple(filled(digest, found) for digest in whole), tuple(_told(found)), tuple(notes)


def filled(digest: Digest, found: Mapping[Paper, titles.Match]) -> Digest:
    """The digest with what the matches know of its papers; nothing that a paper has itself is replaced."""
    papers = tuple(
        _with(paper, found[paper].candidate) if paper in found else paper for paper in digest.papers
    )
    return replace(digest, papers=papers)


def _read(wanted: Wanted, step: Step, outside: Outside) -> tuple[Digest | None, Note]:
    now = outside.now()
    if wanted.on and not announcements.publishes(wanted.publisher, wanted.on):
        return None, _quiet(wanted, now)
    copy = outside.kept.copy(wanted.address)
    try:
        known = copy.fetched if copy else Fetched(b"", wanted.address)
        answer = _asked(wanted.address, known, step, outside)
        fetched = known if isinstance(answer, NotModified) else answer
        if announcements.holds_nothing(fetched.body):
            return None, _quiet(wanted, now)
        digest = _parsed(fetched, wanted)
    except (FetchError, DigestError) as error:
        return _without(wanted, copy, error, now)
    outside.kept.keep(wanted.address, fetched, now=now)
    how = "unchanged since the last time" if fetched is known else f"{len(fetched.body):,} bytes"
    return digest, Note(wanted.name, State.READ, how)


def _without(
    wanted: Wanted, copy: Copy | None, error: FetchError | DigestError, now: datetime
) -> tuple[Digest | None, Note]:
    """What is left where an address gave no digest: the page of a given day from its copy, else a note.

    The copy of a feed is of no use, because what is old would pass for news.
    """
    if copy is not None and wanted.on:
        try:
            digest = _parsed(copy.fetched, wanted)
        except DigestError:  # kept by a version that could read it
            pass
        else:
            text = f"{error}; the copy of {copy.at:%Y-%m-%d %H:%M} UTC is used"
            return digest, Note(wanted.name, State.OLD, text)
    if isinstance(error, FetchError) and error.status == 404 and wanted.on:
        return None, _quiet(wanted, now)
    return None, Note(wanted.name, State.FAILED, str(error), error=error)


def _parsed(fetched: Fetched, wanted: Wanted) -> Digest:
    """The digest in an answer; where it does not say of which day it is, that is the day asked for."""
    digest = sources.parse(fetched.body, guard.shown(wanted.address))
    return replace(digest, date=digest.date or wanted.on)


def _asked(address: str, known: Fetched, step: Step, outside: Outside) -> Fetched | NotModified:
    def watch(so_far: int, total: int | None) -> None:
        outside.tell(replace(step, so_far=so_far, total=total))

    return outside.get(address, etag=known.etag, modified=known.modified, watch=watch)


def _quiet(wanted: Wanted, now: datetime) -> Note:
    quiet = announcements.quiet(wanted.publisher, now=now, on=wanted.on)
    return Note(wanted.name, State.QUIET, str(quiet), quiet)


def _looked_up(
    asked: Sequence[Paper], outside: Outside, most: int
) -> tuple[dict[Paper, titles.Match], list[Note]]:
    """The papers that arXiv knows by their titles. An arXiv that cannot be reached is not asked again."""
    found: dict[Paper, titles.Match] = {}
    problems: list[FetchError | DigestError] = []
    questions = left = 0
    for number, paper in enumerate(asked, start=1):
        wanted = addresses.arxiv_title(paper.title, bases=outside.bases)
        if wanted is None:
            continue
        copy = _held(wanted, outside)
        if copy is None and questions == most:
            left += 1
            continue
        questions += copy is None
        try:
            candidates = _candidates(wanted, copy, Step(paper.title, number, len(asked)), outside)
        except (FetchError, DigestError) as error:
            problems.append(error)
            if isinstance(error, FetchError) or len(problems) == _UNREADABLE:
                break
            continue
        if match := titles.best_match(paper, (one for one in candidates if one.arxiv_id)):
            found[paper] = match
    notes = [Note("arXiv", State.FAILED, str(error), error=error) for error in problems]
    if left and not problems:
        text = f"{left} papers are not looked up yet; run it again for the next {most}"
        notes.append(Note("arXiv", State.QUIET, text))
    return found, notes


def _held(wanted: Wanted, outside: Outside) -> Copy | None:
    copy = outside.kept.copy(wanted.address)
    return copy if copy and outside.now() - copy.at < _LOOKUP_HOLDS else None


def _candidates(wanted: Wanted, copy: Copy | None, step: Step, outside: Outside) -> tuple[Paper, ...]:
    """What arXiv knows by a title, from the kept answer where there is one."""
    outside.tell(step)
    if copy is None:
        answer = _asked(wanted.address, Fetched(b"", wanted.address), step, outside)
        fetched = answer if isinstance(answer, Fetched) else Fetched(b"[]", wanted.address)
    else:
        fetched = copy.fetched
    papers: tuple[Paper, ...] = ()
    if not announcements.holds_nothing(fetched.body):
        papers = sources.parse(fetched.body, wanted.name).papers
    if copy is None:
        outside.kept.keep(wanted.address, fetched, now=outside.now())
    return papers


def _with(paper: Paper, candidate: Paper) -> Paper:
    """The paper with what the candidate knows besides; its own title and abstract stay, if they are whole."""
    text = candidate if not paper.abstract else replace(candidate, abstract="", repairs=(), version=None)
    title = candidate.title if titles.is_cut(paper.title) else paper.title
    return replace(identity.merged(paper, text), title=title)


def _told(found: dict[Paper, titles.Match]) -> Iterable[Enriched]:
    for paper, match in found.items():
        yield Enriched(paper.position, paper.title, match.candidate.arxiv_id or "", match.confidence)
