"""On which days a source publishes, and what its silence means."""

from datetime import UTC, date, datetime, timedelta

import pytest

from newsletter import announcements
from newsletter.announcements import Publisher, Silence

SATURDAY = date(2026, 11, 21)
TUESDAY = date(2026, 11, 24)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("publisher", [Publisher.HF_DAILY, Publisher.ARXIV_FEED])
def test_nothing_is_published_on_the_weekend(publisher: Publisher) -> None:
    week = [TUESDAY + timedelta(days=day) for day in range(7)]

    assert [day.strftime("%a") for day in week if not announcements.publishes(publisher, day)] == [
        "Sat",
        "Sun",
    ]


def test_a_search_and_a_feed_without_a_known_calendar_may_answer_on_any_day() -> None:
    assert announcements.publishes(Publisher.ARXIV_SEARCH, SATURDAY)
    assert announcements.publishes(Publisher.OTHER, SATURDAY)


@pytest.mark.parametrize(
    ("on", "now", "silence", "words"),
    [
        (
            "2026-11-21",
            "2026-11-24T12:00",
            Silence.RIGHT,
            "2026-11-21 is a Saturday, and Hugging Face has no pages on",
        ),
        ("2026-11-22", "2026-11-22T12:00", Silence.RIGHT, "2026-11-22 is a Sunday"),
        ("2026-11-24", "2026-11-24T00:05", Silence.EARLY, "fills in the morning; try after 09:00 UTC"),
        ("2026-11-24", "2026-11-24T08:59", Silence.EARLY, "fills in the morning"),
        ("2026-11-24", "2026-11-24T09:00", Silence.WRONG, "2026-11-24 is a Tuesday; look at"),
        ("2026-11-24", "2026-12-24T00:00", Silence.WRONG, "https://huggingface.co/papers/date/2026-11-24"),
        (
            "2026-11-25",
            "2026-11-24T12:00",
            Silence.RIGHT,
            "2026-11-25 is a Wednesday, which is still to come",
        ),
        ("2026-01-01", "2026-01-02T12:00", Silence.DOUBTFUL, "may be a holiday of Hugging Face"),
    ],
)
def test_a_daily_page_that_is_not_there(on: str, now: str, silence: Silence, words: str) -> None:
    quiet = announcements.quiet(Publisher.HF_DAILY, now=at(now), on=date.fromisoformat(on))

    assert quiet.silence is silence
    assert words in quiet.why


@pytest.mark.parametrize(
    ("now", "silence"),
    [
        ("2026-11-20T12:00", Silence.WRONG),  # Friday: what was announced on Thursday evening
        ("2026-11-21T03:59", Silence.EARLY),  # Saturday night, and still Friday in New York
        ("2026-11-21T05:00", Silence.RIGHT),
        ("2026-11-22T23:59", Silence.RIGHT),
        ("2026-11-23T03:00", Silence.RIGHT),  # Monday night, and still Sunday in New York
        ("2026-11-23T04:30", Silence.RIGHT),  # summer time would make it Monday there
        ("2026-11-23T05:30", Silence.EARLY),  # the feed may be minutes late
        ("2026-11-23T07:00", Silence.WRONG),
        ("2026-07-04T04:30", Silence.RIGHT),  # Saturday in summer: the feed is already empty
        ("2026-11-26T12:00", Silence.DOUBTFUL),  # Thanksgiving
        ("2026-11-27T12:00", Silence.DOUBTFUL),
        ("2025-12-31T12:00", Silence.DOUBTFUL),  # that feed was empty
        ("2026-11-19T12:00", Silence.WRONG),
    ],
)
def test_an_empty_feed_of_arxiv(now: str, silence: Silence) -> None:
    assert announcements.quiet(Publisher.ARXIV_FEED, now=at(now)).silence is silence


def test_a_search_without_an_answer_is_wrong_and_a_feed_without_a_calendar_is_doubtful() -> None:
    search = announcements.quiet(Publisher.ARXIV_SEARCH, now=at("2026-11-21T12:00"))
    feed = announcements.quiet(Publisher.OTHER, now=at("2026-11-21T12:00"))

    assert (search.silence, feed.silence) == (Silence.WRONG, Silence.DOUBTFUL)


def test_the_verdict_stands_in_front_of_the_reason() -> None:
    right = announcements.quiet(Publisher.HF_DAILY, now=at("2026-11-24T12:00"), on=SATURDAY)
    wrong = announcements.quiet(Publisher.HF_DAILY, now=at("2026-11-24T12:00"), on=TUESDAY)

    assert str(right) == (
        "nothing new, and that is right: 2026-11-21 is a Saturday, "
        "and Hugging Face has no pages on Saturdays and Sundays"
    )
    assert str(wrong).startswith("nothing came, and that is wrong: 2026-11-24 is a Tuesday; ")


FEED = b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>arXiv</title>%s</feed>'


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b" [\n] \n",
        FEED % b"",
        b'<rss version="2.0"><channel><skipDays><day>Sunday</day></skipDays></channel></rss>',
        b'<rdf:RDF xmlns:rdf="x"></rdf:RDF>',
        b'<atom:feed xmlns:atom="x"/>',
    ],
)
def test_an_empty_list_and_an_empty_feed_hold_nothing(body: bytes) -> None:
    assert announcements.holds_nothing(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[1]",
        b"[[]]",
        FEED % b"<entry/>",
        FEED % b"<a:entry>x</a:entry>",
        b"<rss><item>x</item></rss>",
        b"<html>No papers</html>",
        b"Daily Papers",
    ],
)
def test_what_holds_something_or_is_neither_is_left_to_the_formats(body: bytes) -> None:
    assert not announcements.holds_nothing(body)
