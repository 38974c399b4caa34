"""Bytes of an SMTP server → replies, and what one of them means for the mail on its way → Outcome.

Owns which answer stops, repeats or ends a delivery, and what it says about the address. What cannot be read
is never an acceptance: before the end of a mail it is as if nothing had been tried, after it nobody knows.
Source: RFC 5321 §4.2 and §4.3.2, RFC 3463, RFC 7505 §4 (a domain that takes no mail).
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from newsletter import links
from newsletter.model import BounceKind, Outcome, Phase, Verdict
from newsletter.outcomes import codes

# Bytes of a whole reply. RFC 5321 §4.5.3.1.5 allows a line of 512; real ones are far below this.
MOST_BYTES = 10_240
# Characters of what a server says: its first line tells.
_WORDS = 300
# Characters that are looked at for addresses: the search is quadratic in the length of a word.
_READ = 1200

_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>@]+>?")
# Letters of a name before the @ that is one: "of" and "me" are words of everybody.
_SHORTEST_NAME = 3

_CLOSING = 421
_GO_AHEAD = 354
# A greeting and a farewell: neither answers a mail.
_NOT_FOR_A_MAIL = (220, 221)
_NO_MAIL_HERE = 556
# A mail too large for the server, where it is said of the mail and not of a mailbox.
_TOO_LARGE = "3.4"
# Whose refusal in these phases is about whoever sends, not about who is to get the mail.
_OF_SENDER = frozenset(
    (Phase.CONNECT, Phase.EHLO, Phase.STARTTLS, Phase.AUTH, Phase.MAIL, Phase.DATA, Phase.BODY)
)


class Reply(NamedTuple):
    """One answer. said: its words as they came, the lines of a long one joined by a space."""

    code: int
    said: bytes = b""

    @property
    def enhanced(self) -> str:
        """The enhanced code that it begins with, "" without one."""
        found = codes.ENHANCED.match(self.said[:16].decode("latin-1"))
        return found[0] if found else ""

    @property
    def text(self) -> str:
        """What was said in one printable line, without addresses."""
        return self.told()

    def told(self, *recipients: str) -> str:
        """What was said in one printable line, without addresses and the names of those recipients."""
        return legible(self.said.decode("utf-8", "replace"), recipients=recipients)


def legible(text: str, *, recipients: Sequence[str] = ()) -> str:
    """The text in one printable line of 300 characters or less, without addresses and tokens of ours.

    recipients: addresses whose part before the @ is taken out as well ("unknown user ada").
    """
    if len(text) > _READ:
        # The last word may be the beginning of an address.
        text = text[:_READ].rpartition(" ")[0]
    if "@" in text:
        text = _ADDRESS.sub("<…>", text)
    text = links.without_tokens(text)
    if recipients:
        text = _without_names(text, recipients)
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())[:_WORDS]


def _without_names(text: str, recipients: Sequence[str]) -> str:
    for name in _names(recipients):
        # Looked for first: making a pattern takes longer than all the rest.
        if name in text.lower():
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return text


def _names(recipients: Sequence[str]) -> Iterator[str]:
    """What stands before the @ of each, whole and without what follows a plus, in small letters."""
    for address in recipients:
        name = address.rpartition("@")[0].strip('"').lower()
        whole = dict.fromkeys((name, name.partition("+")[0]))
        yield from (one for one in whole if len(one) >= _SHORTEST_NAME)


def parse(heard: bytes) -> tuple[list[Reply | None], bytes]:
    """The whole replies in the order they came, None for what is none, and what is left of the next one.

    Nothing is read after what is no reply. A line may end with LF alone.
    """
    replies: list[Reply | None] = []
    begin = 0
    while begin < len(heard) and (reply := _reply(heard, begin)) is not None:
        if reply is _GARBAGE:
            return [*replies, None], b""
        found, begin = reply
        replies.append(found)
    return replies, heard[begin:]


_GARBAGE = (Reply(0), 0)


def _reply(heard: bytes, begin: int) -> tuple[Reply, int] | None:
    """The reply that begins there and where it ends, None where it is not whole yet."""
    lines: list[bytes] = []
    code = b""
    at = begin
    while (end := heard.find(b"\n", at, begin + MOST_BYTES)) >= 0:
        line = _LINE.fullmatch(heard[at:end].removesuffix(b"\r"))
        if line is None or code not in (b"", line[1]):
            return _GARBAGE
        code, more, said = line.groups()
        lines.append(said or b"")
        at = end + 1
        if more != b"-":
            return Reply(int(code), b" ".join(lines) if len(lines) > 1 else lines[0]), at
    return _GARBAGE if len(heard) - begin >= MOST_BYTES else None


def goes_on(phase: Phase, reply: Reply) -> bool:
    """Whether it says yes to what was asked, so that the mail can take its next step."""
    if phase is Phase.DATA:
        return reply.code == _GO_AHEAD
    return 200 <= reply.code < 300 and reply.code not in _NOT_FOR_A_MAIL


def of_reply(phase: Phase, reply: Reply, *, recipient: str = "") -> Outcome:
    """What it means that an attempt ended with that answer in that phase.

    The first digit of the code decides whether the mail may be tried again, whatever the enhanced code says.
    recipient: whose name is not to stand in the words of an answer that is no yes.
    """
    if phase is Phase.DOT and goes_on(phase, reply):
        return _outcome(Verdict.ACCEPTED, phase, reply, reply.text)
    said = reply.told(recipient)
    if reply.code == _CLOSING and phase is not Phase.DOT:
        return _outcome(Verdict.RETURNED, phase, reply, said)
    if 400 <= reply.code < 500:
        verdict = Verdict.RETURNED if phase is Phase.BODY else Verdict.DEFERRED
        return _outcome(verdict, phase, reply, said)
    if reply.code < 500:
        return of_loss(phase, "gave an answer out of order")
    if phase in _OF_SENDER:
        return Outcome(Verdict.RETURNED, phase, reply.code, reply.enhanced, said, of_sender=True)
    kind = _kind(phase, reply)
    policy = kind is BounceKind.POLICY
    return Outcome(Verdict.REJECTED, phase, reply.code, reply.enhanced, said, kind, policy)


def of_loss(phase: Phase, cause: str) -> Outcome:
    """What it means that a connection was lost in that phase. cause: what happened, without addresses."""
    verdict = Verdict.UNKNOWN if phase is Phase.DOT else Verdict.RETURNED
    return Outcome(verdict, phase, text=cause)


def _outcome(verdict: Verdict, phase: Phase, reply: Reply, said: str) -> Outcome:
    return Outcome(verdict, phase, reply.code, reply.enhanced, said)


def _kind(phase: Phase, reply: Reply) -> BounceKind:
    """What a refusal says about an address; without a code that says so, nothing that counts against it."""
    told, (digit, _, detail) = codes.kind(reply.enhanced), reply.enhanced.partition(".")
    if told is BounceKind.HARD or reply.code == _NO_MAIL_HERE:
        # Two codes that contradict each other are no certainty.
        return BounceKind.HARD if digit in ("", "5") else BounceKind.SOFT
    # Other soft ones are about the server that is spoken to, which would refuse anybody.
    if told is BounceKind.SOFT and (detail.startswith("2.") or (detail, phase) == (_TOO_LARGE, Phase.RCPT)):
        return BounceKind.SOFT
    if reply.code == codes.FULL and not detail and phase is Phase.RCPT:
        return BounceKind.SOFT
    return BounceKind.POLICY
