"""Web addresses of an abstract: where they end, and what lies behind them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model import Link, LinkKind
from newsletter.sources import weblinks

CODE, MODEL, PAPER = LinkKind.CODE, LinkKind.MODEL, LinkKind.PAPER
PROJECT, OTHER = LinkKind.PROJECT, LinkKind.OTHER


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://github.com/example/boats", CODE),
        ("https://www.gitlab.com/example/boats", CODE),
        ("https://bitbucket.org/example/boats", CODE),
        ("https://codeberg.org/example/boats", CODE),
        ("https://code.example.org/boats", CODE),
        ("https://huggingface.co/example/boats-7b", MODEL),
        ("https://huggingface.co/datasets/example/boats", MODEL),
        ("https://huggingface.co/spaces/example/boats", PROJECT),
        ("https://huggingface.co/papers/2501.00001", PAPER),
        ("https://huggingface.co/blog/boats", OTHER),
        ("https://arxiv.org/abs/2501.00001", PAPER),
        ("https://arxiv.org/pdf/2501.00001v2", PAPER),
        ("https://example.github.io/boats/", PROJECT),
        ("http://boats.example.org", PROJECT),
        ("https://youtu.be/abc123", OTHER),
        ("https://zenodo.org/records/1", OTHER),
    ],
)
def test_host_and_path_tell_what_lies_behind(url: str, kind: LinkKind) -> None:
    assert weblinks.find(f"It is at {url} for all.") == (Link(kind, url),)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("http://example.github.io/boats/#", "https://example.github.io/boats/"),
        ("http://www.github.com/example/boats", "https://www.github.com/example/boats"),
        ("http://boats.example.org/#sails", "http://boats.example.org/#sails"),
        ("http://notgithub.com/example", "http://notgithub.com/example"),
        ("http://github.com.example.org/boats", "http://github.com.example.org/boats"),
    ],
)
def test_an_address_goes_by_https_where_its_host_is_known_to_answer(written: str, meant: str) -> None:
    assert weblinks.tidy(written) == meant
    assert weblinks.find(f"It is at {written} for all.")[0].url == meant


def test_words_before_an_address_make_it_the_project_page() -> None:
    assert weblinks.find("Project page: https://bit.ly/boats") == (Link(PROJECT, "https://bit.ly/boats"),)


@pytest.mark.parametrize(
    "text",
    [
        "at https://example.org/boats.",
        "(https://example.org/boats), which",
        "at https://example.org/boats; and",
        "at “https://example.org/boats”.",
        "[boats](https://example.org/boats)",
        "at https://example.org/boats?!",
        "at <https://example.org/boats>",
        "at https://example.org/boats, at https://example.org/boats/ and again",
    ],
)
def test_an_address_ends_before_the_marks_of_its_sentence(text: str) -> None:
    assert [link.url for link in weblinks.find(text)] == ["https://example.org/boats"]


def test_a_bracket_that_opens_inside_an_address_closes_there() -> None:
    assert [link.url for link in weblinks.find("(https://example.org/boat_(paper))")] == [
        "https://example.org/boat_(paper)"
    ]


def test_addresses_without_a_scheme_are_completed() -> None:
    text = "at hf.co/example/a and github.com/example/b, also example.github.io/c and www.example.org/d."

    assert [link.url for link in weblinks.find(text)] == [
        "https://hf.co/example/a",
        "https://github.com/example/b",
        "https://example.github.io/c",
        "https://www.example.org/d",
    ]


@pytest.mark.parametrize("text", ["", "v1.2/3", "and/or", "mail me@github.com/x", "https://", "ratio 1://2"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert weblinks.find(text) == ()


@given(
    st.lists(st.sampled_from(["https://", "a.org/", "(", ")", ".", " ", "x", "hf.co/", "www.", "é"])).map(
        "".join
    )
)
def test_every_address_is_http_and_has_a_host(text: str) -> None:
    for link in weblinks.find(text):
        assert link.url.startswith(("http://", "https://"))
        assert link.url.partition("://")[2].strip("/")


def test_a_comment_announces_code_and_pages_but_no_files_and_no_journals() -> None:
    comment = (
        "12 pages. Code: https://github.com/example/sheep, page https://sheep.example.org/. Figures in full: "
        "http://a.example.org/sheep.ps.gz; see https://doi.org/10.1/2 and https://arxiv.org/abs/2401.00001"
    )

    assert weblinks.announced(comment) == ("https://github.com/example/sheep", "https://sheep.example.org/")


def test_an_address_keeps_its_query() -> None:
    assert weblinks.find("See https://openreview.net/forum?id=aB3dE5.") == (
        Link(LinkKind.OTHER, "https://openreview.net/forum?id=aB3dE5"),
    )
