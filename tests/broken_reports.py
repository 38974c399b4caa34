"""Broken reports without end: `python -m tests.broken_reports --inputs 200000`.

Takes delivery reports, complaints, reports in words and automatic replies, breaks each in a few places and
reads it. Whatever the bytes, it is a report or none; no report that was not HARD becomes HARD, and no token
becomes another one that is ours.
"""

import argparse
import os
import sys
from collections import Counter
from pathlib import Path

from newsletter import links
from newsletter.errors import LinkError
from newsletter.links import Keys
from newsletter.model import BounceKind
from newsletter.outcomes import reports
from newsletter.outcomes.reports import Report, Says
from tests import reports as mails
from tests.incoming_mails import mutated
from tests.reports import BOUNCE, complaint, dsn, worded

KEY = "a-key-for-tests-0123456789-abcdefghijklm"
ADA = "ada@example.net"
TOKEN = mails.token(7, key=KEY)
TO = f"bounce+{TOKEN}@news.example.org"
_FORMS = (mails.QMAIL, mails.EXIM, mails.EXCHANGE, mails.GMAIL, mails.SENDMAIL, mails.POSTFIX)
_REAL = Path(os.environ.get("NEWSLETTER_REAL_INPUTS", "nowhere")) / "bounces"


def _gone() -> list[bytes]:
    """Reports that a mailbox is gone."""
    said = "550 5.1.1 User unknown"
    return [dsn(TO, said=said), *(worded(TO, form.format(reader=ADA, said=said)) for form in _FORMS)]


def _there() -> list[bytes]:
    """Mails that say nothing of the kind; where they bring a mail along, its own words do."""
    full, refused = "552 5.2.2 Mailbox full", "550 5.7.1 Message blocked"
    return [
        dsn(TO, status="5.2.2", said=full),
        dsn(TO, status="4.4.1", action="delayed"),
        dsn(TO, status="5.7.1", said=refused),
        dsn(TO, status="2.0.0", action="delivered"),
        dsn(TO, status="5.0.0", said="550 no"),
        complaint(TO, leave=f"<mailto:leave+{TOKEN}@news.example.org>"),
        f"To: {TO}\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n".encode(),
        worded(TO, mails.EXIM_LATE.format(reader=ADA)),
        *(worded(TO, form.format(reader=ADA, said=said)) for form in _FORMS for said in (full, refused)),
        *(path.read_bytes() for path in sorted(_REAL.glob("dsn_[23].eml"))),
    ]


GONE, THERE = _gone(), _there()


def problem(mail: bytes, *, hard: bool) -> str:
    """What is wrong with how a broken mail is read, "" where nothing is. hard: whether it was HARD."""
    report = reports.read(mail, bounce_address=BOUNCE)
    if report is None:
        return ""
    if not hard and any(_says_hard(report, address) for address in (ADA, "other@example.net")):
        return "FALSE HARD"
    ours = [number for token in report.tokens if (number := _verified(token)) is not None]
    return "" if set(ours) <= {7} else "FALSE TOKEN"


def _says_hard(report: Report, address: str) -> bool:
    notice = reports.about(report, address)
    return bool(notice and notice.meaning and notice.meaning.kind is BounceKind.HARD)


def _verified(token: str) -> int | None:
    try:
        return links.reported(token, list="weekly", keys=Keys((KEY.encode(),)))
    except LinkError:
        return None


def _end(mail: bytes) -> str:
    report = reports.read(mail, bounce_address=BOUNCE)
    if report is None:
        return "none"
    notice = reports.about(report, ADA)
    if notice is None:
        return "unclear"
    return f"failed: {notice.meaning.kind}" if notice.meaning else Says(notice.says).value


def main() -> int:
    """Read broken reports; the exit status is 1 where one was misread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=200_000)
    ends: Counter[str] = Counter()
    samples = [(mail, True) for mail in GONE] + [(mail, False) for mail in THERE]
    for number in range(parser.parse_args().inputs):
        sample, hard = samples[number % len(samples)]
        try:
            mail = mutated(sample, number)
            ends[_end(mail)] += 1
            if wrong := problem(mail, hard=hard):
                ends[f"{wrong}, {number}"] += 1
        except Exception as error:
            ends[f"UNCAUGHT {type(error).__name__}, {number}"] += 1
    for end, count in ends.most_common():
        print(f"{count:9,}  {end}")
    return int(any(end.startswith(("UNCAUGHT", "FALSE")) for end in ends))


if __name__ == "__main__":
    sys.exit(main())
