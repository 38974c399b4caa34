"""HTML pages that name papers, and the issues that this program renders itself."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model import Digest
from newsletter.sources import html_digest
from newsletter.sources.document import Document
from tests.mutations import is_read_or_refused, mutations

SAMPLE = (Path(__file__).parents[1] / "data/digests/html-digest/page.html").read_text(encoding="utf-8")
BOATS = '<a href="https://arxiv.org/abs/2401.01234">Small Boats, Big Waves</a>'
LONG = "We study boats at sea, " + "which float and float and float, " * 6 + "and find that they float."


def parse(body: str) -> Digest:
    return html_digest.parse(Document(f"<html><body>{body}</body></html>", "page.html"))


@pytest.mark.parametrize(
    "body",
    [
        f"<h3>{BOATS}</h3>",
        f"<p>1. {BOATS}</p>",
        f"<table><tr><td><table><tr><td>{BOATS}</td></tr></table></td></tr></table>",
        '<a href="https://arxiv.org/abs/2401.01234"><h3>Small Boats,\n Big Waves</h3></a>',
        '<h2>Small Boats, Big Waves</h2><a href="https://arxiv.org/abs/2401.01234">Read more on arXiv</a>',
        '<b>Small Boats, Big Waves</b><br><a href="https://arxiv.org/abs/2401.01234">PDF</a>',
    ],
)
def test_a_title_with_a_papers_address_is_a_paper(body: str) -> None:
    assert [(paper.title, paper.arxiv_id) for paper in parse(body).papers] == [
        ("Small Boats, Big Waves", "2401.01234")
    ]


def test_the_text_below_a_title_is_its_abstract_with_authors_apart() -> None:
    (paper,) = parse(
        f"<h3>{BOATS}</h3><p>Ada Grün, Bo Li</p><p>{LONG}</p><p>© 2025 Us</p><p>{LONG}</p>"
    ).papers

    assert (paper.authors, paper.abstract) == (("Ada Grün", "Bo Li"), LONG)


def test_a_link_to_the_abstract_says_that_the_text_is_not_it() -> None:
    link = '<a href="https://arxiv.org/abs/2401.01234">Abstract</a>'
    (paper,) = parse(f"<h3>{BOATS}</h3><p>{LONG}</p><p>{link}</p>").papers

    assert (paper.abstract, paper.ai_summary) == ("", "")


def test_a_heading_above_a_long_text_is_no_paper_without_an_address() -> None:
    assert parse(f"<h3>{BOATS}</h3><h3>How We Read Papers Here</h3><p>{LONG}</p>").papers[1:] == ()


def test_scripts_and_styles_are_not_read() -> None:
    digest = parse(
        f"<style>x</style><script>var a</script><h3>{BOATS}</h3><p onclick='x'>Abstract: A &lt;b&gt; c.</p>"
    )

    assert (digest.papers[0].abstract, digest.skipped) == ("A <b> c.", ())


def test_the_page_is_dated_by_its_head() -> None:
    assert parse(f"<h1>Papers of May 6, 2025</h1>{BOATS}").date == date(2025, 5, 6)
    assert parse(f"<h1>Papers</h1>{BOATS}<p>May 6, 2025</p>").date == date(2025, 5, 6)
    assert parse(f"<h1>Papers</h1>{BOATS}").date is None


@pytest.mark.parametrize(
    ("text", "is_digest"),
    [
        (f"<!doctype html><body>{BOATS}", True),
        (f"<div>{BOATS}</div>", True),
        ("<!doctype html><body><h1>404</h1>", False),
        (f'<html><div data-target="DailyPapers" data-props="{{&quot;dailyPapers&quot;:[]}}">{BOATS}', False),
        (f"<div align=center>\n\n# Papers\n\n{BOATS}", False),
        (f'<?xml version="1.0"?><rss>{BOATS}</rss>', False),
        ("", False),
    ],
)
def test_only_html_with_a_papers_address_is_this_format(text: str, is_digest: bool) -> None:
    assert html_digest.sniff(Document(text, "x")) is is_digest


@pytest.mark.parametrize(
    "noise", ["<div>", "<table><tr><th>Title<th>Paper<tr><td>", "<ul><li>x", "<b>x", BOATS[:-4]]
)
def test_deep_and_endless_markup_is_read_at_once(noise: str) -> None:
    assert len(parse(BOATS + noise * (200_000 // len(noise))).papers) <= 1


@given(st.data())
def test_any_mutation_is_read_or_refused(data: st.DataObject) -> None:
    assert is_read_or_refused(data.draw(mutations(SAMPLE)))
