"""What is new: how the themes of an issue stand beside those of earlier ones, and terms nobody used before.

Counts and compares what it is handed. Knows no store and no clock.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from newsletter.model import Paper, Theme, Trend

# Earlier issues that a mean is taken over: a quarter of weekly ones, so that it follows the field.
HISTORY = 12
# Papers that have to use a term before it is one.
_PAPERS = 2
# What is looked at for terms: a window of more papers, or a text that is longer, gives none beyond that.
_LOOKED_AT = 2000
_CHARACTERS = 5000
# Uses of a phrase, in all papers together, before it is a term: two papers often share two words by chance.
_USES = 3
# Terms that are looked for in the earlier texts, those of most papers: whatever a window holds, looking for
# them costs time in proportion to the earlier texts.
_CANDIDATES = 3000
# Earlier texts below which nothing can be said to be new. Measured on two years of Daily Papers: after 300
# the words of the field pass for new ("continual learning"), after 1,000 hardly any do.
_LEAST_TEXTS = 1000
# Words of a phrase.
_LENGTHS = (2, 3)

# An address names a folder or a person, never a term.
_ADDRESS = re.compile(r"://|\.(?:ai|com|io|org)/")
# What ends a run of words that may stand in one phrase.
_BREAK = re.compile(r"[.,;:!?](?=\s|$)|[()\[\]{}\"“”‘’•|—–/]|\s-\s|\n")
_WORD = re.compile(r"[^\W_]+(?:[-+.'’][^\W_]+|\+)*")
_SPLIT = re.compile(r"[\W_]+")
# How a word ends that opens a phrase as a verb, or closes it as an adjective or an adverb.
_VERB_OR_ADVERB = re.compile(r"(?:ing|ly|ed)$")
_NO_NOUN = re.compile(r"(?:ly|ed|ic|al|ive|ous|able|ible|ful|less|ary)$")
# Nouns that end so too.
NOUNS = """
coding embedding learning meaning modeling planning post-training pre-training pretraining processing
prompting ranking reasoning rendering routing sampling scheduling scoring steering streaming tracking
training tuning unlearning approval arsenal critic dictionary feed goal graphic interval library logic
medical metric music objective primitive proposal removal retrieval rubric seed signal summary symbolic
topic traffic trial vocabulary
"""
# Words with which no phrase is a term: those of grammar, and those that every abstract is made of.
STOP_WORDS = """
a about above across after again against all also although among an and any are as at be because been
before being below between both but by can could did do does doing down due during each either else etc
even every few first for from further get gets had has have having he her here how however i if in instead
into is it its itself just last latter less like made make makes making many may me might more most much
must near need needs neither new next no nor not now of off often on once one ones only onto or other
others our out over own per rather same second several shall she should since so some still such than that
the their them then there thereby these they third this those three through throughout thus to together
too toward towards two under until up upon us use used uses using usually very via was way ways we well
were what when where whether which while who whose why will with within without would yet you your able
ablation ablations abstract accurate accurately achieve achieved achieves achieving add additional address
addresses addressing advance advanced advances aim aims allow allowing allows analysis analyze apply
approach approaches around art article available average base based basic become becomes benefit best
better beyond bridge bring broad build building builds call called capable case cases challenge challenges
challenging change changes clear close code collect combine combined combines combining come common
commonly compare compared compares comparison competitive complete comprehensive comprising conduct
consider considerable consist consistent consistently consists construct contain contains contrast
contribute contribution contributions cover covering create creates critical crucial current currently
dataset datasets deliver delivers demonstrate demonstrated demonstrates demonstrating depend design
designed designs despite detail detailed develop developed develops difference different difficult direct
directly discover distinct diverse drive driven drives effect effective effectively effectiveness effects
efficiency efficient efficiently emerge emerged emerging empirical empirically employ employs enable
enables enabling encourage enhance enhanced enhances enhancing ensure ensures ensuring especially
establish establishes evaluate evaluated evaluates evaluating evaluation evaluations evidence examine
example examples exceed exceeds excel exhibit exhibits exist existing experiment experimental experiments
explore explores expose extend extends extensive face facilitate fail fails failure fall far field final
finally find finding findings finds five focus focused focuses focusing follow following follows form
formulate found four framework frameworks full fully fundamental furthermore future gain gains general
generally give given gives github go good great greater growing guide guided handle help helps high higher
highest highlight highlighting highly hold holds hour hours huggingface hundred identify identifying
identifies impact implement important importantly improve improved improvement improvements improves
improving include included includes including increase increased increases increasing increasingly
incorporate incorporates independent indicate insight insights inspired integrate integrated integrates
integrating introduce introduced introduces introducing investigate involve involves issue issues keep key
know known lack lacks large largely larger largest latest lead leading leads learn leave leaves led left
let level levels leverage leverages leveraging limit limitation limitations limited limits list little
long longer look low lower main mainly maintain maintaining maintains major matter mean meaningful means
measure measures meanwhile meet method methods methodology million modern moreover motivate motivated move
named natural nearly necessary notable notably novel number numerous obtain obtained offer offers offering
open operate order original outperform outperformed outperforming outperforms overall overcome paper
papers paradigm part particular particularly partly perform performance performed performs pipeline place
play point points poor pose poses possible potential practical practice present presented presents prevent
previous previously primarily principle prior problem problems produce produced produces producing project
promise promising properties propose proposed proposes proposing prove proven proves provide provided
provides providing public publicly put quality question questions quite raise range rapid rapidly real
recent recently reduce reduced reduces reducing regime rely relies relying remain remains remarkable
report reports represent require required requirement requirements requires requiring research researchers
resulting results result reveal reveals review rich rise robust role run scale scales scenario scenarios
see seen seek serve serves set sets setting settings seven shift show showed showing shown shows
significant significantly similar simple simply simultaneously single six small solution solutions solve
solves solving special specific specifically stand standard state step steps strategy strategies strong
stronger struggle struggles studies study studied sub substantial substantially substantive success
successful successfully suffer suffers suggest suggests suitable superior support supports surpass
surpasses surpassing system systematic systematically systems take taken takes target targeted task tasks
technique techniques ten term terms test tested tests thorough thousands times today top total traditional
turn typically underlying understand unified unlike usage useful user users utilize utilizes valuable
value values variety various vary vast verify view wide widely widespread work works world worse yield
yields yielding zero
"""
_NOUNS = frozenset(NOUNS.split())
_STOP = frozenset(STOP_WORDS.split())


def trends(
    themes: Iterable[Theme], counts: Mapping[str, int], history: Sequence[Mapping[str, int]]
) -> tuple[Trend, ...]:
    """Each theme's members this time, beside their mean in earlier issues.

    counts, history: members by the slug of the theme, now and in the earlier issues, the latest first. The
    last HISTORY of those that knew the theme count; a theme that none of them knew is left out.
    """
    found = []
    for theme in themes:
        known = [earlier[theme.slug] for earlier in history if theme.slug in earlier][:HISTORY]
        if known:
            mean = sum(known) / len(known)
            found.append(Trend(theme.slug, theme.title, counts.get(theme.slug, 0), mean, len(known)))
    return tuple(found)


def new_terms(papers: Iterable[Paper], earlier: Iterable[str], *, most: int = 5) -> tuple[str, ...]:
    """Terms that at least two of the papers use and no earlier text does, those of most papers first.

    A term is a name with capitals or digits in it, or a phrase of two or three words. It comes in the
    spelling that is used most. () where there are too few earlier texts to say what is new.
    """
    terms = _candidates(papers)
    needles = {f" {key}{plural} ": key for key in terms for plural in ("", "s")}
    texts = 0
    for text in earlier:
        texts += 1
        folded = f" {_SPLIT.sub(' ', text.casefold())} "
        for key in {needles[needle] for needle in needles if needle in folded}:
            needles.pop(f" {key} ", None)
            needles.pop(f" {key}s ", None)
    if texts < _LEAST_TEXTS:
        return ()
    new = {key: terms[key] for key in terms if key in set(needles.values())}
    return tuple(terms[key].spelling for key in islice(_apart(new), most))


@dataclass(slots=True)
class _Term:
    """What is known of a term: the papers that use it, those with it in their title, and how it is spelt."""

    papers: int = 0
    titles: int = 0
    spellings: Counter[str] = field(default_factory=Counter)

    @property
    def spelling(self) -> str:
        # Of equals the one with fewest capitals: titles write every word with one.
        return min(
            self.spellings, key=lambda said: (-self.spellings[said], sum(map(str.isupper, said)), said)
        )

    @property
    def holds(self) -> bool:
        """Whether enough speaks for it; a phrase needs more than a name."""
        if self.papers < _PAPERS:
            return False
        phrase = " " in self.spelling
        return not phrase or self.papers > _PAPERS or (self.titles > 0 and self.spellings.total() >= _USES)


def _candidates(papers: Iterable[Paper]) -> dict[str, _Term]:
    """What may be a term, by its folded words: that of most papers first."""
    found: dict[str, _Term] = {}
    for paper in islice(papers, _LOOKED_AT):
        in_title = {_folded(said) for said in _said(paper.title)}
        said_here = [*_said(paper.title), *_said(paper.abstract)]
        for key in dict.fromkeys(map(_folded, said_here)):
            term = found.setdefault(key, _Term())
            term.papers += 1
            term.titles += key in in_title
        for said in said_here:
            found[_folded(said)].spellings[said] += 1
    held = [(key, term) for key, term in found.items() if term.holds]
    held.sort(key=lambda one: (-one[1].papers, -one[1].titles, -one[1].spellings.total(), one[0]))
    return dict(held[:_CANDIDATES])


def _said(text: str) -> Iterator[str]:
    """Every name and every phrase of a text, as it is written."""
    kept = (word for word in text[:_CHARACTERS].split() if not _ADDRESS.search(word))
    for run in _BREAK.split(" ".join(kept)):
        words = _WORD.findall(run)
        yield from (word for word in words if _is_name(word))
        plain = [_may_stand_in_a_phrase(word) for word in words]
        for length in _LENGTHS:
            for start in range(len(words) - length + 1):
                if all(plain[start : start + length]) and _is_phrase(words[start : start + length]):
                    phrase = " ".join(words[start : start + length])
                    if phrase in run:  # and no sign between the words
                        yield phrase


def _is_name(word: str) -> bool:
    """Whether the word is a name by its shape: GRPO, DeepSeek-R1, K3; never a number with its unit."""
    parts = re.split(r"[-.]", word)
    numbered = any(map(str.isdigit, word))
    if not word[0].isalpha() or not (numbered or len(word) > 2):
        return False
    if not numbered and any(part.islower() and len(part) > 1 for part in parts):
        return False  # HTML-based, image-to-SVG: a compound
    return any(_is_odd(part) for part in parts)


def _is_odd(part: str) -> bool:
    mixed = any(map(str.isdigit, part)) and any(map(str.isalpha, part))
    return mixed or any(map(str.isupper, part[1:]))


def _may_stand_in_a_phrase(word: str) -> bool:
    folded = word.casefold()
    return len(word) > 2 and word[0].isalpha() and _STOP.isdisjoint({folded, *folded.split("-")})


def _is_phrase(words: Sequence[str]) -> bool:
    first, last = words[0].casefold(), words[-1].casefold()
    verb = _VERB_OR_ADVERB.search(first) and first not in _NOUNS and "-" not in first
    return not verb and (last in _NOUNS or not _NO_NOUN.search(last))


def _folded(said: str) -> str:
    """What two spellings have in common that differ in case, hyphens and plural only."""
    folded = _SPLIT.sub(" ", said.casefold()).strip()
    return folded[:-1] if len(folded) > 3 and folded.endswith("s") and not folded.endswith("ss") else folded


def _apart(terms: Mapping[str, _Term]) -> Iterator[str]:
    """The terms of which none is a part of another: of two the one of more papers, of equals the longer."""
    taken: list[str] = []
    for key, term in terms.items():
        longer = (other for other in terms if key != other and f" {key} " in f" {other} ")
        if any(terms[other].papers == term.papers for other in longer):
            continue
        if not any(f" {other} " in f" {key} " for other in taken):
            taken.append(key)
            yield key
