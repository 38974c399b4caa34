"""The Hugging Face papers page: where it starts, what is a title, and what is left out."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model import Digest, Link, LinkKind, Paper, Repair, Skipped
from newsletter.sources import hf_page
from newsletter.sources.document import Document

HEADER = ("new", "Get trending papers in your email inbox!", "Subscribe", "Daily Papers", "byAK", "Jul 30")
SHEEP = ("Counting Sheep With Transformers", "Sheep look alike. We count 4,000 of them and lose only three.")
BOATS = ("Small Boats, Big Waves", "Nodes fail in any weather. We restart 600 of them in 4 seconds.")


def page(*blocks: str, header: tuple[str, ...] = HEADER) -> str:
    return "\n\n".join(header + blocks)


def parse(text: str) -> Digest:
    return hf_page.parse(Document(text, "page.txt"))


def papers(text: str) -> tuple[Paper, ...]:
    return parse(text).papers


def titles_and_abstracts(text: str) -> list[tuple[str, str]]:
    return [(paper.title, paper.abstract) for paper in papers(text)]


def left_out(text: str) -> list[str]:
    return [stretch.text for stretch in parse(text).skipped if stretch.line > 11]


def test_a_paper_knows_its_place_its_links_and_its_repairs() -> None:
    text = page(
        *SHEEP, "Boats^2: Nets at Sea", "We are 2.4times faster. Code: https://github.com/example/boats."
    )

    assert papers(text)[1] == Paper(
        title="Boats²: Nets at Sea",
        abstract="We are 2.4× faster. Code: https://github.com/example/boats.",
        url="https://huggingface.co/papers?q=Boats%5E2%3A+Nets+at+Sea",
        position=2,
        line=17,
        links=(Link(LinkKind.CODE, "https://github.com/example/boats"),),
        repairs=(Repair(17, "Boats^2:", "Boats²:"), Repair(19, "2.4times", "2.4×")),
    )


def test_the_header_is_reported_line_by_line() -> None:
    skipped = parse(page(*SHEEP)).skipped

    assert skipped == tuple(
        Skipped(2 * at + 1, words, "the page's header") for at, words in enumerate(HEADER)
    )


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("Jul 30", None),
        ("Wed, Jul 30", None),
        ("Jul 30, 2025", date(2025, 7, 30)),
        ("Wednesday, July 30, 2025", date(2025, 7, 30)),
        ("Feb 31, 2025", None),
    ],
)
def test_a_date_is_certain_only_with_its_year(printed: str, day: date | None) -> None:
    digest = parse(page(*SHEEP, header=(*HEADER[:-1], printed)))

    assert (digest.date_text, digest.date) == (printed, day)
    assert len(digest.papers) == 1


@pytest.mark.parametrize(
    "header",
    [
        ("Daily Papers", "Jul 30"),
        ("Models", "Datasets", "Daily Papers", "Pricing", "Log In", *HEADER),
        ("new", "Get trending papers in your email inbox once a day!", *HEADER[1:]),
        ("Daily Papers", "by", "AK", "and the research community", "Daily", "Weekly", "Monthly", "Jul 30"),
    ],
)
def test_the_date_line_ends_a_header_of_any_length(header: tuple[str, ...]) -> None:
    assert titles_and_abstracts(page(*SHEEP, *BOATS, header=header)) == [SHEEP, BOATS]


def test_a_second_header_in_the_middle_ends_no_paper() -> None:
    text = page(*SHEEP) + "\n\n" + page(*BOATS)

    assert titles_and_abstracts(text) == [SHEEP, BOATS]
    assert left_out(text) == list(HEADER)


def test_wrapped_lines_are_joined() -> None:
    text = page(
        "A Slow but Certain Way of Cutting Very Long Titles in Two: Evidence From\n  Models",
        "We cut titles of any length into lines of equal length, with a high-\n"
        "precision saw, and measure how much meaning falls on the floor in pre-\nand post-lunch cuts.",
    )

    assert titles_and_abstracts(text) == [
        (
            "A Slow but Certain Way of Cutting Very Long Titles in Two: Evidence From Models",
            "We cut titles of any length into lines of equal length, with a high-precision saw, and measure "
            "how much meaning falls on the floor in pre- and post-lunch cuts.",
        )
    ]


def test_a_repair_in_a_wrapped_abstract_names_its_own_line() -> None:
    text = page(
        "Boats at Sea", "Our boats are made of paper and of nothing else, yet\nthey are 2.4times faster."
    )

    assert papers(text)[0].repairs == (Repair(16, "2.4times", "2.4×"),)


def test_without_blank_lines_every_long_line_is_a_paragraph() -> None:
    long = (SHEEP[1] + " ") * 4 + "So we did."

    assert titles_and_abstracts(page() + f"\n{SHEEP[0]}\n{long}\n{BOATS[0]}\n{long}") == [
        (SHEEP[0], long),
        (BOATS[0], long),
    ]


def test_a_title_without_an_abstract_is_kept() -> None:
    text = page("A Title Without Any Abstract", *BOATS)

    assert titles_and_abstracts(text) == [("A Title Without Any Abstract", ""), BOATS]


def test_an_abstract_of_two_paragraphs_is_one() -> None:
    text = page(*SHEEP, "The flock is at https://example.org/flock", *BOATS)

    assert titles_and_abstracts(text) == [
        (SHEEP[0], SHEEP[1] + " The flock is at https://example.org/flock"),
        BOATS,
    ]


def test_damage_that_reaches_into_the_next_paragraph_is_repaired_on_its_own_line() -> None:
    (sheep,) = papers(
        page(SHEEP[0], "We count 2.4times more, as https://example.org says", "; we lose three.")
    )

    assert sheep.abstract == "We count 2.4× more, as https://example.org says; we lose three."
    assert [repair.line for repair in sheep.repairs] == [15, 15]


def test_paragraphs_beyond_any_abstract_are_reported() -> None:
    endless = "Sheep look alike. " * 600

    digest = parse(page(*SHEEP, endless, endless, *BOATS))

    assert [paper.title for paper in digest.papers] == [SHEEP[0], BOATS[0]]
    assert [(stretch.line, stretch.why) for stretch in digest.skipped[6:]] == [
        (19, "too long for an abstract")
    ]


def test_an_abstract_without_a_title_is_reported() -> None:
    text = page(BOATS[1], *SHEEP)

    assert titles_and_abstracts(text) == [SHEEP]
    assert left_out(text) == [BOATS[1]]


def test_votes_and_authors_around_a_title_are_no_part_of_it() -> None:
    text = page("Submitted by\nsomeone", "-", f"101\n{SHEEP[0]}\n·\n4 authors", SHEEP[1], "17", *BOATS)

    assert titles_and_abstracts(text) == [SHEEP, BOATS]
    assert left_out(text) == ["Submitted by", "someone", "-", "101", "·", "4 authors", "17"]


def test_the_footer_is_no_paper() -> None:
    footer = ["Previous", "1", "2", "Next", "Company", "© Hugging Face", "TOS", "Privacy", "System theme"]
    text = page(*SHEEP, "\n".join(footer))

    assert titles_and_abstracts(text) == [SHEEP]
    assert left_out(text) == footer


def test_a_text_too_long_for_an_abstract_is_reported_in_short() -> None:
    text = page(*SHEEP, "word " * 5000)

    assert titles_and_abstracts(text) == [SHEEP]
    assert [len(stretch) for stretch in left_out(text)] == [hf_page.LONGEST_TITLE]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Daily Papers",
        "Jul 30",
        "Jul 30\n\nDaily Papers",
        "My Daily Papers\n\nJul 30",
        "Daily Papers\n" + "x\n" * 30,
    ],
)
def test_a_text_without_banner_and_date_is_not_this_page(text: str) -> None:
    assert not hf_page.sniff(Document(text, "page.txt"))


LINES = st.one_of(st.sampled_from([*HEADER, *SHEEP, *BOATS, "", "-", "17", "Next"]), st.text(max_size=300))


@given(st.lists(LINES, max_size=30).map("\n".join))
def test_every_line_of_any_page_is_a_paper_or_reported(text: str) -> None:
    digest = parse(page(*SHEEP) + "\n\n" + text)

    assert [paper.position for paper in digest.papers] == list(range(1, len(digest.papers) + 1))
    assert all(paper.title for paper in digest.papers)
    places = [paper.line for paper in digest.papers] + [stretch.line for stretch in digest.skipped]
    assert len(set(places)) == len(places)
