"""Papers, and the digests they come in."""

from dataclasses import dataclass
from datetime import date as Date
from enum import StrEnum


class LinkKind(StrEnum):
    """What a reader finds behind a link of a paper."""

    CODE = "code"  # a repository
    PROJECT = "project"  # the authors' own page about the work
    MODEL = "model"  # weights or a data set that can be loaded
    PAPER = "paper"  # the abstract page or the PDF
    OTHER = "other"  # anything else that the abstract names


@dataclass(frozen=True, slots=True)
class Link:
    """One address that belongs to a paper: http or https, without trailing punctuation."""

    kind: LinkKind
    url: str


class Mark(StrEnum):
    """What a reader of a paper's record has to know about it."""

    REPLACEMENT = "replacement"  # announced again as a new version of an earlier paper
    GUESSED = "guessed"  # the source does not say where the title ends; the place was found by shape
    CUT = "cut"  # the source carries only the beginning of the abstract


@dataclass(frozen=True, slots=True)
class Repair:
    """One place where damaged text was put right. `line` counts from 1 in the unit of its digest."""

    line: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """One stretch of a digest that is not a paper, or was guessed, and why. `line`: in the digest's unit."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One research paper, its text already repaired.

    abstract: the authors' own words, "" where the source carries none. ai_summary: a model's words about the
    paper, never the authors'. position: its place in the digest, from 1. line: where it starts, from 1, in
    the unit of its digest. arxiv_id: without a version; version: of the text at hand, where that is said.
    categories: arXiv's, primary first. seen_in: the sources that carried it, where several were merged.
    """

    title: str
    abstract: str
    url: str
    position: int = 1
    line: int = 1
    authors: tuple[str, ...] = ()
    arxiv_id: str | None = None
    links: tuple[Link, ...] = ()
    published: Date | None = None
    upvotes: int | None = None
    repairs: tuple[Repair, ...] = ()
    version: int | None = None
    doi: str | None = None
    ai_summary: str = ""
    keywords: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    seen_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Digest:
    """One parsed input: the papers of one source in its own order, and what was left out.

    date_text: the date as the source prints it; `date` only where it is certain, year included.
    unit: what the `line` of a paper, a repair or a skipped stretch counts, "line" or "item".
    """

    format: str
    source: str
    papers: tuple[Paper, ...]
    skipped: tuple[Skipped, ...] = ()
    date: Date | None = None
    date_text: str = ""
    unit: str = "line"


@dataclass(frozen=True, slots=True)
class Ingested:
    """What taking one digest into the store came to.

    papers: its records; each was added, updated a paper that was there, or was known. known_before: the store
    had the whole digest already, and nothing was done.
    """

    source: str
    format: str
    date: Date | None
    papers: int
    added: int
    updated: int
    known: int
    known_before: bool
