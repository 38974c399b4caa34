"""Titles and names among what lists hang on them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.sources import titles


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("🔥🔥[Boats] Small Boats, Big Waves(@Harbour University)", "Small Boats, Big Waves"),
        ("[CLS] Token Tells Everything", "[CLS] Token Tells Everything"),
        ("1. Small Boats, Big Waves.", "Small Boats, Big Waves"),
        ("[12] Small Boats", "Small Boats"),
        ("[2024/05] Small Boats", "Small Boats"),
        ("3D Boats in 4 Seas", "3D Boats in 4 Seas"),
        ("1.58 Bits Are Enough", "1.58 Bits Are Enough"),
        ("“Boats Are All You Need”", "Boats Are All You Need"),
        ("Small Boats (arXiv:2401.01234v2)", "Small Boats"),
        ("Small Boats (Read more on", "Small Boats"),
        ("Title of the First Paper", "Title of the First Paper"),
        ("Boats, Waves, ...", "Boats, Waves, ..."),
        ("⭐️⭐️", ""),
    ],
)
def test_a_title_loses_what_lists_hang_on_it_and_nothing_else(words: str, title: str) -> None:
    assert titles.clean(words) == title


@pytest.mark.parametrize(
    ("text", "names", "rest"),
    [
        (" - Ada Grün, J. van der Berg. We sail.", ["Ada Grün", "J. van der Berg"], "We sail."),
        ("Ada Grün and Bo Li - We sail.", ["Ada Grün", "Bo Li"], "We sail."),
        ("A. Grün et al. We sail.", ["A. Grün"], "We sail."),
        ("张伟, 李娜", ["张伟", "李娜"], ""),
        ("Foundation Models. We sail.", [], "Foundation Models. We sail."),
        ("Boats, which float, and waves. We sail.", [], "Boats, which float, and waves. We sail."),
        ("我们研究了小船，并证明了它们能航行。", [], "我们研究了小船，并证明了它们能航行。"),
        ("", [], ""),
    ],
)
def test_a_list_of_names_is_told_from_a_sentence(text: str, names: list[str], rest: str) -> None:
    assert titles.names(text) == (names, rest)


@given(st.text(max_size=300))
def test_any_words_are_cleaned_to_words_of_theirs(words: str) -> None:
    assert titles.clean(words) in words


@pytest.mark.parametrize("noise", ["[", "(@", "🔥", "arxiv:", "A, ", "and ", " et al", "“", "1. "])
def test_endless_decoration_takes_no_time(noise: str) -> None:
    words = noise * 50_000

    assert len(titles.clean(words)) <= len(words)
    assert titles.names(words)[1] in ("", words)
