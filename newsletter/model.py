"""The values that travel: what a paper, a digest, a theme and an issue are.

Frozen data without behaviour beyond what follows from their own fields. Nothing here reads a file,
a clock or a setting.
"""

from dataclasses import dataclass
from datetime import date as Date
from enum import StrEnum

# The slug of the section for what is strong but fits no theme.
TRENDING = "trending"


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


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that speak for a theme, by their weight, or against it where the weight is negative."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Theme:
    """A topical rule that picks papers.

    threshold: the least score of a member. limit: the most papers of its section.
    exclude: phrases whose mere presence keeps a paper out.
    require: groups of phrases; a paper without a phrase of every group is not in the theme.
    """

    slug: str
    title: str
    blurb: str
    phrases: tuple[Phrase, ...]
    exclude: tuple[str, ...] = ()
    require: tuple[tuple[str, ...], ...] = ()
    threshold: float = 4.0
    limit: int = 6


@dataclass(frozen=True, slots=True)
class Evidence:
    """One phrase found in one field of a paper: how often, and what that added to the score."""

    phrase: str
    field: str
    count: int
    weight: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline number in its own words: before, value and words stand side by side in the abstract.

    Read in that order they are a phrase: ("", "2.6×", "less peak memory"), ("reduces latency by", "45%", "").
    """

    value: str
    words: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """One paper chosen for a section, with the reason, and what the reader is told of it.

    also: titles of the other themes it fits, best first.
    """

    paper: Paper
    score: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    also: tuple[str, ...] = ()
    one_liner: str = ""
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """The papers chosen for one theme, best first. `theme` is its slug, TRENDING for the rest."""

    theme: str
    title: str
    blurb: str
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class MailingList:
    """What a reader subscribes to.

    sender: a full address with its display name. reply_to: "" where answers go to the sender.
    trending_limit: the most papers of the section after the themes. look: the folder of its templates.
    """

    slug: str
    title: str
    sender: str
    reply_to: str = ""
    postal_address: str = ""
    themes: tuple[Theme, ...] = ()
    trending_limit: int = 5
    look: str = "default"


@dataclass(frozen=True, slots=True)
class Issue:
    """One edition of a list: what every reader of it is sent.

    headline: the claim of this issue, its h1 and the core of its subject. note: the editor's words, or "".
    read: how many papers the sections were chosen from.
    """

    list: MailingList
    date: Date
    headline: str
    intro: str
    sections: tuple[Section, ...]
    read: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReaderLinks:
    """The addresses a reader finds in an issue: where it stands on the web, how to choose, how to leave."""

    web: str
    archive: str
    preferences: str
    unsubscribe: str


@dataclass(frozen=True, slots=True)
class RenderedIssue:
    """An issue as it leaves: both bodies say the same and carry the same links."""

    subject: str
    preheader: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that would go wrong in a reader's mail client. level: "error" or "warning"."""

    rule: str
    level: str
    message: str
