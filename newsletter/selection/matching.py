"""Papers × themes: what each paper scores on each theme, by which evidence.

Never reads a theme or a digest from anywhere, and never turns a paper away without saying why. A score is a
matter of one paper, one theme and the theme's examples: no other paper changes it. How a theme is written:
the head of `themes/kv-cache.toml`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, log2
from operator import itemgetter
from typing import NamedTuple

from newsletter.model import Evidence, Paper, Phrase, Theme
from newsletter.selection import nearness, phrases, words
from newsletter.selection.finding import (
    ABSTRACT,
    TAGS,
    TITLE,
    Finder,
    Occurrence,
    Place,
    Reading,
    occurrences,
)
from newsletter.selection.nearness import Profile
from newsletter.selection.phrases import Way

# What a phrase counts by where it stands: authors name in the title what a paper is about.
FIELD_FACTORS = {TITLE: 2.0, ABSTRACT: 1.0, TAGS: 1.0}
# Where a phrase is looked for that does not say it. Tags mostly repeat a word of the abstract: counting them,
# even at half their weight, took the mean F1 of eleven themes from 0.956 to 0.923 on 244 judged papers.
OWN_WORDS = (TITLE, ABSTRACT)

# The field of the evidence that an example gives.
LIKE = "like"
# What the nearness of 1 to an example weighs. Measured on arXiv abstracts: papers on one narrow subject, such
# as evicting from a KV cache, are at 0.25 to 0.5, which is 4 to 8; of two papers of one category 987 pairs in
# 1,000 are below 0.0625, which is 1, and one in 10,000 is at 0.25.
LIKE_WEIGHT = 16.0
# Below it, what two papers have in common is their field, and no evidence.
LEAST_NEARNESS = 0.05


@dataclass(frozen=True, slots=True)
class Match:
    """What one paper scores on one theme, by which evidence; why_not: "" for a member."""

    theme: str
    score: float
    evidence: tuple[Evidence, ...]
    member: bool
    why_not: str


def score(paper: Paper, theme: Theme, *, examples: Iterable[Paper] = ()) -> Match:
    """How well one paper fits one theme. Its score is the sum of the weights of its evidence."""
    return match_all([paper], [theme], examples=examples)[0][0]


def match_all(
    papers: Iterable[Paper], themes: Iterable[Theme], *, examples: Iterable[Paper] = ()
) -> tuple[tuple[Match, ...], ...]:
    """For every paper, in order, its match with every theme, in order.

    examples: papers that a theme may be like, beside those that are matched.
    Raises: ValueError for a phrase that is not in the language of `phrases`.
    """
    papers, themes = tuple(papers), tuple(themes)
    profiles = _profiles(themes, (*papers, *examples))
    rules = [_Rule(theme, profiles) for theme in themes]
    finder = Finder(text for rule in rules for text in rule.texts())
    readings = map(finder.read, papers)
    return tuple(tuple(_matches(reading, rules)) for reading in readings)


def missing_examples(themes: Iterable[Theme], papers: Iterable[Paper]) -> tuple[str, ...]:
    """The arXiv ids that the themes give as examples and none of the papers has, each once."""
    there = {paper.arxiv_id for paper in papers}
    return tuple(dict.fromkeys(id for theme in themes for id in theme.like if id not in there))


def _profiles(themes: Iterable[Theme], papers: Iterable[Paper]) -> Mapping[str, Sequence[Profile]]:
    """The examples made ready, by their ids: several where records of one paper differ."""
    wanted = {id for theme in themes for id in theme.like}
    profiles: dict[str, list[Profile]] = defaultdict(list)
    for paper in papers:
        if paper.arxiv_id in wanted:
            profiles[str(paper.arxiv_id)].append(nearness.profile(paper))
    return profiles


class _AnyOf:
    """Phrases of which one has to be there, or must not be."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self._ways = [(text, _keyed(text)) for text in texts]
        self.keys = frozenset(key for _, ways in self._ways for way in ways for key in way.parts)

    def first(self, reading: Reading) -> str | None:
        """The first of the phrases that the authors write."""
        if self.keys.isdisjoint(reading.said):
            return None
        return next((text for text, ways in self._ways if any(map(reading.says, ways))), None)


