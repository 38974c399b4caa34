"""The rows of an issue's contents, beside what earlier issues had."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import contents
from newsletter.contents import Bar, Row
from newsletter.model import Section, Trend
from tests.builders import issue, pick, trend

CACHE = Section("kv-cache", "KV cache", "", (pick(), pick()))
REST = Section("trending", "Also trending", "", (pick(),))


def test_without_earlier_issues_a_row_only_counts() -> None:
    assert contents.rows(issue(CACHE, REST)) == (
        Row("KV cache", "kv-cache", 2, 2),
        Row("Also trending", "trending", 1, 1),
    )


def test_a_theme_without_papers_stands_before_what_is_trending() -> None:
    rows = contents.rows(issue(CACHE, REST, trends=(trend(count=2), trend("speech", 0, 1.5))))

    assert [(row.title, row.theme, row.shown) for row in rows] == [
        ("KV cache", "kv-cache", 2),
        ("Speech", "", 0),
        ("Also trending", "trending", 1),
    ]


@pytest.mark.parametrize(
    ("of", "tendency", "usual"),
    [
        (trend(count=8, mean=5.2), "▲", "usually 5.2"),
        (trend(count=3, mean=5.0), "▼", "usually 5"),
        (trend(count=5, mean=5.96), "", "usually 6"),
        (trend(count=0, mean=0.0), "", "usually 0"),
        (trend(count=2, mean=5, issues=1), "▼", "last time 5"),
    ],
)
def test_a_tendency_is_told_from_a_whole_paper_on(of: Trend, tendency: str, usual: str) -> None:
    (row,) = contents.rows(issue(CACHE, trends=(of,)))

    assert (row.tendency, row.usual) == (tendency, usual)


def test_papers_that_fit_are_counted_beyond_those_that_are_shown() -> None:
    assert contents.rows(issue(CACHE, trends=(trend(count=8),)))[0].found == 8
    # An editor may have put papers in that do not fit.
    assert contents.rows(issue(CACHE, trends=(trend(count=0),)))[0].found == 2


def test_bars_share_one_scale() -> None:
    rows = contents.rows(issue(CACHE, trends=(trend(count=8, mean=4), trend("speech", 1, 2))))

    assert [row.bar for row in rows] == [Bar(0.5, 0.5, 0.0), Bar(0.125, 0.0, 0.125)]
    assert Bar(0.5, 0.5, 0.0).parts(120) == (60, 60, 0)
    assert Bar(0.5, 0.5, 0.0).parts(5) == (2, 3, 0)


def test_nothing_now_and_nothing_before_has_no_bar() -> None:
    assert contents.rows(issue(CACHE, trends=(trend(count=0, mean=0.0),)))[0].bar is None


@given(st.integers(0, 10_000), st.floats(0, 10_000), st.integers(1, 200))
def test_a_bar_keeps_its_length(count: int, mean: float, length: int) -> None:
    bar = contents.rows(issue(CACHE, trends=(trend(count=count, mean=mean),)))[0].bar

    assert bar is None or length <= sum(bar.parts(length)) <= length + 2


@pytest.mark.parametrize(("issues", "basis"), [((12, 3), 12), ((1, 1), 0), ((), 0)])
def test_what_is_usual_is_said_to_rest_on_so_many_issues(issues: tuple[int, ...], basis: int) -> None:
    trends = tuple(trend(f"theme-{n}", issues=number) for n, number in enumerate(issues))

    assert contents.basis(issue(CACHE, trends=trends)) == basis
