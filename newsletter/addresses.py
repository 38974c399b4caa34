"""Which addresses hold what an operator asks for: a day of papers, a query, a feed.

Owns the addresses of Hugging Face and arXiv. Asks for nothing; `today` is an argument.
"""

import contextlib
import re
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from newsletter import announcements, identity
from newsletter.announcements import Publisher

# Days of `hf_daily = "week"` and "month", today included: what an issue of that rhythm has not seen yet.
_DAYS = {"day": 1, "week": 7, "month": 31}
# A date, an ISO week or a month.
HF_PERIOD = re.compile(r"day|week|month|\d{4}-\d\d-\d\d|\d{4}-W\d\d|\d{4}-\d\d")
# The most that the API gives on one page. Measured: no day of 580 has more than 50.
_HF_LIMIT = 100
# Answers to a question about one title: enough to see that several papers share its words.
_CANDIDATES = 25
# Words of a title that a search needs: more only add to the chance that one of them is damaged.
_WORDS = 8
_SMALL_WORDS = frozenset(("and", "are", "for", "from", "into", "its", "the", "via", "with", "without"))


@dataclass(frozen=True, slots=True)
class Bases:
    """Where the services stand. Only tests name others."""

    hf: str = "https://huggingface.co"
    arxiv_api: str = "https://export.arxiv.org"
    arxiv_feeds: str = "https://rss.arxiv.org"


PUBLIC = Bases()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing to read: an address, whose calendar it follows, and the day that it is of, where it has one.

    name: what messages call it.
    """

    name: str
    address: str
    publisher: Publisher = Publisher.OTHER
    on: Date | None = None


def is_address(text: str) -> bool:
    """Whether the text names something on a network rather than a file."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text) is not None


def hf_daily(period: str, *, today: Date, bases: Bases = PUBLIC) -> tuple[Wanted, ...]:
    """The daily pages of a period, oldest first, without the days that have none; never empty.

    period: "day", "week" or "month" up to today, a date, an ISO week (2026-W48) or a month (2026-11).
    Each day is asked for by itself: a week has more papers than one answer holds, and a day of the past
    stays what it is. Raises: ValueError for another period, or a day that no calendar has.
    """
    days = _days(period, today)
    published = [day for day in days if announcements.publishes(Publisher.HF_DAILY, day) and day <= today]
    return tuple(_hf_day(day, bases) for day in published or days[-1:])


def arxiv_search(query: str, *, most: int, bases: Bases = PUBLIC) -> Wanted:
    """The newest papers of an arXiv query. Source: info.arxiv.org/help/api/user-manual.html."""
    parameters = {
        "search_query": query,
        "sortBy": "submittedDate",
        "sortOrder": "descending",
        "start": 0,
        "max_results": most,
    }
    address = f"{bases.arxiv_api}/api/query?{urlencode(parameters)}"
    return Wanted(f"arXiv query {query}", address, Publisher.ARXIV_SEARCH)


def arxiv_category(category: str, *, bases: Bases = PUBLIC) -> Wanted:
    """What arXiv announced last in a category, or in several joined by +."""
    return Wanted(f"arXiv {category}", f"{bases.arxiv_feeds}/atom/{category}", Publisher.ARXIV_FEED)


def arxiv_title(title: str, *, bases: Bases = PUBLIC) -> Wanted | None:
    """The papers on arXiv that have the words of a title in theirs; None for a title without words."""
    words = [word for word in re.findall(r"[A-Za-z]{3,}", title) if word.lower() not in _SMALL_WORDS]
    plain = re.fullmatch(r"[A-Za-z0-9 :,.?!'()-]+", title)
    if not words:
        return None
    if plain and len(title) <= 200 and not title.endswith("..."):
        query = f'ti:"{" ".join(re.findall(r"[A-Za-z0-9]+", title))}"'
    else:
        query = " AND ".join(f"ti:{word}" for word in words[:_WORDS])
    address = f"{bases.arxiv_api}/api/query?{urlencode({'search_query': query, 'max_results': _CANDIDATES})}"
    return Wanted(f"arXiv, title {title!r}", address, Publisher.ARXIV_SEARCH)


def given(address: str, *, today: Date, bases: Bases = PUBLIC) -> tuple[Wanted, ...]:
    """What an address stands for; a page that people look at is read by way of its site's API or feed."""
    try:
        parts = urlsplit(address)
    except ValueError:  # no address at all, which whoever asks for it will say
        return (Wanted(address, address),)
    place = f"{parts.hostname}{parts.path.rstrip('/')}"
    daily = re.fullmatch(rf"{_host(bases.hf)}/papers(?:/(?:date|week|month)/([\dW-]+))?", place)
    if daily and not parts.query:
        with contextlib.suppress(ValueError):
            return hf_daily(daily[1] or "day", today=today, bases=bases)
    if listed := re.fullmatch(r"(?:www\.)?arxiv\.org/list/([\w.+-]+)/(?:recent|new)", place):
        return (arxiv_category(listed[1], bases=bases),)
    one = re.fullmatch(r"(?:www\.)?arxiv\.org/(?:abs|pdf|html)/(.+)", place)
    if one and (id := identity.arxiv_id(one[1])):
        query = f"{bases.arxiv_api}/api/query?{urlencode({'id_list': id.id})}"
        return (Wanted(f"arXiv {id.id}", query, Publisher.ARXIV_SEARCH),)
    is_feed = re.match(rf"{_host(bases.arxiv_feeds)}/(?:atom|rss)/", place) is not None
    return (Wanted(address, address, Publisher.ARXIV_FEED if is_feed else Publisher.OTHER),)


def _host(base: str) -> str:
    return re.escape(urlsplit(base).hostname or "")


def _days(period: str, today: Date) -> list[Date]:
    if not HF_PERIOD.fullmatch(period):
        raise ValueError('write "day", "week", "month", a date, an ISO week (2026-W48) or a month (2026-11)')
    if period in _DAYS:
        first, count = today - timedelta(days=_DAYS[period] - 1), _DAYS[period]
    elif "W" in period:
        first, count = Date.fromisocalendar(int(period[:4]), int(period[6:]), 1), 7
    elif len(period) == len("2026-11"):
        first = Date.fromisoformat(f"{period}-01")
        count = ((first + timedelta(days=31)).replace(day=1) - first).days
    else:
        first, count = Date.fromisoformat(period), 1
    return [first + timedelta(days=day) for day in range(count)]


def _hf_day(on: Date, bases: Bases) -> Wanted:
    address = f"{bases.hf}/api/daily_papers?{urlencode({'date': on.isoformat(), 'limit': _HF_LIMIT})}"
    return Wanted(f"Hugging Face, {on.isoformat()}", address, Publisher.HF_DAILY, on)