@dataclass(slots=True)
class _Wanted:
    """A phrase made ready: its ways by keys, and what it counts in each field that it is looked for in."""

    phrase: Phrase
    ways: list[Way]
    factors: Mapping[str, float]
    beside: _AnyOf
    without: _AnyOf

    def ways_in(self, reading: Reading) -> list[Way]:
        """Its ways whose words stand somewhere in the paper; none without the company that it asks for."""
        ways = [way for way in self.ways if reading.there.issuperset(way.parts)]
        if not ways or (self.beside.texts and self.beside.first(reading) is None):
            return []
        return ways if self.without.first(reading) is None else []


class _Rule:
    """A theme made ready. Its phrases are told by their places in it.

    Of two phrases that are the same words the later counts; one that weighs nothing takes its words away.
    """

    def __init__(self, theme: Theme, profiles: Mapping[str, Sequence[Profile]]) -> None:
        self.theme = theme
        self.phrases = _wanted(theme.phrases)
        self.exclude = _AnyOf(theme.exclude)
        self.require = [_AnyOf(group) for group in theme.require]
        self.examples = [(id, profiles.get(id, ())) for id in theme.like]
        self.by_key: dict[str, list[int]] = defaultdict(list)
        for at, wanted in enumerate(self.phrases):
            for key in dict.fromkeys(way.parts[0] for way in wanted.ways):
                self.by_key[key].append(at)
        groups = (self.exclude, *self.require)
        self.keys = frozenset(self.by_key).union(*(group.keys for group in groups))
        # What a paper scores that has none of its words, where nothing but words decides.
        self.nothing = None if theme.like or theme.categories else _match(_NOTHING, self, _Likeness(_NOTHING))

    def texts(self) -> Iterator[str]:
        """Everything that is looked for in a paper, word for word."""
        for phrase in self.theme.phrases:
            yield from _parts((phrase.text, *phrase.beside, *phrase.without))
        yield from _parts(self.theme.exclude)
        for group in self.theme.require:
            yield from _parts(group)


def _parts(texts: Iterable[str]) -> Iterator[str]:
    return (part for text in texts for way in phrases.ways(text) for part in way.parts)


def _keyed(text: str) -> list[Way]:
    """The ways to write a phrase, their parts replaced by the keys under which they are found."""
    keyed = (Way(tuple(map(words.key, way.parts)), way.between) for way in phrases.ways(text))
    return list(dict.fromkeys(keyed))


def _wanted(given: Iterable[Phrase]) -> list[_Wanted]:
    """The phrases that weigh something, without the words that a later phrase without weight takes away."""
    wanted: list[_Wanted] = []
    for phrase in given:
        ways = _keyed(phrase.text)
        if phrase.weight:
            beside, without = _AnyOf(phrase.beside), _AnyOf(phrase.without)
            wanted.append(_Wanted(phrase, ways, _factors(phrase), beside, without))
        else:
            for earlier in wanted:
                earlier.ways = [way for way in earlier.ways if way not in ways]
    return [one for one in wanted if one.ways]


def _factors(phrase: Phrase) -> dict[str, float]:
    return {name: FIELD_FACTORS[name] for name in phrase.fields or OWN_WORDS}


_NOTHING = Reading(Paper("", "", ""), {}, {}, frozenset(), frozenset())


def _matches(reading: Reading, rules: Iterable[_Rule]) -> Iterator[Match]:
    """The paper's match with every theme. What of it no theme speaks of is not looked at."""
    likeness = _Likeness(reading)
    for rule in rules:
        if rule.nothing and rule.keys.isdisjoint(reading.there):
            yield rule.nothing
        else:
            yield _match(reading, rule, likeness)


def _match(reading: Reading, rule: _Rule, likeness: "_Likeness") -> Match:
    """A paper without a word of what the theme requires scores nothing, whatever else it says.

    An example of the theme is a member whatever it says.
    """
    theme, example = rule.theme, reading.paper.arxiv_id in rule.theme.like
    lacking = next((group for group in rule.require if group.first(reading) is None), None)
    if lacking and not example:
        return Match(theme.slug, 0.0, (), member=False, why_not=f"no word of: {', '.join(lacking.texts)}")
    pieces = [*_spoken(reading, rule), *_alike(rule, likeness)]
    evidence = tuple(sorted(pieces, key=lambda piece: (-piece.weight, piece.phrase, piece.field)))
    total = round(fsum(piece.weight for piece in evidence), 2)
    why_not = "" if example else _why_not(reading, rule, total)
    return Match(theme.slug, total, evidence, not why_not, why_not)


