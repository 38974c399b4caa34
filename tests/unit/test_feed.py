"""Feeds of any site: which field says what, what is cut, and what broken or hostile feeds cost."""

import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import sources
from newsletter.errors import DigestError
from newsletter.model import Digest, Mark, Paper, Skipped
from newsletter.sources import feed
from newsletter.sources.document import Document
from tests.mutations import is_read_or_refused, mutations

SAMPLES = Path(__file__).parents[1] / "data" / "digests" / "feed"


def rss(*items: str) -> str:
    return "<rss version='2.0'><channel><title>Site</title>\n" + "\n".join(items) + "</channel></rss>"


def parse(text: str) -> Digest:
    return feed.parse(Document(text, "feed.xml"))


def only(inside: str, text: str = "") -> Paper:
    (paper,) = parse(text or rss(f"<item><title>Sheep</title>{inside}</item>")).papers
    return paper


def atom(inside: str) -> Paper:
    return only("", f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{inside}</entry></feed>')


@pytest.mark.parametrize(
    "text",
    [
        rss("<item><title>Sheep</title><link>https://a.test/1</link></item>"),
        rss("<item><title>Sheep</title><guid>https://a.test/1</guid></item>"),
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Sheep</title>'
        '<link rel="self" href="https://a.test/self"/><link href="https://a.test/1"/></entry></feed>',
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        "<channel/><item><title>Sheep</title><link>https://a.test/1</link></item></rdf:RDF>",
        "<rss><channel><item><title>Sheep</title><link>https://a.test/1</link></item></channel></rss>",
        "<entry><title>Sheep</title><id>https://a.test/1</id></entry>",
        '<?xml version="1.0"?><RSS><CHANNEL><ITEM><TITLE>Sheep</TITLE><LINK>https://a.test/1</LINK></ITEM></CHANNEL></RSS>',
    ],
)
def test_every_kind_of_feed_gives_the_same_item(text: str) -> None:
    paper = only("", text)

    assert (paper.title, paper.url) == ("Sheep", "https://a.test/1")


def test_a_guid_that_is_no_address_is_none() -> None:
    assert only('<guid isPermaLink="false">https://a.test/1</guid>').url.startswith("https://huggingface.co/")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://a.test\\@b.test/", "data:x", "/relative"])
def test_an_address_that_is_not_of_the_web_is_left_out_and_told(address: str) -> None:
    digest = parse(rss(f"<item><title>Sheep</title><link>{address}</link></item>"))

    assert digest.skipped[-1].why == "not an address of the web; left out"
    assert digest.papers[0].url.startswith("https://huggingface.co/papers?q=")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Ewes &amp;amp; Rams", "Ewes & Rams"),
        ("&lt;b&gt;Ewes&lt;/b&gt; &amp;amp;lt;", "Ewes &lt;"),
        ("<![CDATA[Ewes & <i>Rams</i>]]>", "Ewes & Rams"),
        ("k&lt;n", "k<n"),
    ],
)
def test_html_in_a_title_is_decoded_once(written: str, read: str) -> None:
    assert only("", rss(f"<item><title>{written}</title></item>")).title == read


def test_plain_text_of_atom_is_not_decoded() -> None:
    assert atom('<title type="text">Ewes &amp;amp; &lt;b&gt;</title>').title == "Ewes &amp; <b>"


def test_a_title_of_another_namespace_is_not_the_title() -> None:
    media = '<media:title xmlns:media="http://search.yahoo.com/mrss/">A Picture</media:title>'

    assert only("", rss(f"<item>{media}<title>Sheep</title></item>")).title == "Sheep"


@pytest.mark.parametrize(
    ("description", "abstract", "marks"),
    [
        ("All of it.", "All of it.", ()),
        ("The beginning …", "The beginning …", (Mark.CUT,)),
        ("The beginning...", "The beginning …", (Mark.CUT,)),
        ("The beginning [&#8230;]", "The beginning …", (Mark.CUT,)),
        (
            "&lt;p&gt;The beginning&lt;/p&gt;&lt;a href='/1'&gt;Read more »&lt;/a&gt;",
            "The beginning …",
            (Mark.CUT,),
        ),
        ("The beginning. Continue reading →", "The beginning. …", (Mark.CUT,)),
        ("We read more.", "We read more.", ()),
    ],
)
def test_a_text_that_goes_on_elsewhere_is_marked(
    description: str, abstract: str, marks: tuple[Mark, ...]
) -> None:
    paper = only(f"<description>{description}</description>")

    assert (paper.abstract, paper.marks) == (abstract, marks)


def test_the_content_stands_in_for_a_description_that_is_cut() -> None:
    inside = "<description>All …</description><content:encoded>All of it.</content:encoded>"

    assert (only(inside).abstract, only(inside).marks) == ("All of it.", ())


def test_an_article_too_long_for_an_abstract_does_not_stand_in() -> None:
    article = "We walk. " * 4000

    assert only(f"<description>We …</description><content>{article}</content>").abstract == "We …"


