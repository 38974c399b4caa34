"""Which records are one paper, and what is known of it when they are laid together.

Owns identifiers (arXiv ids, DOIs), the comparison of titles, and the merging of records. Decides by what the
records say and looks nothing up. Every source, the store and the selection ask here, so that a paper is known
again whichever way it returns: by page or by API, in a new version, under another address.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from newsletter.model import Digest, Mark, Paper

# The archives of arXiv's identifiers until March 2007. Source: arxiv.org/help/arxiv_identifier.
_ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|cond-mat|cs"
    "|dg-ga|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin|nucl-ex|nucl-th|patt-sol"
    "|physics|plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con"
)
_YEAR_MONTH = r"\d\d(?:0[1-9]|1[0-2])"
_ARXIV_ID = re.compile(
    rf"(?:(?<![\w.])|(?<=arxiv\.))(?:({_YEAR_MONTH}\.\d{{4,5}})|({_ARCHIVES})(?:\.[a-z]{{2}})?/({_YEAR_MONTH}\d{{3}}))"
    r"(?:v([1-9]\d?))?(?![\d])",
    re.IGNORECASE,
)
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>{}|\\^`]{1,200}", re.IGNORECASE)
# What arXiv puts before an id to make a DOI of it.
ARXIV_DOI = "10.48550/arxiv."
# A page that looks for a title is no address of a paper; where the records know a better one it gives way.
_SEARCH = "/papers?q="
# Papers of one title and different ids that are told apart; a title of more names none of them. Six titles
# of 74,728 papers have two, none has three; the bound keeps a hostile digest from costing the square of it.
NAMESAKES = 8

T = TypeVar("T")


class ArxivId(NamedTuple):
    """An arXiv identifier: `id` without a version, in its one spelling; `version` where it was given."""

    id: str
    version: int | None = None


def arxiv_id(text: str) -> ArxivId | None:
    """The first arXiv identifier in an id, an address or a citation; None where there is none.

    New style `2402.02750`; old style `cs/0601001`, its subject class (`math.GT/…`) left out, as arXiv does.
    """
    match = _ARXIV_ID.search(text)
    if match is None:
        return None
    id = match[1] or f"{match[2].lower()}/{match[3]}"
    return ArxivId(id, int(match[4]) if match[4] else None)


def doi(text: str) -> str | None:
    """The first DOI in the text, in lower case, without the sentence's punctuation; None where there is none.

    Source: DOI Handbook §2.4, DOI names are not case-sensitive.
    """
    match = _DOI.search(text)
    return match[0].lower().rstrip(".,;:)]'") if match else None


def folded_title(title: str) -> str:
    """What two titles have in common that differ in case, blanks and punctuation only."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return "".join(filter(str.isalnum, folded)) or title.strip()


def keys(paper: Paper) -> tuple[str, ...]:
    """Every name the paper is known by, the surest first; two papers with one in common may be the same."""
    names = [f"arxiv:{paper.arxiv_id}"] if paper.arxiv_id else []
    if paper.doi and not paper.doi.startswith(ARXIV_DOI):
        names.append(f"doi:{paper.doi}")
    return (*names, f"title:{folded_title(paper.title)}")


def same(one: Paper, other: Paper) -> bool:
    """Whether two records are of one paper.

    An identifier in common decides; two different arXiv ids are two papers, whatever their titles.
    """
    if one.arxiv_id and other.arxiv_id:
        return one.arxiv_id == other.arxiv_id
    return not set(keys(one)).isdisjoint(keys(other))


def merge(digests: Iterable[Digest]) -> tuple[Paper, ...]:
    """Every paper of the digests once, in the order of first appearance, with the best of all its records."""
    papers = [paper for digest in digests for paper in _with_source(digest)]
    whole: dict[int, Paper] = {}
    at_first = groups([paper.arxiv_id for paper in papers], [keys(paper) for paper in papers])
    for at, paper in zip(at_first, papers, strict=True):
        whole[at] = merged(whole[at], paper) if at in whole else paper
    return tuple(whole.values())


def groups(arxiv_ids: Iterable[str | None], names: Sequence[Sequence[str]]) -> list[int]:
    """For every record the index of the first record of its paper, by what `keys` gives for each.

    The surest names join first, so that a title joins a record to a paper only once all ids have spoken.
    """
    first = list(range(len(names)))
    ids = list(arxiv_ids)

    def root(at: int) -> int:
        while first[at] != at:
            first[at] = at = first[first[at]]
        return at

    def join(one: int, other: int) -> bool:
        one, other = sorted((root(one), root(other)))
        if ids[one] and ids[other] and ids[one] != ids[other]:
            return False
        ids[one] = ids[one] or ids[other]
        first[other] = one
        return True

    for kind in ("arxiv:", "doi:", "title:"):
        known: dict[str, list[int]] = {}
        for at, of_one in enumerate(names):
            for key in of_one:
                if key.startswith(kind):
                    named = known.setdefault(key, [])
                    if not any(join(at, place) for place in named) and len(named) < NAMESAKES:
                        named.append(at)
    return [root(at) for at in range(len(names))]


def merged(one: Paper, other: Paper) -> Paper:
    """One record of two of the same paper: in the place of the first, and field by field what is richer.

    The title is that of the first, or of the abstract's record where the first is cut or has no abstract.
    The abstract is the fuller, newer, less damaged one, with its repairs and marks; what can be counted takes
    the larger count, a date the earlier one, and lists take in what is new.
    """
    text, _ = sorted((one, other), key=_standing_of_text, reverse=True)
    title = text if _is_cut(one.title) or not one.abstract else one
    known = {link.url.rstrip("/") for link in one.links}
    links = (*one.links, *(link for link in other.links if link.url.rstrip("/") not in known))
    return replace(
        one,
        title=title.title,
        abstract=text.abstract,
        repairs=text.repairs,
        version=text.version or one.version or other.version,
        url=min((one.url, other.url), key=lambda url: _SEARCH in url),
        authors=max(one.authors, other.authors, key=len),
        arxiv_id=one.arxiv_id or other.arxiv_id,
        doi=one.doi or other.doi,
        links=links,
        published=_chosen(min, one.published, other.published),
        upvotes=_chosen(max, one.upvotes, other.upvotes),
        ai_summary=one.ai_summary or other.ai_summary,
        keywords=_union(one.keywords, other.keywords),
        categories=_union(one.categories, other.categories),
        marks=_marks(text, one, other),
        seen_in=_union(one.seen_in, other.seen_in),
    )


def _with_source(digest: Digest) -> Iterable[Paper]:
    return (replace(paper, seen_in=_union(paper.seen_in, (digest.source,))) for paper in digest.papers)


def _standing_of_text(paper: Paper) -> tuple[bool, bool, bool, int, int]:
    sure = Mark.GUESSED not in paper.marks
    return bool(paper.abstract), Mark.CUT not in paper.marks, sure, paper.version or 0, -len(paper.repairs)


def _is_cut(title: str) -> bool:
    return title.endswith(("…", "..."))


def _marks(text: Paper, one: Paper, other: Paper) -> tuple[Mark, ...]:
    """What still holds: how the text was read, and that every record of the paper was a replacement."""
    again = Mark.REPLACEMENT in one.marks and Mark.REPLACEMENT in other.marks
    return tuple(mark for mark in text.marks if mark is not Mark.REPLACEMENT or again)


def _chosen(choose: Callable[[list[T]], T], *values: T | None) -> T | None:
    known = [value for value in values if value is not None]
    return choose(known) if known else None


def _union(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
