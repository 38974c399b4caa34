"""arXiv's announcements: both generations of their feeds, and days without one."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import DigestError
from newsletter.model import Digest, Mark, Paper
from newsletter.sources import arxiv_rss
from newsletter.sources.document import Document
from tests.mutations import is_read_or_refused, mutations

SAMPLES = Path(__file__).parents[1] / "data" / "digests" / "arxiv-rss"
HEAD = (
    '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:arxiv="http://arxiv.org/schemas/atom">'
    "<channel><title>cs.CL updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.CL</link>"
    "<pubDate>Tue, 02 Jan 2024 00:00:00 -0500</pubDate><skipDays><day>Sunday</day></skipDays>"
)


def parse(text: str) -> Digest:
    return arxiv_rss.parse(Document(text, "rss.xml"))


def only(inside: str) -> Paper:
    (paper,) = parse(f"{HEAD}<item><title>Counting Sheep</title>{inside}</item></channel></rss>").papers
    return paper


@pytest.mark.parametrize(
    ("printed", "marks"),
    [
        ("new", ()),
        ("cross", ()),
        ("replace", (Mark.REPLACEMENT,)),
        ("replace-cross", (Mark.REPLACEMENT,)),
    ],
)
def test_what_is_announced_again_is_marked(printed: str, marks: tuple[Mark, ...]) -> None:
    prefix = f"arXiv:2401.90001v2 Announce Type: {printed} \nAbstract: Sheep look alike."
    in_text = only(f"<description>{prefix}</description>")
    in_field = only(f"<arxiv:announce_type>{printed}</arxiv:announce_type>")

    assert (in_text.abstract, in_text.arxiv_id, in_text.version) == ("Sheep look alike.", "2401.90001", 2)
    assert in_text.marks == in_field.marks == marks


def test_an_abstract_without_the_prefix_is_whole() -> None:
    assert only("<description>Abstract: we, arXiv:2401.1 Announce Type: new.</description>").abstract == (
        "Abstract: we, arXiv:2401.1 Announce Type: new."
    )


def test_signs_of_mathematics_in_an_abstract_stay() -> None:
    text = "arXiv:2401.90001v1 Announce Type: new \nAbstract: For p&lt;b&gt;q &amp;amp; k&lt;n."

    assert only(f"<description>{text}</description>").abstract == "For p<b>q &amp; k<n."


@pytest.mark.parametrize(
    "names",
    [
        "Zoë Ewe, Andr\\'e Collie",
        "Zo&amp;#235; Ewe, Andr&amp;eacute; Collie",
        "Zoë Ewe (Barn, Hill), André Collie (Hut)",
        '&lt;a href="http://a.test/1"&gt;Zoë Ewe&lt;/a&gt;, &lt;a href="/2"&gt;André Collie&lt;/a&gt;',
    ],
)
def test_the_string_of_names_is_parted(names: str) -> None:
    assert only(f"<dc:creator>{names}</dc:creator>").authors == ("Zoë Ewe", "André Collie")


@pytest.mark.parametrize(
    ("behind", "version", "category", "marks"),
    [
        (". (arXiv:2301.90001v1 [cs.CL])", 1, ("cs.CL",), ()),
        (" (arXiv:2301.90001v3 [cs.CL] UPDATED)", 3, ("cs.CL",), (Mark.REPLACEMENT,)),
        (". (arXiv:2301.90001v1 [math.CO] CROSS LISTED)", 1, ("math.CO",), ()),
        (". (arXiv:2301.90001)", None, (), ()),
    ],
)
def test_an_old_title_gives_its_tail_away(
    behind: str, version: int | None, category: tuple[str, ...], marks: tuple[Mark, ...]
) -> None:
    text = HEAD + f"<item><title>Why (Not) Count?{behind}</title></item></channel></rss>"

    (paper,) = parse(text).papers
    assert (paper.title, paper.arxiv_id) == ("Why (Not) Count?", "2301.90001")
    assert (paper.version, paper.categories, paper.marks) == (version, category, marks)


def test_a_feed_without_announcements_says_so() -> None:
    with pytest.raises(DigestError) as caught:
        parse(HEAD + "</channel></rss>")

    assert "arXiv announces nothing on this day, as at weekends and on holidays" in str(caught.value)


def test_a_paper_without_a_day_of_its_own_has_that_of_the_feed() -> None:
    assert str(only("").published) == "2024-01-02"


@pytest.mark.parametrize(
    ("head", "is_arxiv"),
    [
        (HEAD, True),
        ("<feed><id>http://rss.arxiv.org/atom/cs.AI</id>", True),
        ("<rss><channel><title>math.CO updates on arXiv.org</title>", True),
        ("<rss><channel><title>Papers that I read on arXiv.org</title>", False),
        ("<rss><channel><link>https://arxiv.org/</link>", False),
        ("<opml><title>cs.CL updates on arXiv.org</title>", False),
    ],
)
def test_a_feed_is_arxivs_by_what_it_says_of_itself(head: str, is_arxiv: bool) -> None:
    assert arxiv_rss.sniff(Document(head, "rss.xml")) is is_arxiv


TEXTS = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.xml"))]


@settings(max_examples=60)
@given(st.sampled_from(TEXTS).flatmap(mutations))
def test_any_damage_gives_a_digest_or_a_refusal(text: str) -> None:
    assert is_read_or_refused(text)
