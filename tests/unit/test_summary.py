"""The sentence that says what is new, and the claim of an issue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import summary
from newsletter.model import Link, LinkKind, Pick, Section
from tests.builders import paper

CODE = (Link(LinkKind.CODE, "https://code.example.org/larder"),)


def section(slug: str, title: str, *titles: str, links: tuple[Link, ...] = ()) -> Section:
    return Section(slug, title, "", tuple(Pick(paper(name, links=links)) for name in titles))


# Which sentence.


@pytest.mark.parametrize(
    ("abstract", "expected"),
    [
        (
            "Recent models are large. However, existing methods remain costly. We introduce Larder, a policy "
            "that keeps only what will be read. Extensive experiments show that it is superior.",
            "We introduce Larder, a policy that keeps only what will be read.",
        ),
        (
            "Caches have become a bottleneck. This paper presents a way to keep half of a cache on disk. "
            "Code is available at https://code.example.org/larder.",
            "This paper presents a way to keep half of a cache on disk.",
        ),
        (
            "We study when models forget what they were told. We find that they forget in order of telling. "
            "Our code will be released at https://code.example.org/forget.",
            "We study when models forget what they were told.",
        ),
        (
            "Serving is slow. Larder is a framework that serves from disk while a model still reads. "
            "It reaches 90% of the speed.",
            "Larder is a framework that serves from disk while a model still reads.",
        ),
        (
            "Disks are slow. To fix this, we split caches so that no disk waits. We also have an index.",
            "We split caches so that no disk waits.",
        ),
    ],
)
def test_the_line_is_the_sentence_that_offers_something(abstract: str, expected: str) -> None:
    assert summary.one_liner(abstract, title="Larder: Caches on Disk") == expected


@pytest.mark.parametrize(
    ("opening", "line"),
    [
        ("To address this, we", "We"),
        ("To tackle both of these problems, in this paper, we", "We"),
        ("In this work, we", "We"),
        ("Therefore, in this paper we", "We"),
        ("In this paper,we", "We"),
        ("Specifically, we", "We"),
        ("In this paper, for the first time, we", "For the first time, we"),
        ("Throughout this technical report we", "We"),
        ("Rooted in these findings, we", "We"),
        ("So, we", "We"),
        ("Most importantly, we", "We"),
        ("Inspired by libraries, we", "Inspired by libraries, we"),
        ("To serve from slow disks, we", "To serve from slow disks, we"),
    ],
)
def test_only_an_opening_that_leans_on_the_text_before_is_left_out(opening: str, line: str) -> None:
    rest = " propose a cache that writes itself to disk while it is being read."

    assert summary.one_liner(f"Caches are large. {opening}{rest}") == line + rest


def test_after_a_sentence_that_only_names_the_work_comes_what_it_does() -> None:
    abstract = (
        "Caches are slow. In response, we propose Larder. Larder moves whole pages and never waits for one."
    )

    assert summary.one_liner(abstract) == "Larder moves whole pages and never waits for one."


def test_a_statement_behind_a_semicolon_stands_for_itself() -> None:
    abstract = "We see that disks idle; to use them, we introduce Larder, a cache that fills them by night."

    assert summary.one_liner(abstract) == "We introduce Larder, a cache that fills them by night."


def test_a_paper_without_an_abstract_has_no_line() -> None:
    assert summary.one_liner("") == ""


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        (
            "This paper shows that half of a cache of pages is read again within the same day.",
            "Half of a cache of pages is read again within the same day.",
        ),
        (
            "In this work, a policy for caches that writes pages to disk by night is proposed.",
            "A policy for caches that writes pages to disk by night is proposed.",
        ),
        (
            "Overall, vLarder keeps the pages of long conversations on ordinary disks by night.",
            "vLarder keeps the pages of long conversations on ordinary disks by night.",
        ),
        (
            "We introduce Larder, a cache that keeps whole pages on ordinary disks, to solve these problems.",
            "We introduce Larder, a cache that keeps whole pages on ordinary disks",
        ),
        (
            "We present a cache that keeps whole pages of conversations on disks, in this paper.",
            "We present a cache that keeps whole pages of conversations on disks",
        ),
        (
            "This survey reviews how caches keep the pages of conversations on ordinary disks.",
            "This survey reviews how caches keep the pages of conversations on ordinary disks.",
        ),
    ],
)
def test_what_only_announces_or_points_back_is_left_out(sentence: str, line: str) -> None:
    assert summary.one_liner(f"Caches are large. {sentence}") == line


@pytest.mark.parametrize(
    "other",
    [
        "These pages are then moved to slower disks by a policy that reads them in order of their age.",
        "It also moves the pages of long conversations to slower disks in order of their age and size.",
        "We solve this problem by moving them to slower disks.",
        "Our code and models are publicly available at https://code.example.org/larder for everybody.",
        "Extensive experiments on twelve sets of conversations demonstrate the effectiveness of our cache.",
        "Overall, our findings highlight the importance of caches and can inspire future work on disks.",
        "Existing caches of language models keep the pages of long conversations in expensive memory.",
    ],
)
def test_what_stands_alone_comes_before_what_does_not(other: str) -> None:
    told = "We move the pages of long conversations to disks by night."

    assert summary.one_liner(f"{other} {told}") == summary.one_liner(f"{told} {other}") == told


# Where it is cut.

OFFER = "We introduce Larder, a cache that keeps the pages of long conversations on ordinary disks"


@pytest.mark.parametrize(
    "rest",
    [
        ", which lets a server of modest size hold a thousand of them at the same time without a pause.",
        ", enabling a server of modest size to hold a thousand of them at the same time without a pause.",
        " -- an idea that lets a server of modest size hold a thousand of them at once and without a pause.",
        "; it then lets a server of modest size hold a thousand of them at the same time without a pause.",
        " in order to let a server of modest size hold a thousand of them at the same time and for long.",
        ": it thereby lets a server of modest size hold a thousand of them at the same time and for long.",
    ],
)
def test_a_long_sentence_ends_with_a_clause(rest: str) -> None:
    assert summary.one_liner(OFFER + rest, most=140) == OFFER


def test_a_long_sentence_first_loses_its_opening() -> None:
    opening = "Because the memory of an accelerator is small and that of a disk is large, "

    assert summary.one_liner(f"{opening}{OFFER[0].lower()}{OFFER[1:]}.", most=140) == OFFER + "."


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        (
            "We introduce Larder, which chooses between disks, tapes, and other slow kinds of memory.",
            "We introduce Larder, which chooses between disks, tapes, and other…",
        ),
        (
            "We introduce Larder, a cache with three kinds of memory: disks that turn, tapes, and cards.",
            "We introduce Larder, a cache with three kinds of memory",
        ),
        (
            "We introduce Larder, a cache (kept on disks, which turn, and on tapes, which do not).",
            "We introduce Larder, a cache (kept on disks, which turn, and on…",
        ),
    ],
)
def test_a_list_or_a_bracket_is_never_left_half_told(sentence: str, line: str) -> None:
    assert summary.one_liner(sentence, most=70) == line


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        (
            "We use patches to show that some concepts, such as chords, keys and bars, are kept in layers.",
            "We use patches to show that some concepts, such as chords…",
        ),
        (
            "We introduce a cache that teaches a small model of conversations to read pages of old ones.",
            "We introduce a cache that teaches a small model of…",
        ),
        (
            "We offer a careful test of caches for long chats, where tasks spanning four fields, all new, "
            "are read.",
            "We offer a careful test of caches for long chats",
        ),
    ],
)
def test_no_clause_is_left_without_its_verb_or_object(sentence: str, line: str) -> None:
    assert summary.one_liner(sentence, most=62) == line


def test_numbers_of_a_list_are_no_open_brackets() -> None:
    line = "We introduce a cache that is i) fast to read and ii) small enough for ordinary disks."

    assert summary.one_liner(f"Caches are large. {line}") == line


def test_the_last_resort_is_an_ellipsis_after_a_whole_word() -> None:
    line = summary.one_liner("We introduce " + "slow caches " * 40 + "on disks.", most=60)

    assert line == "We introduce slow caches slow caches slow caches slow…"


MARKS = (".", ";", ":", "(", ")", "“", "”", "--", ", enabling", "e.g.", "3.4×")
WORDS = (
    "We",
    "we",
    "propose",
    "introduce",
    "Larder",
    "this,",
    "which",
    "To",
    "address",
    "In this paper,",
    "and",
)


@given(st.lists(st.sampled_from(WORDS + MARKS), max_size=60), st.integers(40, 240))
def test_the_line_is_a_stretch_of_the_abstract(words: list[str], most: int) -> None:
    abstract = " ".join(words)
    line = summary.one_liner(abstract, title="Larder: A Cache", most=most)
    quoted = line.removesuffix("…")

    assert len(line) <= most
    assert quoted in abstract or quoted[:1].lower() + quoted[1:] in abstract
    assert bool(line) == bool(abstract.strip())


@given(st.text(max_size=300))
def test_foreign_text_never_stops_it(text: str) -> None:
    assert len(summary.one_liner(text, title=text)) <= 240


# The claim of an issue.


KV = section("kv-cache", "KV cache", "Larder: Caches on Disk", "Attic: Old Caches")
WIDE = section("parallelism", "Parallelism", "Wagon: Pipelines", "Rings")
REST = section("trending", "Trending", "Bell: Sounds")
NAMELESS = section("parallelism", "Parallelism", "On Rings", "On Pipes")


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ([REST, KV, WIDE], "Larder, Wagon and Bell lead 5 papers"),
        ([KV], "Larder leads 2 papers"),
        ([section("kv-cache", "KV cache", "Larder: Caches")], "Larder: Caches"),
        ([section("kv-cache", "KV cache", "Larder: " + "Caches " * 10)], "Larder, a paper on KV cache"),
        ([section("trending", "Trending", "Larder: " + "Caches " * 10)], "Larder, a trending paper"),
        ([section("a", "A", "Larder: A"), section("b", "B", "Wagon: B")], "Larder and Wagon"),
        ([section("a", "A", "On Rings", "Attic: Caches")], "Attic leads 2 papers"),
        ([section("a", "A", "One", "Two", "Three", "Attic: Caches")], "Attic and 3 more papers"),
        ([NAMELESS], "2 papers on parallelism"),
        (
            [section("kv-cache", "A theme with a title " + "of many words " * 3, "On Rings", "On")],
            "2 papers on 1 theme",
        ),
        ([section("trending", "Trending", "On Rings", "On Pipes")], "2 trending papers"),
        ([section("kv-cache", "KV cache")], "No papers this time"),
        ([], "No papers this time"),
    ],
)
def test_the_headline_names_who_leads(sections: list[Section], expected: str) -> None:
    assert summary.headline(sections) == expected


def test_names_that_do_not_fit_are_left_out_of_the_headline() -> None:
    long = [section(slug, slug, f"{slug}{'x' * 15}: Caches", "More") for slug in ("One", "Two", "Six")]

    assert summary.headline(long) == f"One{'x' * 15} and Two{'x' * 15} lead 6 papers"


@pytest.mark.parametrize(
    ("sections", "read", "expected"),
    [
        (
            [REST, KV, WIDE],
            97,
            "5 papers chosen from 97: 2 on KV cache, 2 on parallelism, and 1 more that is trending.",
        ),
        ([KV, WIDE], 4, "All 4 papers: 2 on KV cache and 2 on parallelism."),
        ([KV], 9, "2 papers chosen from 9, all on KV cache."),
        ([section("kv-cache", "KV cache", "Larder")], 9, "1 paper chosen from 9, on KV cache."),
        ([section("trending", "Trending", "A", "B")], 9, "2 papers chosen from 9, all trending."),
        ([REST], 1, "1 paper chosen from 1, trending."),
        ([], 12, "None of the 12 papers read fits a theme this time."),
        ([section("kv-cache", "KV cache")], 1, "None of the 1 paper read fits a theme this time."),
    ],
)
def test_the_intro_counts_what_was_chosen(sections: list[Section], read: int, expected: str) -> None:
    assert summary.intro(sections, read=read) == expected


@pytest.mark.parametrize(
    ("with_code", "without", "expected"),
    [
        (("A",), (), "It links to its code."),
        (("A",), ("B",), "1 of them links to code."),
        (("A", "B"), ("C",), "2 of them link to code."),
        (("A", "B"), (), "All of them link to code."),
    ],
)
def test_the_intro_says_how_many_papers_link_to_code(
    with_code: tuple[str, ...], without: tuple[str, ...], expected: str
) -> None:
    sections = [section("a", "Caches", *with_code, links=CODE), section("b", "Disks", *without)]

    assert summary.intro(sections, read=9).endswith(f" {expected}")


@given(st.lists(st.lists(st.text(max_size=80), max_size=4), max_size=4))
def test_every_headline_fits_a_subject_line(titles: list[list[str]]) -> None:
    sections = [section(f"s{index}", "Theme", *names) for index, names in enumerate(titles)]

    assert len(summary.headline(sections)) <= 60
    assert summary.intro(sections, read=20).endswith(".")
