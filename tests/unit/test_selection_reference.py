"""What is quick in the selection gives what is slow and obvious."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from newsletter import selection
from newsletter.model import Paper, Ranking
from newsletter.selection import lineup, nearness, ranking, words
from newsletter.selection.lineup import Entry, Profiles
from newsletter.selection.ranking import Scale
from tests.builders import paper, theme

# Where phrases stand. No word in parentheses is made of initials, so that none is an abbreviation.

PHRASES = ("KV cache", "cache", "KV KV", "cache store", "store of store", "key-value cache of stores", "KV")
SAID = ["KV", "key", "value", "cache", "(cache)", "store", "(store)", "KVCache", "of", "."]


def places(text: words.Text, phrase: str) -> Iterator[range]:
    """Every place of a phrase however it is spelled, with one aside or none between two of its words."""
    for spelling in words.spellings(phrase):
        folded = [words.fold(word) for word in spelling]
        for start in range(len(text.words)):
            reached = {start}
            for number, word in enumerate(folded):
                skipped = {at + 1 for at in reached if number and at in text.asides}
                reached = {at + 1 for at in reached | skipped if text.words[at : at + 1] == (word,)}
            yield from (range(start, end) for end in reached)


def counted(text: words.Text) -> Counter[str]:
    """How often each phrase stands for itself: the longest first, the earliest, the later phrase."""
    claims = [
        (-len(place), place.start, -number, place)
        for number, phrase in enumerate(PHRASES)
        for place in places(text, phrase)
    ]
    counts, taken = Counter[str](), set[int]()
    for *_, number, place in sorted(claims, key=lambda claim: claim[:3]):
        if taken.isdisjoint(place):
            taken.update(place, {place.stop} & text.asides.keys())
            counts[PHRASES[-number]] += 1
    return counts


@given(st.lists(st.sampled_from(SAID), max_size=14).map(" ".join))
def test_the_phrases_of_a_theme_are_found_as_one_by_one(text: str) -> None:
    rule = theme(phrases=dict.fromkeys(PHRASES, 1.0))

    match = selection.score(paper("Untitled", text), rule)

    assert {piece.phrase: piece.count for piece in match.evidence} == counted(words.read(text))


# The line of a section.

WORDS = ["evict", "cache", "page", "token", "share", "model", "long", "context", "store", "node"]
ON = date(2026, 1, 6)


def line_up(entries: Sequence[Entry], seats: int, against: Scale, above: Sequence[Paper]) -> list[Entry]:
    """The entry with the greatest rank below those that stand already, again and again."""
    line: list[Entry] = []
    waiting = list(entries)
    while waiting and len(line) < seats:
        stand = [*above, *(entry.paper for entry in line)]
        lowered = [
            replace(entry, rank=ranking.lowered(entry.rank, _nearest(entry.paper, stand), against))
            for entry in waiting
        ]
        best = min(lowered, key=lambda entry: entry.order)
        line.append(best)
        waiting = [entry for entry in waiting if entry.index != best.index]
    return line


def _nearest(one: Paper, others: Sequence[Paper]) -> float:
    return max((nearness.nearness(one, other) for other in others), default=0.0)


drawn = st.lists(
    st.tuples(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), st.integers(0, 9)), max_size=9
)


@given(drawn, st.integers(0, 5), st.integers(0, 2), st.sampled_from([0.0, 0.5, 10.0]))
def test_a_line_is_that_of_comparing_every_paper_with_every_other(
    rows: list[tuple[str, int]], seats: int, above: int, diversity: float
) -> None:
    papers = [paper(f"P{at}", text, position=at, upvotes=votes) for at, (text, votes) in enumerate(rows, 1)]
    against = ranking.scale(papers, Ranking(diversity=diversity), on=ON)
    entries = [Entry(at, one, "kv-cache", None, ranking.rank(one, against)) for at, one in enumerate(papers)]

    quick = lineup.line_up(
        entries[above:], seats, against, Profiles(papers), above=range(len(papers[:above]))
    )

    assert quick == line_up(entries[above:], seats, against, papers[:above])


def test_of_a_corpus_that_ranks_alike_only_so_many_papers_are_compared() -> None:
    papers = [paper(f"P{at}", "Nothing tells it apart.", position=1) for at in range(3 * lineup.CONSIDERED)]
    against = ranking.scale(papers, Ranking(), on=ON)
    entries = [Entry(at, one, "trending", None, ranking.rank(one, against)) for at, one in enumerate(papers)]
    seen: set[str] = set()

    class Watched(list[Paper]):
        def __getitem__(self, at: int) -> Paper:  # type: ignore[override]
            seen.add(papers[at].title)
            return papers[at]

    line = lineup.line_up(entries, 5, against, Profiles(Watched(papers)), above=[0])

    assert len(line) == 5
    assert len(seen) <= lineup.CONSIDERED + 1
