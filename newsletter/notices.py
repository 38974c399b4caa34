"""What is said to those who run lists, in words that name the thing, the place and the next step.

Pure: a moment is an argument, and what is said of one thing has one key, so that it is told once
(`store.notices`). Knows no mail and no address: who gets it, and what a draft looks like, is found out where
it is posted.
"""

from collections.abc import Mapping, Sequence
from datetime import date as Date
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from newsletter.model import Edition, Notice, NoticeKind, Schedule, Unapproved

# When a draft should go, in a key: one that did not go is told again in the next period.
_KEYED = "%Y-%m-%dT%H:%M"
# What is told of an issue's mails, in this order, as far as there are any.
_TOLD = {
    "sent": "have it",
    "pending": "are still to go",
    "deferred": "were put off by their servers, and are tried again",
    "failed": "failed",
    "unknown": "may or may not have arrived",
    "skipped": "had left before their mail went",
}


def moment(at: datetime, zone: str) -> str:
    """The moment on the clock of that zone, such as Tue 24 Nov 09:00 CET."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %H:%M %Z}"


def draft(edition: Edition, schedule: Schedule, *, at: datetime) -> Notice:
    """A draft is there to be looked at. at: when it goes."""
    when = moment(at, schedule.rule.zone)
    text = f"The draft of {edition.name} is there. {_going(edition, schedule, when)}"
    return Notice(
        f"draft/{edition.name}/{at:{_KEYED}}",
        NoticeKind.DRAFT,
        edition.list,
        f"Draft: {edition.name}, goes {when}",
        text,
        edition.id,
    )


def reminder(edition: Edition, schedule: Schedule, *, at: datetime, until: datetime) -> Notice:
    """It is time, and nobody has approved the draft. at: when it should have gone; until: when it may."""
    zone = schedule.rule.zone
    last = moment(until, zone)
    text = (
        f"{edition.name} was to go at {moment(at, zone)}, and nobody has approved it. "
        f"It waits until {last}; later it is missed.\n\n"
        f"To approve it: newsletter issues approve {edition.name}"
    )
    subject = f"Waiting for you: {edition.name}, until {last}"
    key = f"reminder/{edition.name}/{at:{_KEYED}}"
    return Notice(key, NoticeKind.REMINDER, edition.list, subject, text, edition.id)


def report(edition: Edition, tally: Mapping[str, int], *, words: str = "") -> Notice:
    """What became of an issue that went to its readers. tally: as of `deliver.tally`.

    words: a longer report, in place of the tally in words.
    """
    readers = tally.get("recipients", 0)
    lines = [f"{tally[status]:,} {said}" for status, said in _TOLD.items() if tally.get(status)]
    steps = []
    if tally.get("unknown"):
        steps.append(f"Settle what is unknown: newsletter deliveries resolve {edition.name} --help")
    if tally.get("failed") and not words:
        steps.append(f"See who failed, and why: newsletter deliveries list {edition.name}")
    text = words.strip() or "\n".join(
        [f"{edition.name}: of {readers:,} readers", *(f"- {line}" for line in lines)]
    )
    subject = f"Sent: {edition.name}, {tally.get('sent', 0):,} of {readers:,} readers have it"
    return Notice(
        f"report/{edition.name}",
        NoticeKind.REPORT,
        edition.list,
        subject,
        "\n\n".join([text, *steps]),
        edition.id,
    )


def written(edition: Edition, folder: Path) -> Notice:
    """An issue was written into a folder."""
    text = f"{edition.name} stands in {folder}."
    subject = f"Written: {edition.name}"
    return Notice(f"written/{edition.name}", NoticeKind.REPORT, edition.list, subject, text, edition.id)


def missed(
    list: str, periods: Sequence[str], *, at: datetime, zone: str, why: str, edition: Edition | None = None
) -> Notice:
    """The time of one issue or more was over before they could go; one notice for all of them.

    periods: their names, the latest last. at: when the latest should have gone. why: in a few words.
    edition: the latest's, where there is one.
    """
    issues = f"{len(periods)} issues" if len(periods) > 1 else "an issue"
    subject = f"Missed: {list}, {issues}, the last of {moment(at, zone)}"
    if edition is None:
        step = f"newsletter draft {list}, then newsletter issues approve {list} and newsletter send {list}"
    else:
        step = f"newsletter issues approve {edition.name}, then newsletter send {edition.name}"
    text = (
        f"{list} missed {issues} ({', '.join(periods)}): {why}.\n\n"
        "Nothing goes by itself now; what was collected is there for the next issue, which goes in its time. "
        f"To send one now: {step}"
    )
    key, issue = f"missed/{list}/{periods[-1]}", edition.id if edition else None
    return Notice(key, NoticeKind.ALERT, list, subject, text, issue)


def broken(list: str, period: str, *, at: datetime, until: datetime, zone: str, why: str) -> Notice:
    """It is time for an issue, and no source of its papers can be read. at: when it should go.

    until: when it may still go.
    """
    last = moment(until, zone)
    text = (
        f"{list} cannot have its issue for {period}: {why}.\n\n"
        f"It is tried again until {last}; later it is missed. To try the sources by hand: newsletter papers"
    )
    subject = f"No source can be read: {list}, {moment(at, zone)}"
    return Notice(f"broken/{list}/{period}", NoticeKind.ALERT, list, subject, text)


def skipped(
    list: str, period: str, *, at: datetime, zone: str, why: str, edition: Edition | None = None
) -> Notice:
    """There is no issue of that period. at: when it would have gone. why: a clause, without its full stop."""
    subject = f"No issue: {list}, {moment(at, zone)}"
    text = (
        f"{list} has no issue for {period}: {why}.\n\n"
        "What was collected is there for the next one. To see what there is: newsletter draft "
        f"{list}, then newsletter issues show {list}"
    )
    issue = edition.id if edition else None
    return Notice(f"skipped/{list}/{period}", NoticeKind.SKIPPED, list, subject, text, issue)


def stopped(edition: Edition, reason: str, *, on: Date) -> Notice:
    """The issue halted itself; told once a day. reason: of its sending, with the next step in it."""
    text = (
        f"{edition.name} stopped on its way: {reason}\n\n"
        f"Once that is in order: newsletter deliveries resume {edition.name}"
    )
    key = f"stopped/{edition.name}/{on}"
    return Notice(key, NoticeKind.ALERT, edition.list, f"Stopped: {edition.name}", text, edition.id)


def stuck(edition: Edition, why: str, *, on: Date) -> Notice:
    """The issue does not go on, and nobody stopped it; told once a day. why: in a few words."""
    text = (
        f"{edition.name} does not go on: {why}\n\n"
        "It is tried again by itself. To see how it stands: newsletter status; "
        "to see what may be wrong here: newsletter doctor"
    )
    key = f"stuck/{edition.name}/{on}"
    return Notice(key, NoticeKind.ALERT, edition.list, f"Stuck: {edition.name}", text, edition.id)


def held(why: str, *, on: Date) -> Notice:
    """Nothing goes before somebody says a word; told once a day. why: with the next step in it."""
    return Notice(f"held/{on}", NoticeKind.ALERT, "", "Held: nothing goes out before you say so", why)


def resumed(list: str, periods: Sequence[str], *, now: datetime, zone: str) -> Notice:
    """The schedule goes on after a restored backup, and makes up for nothing.

    periods: whose issues were being made when the backup was, and may have gone.
    """
    open_then = f" ({', '.join(periods)} was being made when the backup was)" if periods else ""
    text = (
        "The database was restored from a backup. "
        f"{list} goes on by its schedule from {moment(now, zone)} on. What was due between the backup and "
        f"then{open_then} is not made up for by itself: it may have gone.\n\n"
        "To see what may or may not have arrived: newsletter status. To send an issue now: newsletter draft "
        f"{list}, then newsletter issues approve {list} and newsletter send {list}"
    )
    key = f"resumed/{list}/{now:%Y-%m-%dT%H:%M:%SZ}"
    return Notice(key, NoticeKind.SKIPPED, list, f"Goes on: {list}, from the next issue on", text)


def _going(edition: Edition, schedule: Schedule, when: str) -> str:
    """When it goes, what becomes of it where nobody does anything, and what to type."""
    approve, cancel = (f"newsletter issues {verb} {edition.name}" for verb in ("approve", "cancel"))
    if not schedule.approval:
        goes = f"It goes {when}, as it is then, whether or not somebody approves it."
        return f"{goes}\n\nTo freeze it as it is now: {approve}\n\nTo stop it: {cancel}"
    otherwise = {
        Unapproved.REMIND: "you are told again, and it waits; too late, it is missed",
        Unapproved.SEND: "it goes all the same",
        Unapproved.SKIP: "it does not go, and the next issue has its papers",
    }[schedule.unapproved]
    goes = f"It goes {when}, once somebody has approved it. If nobody does, {otherwise}."
    return f"{goes}\n\nTo approve it: {approve}"
