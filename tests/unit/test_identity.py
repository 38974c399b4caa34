"""One paper is one paper: ids, titles, and what is kept of several records."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import identity
from newsletter.identity import ArxivId
from newsletter.model import Link, LinkKind, Mark, Paper, Repair
from tests.builders import digest, paper


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2402.02750", ArxivId("2402.02750")),
        ("2402.02750v3", ArxivId("2402.02750", 3)),
        ("arXiv:1404.0736v12", ArxivId("1404.0736", 12)),
        ("http://arxiv.org/abs/2402.02750v2", ArxivId("2402.02750", 2)),
        ("https://arxiv.org/pdf/2402.02750v2.pdf", ArxivId("2402.02750", 2)),
        ("https://huggingface.co/papers/2402.02750", ArxivId("2402.02750")),
        ("https://www.alphaxiv.org/abs/2402.02750?utm=x", ArxivId("2402.02750")),
        ("oai:arXiv.org:2508.13426v1", ArxivId("2508.13426", 1)),
        ("10.48550/arXiv.2402.02750", ArxivId("2402.02750")),
        ("arXiv preprint arXiv:2312.03863", ArxivId("2312.03863")),
        ("http://arxiv.org/abs/astro-ph/0601001v1", ArxivId("astro-ph/0601001", 1)),
        ("math.GT/0309136", ArxivId("math/0309136")),
        ("CS/0601001", ArxivId("cs/0601001")),
        ("2413.00001", None),
        ("price 12402.02750", None),
        ("1.2402.02750", None),
        ("2402.027501", None),
        ("10.3847/1538-3881/aa9e09", None),
        ("", None),
    ],
)
def test_an_arxiv_id_has_one_spelling_wherever_it_stands(text: str, found: ArxivId | None) -> None:
    assert identity.arxiv_id(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://doi.org/10.3847/1538-3881/AA9E09", "10.3847/1538-3881/aa9e09"),
        ("see 10.1145/3580305.3599777.", "10.1145/3580305.3599777"),
        ("version 10.4", None),
    ],
)
def test_a_doi_is_found_and_has_one_spelling(text: str, found: str | None) -> None:
    assert identity.doi(text) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (paper("A", arxiv_id="2402.02750"), paper("B, renamed", arxiv_id="2402.02750")),
        (paper("KIVI: 2-bit Caches", arxiv_id="2402.02750"), paper("kivi – 2bit caches")),
        (paper("M³ViT"), paper("M3ViT.")),
        (paper("Caf\u00e9"), paper("Cafe\u0301")),
        (paper("A", doi="10.1/x"), paper("B", doi="10.1/x")),
    ],
)
def test_records_of_one_paper_are_known_as_such(one: Paper, other: Paper) -> None:
    assert identity.same(one, other)
    assert len(identity.merge([digest(one), digest(other)])) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (paper("Same Title", arxiv_id="2505.17997"), paper("Same Title", arxiv_id="2506.03038")),
        (paper("Caches"), paper("Cashes")),
        (paper("?!"), paper("…")),
        (paper("A", doi="10.1/x"), paper("B", doi="10.1/y")),
    ],
)
def test_two_papers_stay_two(one: Paper, other: Paper) -> None:
    assert not identity.same(one, other)
    assert len(identity.merge([digest(one, other)])) == 2


def test_a_paper_is_known_by_every_name_it_had() -> None:
    first = paper("Caching", arxiv_id="2402.00001")
    renamed = paper("Caching Revised", arxiv_id="2402.00001")
    without_id = paper("caching, revised")

    merged = identity.merge([digest(first), digest(renamed), digest(without_id)])

    assert [found.title for found in merged] == ["Caching"]


def test_the_richer_record_wins_field_by_field_and_sources_are_kept() -> None:
    page = paper(
        "Sieves: Fine Sand",
        "We are 2× faster.",
        url="https://huggingface.co/papers?q=Sieves",
        position=4,
        line=31,
        repairs=(Repair(33, "2times", "2×"),),
        links=(Link(LinkKind.CODE, "https://github.com/example/sieves"),),
    )
    feed = paper(
        "Sieves: fine sand",
        "We are 2× faster.",
        url="https://arxiv.org/abs/2402.00001",
        authors=("Ada Example", "Ben Example"),
        arxiv_id="2402.00001",
        version=2,
        published=date(2024, 2, 3),
        upvotes=7,
        ai_summary="Fast sieves.",
        categories=("cs.LG",),
        keywords=("sand",),
        links=(
            Link(LinkKind.PROJECT, "https://github.com/example/sieves/"),
            Link(LinkKind.PAPER, "https://arxiv.org/abs/2402.00001"),
        ),
    )

    (merged,) = identity.merge([digest(page, source="page.txt"), digest(feed, source="feed.xml")])

    assert merged == paper(
        "Sieves: Fine Sand",
        "We are 2× faster.",
        url="https://arxiv.org/abs/2402.00001",
        position=4,
        line=31,
        authors=("Ada Example", "Ben Example"),
        arxiv_id="2402.00001",
        version=2,
        published=date(2024, 2, 3),
        upvotes=7,
        ai_summary="Fast sieves.",
        categories=("cs.LG",),
        keywords=("sand",),
        links=(page.links[0], feed.links[1]),
        seen_in=("page.txt", "feed.xml"),
    )


@pytest.mark.parametrize(
    ("poorer", "richer"),
    [
        (paper(abstract=""), paper(abstract="Whole.")),
        (paper(abstract="Who", marks=(Mark.CUT,)), paper(abstract="Whole.")),
        (paper(abstract="Title and whole.", marks=(Mark.GUESSED,)), paper(abstract="Whole.")),
        (paper(abstract="Old.", version=1), paper(abstract="Whole.", version=2)),
    ],
)
def test_the_better_abstract_is_kept_whichever_came_first(poorer: Paper, richer: Paper) -> None:
    for pair in ((poorer, richer), (richer, poorer)):
        assert identity.merged(*pair).abstract == "Whole."
        assert identity.merged(*pair).marks == ()


def test_a_paper_that_one_source_announces_as_new_is_no_replacement() -> None:
    again = paper(marks=(Mark.REPLACEMENT,))

    assert identity.merged(again, paper()).marks == ()
    assert identity.merged(again, again).marks == (Mark.REPLACEMENT,)


names = st.sampled_from(["Alpha", "alpha!", "Beta", "BETA", "Gamma"])
records = st.builds(
    paper,
    names,
    st.sampled_from(["", "Words.", "More words."]),
    arxiv_id=st.sampled_from([None, "2402.00001", "2402.00002"]),
    version=st.sampled_from([None, 1, 2]),
)


@given(st.lists(records, max_size=6))
def test_merging_again_changes_nothing_and_never_joins_two_ids(papers: list[Paper]) -> None:
    once = identity.merge([digest(*papers)])

    assert identity.merge([digest(*once)]) == once
    assert {found.arxiv_id for found in once} >= {found.arxiv_id for found in papers if found.arxiv_id}


@given(st.text(max_size=60))
def test_any_text_has_an_id_or_none_and_its_id_is_its_own(text: str) -> None:
    found = identity.arxiv_id(text)

    assert found is None or identity.arxiv_id(found.id) == ArxivId(found.id)
