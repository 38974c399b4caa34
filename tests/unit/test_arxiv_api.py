"""Answers of arXiv's API: what is a paper in them, what an error, and what an empty answer says."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from newsletter import sources
from newsletter.errors import DigestError
from newsletter.model import Digest, Link, LinkKind, Paper, Skipped
from newsletter.sources import arxiv_api
from newsletter.sources.document import Document
from tests.mutations import is_read_or_refused, mutations

SAMPLES = Path(__file__).parents[1] / "data" / "digests" / "arxiv-api"
HEAD = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
    ' xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
    "<id>https://arxiv.org/api/sHeEp</id><title>arXiv Query: search_query=all:sheep</title>"
)
SHEEP = (
    "<entry><id>http://arxiv.org/abs/2401.90001v3</id><title>Counting Sheep</title>"
    "<published>2024-01-02T03:04:05Z</published><summary>Sheep look alike.</summary></entry>"
)


def answer(*entries: str) -> str:
    return HEAD + "\n".join(entries) + "</feed>"


def parse(text: str) -> Digest:
    return arxiv_api.parse(Document(text, "answer.xml"))


def only(entry: str) -> Paper:
    (paper,) = parse(answer(entry)).papers
    return paper


def refusal(text: str) -> str:
    with pytest.raises(DigestError) as caught:
        parse(text)
    return str(caught.value)


def test_the_title_of_the_feed_is_no_paper() -> None:
    assert [paper.title for paper in parse(answer(SHEEP)).papers] == ["Counting Sheep"]


@pytest.mark.parametrize(
    ("address", "id", "version"),
    [
        ("http://arxiv.org/abs/2401.90001v12", "2401.90001", 12),
        ("https://arxiv.org/abs/0704.0001", "0704.0001", None),
        ("http://arxiv.org/abs/astro-ph/0601001v1", "astro-ph/0601001", 1),
        ("http://arxiv.org/abs/math.GT/0309136v2", "math/0309136", 2),
    ],
)
def test_an_id_is_read_out_of_its_address(address: str, id: str, version: int | None) -> None:
    paper = only(f"<entry><id>{address}</id><title>Sheep</title></entry>")

    assert (paper.arxiv_id, paper.version, paper.url) == (id, version, f"https://arxiv.org/abs/{id}")


def test_the_primary_category_comes_first_and_once() -> None:
    terms = "".join(f'<category term="{term}"/>' for term in ("cs.AI", "cs.CL", "cs.LG"))
    paper = only(
        f'<entry><title>Sheep</title>{terms}<arxiv:primary_category term="cs.LG"/></entry>',
    )

    assert paper.categories == ("cs.LG", "cs.AI", "cs.CL")


def test_code_is_found_in_the_comment() -> None:
    comment = "<arxiv:comment>ICML. Code: https://github.com/example/sheep.</arxiv:comment>"

    assert only(f"<entry><title>Sheep</title>{comment}</entry>").links == (
        Link(LinkKind.CODE, "https://github.com/example/sheep"),
    )


def test_an_affiliation_is_no_author() -> None:
    author = "<author><name>Zoë Ewe</name><arxiv:affiliation>Barn</arxiv:affiliation></author>"

    assert only(f"<entry><title>Sheep</title>{author * 2}</entry>").authors == ("Zoë Ewe",)


def test_signs_of_mathematics_are_no_markup() -> None:
    paper = only("<entry><title>k&lt;n, n&gt;k &amp;amp; m</title><summary>p&lt;b&gt;q</summary></entry>")

    assert (paper.title, paper.abstract) == ("k<n, n>k &amp; m", "p<b>q")


def test_an_entry_without_a_title_is_reported_by_its_id() -> None:
    digest = parse(answer(SHEEP, "<entry><id>http://arxiv.org/abs/2401.90002v1</id></entry>"))

    assert digest.skipped == (Skipped(2, "http://arxiv.org/abs/2401.90002v1", "no title"),)


def test_the_day_of_the_answer_is_its_date() -> None:
    digest = parse(answer("<updated>2024-02-03T00:00:00Z</updated>", SHEEP))

    assert (str(digest.date), digest.date_text) == ("2024-02-03", "2024-02-03T00:00:00Z")
    assert str(digest.papers[0].published) == "2024-01-02"


def test_an_error_is_told_in_arxivs_own_words() -> None:
    error = (
        "<entry><id>https://arxiv.org/api/errors#incorrect_id_format_for_x</id><title>Error</title>"
        "<summary>incorrect id format for x</summary></entry>"
    )

    assert refusal(answer(error)) == (
        "answer.xml: arXiv answers with an error: “incorrect id format for x”; "
        "correct the query and ask again"
    )


@pytest.mark.parametrize(
    ("total", "words"),
    [("", "nothing matches the query"), ("0", "nothing matches the query"), ("12", "of the 12 that match")],
)
def test_an_empty_answer_is_told_apart_from_a_broken_one(total: str, words: str) -> None:
    message = refusal(answer(f"<opensearch:totalResults>{total}</opensearch:totalResults>"))

    assert "the answer is whole and holds no paper" in message
    assert words in message


def test_an_answer_that_breaks_off_is_not_called_whole() -> None:
    with pytest.raises(DigestError, match="no paper is in it"):
        sources.parse(HEAD.encode(), "answer.xml")


@pytest.mark.parametrize("text", ["<feed><id>https://a.test/</id></feed>", "arXiv Query:", '{"feed": {}}'])
def test_other_texts_are_not_of_the_api(text: str) -> None:
    assert not arxiv_api.sniff(Document(text, "answer.xml"))


@settings(max_examples=60)
@given(mutations((SAMPLES / "query.xml").read_text(encoding="utf-8")))
def test_any_damage_gives_a_digest_or_a_refusal(text: str) -> None:
    assert is_read_or_refused(text)
