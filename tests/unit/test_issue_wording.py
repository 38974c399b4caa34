"""The report of an issue as the text of a mail."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from newsletter.deliver import report_text
from newsletter.deliver.wording import share_text, span_text
from newsletter.model import IssueReport, Share

BEGAN = datetime(2026, 11, 24, 8, 0, 40, tzinfo=UTC)
REPORT = IssueReport(
    list="weekly",
    title="Paper Weekly",
    number=7,
    date=date(2026, 11, 24),
    state="finished",
    recipients=10_000,
    sent=9_950,
    deferred=0,
    waiting=0,
    unknown=2,
    failed={"no such mailbox": 40, "given up: no answer from the server": 5},
    skipped={"the reader had left": 3},
    bounced={"hard": 4, "soft": 6},
    complaints=1,
    unsubscribed={"": Share(9, 7_952), "kv-cache": Share(3, 2_000), "parallelism": Share(0, 800)},
    left=Share(12, 9_952),
    joined=31,
    started_at=BEGAN,
    ended_at=BEGAN + timedelta(seconds=12),
    until=None,
    rate=829.2,
    period="2026-W48",
    late=timedelta(seconds=40),
)


def test_a_report_is_a_plain_text_that_says_everything() -> None:
    assert (
        report_text(REPORT)
        == """\
weekly/7 of Paper Weekly, 2026-11-24
for 2026-W48, on time
began 2026-11-24 08:00 UTC, took 12 s, 829 mails a second

Readers                                                10,000
  sent                                                  9,950    99.5%
  unknown: they may have arrived                            2
  failed                                                   45
    no such mailbox                                        40
    given up: no answer from the server                     5
  skipped                                                   3
    the reader had left                                     3

Came back later                                            10    0.10%
  hard                                                      4
  soft                                                      6
Called it spam                                              1    0.01%

Left by themselves, until now                              12    0.12%
  of the whole issue                                        9    0.11%
  kv-cache                                                  3    0.15%
Joined since the issue before                              31

Whom it did not reach: newsletter deliveries list weekly/7
"""
    )


def test_no_line_is_longer_than_a_mail_quotes() -> None:
    long = "x" * 200
    causes = {f"{long} {number}": 1_000_000_000 for number in range(3)}
    report = replace(
        REPORT, title=f"{long} {long}", failed=causes, skipped=causes, unsubscribed={long: Share(1, 2)}
    )

    assert max(map(len, report_text(report).splitlines())) <= 72


def test_an_issue_under_way_says_how_it_goes_on() -> None:
    text = report_text(replace(REPORT, state="running", ended_at=None, deferred=4, waiting=90))

    assert "running, not at its end" in text
    assert "How it goes on: newsletter status" in text


def test_an_issue_made_by_hand_has_no_period_and_one_without_readers_no_share() -> None:
    empty = {"recipients": 0, "sent": 0, "left": Share(0, 0), "unsubscribed": {}, "failed": {}, "bounced": {}}
    text = report_text(replace(REPORT, period="", late=None, **empty))  # type: ignore[arg-type]

    assert "on time" not in text
    assert "%" not in text.replace("0.0%", "")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "under a second"),
        (timedelta(seconds=59.6), "1 min"),
        (timedelta(minutes=65), "1 h 5 min"),
        (timedelta(hours=24, seconds=5), "1 d"),
        (timedelta(days=2, hours=3, minutes=59), "2 d 3 h"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(span: timedelta, words: str) -> None:
    assert span_text(span) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (Share(0, 0), ""),
        (Share(0, 9), "0.0%"),
        (Share(1, 1_000_000), "<0.01%"),
        (Share(3, 1000), "0.30%"),
        (Share(999_999, 1_000_000), ">99.9%"),
        (Share(9, 9), "100.0%"),
    ],
)
def test_a_share_that_is_there_is_not_told_as_none_nor_one_that_lacks_some_as_all(
    share: Share, words: str
) -> None:
    assert share_text(share) == words
