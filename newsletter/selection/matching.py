"""Papers × themes: what each paper scores on each theme, by which evidence.

Never reads a theme or a digest from anywhere, and never turns a paper away without saying why.

The phrases of all themes become one tree of words, so that each paper is walked once, whatever the number
of themes, in time linear in its length. How a theme is written: the head of `themes/kv-cache.toml`.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from math import fsum, log2
from typing import NamedTuple

from newsletter.model import Evidence, Paper, Theme
from newsletter.selection import words

# What a phrase counts by where it stands: authors name in the title what a paper is about.
FIELD_FACTORS = {"title": 2.0, "abstract": 1.0}

# Words that the initials of a phrase may spell; they are never taken for its abbreviation.
COMMON_WORDS = (
    "am an and any are as at be but by can did do for get go had has he how if in is it its let map may me "
    "my net new no not now of off on one or our out own per see set so the to too top try two up us use via "
    "vs was way we who why yet you"
)
_COMMON = frozenset(COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Match:
    """What one paper scores on one theme, by which evidence; why_not: "" for a member."""

    theme: str
    score: float
    evidence: tuple[Evidence, ...]
    member: bool
    why_not: str


def score(paper: Paper, theme: Theme) -> Match:
    """How well one paper fits one theme. Its score is the sum of the weights of its evidence."""
    return match_all([paper], [theme])[0][0]


def match_all(
    papers: Iterable[Paper], themes: Iterable[Theme], *, examples: Iterable[Paper] = ()
) -> tuple[tuple[Match, ...], ...]:
    """For every paper, in order, its match with every theme, in order.

    examples: papers that a theme may be like, beside those that are matched.
    """
    rules = [_Rule(theme) for theme in themes]
    tree = _tree(rules)
    readings = (_read(paper, tree) for paper in papers)
    return tuple(tuple(_match(reading, rule) for rule in rules) for reading in readings)


class _Rule:
    """A theme made ready: its phrases, exclusions and requirements by the key they are filed under.

    Of two phrases that are the same words the later counts; one that weighs nothing is not there.
    """

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        phrases = {words.key(phrase.text): phrase for phrase in theme.phrases}
        self.phrases = {key: phrase for key, phrase in phrases.items() if phrase.weight}
        self.exclude = [(words.key(text), text) for text in theme.exclude]
        self.require = [(group, {words.key(text) for text in group}) for group in theme.require]

    def texts(self) -> Iterator[str]:
        """Everything that is looked for in a paper."""
        yield from (phrase.text for phrase in self.phrases.values())
        yield from self.theme.exclude
        yield from chain.from_iterable(self.theme.require)


@dataclass(slots=True)
class _Node:
    """A place in the tree of words: where the next word leads, and the keys of the phrases that end here."""

    after: dict[str, "_Node"] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)


class _Found(NamedTuple):
    """A phrase in a text: its words from `start` to before `end`; `beyond` the abbreviation that follows."""

    key: str
    start: int
    end: int
    beyond: int


# The phrases found in each field, by its name.
_Reading = dict[str, list[_Found]]


def _tree(rules: Iterable[_Rule]) -> _Node:
    root = _Node()
    for text in chain.from_iterable(rule.texts() for rule in rules):
        for spelling in words.spellings(text):
            node = root
            for word in spelling:
                node = node.after.setdefault(words.fold(word), _Node())
            if (key := words.key(text)) not in node.keys:
                node.keys.append(key)
    return root


def _read(paper: Paper, tree: _Node) -> _Reading:
    """Every phrase of the tree in the paper, also by the abbreviations that the paper introduces."""
    texts = {"title": words.read(paper.title), "abstract": words.read(paper.abstract)}
    found = {name: list(_find(text, tree)) for name, text in texts.items()}
    short = dict(chain.from_iterable(_abbreviations(texts[name], found[name]) for name in texts))
    if short:
        for name, text in texts.items():
            places = (at for at, word in enumerate(text.words) if word in short)
            found[name] += [_Found(short[text.words[at]], at, at + 1, at + 1) for at in places]
    return found


def _find(text: words.Text, tree: _Node) -> Iterator[_Found]:
    """Every phrase, those inside of longer ones too. One aside may stand between the words of a phrase."""
    run, asides = text.words, text.asides
    for start, word in enumerate(run):
        node, at = tree.after.get(word), start + 1
        while node is not None:
            yield from (_Found(key, start, at, at + (at in asides)) for key in node.keys)
            if at in asides and run[at] not in node.after:
                at += 1
            node = node.after.get(run[at]) if at < len(run) else None
            at += 1


def _abbreviations(text: words.Text, found: Iterable[_Found]) -> Iterator[tuple[str, str]]:
    """The asides that are the initials of the phrase before them, each with the key of that phrase."""
    for key, start, end, beyond in found:
        if beyond > end > start + 1:
            initials = "".join(word[0] for word in text.words[start:end])
            if initials == text.words[end] and text.asides[end] not in _COMMON:
                yield initials, key


def _match(reading: _Reading, rule: _Rule) -> Match:
    """A paper without a word of what the theme requires scores nothing, whatever else it says."""
    keys = {place.key for place in chain.from_iterable(reading.values())}
    lacking = next((group for group, wanted in rule.require if keys.isdisjoint(wanted)), None)
    evidence = () if lacking else _evidence(reading, rule)
    total = round(fsum(piece.weight for piece in evidence), 2)
    barred = next((text for key, text in rule.exclude if key in keys), None)
    why_not = ""
    if lacking:
        why_not = f"no word of: {', '.join(lacking)}"
    elif barred:
        why_not = f"excluded by “{barred}”"
    elif total < rule.theme.threshold:
        why_not = f"below threshold {rule.theme.threshold}"
    return Match(rule.theme.slug, total, evidence, not why_not, why_not)


def _evidence(reading: _Reading, rule: _Rule) -> tuple[Evidence, ...]:
    """What speaks for the theme and against it, the weightiest first."""
    pieces = [
        Evidence(rule.phrases[key].text, name, count, _weight(rule.phrases[key].weight, name, count))
        for name, found in reading.items()
        for key, count in _counts(found, rule.phrases).items()
    ]
    return tuple(sorted(pieces, key=lambda piece: (-piece.weight, piece.phrase, piece.field)))


def _counts(found: Iterable[_Found], wanted: Container[str]) -> Counter[str]:
    """How often each wanted phrase stands for itself: no word counts twice, the longest phrase takes it."""
    counts: Counter[str] = Counter()
    taken: set[int] = set()
    ours = [place for place in found if place.key in wanted]
    for key, start, end, beyond in sorted(ours, key=lambda place: (place.start - place.end, place.start)):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, beyond))
            counts[key] += 1
    return counts


def _weight(weight: float, field_name: str, count: int) -> float:
    """What a phrase adds: every doubling of its count as much as its first mention."""
    return round(weight * FIELD_FACTORS[field_name] * (1 + log2(count)), 2)
