"""Damaged copies of a text, for the property that no damage crashes a parser."""

from hypothesis import strategies as st

# What breaks one syntax or another: markup, quotes, separators, directions, numbers and dates out of bounds.
PIECES = (
    "<", ">", "&", "&#0;", "&a;", "<![CDATA[", "]]>", "<!--", "</item>", "<item>", "<title>", "</entry>",
    "/>", '"', "'", ",", ";", "\t", "\n", "\n\n", "\n---\n", "\\\\", "\n\\\\\n",
    "Title:", "Abstract: ", "arXiv:", "https://", "javascript:x", "0000-00-00", "9999-99-99",
    "Mon, 99 Foo 0000 99:99:99 +9999", "9" * 400, "\u202e", "\ufffd", "\u0301" * 50, "{", "}", "$", "\\frac{",
    "…", "(", ")", " and ", "[", "]",
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """The text after a few cuts, copies and strange insertions."""
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.text(max_size=20), st.just(text[start:end])))
        end = start if draw(st.booleans()) else end
        text = (text[:start] + piece + text[end:])[:20_000]
    return text
