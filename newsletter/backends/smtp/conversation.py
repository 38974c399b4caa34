"""What is said on one connection about many mails, without a connection: bytes in, bytes out.

Owns the order of commands and replies, and which mail each reply is about. With PIPELINING the commands of
the next mail go with the end of this one, so that a mail costs one turn; without it each command waits for
its reply. The end of a mail goes only after `release`. A reply that nobody asked for, or out of order, ends
the connection: whatever had its end on the way is unknown, everything else comes back, and no mail is ever
marked by another one's reply (the 354 of DATA is where a shift shows).
Source: RFC 5321 §3.3 and §4.1.1, RFC 2920, RFC 1870 (SIZE), RFC 3461 (DSN), RFC 6531 (SMTPUTF8).
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from newsletter.backends.carrier import Parcel
from newsletter.links import TOKEN_LENGTH
from newsletter.model import Envelope, Outcome, Phase, Verdict
from newsletter.outcomes import replies
from newsletter.outcomes.replies import Reply

# Mails at once on a connection that pipelines: the end of one is answered, the next one is begun, and a third
# lies ready, so that its commands can go with the end of the second.
DEPTH = 3

_END = b".\r\n"
_DATA = b"DATA\r\n"
_RSET = b"RSET\r\n"
# A bare address that cannot break a command (RFC 5321 §4.1.2).
_ADDRESS = re.compile(r"[^\x00-\x20<>\x7f-\xa0\u2028\u2029\ud800-\udfff]*")
# What follows the plus of an address that reports come back to: it may be public, as the address is.
_TOKEN = re.compile(rf"\+([A-Za-z2-7]{{{TOKEN_LENGTH}}})@")
# A command or a parameter of it that a server does not know, whatever it says that it can do.
_UNKNOWN_WORDS = frozenset((500, 501, 502, 504, 555))
_OUT_OF_ORDER = 503
_CLOSING = 421


class _Extra(Enum):
    """What is asked for beside the steps of a mail."""

    RESET = auto()  # RSET, so that a mail that was refused leaves nothing behind
    EMPTY_END = auto()  # the end of a mail that has no recipient: its reply is about none


@dataclass(slots=True, eq=False)
class _Mail:
    """A mail that was begun. rest: its commands that still wait for a reply of the one before."""

    parcel: Parcel
    rest: list[tuple[Phase, bytes]]
    phase: Phase = Phase.MAIL
    refused_at: Phase | None = None


class Conversation:
    """One connection, from its first mail to its end.

    features: what the server said that it can do, in lower case. pipelining: whether to use it.
    parameters: whether to say more than addresses with MAIL.
    """

    def __init__(self, features: Mapping[str, str], *, pipelining: bool, parameters: bool = True) -> None:
        self.pipelining = pipelining
        self.taken = 0
        # Replies so far.
        self.answers = 0
        # Why it is over, in words, "" while it goes on; what was asked for then; whether that was to be.
        self.over = ""
        self.ended_in: Phase | None = None
        self.quiet = False
        # Whether the server may be one that does not take several commands at once.
        self.doubtful = False
        # Whether it refused words that it had offered.
        self.misled = False
        self.done: list[tuple[Parcel, Outcome]] = []
        self.out: list[bytes] = []
        self._features = features
        size = features.get("size", "").strip()
        self._wordy = parameters and ("size" in features or "dsn" in features)
        self._most = int(size[:18]) if size.isdecimal() and size.isascii() else 0
        self._waiting: deque[Parcel] = deque()
        self._going: _Mail | None = None
        self._ending: _Mail | None = None
        self._awaited: deque[tuple[Phase | _Extra, _Mail | None]] = deque()
        self._heard = b""

    @property
    def held(self) -> int:
        """How many mails it has."""
        return len(self._waiting) + (self._going is not None) + (self._ending is not None)

    @property
    def phase(self) -> Phase | None:
        """What the server is asked for now, None between mails."""
        for step, mail in self._awaited:
            if mail is not None and isinstance(step, Phase):
                return step
        return Phase.BODY if self._going is not None else None

    @property
    def waits(self) -> bool:
        """Whether an answer is due."""
        return bool(self._awaited)

    @property
    def ripe(self) -> Parcel | None:
        """The mail of which only the end is missing."""
        going = self._going
        return going.parcel if going is not None and going.phase is Phase.BODY else None

    def put(self, parcel: Parcel) -> None:
        """Take a mail; it begins at once where it can."""
        refusal = self._refusal(parcel)
        if refusal is not None:
            self.done.append((parcel, refusal))
            return
        self._waiting.append(parcel)
        self._next()

    def release(self) -> None:
        """Write the end of the ripe mail, and the commands of the next one."""
        going = self._going
        if going is None or going.phase is not Phase.BODY:
            raise ValueError("no mail waits for its end")
        self.out.append(_END)
        going.phase = Phase.DOT
        self._awaited.append((Phase.DOT, going))
        self._ending, self._going = going, None
        self._next()

    def withdraw(self) -> None:
        """Forget the ripe mail. Only the end of the connection stops it."""
        self._going = None
        self._end("was ended here", quiet=True)

    def receive(self, data: bytes) -> None:
        """Take what the server said."""
        answers, self._heard = replies.parse(self._heard + data)
        for answer in answers:
            if self.over:
                return
            self.answers += 1
            if answer is None:
                self._doubt()
                self._end("said something that is no answer")
            elif not self._awaited:
                self._unasked(answer)
            else:
                self._answered(answer)

    def lost(self, cause: str, *, end_written: bool = True) -> None:
        """The connection is over: what had its end is unknown, everything else comes back.

        end_written: whether any byte of the last end has left this machine.
        """
        if self.over:
            return
        if self.taken == 0:
            self._doubt()
        if not end_written and (ending := self._ending) is not None:
            self._ending = None
            self.done.append((ending.parcel, replies.of_loss(Phase.BODY, cause)))
        self._end(cause)

    def timed_out(self) -> None:
        """No answer came in time."""
        self._doubt()
        self._end("gave no answer in time")

    def _doubt(self) -> None:
        """Several commands at once may be what the server breaks on."""
        if self.pipelining and self.phase in (Phase.MAIL, Phase.RCPT, Phase.DATA):
            self.doubtful = True

    def _end(self, cause: str, *, quiet: bool = False) -> None:
        self.over = cause
        self.quiet = quiet
        self.ended_in = self.ended_in or self.phase
        for mail in (self._ending, self._going):
            if mail is not None and mail.refused_at is None:
                self.done.append((mail.parcel, replies.of_loss(self._reached(mail), cause)))
        self.done += [(parcel, replies.of_loss(Phase.MAIL, cause)) for parcel in self._waiting]
        self._ending = self._going = None
        self._waiting.clear()
        self._awaited.clear()

    def _reached(self, mail: _Mail) -> Phase:
        steps = (step for step, about in self._awaited if about is mail and isinstance(step, Phase))
        return next(steps, mail.phase)

    def _unasked(self, reply: Reply) -> None:
        """What a server says of its own: a farewell between mails, or a refusal in the middle of one."""
        self.ended_in = self.phase
        if reply.code < 400:
            self._end("said something that nobody asked for")
            return
        cause = self._said(reply)
        if (going := self._going) is not None:
            self.done.append((going.parcel, _outcome(Phase.BODY, reply, going)))
            self._going = None
        self._end(cause)

    def _answered(self, reply: Reply) -> None:
        step, mail = self._awaited[0]
        if reply.code == _CLOSING:
            self._closing(reply, step, mail)
        elif mail is None:
            self._awaited.popleft()
            if step is _Extra.RESET and not 200 <= reply.code < 300:
                self._end(f"does not forget a mail: {self._said(reply)}", quiet=True)
            else:
                self._next()
        elif step is Phase.DOT:
            self._awaited.popleft()
            self._answered_end(mail, reply)
        elif isinstance(step, Phase):
            self._stepped(step, mail, reply)

    def _closing(self, reply: Reply, step: Phase | _Extra, mail: _Mail | None) -> None:
        """Nothing more is to be heard (RFC 5321 §3.8): the first mail that waits has this for its answer."""
        self.ended_in = self.phase
        cause = self._said(reply)
        if mail is not None and isinstance(step, Phase) and mail.refused_at is None:
            self.done.append((mail.parcel, _outcome(step, reply, mail)))
            if mail is self._ending:
                self._ending = None
            else:
                self._going = None
        self._end(cause)

    def _said(self, reply: Reply) -> str:
        """What the server said, without the names of those whose mails are under way: others will read it."""
        going = [one.parcel.envelope.recipient for one in (self._ending, self._going) if one is not None]
        return f"said: {reply.code} {reply.told(*going)}".rstrip()

    def _answered_end(self, mail: _Mail, reply: Reply) -> None:
        outcome = _outcome(Phase.DOT, reply, mail)
        self.done.append((mail.parcel, outcome))
        self._ending = None
        if outcome.verdict is Verdict.ACCEPTED:
            self.taken += 1
        if outcome.verdict is Verdict.UNKNOWN:
            self.ended_in = Phase.DOT
            self._end(outcome.text)
        else:
            self._next()

    def _stepped(self, step: Phase, mail: _Mail, reply: Reply) -> None:
        """The answer to a command of the mail that is going."""
        if mail.refused_at is not None:
            self._awaited.popleft()
            if step is Phase.DATA:
                self._refused_whole(mail, reply)
        elif not replies.goes_on(step, reply):
            self._refused(step, mail, reply)
        else:
            self._awaited.popleft()
            if step is Phase.DATA:
                mail.phase = Phase.BODY
                self.out.append(_body(mail.parcel))
            elif mail.rest:
                self._ask(mail, *mail.rest.pop(0))

    def _refused(self, step: Phase, mail: _Mail, reply: Reply) -> None:
        if reply.code < 400 or (self.pipelining and reply.code == _OUT_OF_ORDER):
            self._doubt()
            self._end("gave an answer out of order")
            return
        self._awaited.popleft()
        outcome = _outcome(step, reply, mail)
        if step is Phase.MAIL and self._wordy and reply.code in _UNKNOWN_WORDS:
            self.misled, self._wordy = True, False
            outcome = replies.of_loss(step, f"does not know what it offers: {outcome.text}")
        mail.refused_at = step
        self.done.append((mail.parcel, outcome))
        if not self.pipelining or step is Phase.DATA:
            self._cleared(reset=step is not Phase.MAIL)

    def _refused_whole(self, mail: _Mail, reply: Reply) -> None:
        """The answer to DATA of a mail that was refused before: leave to begin is met by an empty end."""
        if not replies.goes_on(Phase.DATA, reply):
            self._cleared(reset=mail.refused_at is not Phase.MAIL)
        elif mail.refused_at is Phase.RCPT:
            self.out.append(_END)
            self._awaited.append((_Extra.EMPTY_END, None))
            self._cleared(reset=False)
        else:
            # It may have taken the recipient: an end would be the end of an empty mail to somebody.
            self._end("gave an answer out of order")

    def _cleared(self, *, reset: bool) -> None:
        self._going = None
        if reset:
            self.out.append(_RSET)
            self._awaited.append((_Extra.RESET, None))
        self._next()

    def _next(self) -> None:
        """Begins the next mail, where the one before has had its end, or its answer without PIPELINING."""
        if not self._waiting or self._going is not None or (self._awaited and not self.pipelining):
            return
        parcel = self._waiting.popleft()
        steps = self._commands(parcel)
        self._going = mail = _Mail(parcel, [] if self.pipelining else steps)
        if self.pipelining:
            self.out.append(b"".join([command for _, command in steps]))
            self._awaited.extend([(step, mail) for step, _ in steps])
        else:
            self._ask(mail, *steps.pop(0))

    def _ask(self, mail: _Mail, step: Phase, command: bytes) -> None:
        mail.phase = step
        self.out.append(command)
        self._awaited.append((step, mail))

    def _commands(self, parcel: Parcel) -> list[tuple[Phase, bytes]]:
        envelope = parcel.envelope
        sender = f"MAIL FROM:<{envelope.sender}>{self._said_with_mail(parcel)}\r\n"
        recipient = f"RCPT TO:<{envelope.recipient}>\r\n"
        return [
            (Phase.MAIL, sender.encode()),
            (Phase.RCPT, recipient.encode()),
            (Phase.DATA, _DATA),
        ]

    def _said_with_mail(self, parcel: Parcel) -> str:
        words = ""
        if self._wordy and "size" in self._features:
            words = f" SIZE={len(parcel.mail)}"
        if self._wordy and "dsn" in self._features:
            words += " RET=HDRS"
            if token := _TOKEN.search(parcel.envelope.sender):
                words += f" ENVID={token[1]}"
        if not _is_ascii(parcel.envelope):
            words += " SMTPUTF8"
        return words

    def _refusal(self, parcel: Parcel) -> Outcome | None:
        """What keeps a mail from being tried at this server at all."""
        envelope = parcel.envelope
        if self._most and len(parcel.mail) > self._most:
            text = f"the mail has {len(parcel.mail)} bytes, and the server takes no more than {self._most}"
            return Outcome(Verdict.REJECTED, Phase.MAIL, 552, "5.3.4", text, of_sender=True)
        if not (_ADDRESS.fullmatch(envelope.sender) and _ADDRESS.fullmatch(envelope.recipient)):
            return Outcome(
                Verdict.REJECTED, Phase.RCPT, 553, "5.1.3", "the address cannot be written in SMTP"
            )
        if not _is_ascii(envelope) and "smtputf8" not in self._features:
            text = "the address has letters that the server does not know (it offers no SMTPUTF8)"
            of_sender = not envelope.sender.isascii()
            return Outcome(Verdict.REJECTED, Phase.RCPT, 553, "5.6.7", text, of_sender=of_sender)
        return None


def _outcome(phase: Phase, reply: Reply, mail: _Mail) -> Outcome:
    return replies.of_reply(phase, reply, recipient=mail.parcel.envelope.recipient)


def _body(parcel: Parcel) -> bytes:
    """A mail as it is written: a dot at the start of a line is doubled (RFC 5321 §4.5.2)."""
    if not parcel.dotted:
        return parcel.mail
    stuffed = parcel.mail.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def _is_ascii(envelope: Envelope) -> bool:
    return envelope.sender.isascii() and envelope.recipient.isascii()
