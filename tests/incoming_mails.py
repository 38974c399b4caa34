"""Broken mails without end: `python -m tests.incoming_mails --inputs 200000`.

Takes mails of readers who leave, reports and replies, breaks each in a few places and reads it. Whatever the
bytes, a mail asks for something or is ignored.
"""

import argparse
import random
import sys
from collections import Counter

from newsletter import incoming, links
from newsletter.incoming import Ignored, Leave
from newsletter.links import Keys, Purpose

LEAVE = "leave@news.example.org"
KEYS = Keys((b"a-key-for-tests-0123456789-abcdefghijklm",))
TOKEN, OTHER = (
    links.sign(bytes([number]) * 16, Purpose.UNSUBSCRIBE, list="weekly", keys=KEYS) for number in (1, 2)
)

_HEAD = (
    "From: Ada <ada@example.net>\r\nDate: Tue, 06 Jan 2026 09:30:15 +0000\r\nMessage-ID: <1@example.net>\r\n"
)
_REPORT = (
    "From: MAILER-DAEMON@mx.example.org\r\nTo: digest@news.example.org\r\nAuto-Submitted: auto-replied\r\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    "--b\r\n\r\nIt could not be delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Final-Recipient: rfc822; ada@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n--b\r\n"
    f"Content-Type: text/rfc822-headers\r\n\r\nTo: leave+{OTHER}@news.example.org\r\n--b--\r\n"
)
SAMPLES = tuple(
    text.encode()
    for text in (
        f"{_HEAD}To: leave+{TOKEN}@news.example.org\r\nSubject: unsubscribe\r\n\r\n",
        f'{_HEAD}To: "Leave, us" <leave+{TOKEN}@news.example.org>, bo@example.org\r\n\r\nBye.\r\n',
        f"{_HEAD}To: =?utf-8?q?leave=2B{TOKEN}=40news.example.org?=\r\n\r\nBye.\r\n",
        f"{_HEAD}Delivered-To: leave+{TOKEN}@mx.example.org\r\nSubject: unsubscribe {TOKEN}\r\n\r\n",
        f"{_HEAD}Auto-Submitted: auto-replied\r\nTo: bo@a.org,\r\n leave+{TOKEN}@mx.example.org\r\n\r\n",
        _REPORT,
        f"{_HEAD}To: leave@news.example.org\r\nSubject: Please take me off\r\n\r\nUnsubscribe me!\r\n",
    )
)
_TOKENS = (
    b"\r\n", b"\n", b"\r", b"\r\n ", b"\r\n\r\n", b":", b",", b";", b"<", b">", b'"', b"\\", b"(", b")", b"@",
    b"=?", b"?=", b"=?utf-8?q?", b"=?utf-8?b?", b"=?x?b?=?=", b"=", b"+", b"\x00", b"\xff", b"\xc3\xa9",
    b"leave+", b"To: ", b"Subject: unsubscribe ", b"boundary=", b"%s", b" " * 40, b"a" * 400,
)  # fmt: skip


def mutated(sample: bytes, number: int) -> bytes:
    """The sample with a few stretches cut out, doubled, swapped or replaced; the same for the same number."""
    chance = random.Random(number)  # noqa: S311 - to break mails, not to keep secrets
    mail = bytearray(sample)
    for _ in range(chance.randint(1, 8)):
        start = chance.randrange(len(mail) + 1)
        end = min(len(mail), start + chance.choice((0, 1, 1, 2, 8, 60)))
        piece = chance.choice((b"", bytes(mail[start:end]) * 2, chance.choice(_TOKENS), chance.randbytes(3)))
        mail[start:end] = piece
    return bytes(mail)


def is_understood(mail: bytes) -> bool:
    """Whether the mail gives an answer that may be given."""
    found = incoming.read(mail, leave_address=LEAVE)
    if isinstance(found, Ignored):
        return True
    whole = all(len(token) == links.TOKEN_LENGTH and token == token.lower() for token in found.tokens)
    return isinstance(found, Leave) and whole and 0 < len(found.tokens) <= incoming.MOST_TOKENS


def main() -> int:
    """Read broken mails; the exit status is 1 where one was not understood."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=200_000)
    ends: Counter[str] = Counter()
    for number in range(parser.parse_args().inputs):
        mail = mutated(SAMPLES[number % len(SAMPLES)], number)
        try:
            found = incoming.read(mail, leave_address=LEAVE)
            ends[str(found) if isinstance(found, Ignored) else "leave"] += 1
            if not is_understood(mail):
                ends[f"WRONG, {number}"] += 1
        except Exception as error:
            ends[f"UNCAUGHT {type(error).__name__}, {number}"] += 1
    for end, count in ends.most_common():
        print(f"{count:9,}  {end}")
    return int(any(end.startswith(("UNCAUGHT", "WRONG")) for end in ends))


if __name__ == "__main__":
    sys.exit(main())
