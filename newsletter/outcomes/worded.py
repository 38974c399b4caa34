"""Reports that are written for people only: the sentences of programs that send no part for machines.

Owns which sentence begins such a report, and where it ends: what follows is the mail that was returned, whose
words are the reader's own. A mail is one of these only where a mail system sends it. All of it is guesswork
over words that may change any day, so that what is not known is no report at all.
"""

import re
from dataclasses import dataclass, field

from newsletter import mail_header
from newsletter.mail_header import Fields

# Characters of the text that are looked at: the sentence stands first, and what it is about soon after.
_READ = 8_000
# Addresses that one report names.
_MOST_ADDRESSES = 20
# Who sends reports. A holiday notice comes from a person's own address.
_SYSTEM = re.compile(
    r"mailer-daemon|post-?master@|mail delivery (?:sub)?system|microsoftexchange|mail ?system@|"
    r"system administrator",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>@,;:\"'()]{1,64}@[^\s<>@,;:\"'()]{1,255}")


@dataclass(frozen=True, slots=True)
class Form:
    """One program's way to say it. begins, ends: of the report; delays: what is only late."""

    name: str
    begins: re.Pattern[str]
    ends: re.Pattern[str]
    delays: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Worded:
    """What a report says in words. addresses: whom it names, in small letters."""

    form: str
    delayed: bool
    said: str = field(repr=False)
    addresses: tuple[str, ...] = field(repr=False)


def _form(name: str, *, begins: str, ends: str, delays: str = r"(?!)") -> Form:
    flags = re.IGNORECASE | re.MULTILINE
    return Form(name, *(re.compile(pattern, flags) for pattern in (begins, ends, delays)))


# Where the returned mail begins, in whatever program.
_RETURNED = (
    r"^[ \t]*-{2,}|^(?:Return-Path|Received|Message-ID|MIME-Version|Content-[\w-]+|Reporting-MTA|From|To|"
    r"Subject|Date|List-[\w-]+|DKIM-Signature):|^Original message headers|^[ \t]*Begin forwarded|^>"
)
FORMS = (
    _form("qmail", begins=r"^Hi\. This is the .{1,80}", ends=_RETURNED),
    _form(
        "Exim",
        begins=r"^This message was created automatically by mail delivery software",
        ends=_RETURNED,
        delays=r"has not (?:yet )?been delivered",
    ),
    _form(
        "Exchange",
        begins=r"^(?:Delivery has failed to these recipients|"
        r"Your message (?:did not reach some or all of|to \S+ couldn.t be delivered))",
        ends=_RETURNED,
        delays=r"^Delivery (?:is|has been) delayed",
    ),
    _form(
        "Gmail",
        begins=r"^Delivery to the following recipients? (?:failed|has been delayed)",
        ends=_RETURNED,
        delays=r"has been delayed",
    ),
    _form(
        "sendmail",
        begins=r"^ *-+ The following addresses had (?:permanent fatal|transient non-fatal) errors",
        ends=r"^ *-+ (?:Original message|Message header|Unsent message)|^(?:Return-Path|Received|From|To):",
        delays=r"transient non-fatal errors|will retry|still being retried",
    ),
    _form(
        "Postfix", begins=r"^This is the (?:mail system|Postfix program) at host", ends=_RETURNED,
        delays=r"has not been delivered yet|THIS IS A WARNING ONLY",
    ),
)  # fmt: skip


def read(fields: Fields, text: bytes) -> Worded | None:
    """What the first text of a mail says about mail that was not delivered; None where it is no report."""
    senders = (*fields.get("from", ()), *fields.get("return-path", ()))
    if not _SYSTEM.search(" ".join(senders)) or mail_header.first(fields, "x-autoreply"):
        return None
    words = text[: 4 * _READ].decode("utf-8", "replace")[:_READ].replace("\r\n", "\n").replace("’", "'")
    for form in FORMS:
        if begins := form.begins.search(words):
            return _worded(form, words, begins)
    return None


def _worded(form: Form, words: str, begins: re.Match[str]) -> Worded:
    ends = form.ends.search(words, begins.end())
    report = words[begins.start() : ends.start() if ends else len(words)]
    said = report[begins.end() - begins.start() :]
    found = dict.fromkeys(match[0].lower().rstrip(".") for match in _ADDRESS.finditer(report))
    delayed = bool(form.delays.search(report))
    return Worded(form.name, delayed, said, tuple(found)[:_MOST_ADDRESSES])