@pytest.mark.parametrize(
    "inside",
    [
        "<dc:creator>Zoë Ewe, Bo Ram</dc:creator>",
        "<dc:creator>Zoë Ewe</dc:creator><dc:creator>Bo Ram</dc:creator>",
        "<author>Zoë Ewe and Bo Ram</author>",
        "<author>zoe@a.test (Zoë Ewe, Bo Ram)</author>",
        "<author><name>Zoë Ewe</name><email>z@a.test</email></author><author><name>Bo Ram</name></author>",
        "<description>&lt;b&gt;Authors:&lt;/b&gt; Zoë Ewe, Bo Ram&lt;p&gt;Abstract: We.</description>",
    ],
)
def test_names_of_authors_are_found(inside: str) -> None:
    assert only(inside).authors == ("Zoë Ewe", "Bo Ram")


def test_a_mail_address_is_no_name() -> None:
    assert only("<author>zoe@a.test</author>").authors == ()


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("Mon, 02 Mar 2026 09:00:00 EST", "2026-03-02"),
        ("Mon, 02 Mar 2026 09:00:00 +2500", "2026-03-02"),
        ("2026-03-02T23:59:59-12:00", "2026-03-02"),
        ("Mon, 02 Mar 0000 09:00:00 GMT", "None"),
        ("9999-12-31", "None"),
        ("31 Feb 2026", "None"),
        ("yesterday", "None"),
        ("", "None"),
    ],
)
def test_a_day_that_cannot_be_is_none(printed: str, day: str) -> None:
    assert str(only(f"<pubDate>{printed}</pubDate>").published) == day


def test_categories_of_arxiv_are_told_from_keywords() -> None:
    paper = only(
        "<category>cs.CL</category><category>Large models</category><category>physics.comp-ph</category>"
    )

    assert (paper.categories, paper.keywords) == (("cs.CL", "physics.comp-ph"), ("Large models",))


def test_labels_in_a_description_are_read_and_a_label_within_an_abstract_is_not() -> None:
    labelled = only("<description>&lt;p&gt;Upvotes: 12&lt;p&gt;Summary: We show: sheep.</description>")
    plain = only("<description>Sheep come first.\nNote: not last. Votes: 3</description>")

    assert (labelled.upvotes, labelled.abstract) == (12, "We show: sheep.")
    assert (plain.upvotes, plain.abstract) == (None, "Sheep come first. Note: not last. Votes: 3")


def test_an_item_without_a_title_is_reported() -> None:
    digest = parse(rss("<item><title>Sheep</title></item>", "<item><description>We.</description></item>"))

    assert digest.skipped == (Skipped(3, "We.", "no title"),)


def test_a_feed_without_items_is_told_apart_from_a_broken_one() -> None:
    with pytest.raises(DigestError, match="the feed is whole and holds no item"):
        parse(rss())


def test_unclosed_fields_cost_no_item() -> None:
    items = [f"<item><title>Sheep {at}<link>https://a.test/{at}</link></item>" for at in range(20)]

    assert [(paper.title, paper.url) for paper in parse(rss(*items)).papers] == [
        (f"Sheep {at}", f"https://a.test/{at}") for at in range(20)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1", "cp1252"])
def test_the_encoding_of_the_file_makes_no_difference(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + rss(
        "<item><title>Zoë counts “£” sheep</title></item>"
    )
    text = text if encoding != "latin-1" else text.replace("“", '"').replace("”", '"')

    (paper,) = sources.parse(text.encode(encoding), "feed.xml").papers
    assert paper.title.replace("“", '"').replace("”", '"') == 'Zoë counts "£" sheep'


def test_a_text_that_is_not_what_it_declares_is_read_as_what_it_is() -> None:
    text = '<?xml version="1.0" encoding="utf-8"?>' + rss("<item><title>Zoë</title></item>")

    assert sources.parse(text.encode("cp1252"), "feed.xml").papers[0].title == "Zoë"


@pytest.mark.parametrize(
    "item",
    [
        "<item><title>S</title></item>",
        "<item><title>" + "s" * 400,
        "<item><title>S</title><description>" + "&lt;p " * 100,
        "<item><title>S<link>" + "x" * 60,
        "<entry><author><name>A</name></author>" * 4,
    ],
)
def test_five_megabytes_of_anything_are_read_in_seconds(item: str) -> None:
    started = time.perf_counter()
    with contextlib.suppress(DigestError):
        sources.parse(("<rss><channel>" + item * (5_000_000 // len(item))).encode(), "feed.xml")
    assert time.perf_counter() - started < 8


TEXTS = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.xml"))]


@settings(max_examples=100)
@given(st.sampled_from(TEXTS).flatmap(mutations))
def test_any_damage_gives_a_digest_or_a_refusal(text: str) -> None:
    assert is_read_or_refused(text)
