"""On which days a source publishes, and so what it means when nothing came.

Pure: the moment is an argument. Knows no holidays for certain, because nobody announces them in a form that a
program can read; what may be one is said to be doubtful.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from enum import StrEnum

# Measured over 580 pages of May 2024 to August 2026: none on a weekend, 580 of 585 weekdays have one, and the
# first paper of 372 pages was there by 06:00 UTC.
_HF_DUE = time(9, tzinfo=UTC)
# arXiv announces at 20:00 in New York from Sunday to Thursday; its feeds follow at midnight there, which is
# 04:00 or 05:00 UTC. Source: info.arxiv.org/help/availability.html, info.arxiv.org/help/rss.html.
_ARXIV_RENEWED_H = (4, 5)
_ARXIV_DUE_H = 7
_FRIDAY = 4
_EMPTY_JSON = re.compile(rb"\s*\[\s*\]\s*")
_FEED = re.compile(rb"<(?:\w+:)?(?:feed|rss|RDF)\b")
_ENTRY = re.compile(rb"<(?:\w+:)?(?:entry|item)\b")


class Publisher(StrEnum):
    """Whose calendar an address follows."""

    HF_DAILY = "hf-daily"  # a page for each weekday, filled from midnight UTC on
    ARXIV_FEED = "arxiv-feed"  # what was announced last, empty on the days after no announcement
    ARXIV_SEARCH = "arxiv-search"  # an answer at any time
    OTHER = "other"  # no calendar known


class Silence(StrEnum):
    """What it means that nothing came."""

    RIGHT = "right"  # nothing is published on such a day
    EARLY = "early"  # due on this day, and may still come
    DOUBTFUL = "doubtful"  # may be a holiday, or a source whose days are not known
    WRONG = "wrong"  # something was due


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing came: whether that is right, and why, in words for a person."""

    silence: Silence
    why: str

    def __str__(self) -> str:
        """The verdict and its reason in one line."""
        verdicts = {
            Silence.RIGHT: "nothing new, and that is right",
            Silence.EARLY: "nothing yet",
            Silence.DOUBTFUL: "nothing came",
            Silence.WRONG: "nothing came, and that is wrong",
        }
        return f"{verdicts[self.silence]}: {self.why}"


def publishes(publisher: Publisher, on: Date) -> bool:
    """Whether the publisher has something on such a day, holidays aside."""
    return publisher in (Publisher.ARXIV_SEARCH, Publisher.OTHER) or on.weekday() <= _FRIDAY


def quiet(publisher: Publisher, *, now: datetime, on: Date | None = None) -> Quiet:
    """What it means that `publisher` gave nothing at `now`. on: the day that was asked for, where one was."""
    if publisher is Publisher.HF_DAILY:
        return _hf_daily(on or now.date(), now)
    if publisher is Publisher.ARXIV_FEED:
        return _arxiv_feed(now)
    if publisher is Publisher.ARXIV_SEARCH:
        return Quiet(
            Silence.WRONG, "no paper on arXiv fits the query; try it on arxiv.org/search, and edit it"
        )
    return Quiet(Silence.DOUBTFUL, "it holds no paper; if that lasts, open it in a browser")


def holds_nothing(body: bytes) -> bool:
    """Whether this is a list or a feed, as it should be, without anything in it."""
    if _EMPTY_JSON.fullmatch(body[:1000]):
        return True
    return bool(_FEED.search(body[:5000])) and not _ENTRY.search(body)


def _hf_daily(on: Date, now: datetime) -> Quiet:
    if on > now.date():
        return Quiet(Silence.RIGHT, f"{_named(on)}, which is still to come")
    if not publishes(Publisher.HF_DAILY, on):
        return Quiet(Silence.RIGHT, f"{_named(on)}, and Hugging Face has no pages on Saturdays and Sundays")
    if now < datetime.combine(on, _HF_DUE):
        return Quiet(
            Silence.EARLY, f"the page of {_named(on)} fills in the morning; try after {_HF_DUE:%H:%M} UTC"
        )
    if _may_be_holiday(on):
        return Quiet(Silence.DOUBTFUL, f"{_named(on)}, and may be a holiday of Hugging Face")
    return Quiet(Silence.WRONG, f"{_named(on)}; look at {_hf_page(on)}, and try again later")


def _arxiv_feed(now: datetime) -> Quiet:
    # Between the two hours either day's feed may stand there, by summer or winter time in New York.
    days = [(now - timedelta(hours=hours)).date() for hours in _ARXIV_RENEWED_H]
    for on in days:
        if not publishes(Publisher.ARXIV_FEED, on):
            why = (
                "arXiv announces nothing on Friday and Saturday evenings, so its feeds are empty until Monday"
            )
            return Quiet(Silence.RIGHT, why)
    if now.hour < _ARXIV_DUE_H:
        return Quiet(Silence.EARLY, f"arXiv renews its feeds about now; try after {_ARXIV_DUE_H:02}:00 UTC")
    if _may_be_holiday(days[-1]):
        return Quiet(Silence.DOUBTFUL, f"{_named(days[-1])}, and may be a holiday of arXiv")
    due = f"{_named(days[-1])}, on which arXiv announces papers, holidays aside"
    return Quiet(Silence.WRONG, f"{due}; check the category, and try again later")


def _may_be_holiday(on: Date) -> bool:
    """The days around the turn of the year, and Thanksgiving with the day after: arXiv's usual ones."""
    thanksgiving = on.month == 11 and on.weekday() in (3, _FRIDAY) and 22 <= on.day - (on.weekday() - 3) <= 28
    return (on.month, on.day) >= (12, 24) or (on.month, on.day) <= (1, 2) or thanksgiving


def _named(on: Date) -> str:
    return f"{on.isoformat()} is a {on:%A}"


def _hf_page(on: Date) -> str:
    return f"https://huggingface.co/papers/date/{on.isoformat()}"
