"""What an answer of a server means for the mail on its way."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.model import BounceKind, Outcome, Phase, Verdict
from newsletter.outcomes import replies
from newsletter.outcomes.replies import Reply

MAIL_PHASES = (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.BODY, Phase.DOT)
BEFORE_THE_END = tuple(phase for phase in Phase if phase is not Phase.DOT)
TOKEN = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst"  # noqa: S105  it opens nothing

HARD, SOFT, POLICY = BounceKind.HARD, BounceKind.SOFT, BounceKind.POLICY


def meant(phase: Phase, said: str) -> Outcome:
    [reply], rest = replies.parse(said.encode() + b"\r\n")
    assert reply is not None
    assert rest == b""
    return replies.of_reply(phase, reply)


@pytest.mark.parametrize(
    ("heard", "code", "said"),
    [
        (b"250 2.0.0 queued as 4711\r\n", 250, b"2.0.0 queued as 4711"),
        (b"250\r\n", 250, b""),
        (b"250 \r\n", 250, b""),
        (b"250 ok\n", 250, b"ok"),
        (b"250-one\r\n250-two\r\n250 three\r\n", 250, b"one two three"),
        (b"250-one\n250\n", 250, b"one "),
        (b"550 5.1.1 \xff\x00\r\n", 550, b"5.1.1 \xff\x00"),
        (b"354 " + b"x" * 10_000 + b"\r\n", 354, b"x" * 10_000),
    ],
)
def test_a_reply_is_read_however_its_lines_are_made(heard: bytes, code: int, said: bytes) -> None:
    assert replies.parse(heard) == ([Reply(code, said)], b"")
    assert replies.parse(heard[:-1]) == ([], heard[:-1])


@pytest.mark.parametrize(
    "heard",
    [b"hello\r\n", b"\r\n", b"25 ok\r\n", b"2500 ok\r\n", b"250_ok\r\n", b"650 ok\r\n", b" 250 ok\r\n",
     b"250-one\r\n251 two\r\n", b"250-one\r\ntwo\r\n", b"x" * 10_240, b"250-x\r\n" * 1500,
     b"250 " + b"x" * 11_000 + b"\r\n", b"\xff\xfe\r\n", "２５０ ok\r\n".encode()],
)  # fmt: skip
def test_what_is_no_reply_is_none_and_nothing_is_read_after_it(heard: bytes) -> None:
    found, rest = replies.parse(b"250 ok\r\n" + heard + b"250 ok\r\n")

    assert (found, rest) == ([Reply(250, b"ok"), None], b"")


@pytest.mark.parametrize("cut", range(1, 30))
def test_replies_are_the_same_wherever_they_are_cut(cut: int) -> None:
    heard = b"250-2.1.0 ok\r\n250 x\r\n354 go\r\n2"

    first, rest = replies.parse(heard[:cut])
    second, left = replies.parse(rest + heard[cut:])

    assert (first + second, left) == ([Reply(250, b"2.1.0 ok x"), Reply(354, b"go")], b"2")


@pytest.mark.parametrize(
    ("said", "verdict", "kind"),
    [
        ("550 5.1.1 no such user", Verdict.REJECTED, HARD),
        ("550 5.1.2 no such domain", Verdict.REJECTED, HARD),
        ("501 5.1.3 no address", Verdict.REJECTED, HARD),
        ("550 5.1.6 moved", Verdict.REJECTED, HARD),
        ("556 5.1.10 takes no mail", Verdict.REJECTED, HARD),
        ("550 5.2.1 switched off", Verdict.REJECTED, HARD),
        ("556 no mail here", Verdict.REJECTED, HARD),
        ("552 5.2.2 full", Verdict.REJECTED, SOFT),
        ("552 5.2.3 too large for this mailbox", Verdict.REJECTED, SOFT),
        ("550 5.2.4 list is broken", Verdict.REJECTED, SOFT),
        ("550 5.3.2 takes no mail", Verdict.REJECTED, POLICY),
        ("552 5.3.4 too large", Verdict.REJECTED, SOFT),
        ("552 full", Verdict.REJECTED, SOFT),
        ("550 5.7.1 not from you", Verdict.REJECTED, POLICY),
        ("554 5.7.1 spam", Verdict.REJECTED, POLICY),
        ("550 5.1.8 no such sender", Verdict.REJECTED, POLICY),
        ("550 5.1.11 whatever", Verdict.REJECTED, POLICY),
        ("550 no", Verdict.REJECTED, POLICY),
        ("554 no", Verdict.REJECTED, POLICY),
        ("550 4.2.2 of two minds", Verdict.REJECTED, SOFT),
        ("550 4.1.1 of two minds", Verdict.REJECTED, SOFT),
        ("450 5.1.1 of two minds", Verdict.DEFERRED, None),
        ("451 4.7.1 greylisted", Verdict.DEFERRED, None),
        ("452 4.5.3 too many", Verdict.DEFERRED, None),
        ("455 x", Verdict.DEFERRED, None),
        ("454 throttling failure", Verdict.DEFERRED, None),
        ("450 4.2.1 too fast", Verdict.DEFERRED, None),
        ("421 4.7.28 rate", Verdict.RETURNED, None),
        ("354 go", Verdict.RETURNED, None),
        ("221 bye", Verdict.RETURNED, None),
    ],
)
def test_a_recipient_is_refused_for_its_own_sake_only_where_a_code_says_so(
    said: str, verdict: Verdict, kind: BounceKind | None
) -> None:
    outcome = meant(Phase.RCPT, said)

    assert (outcome.verdict, outcome.kind, outcome.of_sender) == (verdict, kind, kind is POLICY)
    assert outcome.phase is Phase.RCPT


@pytest.mark.parametrize("phase", [Phase.CONNECT, Phase.MAIL, Phase.DATA, Phase.BODY])
@pytest.mark.parametrize("said", ["550 5.7.1 not you", "554 no", "552 5.3.4 big", "550 5.1.1 odd here"])
def test_a_refusal_of_the_sender_touches_no_reader(phase: Phase, said: str) -> None:
    outcome = meant(phase, said)

    assert (outcome.verdict, outcome.kind, outcome.of_sender) == (Verdict.RETURNED, None, True)


@pytest.mark.parametrize(
    ("said", "verdict", "kind", "of_sender"),
    [
        ("250 2.0.0 queued", Verdict.ACCEPTED, None, False),
        ("250", Verdict.ACCEPTED, None, False),
        ("251 ok", Verdict.ACCEPTED, None, False),
        ("421 4.3.2 going down", Verdict.DEFERRED, None, False),
        ("451 4.3.0 later", Verdict.DEFERRED, None, False),
        ("550 5.1.1 who", Verdict.REJECTED, HARD, False),
        ("552 5.2.2 full", Verdict.REJECTED, SOFT, False),
        ("552 5.3.4 too large for anybody", Verdict.REJECTED, POLICY, True),
        ("554 5.7.1 spam", Verdict.REJECTED, POLICY, True),
        ("550 no", Verdict.REJECTED, POLICY, True),
        ("354 go", Verdict.UNKNOWN, None, False),
        ("221 bye", Verdict.UNKNOWN, None, False),
        ("220 hello", Verdict.UNKNOWN, None, False),
    ],
)
def test_the_answer_to_the_end_is_the_one_that_counts(
    said: str, verdict: Verdict, kind: BounceKind | None, of_sender: bool
) -> None:
    outcome = meant(Phase.DOT, said)

    assert (outcome.verdict, outcome.kind, outcome.of_sender) == (verdict, kind, of_sender)


@pytest.mark.parametrize("phase", BEFORE_THE_END)
def test_a_connection_lost_before_the_end_is_as_if_nothing_had_been_tried(phase: Phase) -> None:
    assert replies.of_loss(phase, "ended") == Outcome(Verdict.RETURNED, phase, text="ended")
    assert meant(phase, "421 4.3.2 bye").verdict is Verdict.RETURNED


def test_a_connection_lost_after_the_end_leaves_the_mail_unknown() -> None:
    assert replies.of_loss(Phase.DOT, "ended") == Outcome(Verdict.UNKNOWN, Phase.DOT, text="ended")


def test_an_outcome_says_what_the_server_said_without_anybodys_address() -> None:
    said = f"550 5.1.1 <ada@example.net>: \x1b[31munknown   to bob@example.org\x00, report+{TOKEN} \udcff"
    [reply], _ = replies.parse(said.encode("utf-8", "surrogateescape") + b"\r\n")
    assert reply is not None

    outcome = replies.of_reply(Phase.RCPT, reply)

    assert (outcome.code, outcome.enhanced) == (550, "5.1.1")
    assert outcome.text == "5.1.1 <…>: [31munknown to <…> report+… �"


@pytest.mark.parametrize(
    ("recipient", "said", "text"),
    [
        ("ada@example.net", "550 5.1.1 unknown user ada (Ada)", "5.1.1 unknown user … (…)"),
        ("Ada+news@example.net", "450 mailbox ada+news of ada is busy", "mailbox … of … is busy"),
        ('"ada b"@example.net', "550 no ada b, and adab stays", "no …, and adab stays"),
        ("ada=x.[y@example.net", "550 ada=x.[y?", "…?"),
        ("ada@example.net", "550 5.1.1 nobody reads adamant words", "5.1.1 nobody reads adamant words"),
        ("of@example.net", "550 out of space", "out of space"),
        ("", "550 5.1.1 no such user", "5.1.1 no such user"),
    ],
)
def test_a_refusal_does_not_name_its_recipient_by_the_part_before_the_at(
    recipient: str, said: str, text: str
) -> None:
    reply = Reply(int(said[:3]), said[4:].encode())

    assert replies.of_reply(Phase.RCPT, reply, recipient=recipient).text == text
    assert replies.of_reply(Phase.DOT, reply, recipient=recipient).text == text


def test_a_long_text_is_cut_before_an_address_and_read_in_no_time() -> None:
    assert "ada" not in replies.legible("x" * 280 + " " + "y@z " * 229 + "ada@example.net")
    assert len(replies.legible("word " * 5000)) <= 300
    assert replies.legible("a" * 10_000) == ""


@given(st.binary(max_size=200), st.sampled_from(MAIL_PHASES))
def test_no_bytes_raise_and_none_but_a_yes_to_the_end_is_an_acceptance(heard: bytes, phase: Phase) -> None:
    found, _ = replies.parse(heard + b"\r\n")
    for reply in found:
        if reply is not None:
            outcome = replies.of_reply(phase, reply)
            said_yes = phase is Phase.DOT and 200 <= reply.code < 300
            assert outcome.verdict is not Verdict.ACCEPTED or said_yes
            assert not re.search(r"[^\s<>@]@[^\s<>@]", outcome.text)


@given(st.lists(st.sampled_from([b"250 ok\r\n", b"354 go\r\n", b"550-a\r\n550 b\r\n", b"x\n", b"421\n"])))
def test_replies_do_not_depend_on_how_they_come(lines: list[bytes]) -> None:
    heard = b"".join(lines)
    whole, _ = replies.parse(heard)

    apart, rest = [], b""
    for byte in heard:
        found, rest = replies.parse(rest + bytes([byte]))
        apart += found
        if None in found:
            break

    assert apart == whole
