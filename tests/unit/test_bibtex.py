"""BibTeX: which fields say what, and what a broken entry costs."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model import Digest, Paper, Repair
from newsletter.sources import bibtex
from newsletter.sources.document import Document
from tests.mutations import is_read_or_refused, mutations

SAMPLE = (Path(__file__).parents[1] / "data/digests/bibtex/library.bib").read_text(encoding="utf-8")


def parse(text: str) -> Digest:
    return bibtex.parse(Document(text, "library.bib"))


def entry(**fields: str) -> Paper:
    values = ",\n".join(f"  {key} = {{{value}}}" for key, value in {"title": "Boats", **fields}.items())
    (paper,) = parse(f"@article{{key,\n{values}\n}}").papers
    return paper


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        ("{LLM}s in {B}oats", "LLMs in Boats"),
        ("{{Boats: A Survey}}", "Boats: A Survey"),
        ('Schr{\\"o}dinger\'s na{\\"\\i}ve Bo\\^{a}t', "Schrödinger's naïve Boât"),
        ("Stra{\\ss}e und {\\AA}ngstr{\\o}m", "Straße und Ångstrøm"),
        ("Boats\n   at Sea", "Boats at Sea"),
        (r"Boats \textbraceleft{}x\textbraceright{} at \$5 {and} \$6", "Boats {x} at $5 and $6"),
        (r"Boats\textasciicircum 2 {\textasciitilde}", "Boats² ~"),
    ],
)
def test_braces_and_accents_of_a_title_are_resolved(printed: str, title: str) -> None:
    assert entry(title=printed).title == title


@pytest.mark.parametrize(
    ("fields", "id"),
    [
        ({"eprint": "2312.03863", "archivePrefix": "arXiv"}, "2312.03863"),
        ({"eprint": "2312.03863"}, "2312.03863"),
        ({"eprint": "2312.03863", "archiveprefix": "HAL"}, None),
        ({"journal": "arXiv preprint arXiv:2312.03863"}, "2312.03863"),
        ({"journal": "CoRR", "volume": "abs/2312.03863"}, "2312.03863"),
        ({"url": "https://arxiv.org/pdf/2312.03863v2"}, "2312.03863"),
        ({"doi": "10.48550/arXiv.2312.03863"}, "2312.03863"),
        ({"note": "Printed 2312.03863 times"}, None),
        ({"pages": "2312.03863"}, None),
    ],
)
def test_an_arxiv_id_is_read_where_the_field_speaks_of_arxiv(fields: dict[str, str], id: str | None) -> None:
    assert entry(**fields).arxiv_id == id


def test_names_are_put_in_the_order_in_which_they_are_said() -> None:
    paper = entry(author="Hopper, Grace and Davis, Jr., Sam and Ada {de la} Cruz\n and others")

    assert paper.authors == ("Grace Hopper", "Sam Davis Jr.", "Ada de la Cruz")


def test_a_name_in_braces_is_one_name_as_it_stands() -> None:
    paper = entry(
        author='{Boats and Sheep, Inc.} and Holm, Ada and {Plato} and B{\\"o}hm, Ben and {The {L} Team}'
    )

    assert paper.authors == ("Boats and Sheep, Inc.", "Ada Holm", "Plato", "Ben Böhm", "The L Team")


@pytest.mark.parametrize(
    ("fields", "printed"),
    [
        ({"date": "2023-05-06"}, "2023-05-06"),
        ({"year": "2023", "month": "may", "day": "6"}, "2023-05-06"),
        ({"year": "2023", "month": "may"}, None),
        ({"year": "2023"}, None),
    ],
)
def test_a_day_is_given_only_where_the_entry_has_one(fields: dict[str, str], printed: str | None) -> None:
    published = entry(**fields).published

    assert (published.isoformat() if published else None) == printed


def test_a_broken_entry_is_reported_with_its_line_and_the_others_are_kept() -> None:
    digest = parse("@misc{a, title={One}}\n@misc{b,\n title={Two\n@misc{c, title={Three}}\n@misc{d}")

    assert [paper.title for paper in digest.papers] == ["One", "Three"]
    assert [(stretch.line, stretch.why) for stretch in digest.skipped] == [
        (2, "a broken entry: a brace, quote or comma is missing"),
        (5, "no title"),
    ]


def test_entries_with_one_key_are_both_kept() -> None:
    digest = parse("@misc{a, title={One}}\n@misc{a, title={Two}, title={Two Again}}")

    assert [paper.title for paper in digest.papers] == ["One", "Two"]


def test_strings_are_filled_in_and_comments_left_out() -> None:
    digest = parse(
        '@string{sea = "Sea"}\n@comment{@misc{x, title={X}}}\n% @misc{y, title={Y}}\nnoise @ here\n'
        '@misc{a, title="Boats" # " and " # "Oars", year=2020}'
    )

    assert [paper.title for paper in digest.papers] == ["Boats and Oars"]
    assert digest.skipped == ()


def test_an_abstract_over_several_lines_names_the_line_of_a_repair() -> None:
    (paper,) = parse("@misc{a,\n title={Boats},\n abstract={They float\n on 3.5\\% of seas.}\n}").papers

    assert paper.abstract == "They float on 3.5% of seas."
    assert paper.repairs == (Repair(4, "3.5\\%", "3.5%"),)


@pytest.mark.parametrize(
    ("text", "is_bibtex"),
    [
        ("% a note\n\n@article{a, title={b}}", True),
        ("  @InProceedings (a, title={b})", True),
        ("# Cite us\n\n```\n@article{a, title={b}}\n```", False),
        ("Subject: cite\nFrom: a@b.c\n\n@article{a, title={b}}", False),
        ("@comment{nothing}", False),
        ("mail me @home {or not}", False),
    ],
)
def test_bibtex_is_told_by_its_first_entry(text: str, is_bibtex: bool) -> None:
    assert bibtex.sniff(Document(text, "x")) is is_bibtex


@pytest.mark.parametrize("noise", ["{", '"', "$", '{\\"', " and ", '" # ', "@a{", ",", "=", "%"])
def test_a_hundred_thousand_signs_are_read_at_once(noise: str) -> None:
    text = (
        "@misc{a, title={A Title}, author={" + noise * (100_000 // len(noise)) + "}}\n@misc{b, title={Boats}}"
    )

    assert len(parse(text).papers) <= 2


@given(st.data())
def test_any_mutation_is_read_or_refused(data: st.DataObject) -> None:
    assert is_read_or_refused(data.draw(mutations(SAMPLE)))
