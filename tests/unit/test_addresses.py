"""From what an operator asks for to the addresses that hold it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import addresses
from newsletter.addresses import Wanted
from newsletter.announcements import Publisher

TUESDAY = date(2026, 11, 24)
API = "https://huggingface.co/api/daily_papers?date="


def days(period: str, today: date = TUESDAY) -> list[str]:
    return [str(wanted.on) for wanted in addresses.hf_daily(period, today=today)]


def test_a_day_is_one_page_of_the_api() -> None:
    (wanted,) = addresses.hf_daily("day", today=TUESDAY)

    address = f"{API}2026-11-24&limit=100"
    assert wanted == Wanted("Hugging Face, 2026-11-24", address, Publisher.HF_DAILY, TUESDAY)


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("week", ["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-23", "2026-11-24"]),
        ("2026-W47", ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]),
        ("2026-W48", ["2026-11-23", "2026-11-24"]),
        ("2025-07-30", ["2025-07-30"]),
    ],
)
def test_a_period_has_the_weekdays_that_have_come(period: str, expected: list[str]) -> None:
    assert days(period) == expected


def test_a_month_has_its_weekdays() -> None:
    assert len(days("2026-10")) == 22
    assert days("2026-02")[-1] == "2026-02-27"
    assert len(days("month")) == 22


@pytest.mark.parametrize(("period", "day"), [("day", "2026-11-22"), ("2026-11-22", "2026-11-22")])
def test_a_day_without_a_page_is_still_named(period: str, day: str) -> None:
    assert days(period, date(2026, 11, 22)) == [day]


@pytest.mark.parametrize("period", ["", "yesterday", "2026-13", "2026-W54", "2026-02-30", "2026", "week "])
def test_no_period_is_refused(period: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        days(period)


def test_a_query_asks_for_the_newest_papers_and_is_escaped() -> None:
    wanted = addresses.arxiv_search('cat:cs.CL AND abs:"KV cache"&x=1', most=50)

    assert wanted.address == (
        "https://export.arxiv.org/api/query?search_query=cat%3Acs.CL+AND+abs%3A%22KV+cache%22%26x%3D1"
        "&sortBy=submittedDate&sortOrder=descending&start=0&max_results=50"
    )


def test_a_category_is_the_feed_of_what_was_announced_last() -> None:
    wanted = addresses.arxiv_category("cs.LG+cs.CL")

    assert wanted == Wanted(
        "arXiv cs.LG+cs.CL", "https://rss.arxiv.org/atom/cs.LG+cs.CL", Publisher.ARXIV_FEED
    )


@pytest.mark.parametrize(
    ("address", "first"),
    [
        ("https://huggingface.co/papers", f"{API}2026-11-24&limit=100"),
        ("https://huggingface.co/papers/", f"{API}2026-11-24&limit=100"),
        ("https://huggingface.co/papers/date/2025-07-30", f"{API}2025-07-30&limit=100"),
        ("https://huggingface.co/papers/week/2026-W47", f"{API}2026-11-16&limit=100"),
        ("https://huggingface.co/papers/month/2026-10", f"{API}2026-10-01&limit=100"),
        ("https://huggingface.co/papers/month/2026-99", "https://huggingface.co/papers/month/2026-99"),
        ("https://huggingface.co/papers?q=kv", "https://huggingface.co/papers?q=kv"),
        ("https://huggingface.co/papers/2402.02750", "https://huggingface.co/papers/2402.02750"),
        ("https://a.example/papers", "https://a.example/papers"),
        ("https://arxiv.org/list/cs.LG/recent", "https://rss.arxiv.org/atom/cs.LG"),
        ("https://arxiv.org/abs/2402.02750v2", "https://export.arxiv.org/api/query?id_list=2402.02750"),
        ("https://www.arxiv.org/pdf/2402.02750", "https://export.arxiv.org/api/query?id_list=2402.02750"),
        ("https://arxiv.org/abs/cs/0601001", "https://export.arxiv.org/api/query?id_list=cs%2F0601001"),
        ("https://arxiv.org/abs/nothing", "https://arxiv.org/abs/nothing"),
        ("https://[broken", "https://[broken"),
    ],
)
def test_a_page_that_people_look_at_is_read_by_way_of_its_api(address: str, first: str) -> None:
    assert addresses.given(address, today=TUESDAY)[0].address == first


def test_a_feed_of_arxiv_is_known_by_its_address() -> None:
    (wanted,) = addresses.given("https://rss.arxiv.org/rss/cs.AI", today=TUESDAY)

    assert wanted.publisher is Publisher.ARXIV_FEED


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("Attention Is All You Need", "ti%3A%22Attention+Is+All+You+Need%22"),
        ("KIVI: A Tuning-Free 2-bit Cache", "ti%3A%22KIVI+A+Tuning+Free+2+bit+Cache%22"),
        ("M^3ViT for the Vision of a Mixture", "ti%3AViT+AND+ti%3AVision+AND+ti%3AMixture"),
        ("Attention with a long title that…", "ti%3AAttention+AND+ti%3Along+AND+ti%3Atitle+AND+ti%3Athat"),
    ],
)
def test_a_title_is_looked_up_by_its_words(title: str, query: str) -> None:
    wanted = addresses.arxiv_title(title)

    assert wanted is not None
    assert wanted.address == f"https://export.arxiv.org/api/query?search_query={query}&max_results=25"


@given(st.text())
def test_any_title_makes_one_address_or_none(title: str) -> None:
    wanted = addresses.arxiv_title(title)

    assert wanted is None or wanted.address.isascii()


def test_a_title_without_words_is_not_looked_up() -> None:
    assert addresses.arxiv_title("Σ → ∞") is None


@pytest.mark.parametrize(
    ("text", "is_address"),
    [
        ("https://a.example", True),
        ("FILE:///etc", True),
        ("page.txt", False),
        ("C:\\page.txt", False),
        ("-", False),
    ],
)
def test_an_address_is_told_from_a_path(text: str, is_address: bool) -> None:
    assert addresses.is_address(text) is is_address
