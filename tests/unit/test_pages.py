"""Pages of the web site: what a template may make of a text."""

import pytest

from newsletter import pages
from newsletter.errors import RenderError
from newsletter.templating import Look


def page(text: str, template: str = "<p>{{ text }}</p>") -> str:
    return pages.page(Look("web", {"one.html.j2": template}), "one", root="", values={"text": text})


@pytest.mark.parametrize("text", ["a\u202eb\u202c", "a\x00b\x1b", "a\ud800b"])
def test_no_text_turns_a_page_around_or_breaks_its_bytes(text: str) -> None:
    assert page(text).encode() == b"<p>ab</p>"


def test_a_text_is_no_markup() -> None:
    assert page("<b>&") == "<p>&lt;b&gt;&amp;</p>"


def test_a_page_may_be_as_long_as_a_search_of_everything_and_no_longer() -> None:
    assert len(page("", "{% for n in range(30000) %}{{ '%0100d' | format(n) }}{% endfor %}")) == 3_000_000
    with pytest.raises(RenderError, match="more than 20,000,000 characters"):
        page("", "{% for n in range(30000) %}{{ '%01000d' | format(n) }}{% endfor %}")
