"""What is said on one connection, in every order of replies, and which mail each of them is about."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.backends.carrier import Parcel
from newsletter.backends.smtp.conversation import Conversation
from newsletter.model import BounceKind, Envelope, Phase, Verdict

TOKEN = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst"  # noqa: S105  it opens nothing
PIPELINING = {"pipelining": ""}
OK, GO, TAKEN = b"250 2.1.0 ok\r\n", b"354 go\r\n", b"250 2.0.0 queued\r\n"
BEGUN = OK + OK + GO


def parcel(number: int = 1, mail: bytes = b"Subject: x\r\n\r\nhi\r\n", **values: str) -> Parcel:
    sender = values.get("sender", "digest@news.example.org")
    return Parcel(number, Envelope(sender, values.get("to", f"r{number}@example.net")), mail)


def begun(number: int) -> bytes:
    return b"MAIL FROM:<digest@news.example.org>\r\nRCPT TO:<r%d@example.net>\r\nDATA\r\n" % number


def conversation(*, pipelining: bool = True, **features: str) -> Conversation:
    return Conversation(features | (PIPELINING if pipelining else {}), pipelining=pipelining)


def said(talk: Conversation) -> bytes:
    written = b"".join(talk.out)
    talk.out.clear()
    return written


def heard(talk: Conversation, replies: bytes) -> list[tuple[int, str, str]]:
    """What came of it: number, verdict, phase."""
    talk.receive(replies)
    return told(talk)


def told(talk: Conversation) -> list[tuple[int, str, str]]:
    done = [(mail.number, str(outcome.verdict), str(outcome.phase)) for mail, outcome in talk.done]
    talk.done.clear()
    return done


def test_a_mail_costs_one_turn_once_the_first_is_begun() -> None:
    talk = conversation()
    first, second, third = parcel(1), parcel(2), parcel(3)
    for mail in (first, second, third):
        talk.put(mail)

    assert said(talk) == begun(1)
    assert heard(talk, BEGUN) == []
    assert (said(talk), talk.ripe) == (first.mail, first)
    talk.release()
    assert said(talk) == b".\r\n" + begun(2)
    assert heard(talk, TAKEN + BEGUN) == [(1, "accepted", "dot")]
    assert (said(talk), talk.ripe) == (second.mail, second)
    assert (talk.taken, talk.held, talk.over) == (1, 2, "")


def test_without_pipelining_each_command_waits_for_its_reply() -> None:
    talk = conversation(pipelining=False)
    talk.put(parcel(1))
    talk.put(parcel(2))
    turns = []

    for reply in (OK, OK, GO):
        turns.append(said(talk))
        talk.receive(reply)

    assert turns == begun(1).splitlines(keepends=True)
    assert said(talk) == parcel(1).mail
    talk.release()
    assert said(talk) == b".\r\n"
    assert heard(talk, TAKEN) == [(1, "accepted", "dot")]
    assert said(talk) == begun(2).splitlines(keepends=True)[0]


def test_the_end_of_a_mail_does_not_go_before_its_release() -> None:
    talk = conversation()
    talk.put(parcel(1))

    with pytest.raises(ValueError, match="no mail waits for its end"):
        talk.release()
    talk.receive(BEGUN)

    assert said(talk) == begun(1) + parcel(1).mail
    assert talk.phase is Phase.BODY


@pytest.mark.parametrize(
    ("mail", "dotted", "written"),
    [
        (b".\r\n..a\r\nb.\r\n", True, b"..\r\n...a\r\nb.\r\n"),
        (b"a\r\n.\r\n.\r\n", True, b"a\r\n..\r\n..\r\n"),
        (b"a\r\nb\r\n", True, b"a\r\nb\r\n"),
        (b"..a\r\n", False, b"..a\r\n"),
    ],
)
def test_a_dot_at_the_start_of_a_line_is_doubled(mail: bytes, dotted: bool, written: bytes) -> None:
    talk = conversation()
    talk.put(Parcel(1, Envelope("a@example.org", "b@example.net"), mail, dotted))
    said(talk)

    talk.receive(BEGUN)

    assert said(talk) == written


REFUSALS = [
    # what answers MAIL, RCPT and DATA; what comes of the mail; what is said then
    (b"450 x\r\n503 y\r\n503 y\r\n", "deferred", "mail", b""),
    (b"550 x\r\n503 y\r\n503 y\r\n", "returned", "mail", b""),
    (b"550 x\r\n503 y\r\n554 y\r\n", "returned", "mail", b""),
    (OK + b"450 x\r\n554 y\r\n", "deferred", "rcpt", b"RSET\r\n"),
    (OK + b"550 5.1.1 x\r\n503 y\r\n", "rejected", "rcpt", b"RSET\r\n"),
    (OK + b"550 5.1.1 x\r\n" + GO, "rejected", "rcpt", b".\r\n"),
    (OK + OK + b"451 x\r\n", "deferred", "data", b"RSET\r\n"),
    (OK + OK + b"554 x\r\n", "returned", "data", b"RSET\r\n"),
]


@pytest.mark.parametrize(("replies", "verdict", "phase", "then"), REFUSALS)
def test_a_refused_mail_leaves_nothing_behind_for_the_next(
    replies: bytes, verdict: str, phase: str, then: bytes
) -> None:
    talk = conversation()
    talk.put(parcel(1))
    talk.put(parcel(2))
    said(talk)

    assert heard(talk, replies) == [(1, verdict, phase)]
    assert said(talk) == then + begun(2)
    talk.receive((TAKEN if then else b"") + BEGUN)
    talk.release()
    assert heard(talk, TAKEN) == [(2, "accepted", "dot")]
    assert talk.taken == 1


@pytest.mark.parametrize(
    ("replies", "verdict", "phase", "reset"),
    [
        ((b"550 x\r\n",), "returned", "mail", False),
        ((OK, b"550 5.1.1 x\r\n"), "rejected", "rcpt", True),
        ((OK, b"503 x\r\n"), "rejected", "rcpt", True),
        ((OK, OK, b"452 x\r\n"), "deferred", "data", True),
    ],
)
def test_without_pipelining_a_refused_mail_is_cleared_before_the_next(
    replies: tuple[bytes, ...], verdict: str, phase: str, reset: bool
) -> None:
    talk = conversation(pipelining=False)
    talk.put(parcel(1))
    talk.put(parcel(2))
    for reply in replies:
        said(talk)
        talk.receive(reply)

    assert told(talk) == [(1, verdict, phase)]
    if reset:
        assert said(talk) == b"RSET\r\n"
        talk.receive(OK)
    assert said(talk).startswith(b"MAIL")


@pytest.mark.parametrize("answer", [b"250 taken, all the same\r\n", b"554 no recipient\r\n"])
def test_the_reply_to_an_empty_end_is_about_no_mail(answer: bytes) -> None:
    talk = conversation()
    talk.put(parcel(1))
    talk.receive(OK + b"550 5.1.1 who\r\n" + GO)
    told(talk)

    assert heard(talk, answer) == []
    assert (talk.taken, talk.over) == (0, "")


def test_an_empty_end_never_goes_where_the_recipient_may_have_been_taken() -> None:
    talk = conversation()
    talk.put(parcel(1))
    said(talk)

    assert heard(talk, b"550 no\r\n" + OK + GO) == [(1, "returned", "mail")]
    assert (said(talk), bool(talk.over)) == (b"", True)


# Replies in and out of order, after the end of the first mail, while the second is begun.
@pytest.mark.parametrize(
    ("replies", "outcomes"),
    [
        (GO, [(1, "unknown", "dot"), (2, "returned", "mail")]),
        (b"hello\r\n", [(1, "unknown", "dot"), (2, "returned", "mail")]),
        (b"421 bye\r\n", [(1, "deferred", "dot"), (2, "returned", "mail")]),
        (b"451 later\r\n421 bye\r\n", [(1, "deferred", "dot"), (2, "returned", "mail")]),
        (b"554 5.7.1 no\r\n421 bye\r\n", [(1, "rejected", "dot"), (2, "returned", "mail")]),
        (TAKEN + b"421 bye\r\n", [(1, "accepted", "dot"), (2, "returned", "mail")]),
        (TAKEN + OK + b"421 bye\r\n", [(1, "accepted", "dot"), (2, "returned", "rcpt")]),
        (TAKEN + OK + OK + b"421 bye\r\n", [(1, "accepted", "dot"), (2, "returned", "data")]),
        (TAKEN + TAKEN + OK + OK + GO, [(1, "accepted", "dot"), (2, "returned", "data")]),
        (TAKEN + OK + OK + OK + GO, [(1, "accepted", "dot"), (2, "returned", "data")]),
        (TAKEN + BEGUN + GO, [(1, "accepted", "dot"), (2, "returned", "body")]),
        (TAKEN + BEGUN + OK, [(1, "accepted", "dot"), (2, "returned", "body")]),
        (TAKEN + BEGUN + b"552 too much\r\n", [(1, "accepted", "dot"), (2, "returned", "body")]),
        (TAKEN + BEGUN + b"421 bye\r\n", [(1, "accepted", "dot"), (2, "returned", "body")]),
        (TAKEN + GO, [(1, "accepted", "dot"), (2, "returned", "mail")]),
        (TAKEN + OK + b"503 order\r\n", [(1, "accepted", "dot"), (2, "returned", "rcpt")]),
    ],
)
@pytest.mark.parametrize("apart", [False, True])
def test_a_reply_out_of_order_ends_the_connection_and_marks_no_other_mail(
    replies: bytes, outcomes: list[tuple[int, str, str]], apart: bool
) -> None:
    talk = conversation()
    talk.put(parcel(1))
    talk.put(parcel(2))
    talk.receive(BEGUN)
    talk.release()

    done = []
    for piece in [bytes([byte]) for byte in replies] if apart else [replies]:
        done += heard(talk, piece)

    assert done == outcomes
    assert (bool(talk.over), talk.held, talk.ripe) == (True, 0, None)


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("answered", range(5))
def test_a_lost_connection_is_told_for_each_mail_by_how_far_it_was(answered: int, pipelining: bool) -> None:
    talk = conversation(pipelining=pipelining)
    for number in (1, 2, 3):
        talk.put(parcel(number))
    replies = (OK, OK, GO)
    for reply in replies[:answered]:
        talk.receive(reply)
    if answered == 4:
        talk.release()

    talk.lost("ended")
    talk.lost("ended again")

    reached = ("mail", "rcpt", "data", "body", "dot")[answered]
    first = "unknown" if reached == "dot" else "returned"
    assert told(talk) == [(1, first, reached), (2, "returned", "mail"), (3, "returned", "mail")]


def test_a_mail_whose_end_was_never_written_comes_back() -> None:
    talk = conversation()
    talk.put(parcel(1))
    talk.receive(BEGUN)
    talk.release()

    talk.lost("ended", end_written=False)

    assert told(talk) == [(1, "returned", "body")]


def test_a_mail_that_is_taken_back_never_arrives_and_is_not_told() -> None:
    talk = conversation()
    talk.put(parcel(1))
    talk.put(parcel(2))
    talk.receive(BEGUN)
    said(talk)

    talk.withdraw()

    assert (said(talk), told(talk)) == (b"", [(2, "returned", "mail")])
    assert (bool(talk.over), talk.quiet) == (True, True)


def test_what_a_server_says_between_mails_ends_the_connection() -> None:
    talk = conversation()

    assert heard(talk, b"421 4.4.2 idle too long, ada@example.net\r\n") == []
    assert (talk.over, talk.ended_in) == ("said: 421 4.4.2 idle too long, <…>", None)


def test_a_server_that_does_not_forget_a_mail_is_left_quietly() -> None:
    talk = conversation()
    talk.put(parcel(1))
    talk.put(parcel(2))

    assert heard(talk, OK + b"550 5.1.1 x\r\n503 y\r\n502 what\r\n")[1:] == [(2, "returned", "mail")]
    assert talk.quiet


@pytest.mark.parametrize("replies", [b"250 a\r\n503 b\r\n", GO, b"hm\r\n", OK + OK + OK])
def test_a_server_that_breaks_on_several_commands_at_once_is_doubted(replies: bytes) -> None:
    talk, plain = conversation(), conversation(pipelining=False)
    for each in (talk, plain):
        each.put(parcel(1))
        each.receive(replies)

    assert (talk.doubtful, plain.doubtful) == (True, False)


@pytest.mark.parametrize(
    ("features", "sender", "words"),
    [
        ({}, "digest@news.example.org", ""),
        ({"size": ""}, "digest@news.example.org", " SIZE=18"),
        ({"size": "0"}, "digest@news.example.org", " SIZE=18"),
        ({"size": "18", "dsn": ""}, "digest@news.example.org", " SIZE=18 RET=HDRS"),
        ({"dsn": ""}, f"back+{TOKEN}@news.example.org", f" RET=HDRS ENVID={TOKEN}"),
        ({"smtputf8": ""}, "dïgest@news.example.org", " SMTPUTF8"),
    ],
)
def test_a_mail_is_announced_with_what_the_server_offers(
    features: dict[str, str], sender: str, words: str
) -> None:
    talk = conversation(**features)

    talk.put(parcel(1, sender=sender))

    assert said(talk).decode().splitlines()[0] == f"MAIL FROM:<{sender}>{words}"


def test_a_server_that_refuses_what_it_offers_gets_it_plainly_next_time() -> None:
    talk = conversation(size="1000", dsn="")
    talk.put(parcel(1))
    talk.put(parcel(2))
    said(talk)

    assert heard(talk, b"555 5.5.4 SIZE?\r\n503 x\r\n503 x\r\n") == [(1, "returned", "mail")]
    assert said(talk) == begun(2)
    assert talk.misled


@pytest.mark.parametrize(
    ("mail", "code", "enhanced", "of_sender"),
    [
        (parcel(1, b"x" * 98 + b"\r\n" * 2), 552, "5.3.4", True),
        (parcel(1, to="ädа@example.net"), 553, "5.6.7", False),
        (parcel(1, to="a@example.net>\r\nRSET\r\n"), 553, "5.1.3", False),
        (parcel(1, to="a b@example.net"), 553, "5.1.3", False),
        (parcel(1, to="a\udcffb@example.net"), 553, "5.1.3", False),
        (parcel(1, sender="ä@example.org"), 553, "5.6.7", True),
    ],
)
def test_what_the_server_cannot_take_is_refused_without_a_word(
    mail: Parcel, code: int, enhanced: str, of_sender: bool
) -> None:
    talk = conversation(size="100")

    talk.put(mail)

    [(_, outcome)] = talk.done
    assert (outcome.verdict, outcome.code, outcome.enhanced) == (Verdict.REJECTED, code, enhanced)
    assert (outcome.kind, outcome.of_sender, said(talk)) == (None, of_sender, b"")


@pytest.mark.parametrize(
    ("replies", "kind", "cause"),
    [
        (OK + b"550 5.1.1 no ada@example.net, no ada\r\n" + GO, BounceKind.HARD, "5.1.1 no <…> no …"),
        (OK + b"421 4.7.0 ada has too much mail\r\n", None, "4.7.0 … has too much mail"),
        (BEGUN + b"452 4.3.1 no room for ada\r\n", None, "4.3.1 no room for …"),
    ],
)
def test_an_outcome_says_what_was_said_and_no_row_names_the_reader_whom_the_server_named(
    replies: bytes, kind: BounceKind | None, cause: str
) -> None:
    talk = conversation()
    for mail in (parcel(1, to="ada@example.net"), parcel(2)):
        talk.put(mail)
    talk.receive(replies)

    assert (talk.done[0][1].kind, talk.done[0][1].text) == (kind, cause)
    assert "ada" not in str([talk.over, *(outcome.text for _, outcome in talk.done)])


ANSWERS = (OK, GO, TAKEN, b"450 x\r\n", b"550 5.1.1 x\r\n", b"421 x\r\n", b"503 x\r\n", b"oops\r\n")
LINES = st.lists(st.sampled_from(ANSWERS), max_size=30)


@given(LINES, st.booleans())
def test_whatever_is_heard_each_mail_is_told_once_and_taken_only_after_its_end(
    lines: list[bytes], pipelining: bool
) -> None:
    talk = conversation(pipelining=pipelining)
    for number in range(6):
        talk.put(parcel(number))
    done: list[tuple[int, str, str]] = []
    released = set()

    for line in lines:
        done += heard(talk, line)
        if talk.ripe is not None:
            released.add(talk.ripe.number)
            talk.release()
    talk.lost("ended")
    done += told(talk)

    assert sorted(number for number, _, _ in done) == list(range(6))
    assert all(number in released for number, verdict, _ in done if verdict in ("accepted", "unknown"))
    assert all(before < after for before, after in pairwise(number for number, _, _ in done))
