"""Why a paper is in an issue, as its reader is told: the words that were matched, as they stand in the paper.

Weighs and finds nothing itself: what was found, where and with what weight is the evidence of a Pick.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from newsletter.model import Evidence, Paper, Pick

# Phrases given as the reason for a paper, and their words: twelve with the "Matched:" before them, one line.
_MOST, _MOST_WORDS = 3, 11

# Of the strongest phrase's weight: what adds less did not bring the paper in.
_LEAST_SHARE = 0.15

# Where a phrase is quoted from: running text spells it as it is spoken, titles in capitals.
_QUOTED_FROM = ("abstract", "title", "tags")

# What the language of phrases adds to the words themselves: {one|another} and ~6 for "within six words of".
_ALTERNATIVES = re.compile(r"\{([^{}|]*)\|[^{}]*\}")
_NEAR = re.compile(r"(?:^|\s)~\d+(?=\s|$)")


@dataclass(frozen=True, slots=True)
class _Reason:
    """A phrase with the words that show it and its weight."""

    phrase: str
    words: str
    weight: float

    def is_inside(self, other: "_Reason") -> bool:
        """Whether the other says it too, as "KV cache eviction" says "KV cache": by phrase or by words."""
        pairs = ((self.phrase, other.phrase), (self.words, other.words))
        return any(f" {_key(mine)} " in f" {_key(theirs)} " for mine, theirs in pairs)


def phrases(pick: Pick) -> list[str]:
    """What brought a paper in, strongest first: the few that explain most, of eleven words in all at most.

    One that stands inside of another says nothing more, and is left out.
    """
    reasons = _merged(_reasons(pick))
    least = max((reason.weight for reason in reasons), default=0.0) * _LEAST_SHARE
    telling = [reason for reason in reasons if reason.weight > 0 and reason.weight >= least]
    return _fitting([reason.words for reason in _widest(telling)[:_MOST]])


def wording(evidence: Evidence, paper: Paper) -> str:
    """The words that were matched as they stand in the paper; where that is unknown, the phrase itself."""
    start, end = evidence.spans[0] if evidence.spans else (0, 0)
    quoted = " ".join(text_of(paper, evidence.field)[start:end].split())
    return quoted or _readable(evidence.phrase)


def text_of(paper: Paper, field: str) -> str:
    """The text of a field of evidence, "" for a name that is no field."""
    if field == "tags":
        return tags_text(paper)
    return {"title": paper.title, "abstract": paper.abstract}.get(field, "")


def tags_text(paper: Paper) -> str:
    """What others filed the paper under: its keywords, then its categories, with commas between them."""
    return ", ".join((*paper.keywords, *paper.categories))


def _readable(phrase: str) -> str:
    """The phrase without the signs of its language: of alternatives the first, of a distance nothing."""
    return " ".join(_NEAR.sub(" ", _ALTERNATIVES.sub(r"\1", phrase)).split())


def _reasons(pick: Pick) -> Iterator[_Reason]:
    """Each phrase once, whatever fields it stands in."""
    found: dict[str, list[Evidence]] = {}
    for piece in pick.evidence:
        found.setdefault(piece.phrase.casefold(), []).append(piece)
    for pieces in found.values():
        best = min(pieces, key=_quotable)
        if words := wording(best, pick.paper):
            yield _Reason(_readable(best.phrase), words, sum(piece.weight for piece in pieces))


def _quotable(piece: Evidence) -> int:
    """The less, the better to quote: what has no place in a known field is all the same."""
    quotable = piece.spans and piece.field in _QUOTED_FROM
    return _QUOTED_FROM.index(piece.field) if quotable else len(_QUOTED_FROM)


def _merged(reasons: Iterable[_Reason]) -> list[_Reason]:
    """Phrases that are the same words in the paper as one, strongest first."""
    merged: dict[str, _Reason] = {}
    for reason in reasons:
        first = merged.setdefault(_key(reason.words), reason)
        if first is not reason:
            merged[_key(reason.words)] = replace(first, weight=first.weight + reason.weight)
    return sorted(merged.values(), key=lambda reason: -reason.weight)


def _widest(reasons: Sequence[_Reason]) -> list[_Reason]:
    """Those that no other says too; of two that say each other the stronger."""
    kept = list(reasons)
    for reason in reversed(reasons):
        if any(reason.is_inside(other) for other in kept if other is not reason):
            kept.remove(reason)
    return kept


def _key(words: str) -> str:
    """For comparing: the same words in any case and number, with or without a hyphen."""
    return " ".join(word.removesuffix("s") for word in words.casefold().replace("-", " ").split())


def _fitting(shown: Sequence[str]) -> list[str]:
    """As many as fit, without the longest where they do not; one that does not fit alone loses its middle."""
    kept = list(shown)
    while len(kept) > 1 and sum(len(words.split()) for words in kept) > _MOST_WORDS:
        kept.remove(max(reversed(kept), key=lambda words: len(words.split())))
    words = kept[0].split() if kept else []
    if len(words) > _MOST_WORDS:
        half = _MOST_WORDS // 2
        return [" ".join((*words[:half], "…", *words[-half:]))]
    return kept
