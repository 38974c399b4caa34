"""The bundled sample: a page of invented papers, damaged as real pages are."""

import re
from importlib.resources import files

import pytest

from newsletter import sources, summary
from newsletter.model import Digest, LinkKind

RAW = files("newsletter").joinpath("sample", "daily-papers.txt").read_bytes()

# Papers that were written for the sample.
WRITTEN = 23

# What is left where a repair was missed.
RESIDUE = re.compile(r"\dtimes|\\%|\bsim \d|x20\d\d|~|``|''|\{|\d\^\d| % | -- ")


@pytest.fixture(scope="module")
def sample() -> Digest:
    return sources.parse(RAW, "sample")


def test_every_paper_that_was_written_is_read(sample: Digest) -> None:
    assert len(sample.papers) == WRITTEN
    assert sample.date_text == "Jan 6"
    assert all(110 <= len(paper.abstract.split()) <= 195 for paper in sample.papers)


def test_every_kind_of_damage_is_there_and_is_repaired(sample: Digest) -> None:
    kinds = {"3.4times", "256times256", "61.4\\%", "sim 80%", "x2014", "}", "~(", "``", " -- ", "10^6", " % "}
    text = RAW.decode()

    assert [kind for kind in kinds if kind not in text] == []
    assert [found[0] for paper in sample.papers if (found := RESIDUE.search(paper.abstract))] == []


def test_every_paper_has_a_line_and_most_have_figures(sample: Digest) -> None:
    lines = [summary.one_liner(paper.abstract, title=paper.title) for paper in sample.papers]
    figures = [summary.figures(paper.abstract) for paper in sample.papers]

    assert all(paper.title.split(":")[0] in line for paper, line in zip(sample.papers, lines, strict=True))
    assert all(line.endswith(".") for line in lines)
    assert sum(bool(found) for found in figures) >= 20


def test_the_links_lead_to_domains_that_nobody_owns(sample: Digest) -> None:
    links = [link for paper in sample.papers for link in paper.links]

    assert all(re.fullmatch(r"https://[a-z]+\.example\.org/[a-z]*", link.url) for link in links)
    assert {link.kind for link in links} == {LinkKind.CODE, LinkKind.PROJECT}
    assert all(paper.links for paper in sample.papers)
