"""Which paper an editor means, and what several edits come to."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Ambiguous, NotFound
from newsletter.model import TRENDING, Edit, EditKind
from newsletter.selection import edits
from tests.builders import paper

LARDER = paper(
    "Larder: Half of the Cache", position=1, arxiv_id="2601.00001", url="https://a.example/larder/"
)
CELLAR = paper("Cellar: All of the Cache", position=2, doi="10.1000/cellar.7", url="https://a.example/cellar")
ATTIC = paper("Attic", position=3, url="https://a.example/attic")
PAPERS = (LARDER, CELLAR, ATTIC)
SECTIONS = ("kv-cache", "speech", TRENDING)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1", LARDER),
        (" 3 ", ATTIC),
        ("2601.00001", LARDER),
        ("arXiv:2601.00001v3", LARDER),
        ("https://huggingface.co/papers/2601.00001", LARDER),
        ("https://arxiv.org/pdf/2601.00001v2.pdf", LARDER),
        ("https://doi.org/10.48550/arXiv.2601.00001", LARDER),
        ("https://doi.org/10.1000/CELLAR.7", CELLAR),
        ("https://a.example/attic/", ATTIC),
        ("attic", ATTIC),
        ("larder — half of the cache", LARDER),
        ("HALF of", LARDER),
        ("cache all", CELLAR),
        ("title:attic", ATTIC),
    ],
)
def test_a_paper_is_found_by_any_name_that_an_editor_types(text: str, found: object) -> None:
    assert edits.find(PAPERS, text) is found


@pytest.mark.parametrize("text", ["9", "2601.99999", "nothing", "", "  ", "9" * 5000])
def test_a_paper_that_is_not_there_is_told(text: str) -> None:
    with pytest.raises(NotFound, match=r"^no paper '.*' among 3; name its number, arXiv id, DOI or words"):
        edits.find(PAPERS, text)


def test_words_of_several_titles_are_answered_with_these() -> None:
    with pytest.raises(Ambiguous) as caught:
        edits.find(PAPERS, "cache")

    both = "“Larder: Half of the Cache” (2601.00001); “Cellar: All of the Cache” (#2)"
    assert str(caught.value) == f"'cache' could be 2 papers: {both}; name one by its id or whole title"


def test_of_very_many_the_first_five_are_named() -> None:
    with pytest.raises(Ambiguous, match=r"could be 9 papers: .*“Cache 5” \(#5\) and 4 more; name one"):
        edits.find([paper(f"Cache {at}", position=at) for at in range(1, 10)], "cache")


def test_a_whole_title_is_meant_before_titles_that_hold_it() -> None:
    whole = paper("Cache", position=7)

    assert edits.find([*PAPERS, whole], "cache") is whole


@given(st.text())
def test_whatever_is_typed_gives_a_paper_or_a_refusal(text: str) -> None:
    with suppress(NotFound, Ambiguous):
        assert edits.find(PAPERS, text) in PAPERS


def pin(name: str, **values: object) -> Edit:
    return Edit(EditKind.PIN, name, **values)  # type: ignore[arg-type]


def test_edits_are_filed_by_what_they_do_to_which_paper() -> None:
    drop, move = Edit(EditKind.DROP, "2601.00001v2"), Edit(EditKind.MOVE, "Attic", place=1)

    plan = edits.plan([drop, pin("10.1000/cellar.7"), move, Edit(EditKind.NOTE, text="Hi")], PAPERS, SECTIONS)

    assert plan.dropped == {0}
    assert plan.pinned == {1: pin("10.1000/cellar.7")}
    assert plan.moved == {2: move}
    assert plan.unused == ()


def test_the_names_under_which_a_paper_is_stored_are_understood() -> None:
    names = ("arxiv:2601.00001", "doi:10.1000/cellar.7", "title:attic")
    drops = [Edit(EditKind.DROP, name) for name in names]

    assert edits.plan(drops, PAPERS, SECTIONS).dropped == {0, 1, 2}


def test_the_later_of_two_edits_about_one_paper_counts() -> None:
    plan = edits.plan([pin("attic"), Edit(EditKind.DROP, "https://a.example/attic")], PAPERS, SECTIONS)

    assert (plan.pinned, plan.dropped) == ({}, {2})


def test_moving_a_pinned_paper_leaves_it_pinned() -> None:
    moves = [Edit(EditKind.MOVE, "attic", "speech"), Edit(EditKind.MOVE, "attic", place=2)]

    plan = edits.plan([pin("attic", section="kv-cache", place=1), *moves], PAPERS, SECTIONS)

    assert plan.pinned == {2: pin("attic", section="speech", place=2)}


def test_a_place_does_not_go_along_to_another_section() -> None:
    edit = Edit(EditKind.MOVE, "attic", "speech", place=3)

    plan = edits.plan([edit, replace(edit, section="kv-cache", place=None)], PAPERS, SECTIONS)

    assert plan.moved == {2: replace(edit, section="kv-cache", place=None)}


def test_edits_about_an_unknown_paper_or_section_are_unused() -> None:
    wrong = (pin("Basement"), pin("Attic", section="robots"), pin("cache"))

    assert edits.plan(wrong, PAPERS, SECTIONS).unused == wrong


def test_a_title_that_two_papers_have_means_the_one_that_stands_first() -> None:
    namesake = replace(ATTIC, arxiv_id="2601.00009", upvotes=5)

    assert edits.plan([Edit(EditKind.DROP, "attic")], [*PAPERS, namesake], SECTIONS).dropped == {3}


def test_whole_words_of_a_title_are_meant_before_parts_of_words() -> None:
    papers = [paper("Varex: A Reader"), paper("Rex: A Self-Improving Agent")]

    assert edits.find(papers, "rex").title == "Rex: A Self-Improving Agent"
    assert edits.find(papers, "vare").title == "Varex: A Reader"
