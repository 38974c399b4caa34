"""What those who run lists are told: one key for one thing, the moment on their clock, and the next step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from newsletter import notices
from newsletter.model import Edition, Every, IssueStatus, Notice, NoticeKind, Rule, Schedule, Unapproved

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
ZONE = "Europe/Berlin"
RULE = Rule(Every.WEEK, ("tuesday",), zone=ZONE)
HELD = Schedule(RULE, approval=True)
ISSUE = Edition(31, "weekly", 7, date(2026, 11, 24), IssueStatus.DRAFT, AT)
DAY = date(2026, 11, 24)
EVERY: dict[str, tuple[Callable[[], Notice], NoticeKind, str, str]] = {
    "draft/weekly/7/2026-11-24T08:00": (
        lambda: notices.draft(ISSUE, HELD, at=AT),
        NoticeKind.DRAFT,
        "Draft: weekly/7, goes Tue 24 Nov 09:00 CET",
        "newsletter issues approve weekly/7",
    ),
    "reminder/weekly/7/2026-11-24T08:00": (
        lambda: notices.reminder(ISSUE, HELD, at=AT, until=AT + HELD.max_lateness),
        NoticeKind.REMINDER,
        "Waiting for you: weekly/7, until Tue 24 Nov 21:00 CET",
        "newsletter issues approve weekly/7",
    ),
    "report/weekly/7": (
        lambda: notices.report(ISSUE, {"recipients": 1200, "sent": 1198, "unknown": 2}),
        NoticeKind.REPORT,
        "Sent: weekly/7, 1,198 of 1,200 readers have it",
        "newsletter deliveries resolve weekly/7",
    ),
    "written/weekly/7": (
        lambda: notices.written(ISSUE, Path("issues")),
        NoticeKind.REPORT,
        "Written: weekly/7",
        "stands in issues",
    ),
    "missed/weekly/2026-W48": (
        lambda: notices.missed(
            "weekly", ["2026-W46", "2026-W47", "2026-W48"], at=AT, zone=ZONE, why="nothing ran here"
        ),
        NoticeKind.ALERT,
        "Missed: weekly, 3 issues, the last of Tue 24 Nov 09:00 CET",
        "newsletter draft weekly",
    ),
    "skipped/weekly/2026-W48": (
        lambda: notices.skipped("weekly", "2026-W48", at=AT, zone=ZONE, why="there was no new paper"),
        NoticeKind.SKIPPED,
        "No issue: weekly, Tue 24 Nov 09:00 CET",
        "newsletter draft weekly",
    ),
    "stopped/weekly/7/2026-11-24": (
        lambda: notices.stopped(ISSUE, "the server refuses what we send; run: newsletter doctor", on=DAY),
        NoticeKind.ALERT,
        "Stopped: weekly/7",
        "newsletter deliveries resume weekly/7",
    ),
    "stuck/weekly/7/2026-11-24": (
        lambda: notices.stuck(ISSUE, "the server has not answered since 09:00", on=DAY),
        NoticeKind.ALERT,
        "Stuck: weekly/7",
        "newsletter doctor",
    ),
    "held/2026-11-24": (
        lambda: notices.held("the clock jumped; run: newsletter schedule resume", on=DAY),
        NoticeKind.ALERT,
        "Held: nothing goes out before you say so",
        "newsletter schedule resume",
    ),
    "resumed/weekly/2026-11-24T08:00:00Z": (
        lambda: notices.resumed("weekly", ["2026-W48"], now=AT, zone=ZONE),
        NoticeKind.SKIPPED,
        "Goes on: weekly, from the next issue on",
        "newsletter draft weekly",
    ),
}


@pytest.mark.parametrize("key", EVERY)
def test_a_notice_has_one_key_and_says_when_on_their_clock_and_what_to_do(key: str) -> None:
    made, kind, subject, step = EVERY[key]

    notice = made()

    assert (notice.key, notice.kind, notice.subject) == (key, kind, subject)
    assert step in notice.text
    assert made() == notice


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        (Schedule(RULE), "whether or not somebody approves it"),
        (HELD, "you are told again, and it waits"),
        (replace(HELD, unapproved=Unapproved.SEND), "it goes all the same"),
        (replace(HELD, unapproved=Unapproved.SKIP), "it does not go, and the next issue has its papers"),
    ],
)
def test_a_draft_says_what_becomes_of_it_when_nobody_does_anything(schedule: Schedule, said: str) -> None:
    assert said in notices.draft(ISSUE, schedule, at=AT).text


def test_a_report_names_only_what_there_is() -> None:
    notice = notices.report(ISSUE, {"recipients": 3, "sent": 3, "failed": 0, "unknown": 0, "skipped": 0})

    assert notice.text == "weekly/7: of 3 readers\n- 3 have it"
