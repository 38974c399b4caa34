"""Themes, lists and issues: what is chosen of the papers, and what readers of a list are sent."""

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from newsletter.model.papers import Paper

# The slug of the section for what is strong but fits no theme.
TRENDING = "trending"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that speak for a theme, by their weight, or against it where the weight is negative.

    text: in the language of phrases (`selection.phrases`). fields: where it is looked for, () for title and
    abstract. beside: it counts only in a paper that has one of these; without: in one that has none of these.
    """

    text: str
    weight: float
    fields: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Theme:
    """A topical rule that picks papers.

    threshold: the least score of a member. limit: the most papers of its section.
    exclude: phrases whose mere presence keeps a paper out.
    require: groups of phrases; a paper without a phrase of every group is not in the theme.
    categories: arXiv's; a paper that names categories and none of these is not in the theme.
    like: arXiv ids of examples; what a paper has in common with them speaks for it.
    """

    slug: str
    title: str
    blurb: str
    phrases: tuple[Phrase, ...]
    exclude: tuple[str, ...] = ()
    require: tuple[tuple[str, ...], ...] = ()
    threshold: float = 4.0
    limit: int = 6
    categories: tuple[str, ...] = ()
    like: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One phrase found in one field of a paper: how often, and what that added to the score.

    spans: where it stands in the text of the field: its first character, and the one after its last.
    """

    phrase: str
    field: str
    count: int
    weight: float
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """What puts one member of a theme before another: the weight of each part of its rank.

    half_life_days: the age at which a paper's freshness is half that of a new one. diversity: what being the
    same as a paper above would cost.
    """

    relevance: float = 1.0
    votes: float = 0.3
    freshness: float = 0.15
    code: float = 0.05
    half_life_days: float = 14.0
    diversity: float = 0.5


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a paper stands among others: each part times its weight, and what nearness to others costs it."""

    relevance: float
    votes: float
    freshness: float
    code: float
    nearness: float = 0.0

    @property
    def total(self) -> float:
        """The sum that is compared: the greater comes first."""
        return self.relevance + self.votes + self.freshness + self.code - self.nearness


class EditKind(StrEnum):
    """What an editor does to a draft."""

    PIN = "pin"  # the paper is in, whatever the themes, the limits and earlier issues say
    DROP = "drop"  # the paper is out
    MOVE = "move"  # a paper that is in stands elsewhere
    NOTE = "note"  # the editor's words above the papers


@dataclass(frozen=True, slots=True)
class Edit:
    """One change that an editor made to a draft, with who and when; of two about one paper the later counts.

    paper: any name it is known by (`identity`), "" for a note. section: the slug of a theme or TRENDING, ""
    for the best. place: from 1, None for where its rank puts it. at: None for one that a file holds.
    """

    kind: EditKind
    paper: str = ""
    section: str = ""
    place: int | None = None
    text: str = ""
    who: str = ""
    at: datetime | None = None


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

    also: titles of the other themes it fits, best first. told_by: whose words the one-liner is, "" for the
    authors'. edit: what an editor did to put it here, "" for nothing. brief: whether the mail has no room for
    more than its title and one link.
    """

    paper: Paper
    score: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    also: tuple[str, ...] = ()
    one_liner: str = ""
    figures: tuple[Figure, ...] = ()
    rank: Rank | None = None
    told_by: str = ""
    edit: str = ""
    brief: bool = False


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

    description: what readers are told of it before they ask for it. sender: a full address with its display
    name. reply_to: "" where answers go to the sender. trending_limit: the most papers of the section after
    the themes. limit: the most papers of an issue, None for no other limit than the sections'. look: the
    folder of its templates. summaries: whose words an issue tells of a paper: "abstract", "hf" (where
    Hugging Face gives a summary) or "model" (the configured one). attach: the forms in which a mail carries
    its papers for a library, of "bib" and "ris". shorten: whether an issue too large for Gmail is made to
    fit, by what tells least.
    """

    slug: str
    title: str
    sender: str
    reply_to: str = ""
    postal_address: str = ""
    themes: tuple[Theme, ...] = ()
    trending_limit: int = 5
    limit: int | None = None
    ranking: Ranking = Ranking()
    summaries: str = "abstract"
    look: str = "default"
    attach: tuple[str, ...] = ()
    shorten: bool = True
    description: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """How many papers fitted a theme this time, beside the mean of so many earlier issues."""

    theme: str
    title: str
    count: int
    mean: float
    issues: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """One issue that a recap sums up."""

    number: int
    date: Date
    headline: str


@dataclass(frozen=True, slots=True)
class Issue:
    """One edition of a list: what every reader of it is sent.

    headline: the claim of this issue, its h1 and the core of its subject. note: the editor's words in
    Markdown, or "".
    read: how many papers the sections were chosen from. trends: of each theme, () without earlier issues.
    new_terms: what no earlier paper spoke of, the most frequent first.
    recap: the month ("2026-11") whose issues it sums up, "" for an issue of its own. recalled: those issues,
    by day.
    """

    list: MailingList
    date: Date
    headline: str
    intro: str
    sections: tuple[Section, ...]
    read: int
    note: str = ""
    trends: tuple[Trend, ...] = ()
    new_terms: tuple[str, ...] = ()
    recap: str = ""
    recalled: tuple[Recalled, ...] = ()


class IssueStatus(StrEnum):
    """How far an issue of the store is on its way."""

    DRAFT = "draft"  # it follows the store, and editors may change it
    APPROVED = "approved"  # its content is frozen
    SENDING = "sending"  # some readers have it
    SENT = "sent"  # it is with its readers
    CANCELLED = "cancelled"  # it will not go; what it held is free for the next issue


@dataclass(frozen=True, slots=True)
class Edition:
    """An issue as the store knows it, whatever its content is.

    id: its row. number: its place among the issues of its list, from 1, never given twice.
    since: what was read before that day is passed over, by this issue and by those after it.
    recap: the month ("2026-11") whose issues it sums up, "" for an issue of its own.
    """

    id: int
    list: str
    number: int
    date: Date
    status: IssueStatus
    created_at: datetime
    approved_at: datetime | None = None
    since: Date | None = None
    recap: str = ""

    @property
    def name(self) -> str:
        """What an editor calls it, such as weekly/7."""
        return f"{self.list}/{self.number}"


@dataclass(frozen=True, slots=True)
class ReaderLinks:
    """The addresses a reader finds in an issue: where it stands on the web, how to choose, how to leave.

    unsubscribe_mail: a mailto: address for leaving without a web server, "" where none is set up.
    """

    web: str
    archive: str
    preferences: str
    unsubscribe: str
    unsubscribe_mail: str = ""

    @property
    def bib(self) -> str:
        """Where the papers of the issue stand as BibTeX."""
        return f"{self.web.rstrip('/')}.bib"

    @property
    def ris(self) -> str:
        """Where the papers of the issue stand as RIS."""
        return f"{self.web.rstrip('/')}.ris"


class Attachment(NamedTuple):
    """A file that a mail brings along. subtype: of the media type application/…."""

    name: str
    subtype: str
    content: bytes


@dataclass(frozen=True, slots=True)
class RenderedIssue:
    """An issue as it leaves: both bodies say the same and carry the same links.

    cuts: what was left out because the mail would have been too large, in words, in the order of leaving.
    """

    subject: str
    preheader: str
    html: str
    text: str
    cuts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that would go wrong in a reader's mail client, and where.

    level: "error" or "warning". part: what it was found in: "html", "text", "subject", "preheader" or
    "headers", which is the whole mail as it travels. line and column: in that part, from 1; 0 where it is
    about the whole part.
    """

    rule: str
    level: str
    message: str
    part: str = "html"
    line: int = 0
    column: int = 0
