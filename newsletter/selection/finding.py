"""Where phrases stand in a paper.

The words of all phrases become one tree, so that each paper is walked once, whatever their number, in time
linear in its length. Owns the fields of a paper, the abbreviations it introduces, and what is near to what.
Never weighs anything.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from newsletter.model import Paper
from newsletter.reasons import tags_text, text_of
from newsletter.selection import words
from newsletter.selection.phrases import Way

TITLE, ABSTRACT, TAGS = "title", "abstract", "tags"

# Words that the initials of a phrase may spell; they are never taken for its abbreviation.
COMMON_WORDS = (
    "am an and any are as at be but by can did do for get go had has he how if in is it its let map may me "
    "my net new no not now of off on one or our out own per see set so the to too top try two up us use via "
    "vs was way we who why yet you"
)
_COMMON = frozenset(COMMON_WORDS.split())


class Place(NamedTuple):
    """Words of a text from `start` to before `end`; `beyond` the abbreviation that follows, if one does."""

    start: int
    end: int
    beyond: int


# Where one phrase stands once: its words, or its two parts.
Occurrence = tuple[Place, ...]


@dataclass(slots=True)
class _Node:
    """A place in the tree of words: where the next word leads, and the keys of the phrases that end here."""

    after: dict[str, "_Node"] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """A paper read once.

    places: by field, then by the key of a phrase, in their order. said: the keys that stand in the title or
    the abstract, which are the authors' own words. there: those that stand anywhere.
    """

    paper: Paper
    texts: dict[str, words.Text]
    places: dict[str, dict[str, list[Place]]]
    said: frozenset[str]
    there: frozenset[str]
    _spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def says(self, way: Way) -> bool:
        """Whether the authors write the phrase this way; the parts of the way are keys."""
        if not self.said.issuperset(way.parts):
            return False
        return len(way.parts) == 1 or any(occurrences(self.places[name], way) for name in (TITLE, ABSTRACT))

    def spans(self, name: str, found: Iterable[Occurrence]) -> tuple[tuple[int, int], ...]:
        """The characters of the field that the occurrences cover, in their order."""
        if name not in self._spans:
            self._spans[name] = words.spans(text_of(self.paper, name), listed=name == TAGS)
        spans = self._spans[name]
        ends = sorted((min(p.start for p in parts), max(p.end for p in parts)) for parts in found)
        return tuple((spans[start][0], spans[end - 1][1]) for start, end in ends)


class Finder:
    """Finds the phrases it is made of. Each is told by its key (`words.key`)."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._root = _Node()
        for text in dict.fromkeys(texts):
            key = words.key(text)
            for spelling in words.spellings(text):
                node = self._root
                for word in spelling:
                    node = node.after.setdefault(words.fold(word), _Node())
                if key not in node.keys:
                    node.keys.append(key)

    def read(self, paper: Paper) -> Reading:
        """Every phrase in the paper, also by the abbreviations that the paper introduces."""
        texts = {TITLE: words.read(paper.title), ABSTRACT: words.read(paper.abstract)}
        if paper.keywords or paper.categories:
            texts[TAGS] = words.read(tags_text(paper), listed=True)
        places = {name: self._find(text) for name, text in texts.items()}
        own = set(
            chain.from_iterable(_abbreviations(texts[name], places[name]) for name in (TITLE, ABSTRACT))
        )
        if own:
            for name, text in texts.items():
                _add_abbreviations(text, sorted(own), places[name])
        said = frozenset((*places[TITLE], *places[ABSTRACT]))
        return Reading(paper, texts, places, said, said.union(places.get(TAGS, ())))

    def _find(self, text: words.Text) -> dict[str, list[Place]]:
        """Every phrase, those inside of longer ones too. One aside may stand between the words of one."""
        run, asides, first = text.words, text.asides, self._root.after
        found: dict[str, list[Place]] = defaultdict(list)
        # An aside may be a word of one phrase and stand between the words of another: both ways are gone.
        others: list[tuple[_Node, int]] = []
        # Most words begin no phrase: they are passed over first, which takes half the time of one loop.
        for start in [at for at, word in enumerate(run) if word in first]:
            node: _Node | None = first[run[start]]
            at = start + 1
            while node is not None:
                for key in node.keys:
                    found[key].append(Place(start, at, at + (at in asides)))
                if at in asides:
                    if run[at] in node.after:
                        others.append((node.after[run[at]], at + 1))
                    at += 1
                node = node.after.get(run[at]) if at < len(run) else None
                at += 1
                if node is None and others:
                    node, at = others.pop()
        return found


def _abbreviations(text: words.Text, found: dict[str, list[Place]]) -> Iterator[tuple[str, str]]:
    """The asides that are the initials of the phrase before them, each with the key of that phrase."""
    if not text.asides:
        return
    for key, places in found.items():
        for start, end, beyond in places:
            if beyond > end > start + 1:
                initials = "".join(word[0] for word in text.words[start:end])
                if initials == text.words[end] and text.asides[end] not in _COMMON:
                    yield initials, key


def _add_abbreviations(
    text: words.Text, own: Iterable[tuple[str, str]], places: dict[str, list[Place]]
) -> None:
    at: dict[str, list[int]] = defaultdict(list)
    for index, word in enumerate(text.words):
        at[word].append(index)
    for initials, key in own:
        known = places.get(key, [])
        introduced = {place.end for place in known if place.beyond > place.end}
        more = [Place(i, i + 1, i + 1) for i in at.get(initials, ()) if i not in introduced]
        if more:
            places[key] = sorted((*known, *more))


def occurrences(places: Mapping[str, list[Place]], way: Way) -> Sequence[Occurrence]:
    """Where a way of writing stands in a field, whose parts are keys, in order."""
    if len(way.parts) == 1:
        return [(place,) for place in places.get(way.parts[0], ())]
    first, second = way.parts
    return list(_near(places.get(first, ()), places.get(second, ()), way.between))


def _near(ones: Sequence[Place], others: Sequence[Place], between: int) -> Iterator[Occurrence]:
    """The pairs with at most so many words between them, in either order.

    Each place is paired with the nearest before it, and no pair begins before the one before it has ended.
    """
    if not ones or not others:
        return
    behind: tuple[list[Place], list[Place]] = ([], [])
    free = 0
    for place, side in sorted([*((place, 0) for place in ones), *((place, 1) for place in others)]):
        if place.start < free:
            continue
        partner = _nearest(behind[1 - side], place.start, between)
        if partner is None:
            behind[side].append(place)
            continue
        yield (partner, place)
        free = place.end
        behind[0].clear()
        behind[1].clear()


def _nearest(behind: Sequence[Place], start: int, between: int) -> Place | None:
    """The last place that ends before `start` and near enough to it."""
    for place in reversed(behind):
        if place.end <= start:
            return place if start - place.end <= between else None
    return None