def _why_not(reading: Reading, rule: _Rule, total: float) -> str:
    """What keeps a paper of that score out of the theme, "" where nothing does."""
    if (barred := rule.exclude.first(reading)) is not None:
        return f"excluded by “{barred}”"
    wanted, named = rule.theme.categories, reading.paper.categories
    # "cs" is every category of the archive.
    if wanted and named and not any(f"{name}.".startswith(f"{one}.") for name in named for one in wanted):
        return f"in none of the categories {', '.join(wanted)}"
    return f"below threshold {rule.theme.threshold}" if total < rule.theme.threshold else ""


def _spoken(reading: Reading, rule: _Rule) -> Iterator[Evidence]:
    """What the words of the paper say for the theme and against it."""
    near = {at for key in rule.by_key.keys() & reading.there for at in rule.by_key[key]}
    ways_of = {at: ways for at in near if (ways := rule.phrases[at].ways_in(reading))}
    for name, places in reading.places.items() if ways_of else ():
        here = {at: ways for at, ways in ways_of.items() if name in rule.phrases[at].factors}
        for at, found in _counted(here, places).items():
            phrase, factor = rule.phrases[at].phrase, rule.phrases[at].factors[name]
            weight = round(phrase.weight * factor * _repeated(len(found)), 2)
            yield Evidence(phrase.text, name, len(found), weight, reading.spans(name, found))


class _Claim(NamedTuple):
    """An occurrence of a phrase: the longest counts first, then the earliest, then the later phrase."""

    fewer_words: int
    start: int
    before: int
    occurrence: Occurrence


def _counted(
    wanted: Mapping[int, Iterable[Way]], places: Mapping[str, list[Place]]
) -> dict[int, list[Occurrence]]:
    """Where each phrase stands for itself: no word counts twice, the longest phrase takes it."""
    claims = [
        _Claim(-sum([end - start for start, end, _ in found]), min(found)[0], -at, found)
        for at, ways in wanted.items()
        for way in ways
        for found in occurrences(places, way)
    ]
    counted: dict[int, list[Occurrence]] = defaultdict(list)
    taken: set[int] = set()
    for claim in sorted(claims):
        if all(taken.isdisjoint(range(place.start, place.end)) for place in claim.occurrence):
            for place in claim.occurrence:
                taken.update(range(place.start, place.beyond))
            counted[-claim.before].append(claim.occurrence)
    return counted


def _repeated(count: int) -> float:
    """What a phrase counts that is there so often: every doubling adds as much as the first mention."""
    return 1 + log2(count)


def _alike(rule: _Rule, likeness: "_Likeness") -> Iterator[Evidence]:
    """What the paper has in common with the nearest of the theme's examples."""
    near = [(likeness.to(id, profiles), id) for id, profiles in rule.examples]
    most, nearest = max(near, key=itemgetter(0), default=(0.0, ""))
    if most >= LEAST_NEARNESS:
        yield Evidence(f"like {nearest}", LIKE, 1, round(LIKE_WEIGHT * most, 2))


class _Likeness:
    """How near one paper is to examples; what several themes ask of it is found once."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._profile: Profile | None = None
        self._known: dict[str, float] = {}

    def to(self, id: str, profiles: Iterable[Profile]) -> float:
        """The nearness to an example; 1 for the example itself, however its records differ."""
        if id not in self._known:
            self._known[id] = 1.0 if id == self._reading.paper.arxiv_id else self._nearest(profiles)
        return self._known[id]

    def _nearest(self, profiles: Iterable[Profile]) -> float:
        if self._profile is None:
            title, abstract = (self._reading.texts[name].words for name in (TITLE, ABSTRACT))
            self._profile = nearness.profile_of(title, abstract)
        return max((nearness.cosine(self._profile, profile) for profile in profiles), default=0.0)
