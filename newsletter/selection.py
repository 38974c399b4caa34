"""Papers + themes → sections: which papers, in which order, and why.

Owns how words are compared, what a paper scores on a theme, and which paper stands in which section.
Never reads a theme or a digest from anywhere, and never turns a paper away without saying why.

The phrases of all themes become one tree of words, so that each paper is walked once, whatever the number
of themes, in time linear in its length. How a theme is written: the head of `themes/kv-cache.toml`.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from math import fsum, inf, log2
from typing import NamedTuple

from newsletter.model import TRENDING, Evidence, Paper, Pick, Section, Theme

# What a phrase counts by where it stands: authors name in the title what a paper is about.
FIELD_FACTORS = {"title": 2.0, "abstract": 1.0}

# Several ways to write the same words. Phrases are filed under the first.
SAME_WORDS = ((("kv",), ("key", "value"), ("key", "and", "value"), ("k", "v")),)

# Words that the initials of a phrase may spell; they are never taken for its abbreviation.
COMMON_WORDS = (
    "am an and any are as at be but by can did do for get go had has he how if in is it its let map may me "
    "my net new no not now of off on one or our out own per see set so the to too top try two up us use via "
    "vs was way we who why yet you"
)

# A word; or one word alone in parentheses, which is how authors introduce an abbreviation.
_WORD = re.compile(r"\([^\W_]{2,10}\)|[^\W_]+")
_COMMON = frozenset(COMMON_WORDS.split())
# As many folded words are kept as a large corpus uses more than once.
_KEPT_WORDS = 2**16

_Words = tuple[str, ...]


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


def match_all(papers: Iterable[Paper], themes: Iterable[Theme]) -> tuple[tuple[Match, ...], ...]:
    """For every paper, in order, its match with every theme, in order."""
    rules = [_Rule(theme) for theme in themes]
    tree = _tree(rules)
    readings = (_read(paper, tree) for paper in papers)
    return tuple(tuple(_match(reading, rule) for rule in rules) for reading in readings)


def select(papers: Iterable[Paper], themes: Iterable[Theme], *, trending_limit: int) -> tuple[Section, ...]:
    """The sections of an issue in the order of the themes, then what else is trending; none is empty.

    A paper stands once, under the theme whose threshold it exceeds by the largest factor. Where that section
    is full of better papers it moves to its next theme, and after the last one it may still be trending.
    """
    papers, themes = tuple(dict.fromkeys(papers)), tuple(themes)
    fits = [_fits(matches, themes) for matches in match_all(papers, themes)]
    seats, rest = _seat(papers, fits, themes)
    titles = {theme.slug: theme.title for theme in themes}

    def also(index: int, here: Match | None = None) -> tuple[str, ...]:
        return tuple(titles[match.theme] for match in fits[index] if match is not here)

    sections = []
    for theme in themes:
        picks = (
            Pick(papers[i], match.score, match.evidence, also(i, match)) for i, match in seats[theme.slug]
        )
        sections.append(Section(theme.slug, theme.title, theme.blurb, tuple(picks)))
    strongest = sorted(rest, key=lambda index: _standing(papers[index]))[: max(0, trending_limit)]
    trending = tuple(Pick(papers[index], also=also(index)) for index in strongest)
    sections.append(Section(TRENDING, "Also trending", _trending_blurb(papers), trending))
    return tuple(section for section in sections if section.picks)


def near_misses(papers: Iterable[Paper], theme: Theme, *, most: int) -> tuple[tuple[Paper, Match], ...]:
    """The papers that came closest without belonging to the theme, best first, each with the reason."""
    papers = tuple(papers)
    scored = zip(papers, chain.from_iterable(match_all(papers, [theme])), strict=True)
    missed = [(paper, match) for paper, match in scored if not match.member and match.score > 0]
    return tuple(sorted(missed, key=lambda pair: (-pair[1].score, *_standing(pair[0])))[: max(0, most)])


class _Rule:
    """A theme made ready: its phrases, exclusions and requirements by the key they are filed under.

    Of two phrases that are the same words the later counts; one that weighs nothing is not there.
    """

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        phrases = {_key(phrase.text): phrase for phrase in theme.phrases}
        self.phrases = {key: phrase for key, phrase in phrases.items() if phrase.weight}
        self.exclude = [(_key(text), text) for text in theme.exclude]
        self.require = [(group, {_key(text) for text in group}) for group in theme.require]

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
        for spelling in _spellings(text):
            node = root
            for word in spelling:
                node = node.after.setdefault(_fold(word), _Node())
            if (key := _key(text)) not in node.keys:
                node.keys.append(key)
    return root


def _key(text: str) -> str:
    """What a phrase is filed under: "KV caches" and "key-value cache" have one key."""
    return " ".join(map(_fold, _canonical(text)))


@lru_cache(maxsize=_KEPT_WORDS)
def _canonical(text: str) -> _Words:
    words: _Words = tuple(_WORD.findall(_plain(text)))
    for first, *others in SAME_WORDS:
        for other in others:
            words = _replaced(words, other, first)
    return words


def _spellings(text: str) -> Iterator[_Words]:
    """Every way to write a phrase: with each of the SAME_WORDS, and with two of its words run together."""
    words = _canonical(text)
    forms = [words, *(_replaced(words, first, other) for first, *others in SAME_WORDS for other in others)]
    for form in dict.fromkeys(forms):
        yield form
        for at in range(len(form) - 1):
            yield (*form[:at], form[at] + form[at + 1], *form[at + 2 :])


def _replaced(words: _Words, old: _Words, new: _Words) -> _Words:
    wanted = tuple(map(_fold, old))
    for at in range(len(words) - len(old) + 1):
        if tuple(map(_fold, words[at : at + len(old)])) == wanted:
            return words[:at] + new + words[at + len(old) :]
    return words


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=_KEPT_WORDS)
def _fold(word: str) -> str:
    """The word without plural and without the difference of British and American spelling.

    Only for comparing: "caches", "latencies" and "optimise" become "cach", "latenci" and "optimiz".
    """
    word = word.strip("()")
    if len(word) > 2 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if len(word) > 3:
        word = word.removesuffix("e")
    if word.endswith("y"):
        word = f"{word[:-1]}i"
    return word.replace("is", "iz").replace("lling", "ling").replace("lled", "led")


@dataclass(frozen=True, slots=True)
class _Text:
    """The folded words of one field; by their places, as written, those that stand alone in parentheses."""

    words: _Words
    asides: dict[int, str]


def _read(paper: Paper, tree: _Node) -> _Reading:
    """Every phrase of the tree in the paper, also by the abbreviations that the paper introduces."""
    texts = {"title": _text(paper.title), "abstract": _text(paper.abstract)}
    found = {name: list(_find(text, tree)) for name, text in texts.items()}
    short = dict(chain.from_iterable(_abbreviations(texts[name], found[name]) for name in texts))
    if short:
        for name, text in texts.items():
            places = (at for at, word in enumerate(text.words) if word in short)
            found[name] += [_Found(short[text.words[at]], at, at + 1, at + 1) for at in places]
    return found


def _text(raw: str) -> _Text:
    words = _WORD.findall(_plain(raw))
    asides = {at: word[1:-1] for at, word in enumerate(words) if word[0] == "("} if "(" in raw else {}
    return _Text(tuple(map(_fold, words)), asides)


def _find(text: _Text, tree: _Node) -> Iterator[_Found]:
    """Every phrase, those inside of longer ones too. One aside may stand between the words of a phrase."""
    words, asides = text.words, text.asides
    for start, word in enumerate(words):
        node, at = tree.after.get(word), start + 1
        while node is not None:
            yield from (_Found(key, start, at, at + (at in asides)) for key in node.keys)
            if at in asides and words[at] not in node.after:
                at += 1
            node = node.after.get(words[at]) if at < len(words) else None
            at += 1


def _abbreviations(text: _Text, found: Iterable[_Found]) -> Iterator[tuple[str, str]]:
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


def _fits(matches: Iterable[Match], themes: Iterable[Theme]) -> list[Match]:
    """The matches of a paper with the themes that it belongs to, the best first."""
    thresholds = {theme.slug: theme.threshold for theme in themes}

    def margin(match: Match) -> float:
        threshold = thresholds[match.theme]
        # A theme that takes everything is nobody's best.
        return match.score / threshold if threshold > 0 else -inf

    return sorted((match for match in matches if match.member), key=margin, reverse=True)


def _seat(
    papers: Sequence[Paper], fits: Iterable[Sequence[Match]], themes: Iterable[Theme]
) -> tuple[dict[str, list[tuple[int, Match]]], list[int]]:
    """The papers of every theme, best first, and those that found no place: all by their index.

    Each paper asks its themes in turn; a full theme gives up its weakest paper for a stronger one. Who asks
    first makes no difference. Source: Gale and Shapley, College Admissions and the Stability of Marriage.
    """
    limits = {theme.slug: max(0, theme.limit) for theme in themes}
    seats: dict[str, list[tuple[int, Match]]] = {slug: [] for slug in limits}
    rest: list[int] = []
    wishes = [iter(matches) for matches in fits]
    waiting = list(range(len(papers)))
    while waiting:
        index = waiting.pop()
        match = next(wishes[index], None)
        if match is None:
            rest.append(index)
            continue
        seated, limit = seats[match.theme], limits[match.theme]
        seated.append((index, match))
        seated.sort(key=lambda seat: (-seat[1].score, *_standing(papers[seat[0]])))
        waiting += [loser for loser, _ in seated[limit:]]
        del seated[limit:]
    return seats, rest


def _standing(paper: Paper) -> tuple[int, int, str, str]:
    """Order among equals: upvotes, then place in its digest. The text only decides what nothing else does."""
    upvotes = -1 if paper.upvotes is None else paper.upvotes
    return (-upvotes, paper.position, paper.title, paper.url)


def _trending_blurb(papers: Iterable[Paper]) -> str:
    if any(paper.upvotes is not None for paper in papers):
        return "What most readers voted for among the other papers."
    return "The first of the other papers, in the order of their page."
