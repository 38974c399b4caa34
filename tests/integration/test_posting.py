"""The letters that answer asks: which go, which wait, and that none goes twice."""

import email
import re
import subprocess
import sys
from email import policy
from pathlib import Path

import pytest
from sqlalchemy import Engine

from newsletter import app, store, subscribe
from newsletter.backends import smtp
from newsletter.errors import (
    BackendUnavailable,
    ConfigError,
    MaybeSent,
    NewsletterError,
    Refused,
    RenderError,
)
from newsletter.model import SubscriptionStatus, Way
from newsletter.store import asks
from tests.mailboxes import MailServer
from tests.readers import asked, people, reader, settings, subscription


class Postbox:
    """Takes every letter, or raises what `says` gives for its recipient."""

    def __init__(self, **says: BaseException) -> None:
        self.sent: list[tuple[str, str]] = []
        self.mails: list[bytes] = []
        self._says = says

    def __call__(self, mail: bytes, sender: str, recipient: str) -> None:
        if problem := self._says.get(recipient.partition("@")[0]):
            raise problem
        self.sent.append((sender, recipient))
        self.mails.append(mail)


def text(mail: bytes) -> str:
    body = email.message_from_bytes(mail, policy=policy.default).get_body(("plain",))  # type: ignore[attr-defined]
    return str(body.get_content())


def waiting(database: Engine) -> int:
    with store.reading(database) as tx:
        return asks.queue_length(tx)


def test_who_asked_gets_one_letter_and_its_link_is_a_yes(database: Engine, tmp_path: Path) -> None:
    served, box = people(database, tmp_path), Postbox()
    asked(served, "ada@example.net")

    assert (served.post(box), served.post(box)) == (1, 0)

    assert box.sent == [("digest@news.example.org", "ada@example.net")]
    token = re.search(r"https://news.example.org/weekly/confirm/(\w+)", text(box.mails[0]))
    assert token
    answer, found = served.confirm("weekly", token[1])
    assert answer is subscribe.Answer.CONFIRMED
    assert found
    assert found.subscriber.address == "ada@example.net"


def test_a_reader_who_asks_again_gets_links_to_choose_and_to_leave(database: Engine, tmp_path: Path) -> None:
    served, box = people(database, tmp_path), Postbox()
    known = reader(database)
    asked(served, "ada@example.net")

    assert served.post(box) == 1

    preferences = re.search(r"/weekly/preferences/(\w+)", text(box.mails[0]))
    leave = re.search(r"/weekly/unsubscribe/(\w+)", text(box.mails[0]))
    assert preferences
    assert leave
    assert served.subscription("weekly", preferences[1]) == known
    served.leave("weekly", leave[1], way=Way.WEB)
    assert (left := subscription(database, "ada@example.net"))
    assert left.status is SubscriptionStatus.UNSUBSCRIBED


def test_all_letters_go_however_many_there_are(database: Engine, tmp_path: Path) -> None:
    served, box = people(database, tmp_path), Postbox()
    asked(served, *(f"reader{number}@example.net" for number in range(25)))

    assert served.post(box) == 25
    assert len({recipient for _, recipient in box.sent}) == 25


def test_while_no_mail_can_go_every_letter_waits_and_it_is_said_once(
    database: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    served = people(database, tmp_path)
    asked(served, "ada@example.net", "bo@example.net", "cy@example.net")

    assert served.post(Postbox(bo=BackendUnavailable("the server is away"))) == 1
    assert capsys.readouterr().err == "warning: a letter did not go: the server is away\n"
    assert waiting(database) == 2

    later = Postbox()
    assert served.post(later) == 2
    assert [recipient for _, recipient in later.sent] == ["bo@example.net", "cy@example.net"]


def test_a_letter_that_may_have_gone_is_not_sent_again(database: Engine, tmp_path: Path) -> None:
    served = people(database, tmp_path)
    asked(served, "ada@example.net", "bo@example.net")

    assert served.post(Postbox(ada=MaybeSent("it said nothing"))) == 0

    later = Postbox()
    assert served.post(later) == 1
    assert [recipient for _, recipient in later.sent] == ["bo@example.net"]


@pytest.mark.parametrize(
    ("problem", "left"),
    [
        (Refused("no such mailbox", later=False), 0),
        (Refused("come back later", later=True), 1),
        (NewsletterError("too odd"), 0),
    ],
)
def test_a_letter_that_is_refused_keeps_no_other_back(
    database: Engine, tmp_path: Path, problem: NewsletterError, left: int
) -> None:
    served, box = people(database, tmp_path), Postbox(ada=problem)
    asked(served, "ada@example.net", "bo@example.net")

    assert served.post(box) == 1
    assert waiting(database) == left


def test_whoever_stops_it_stops_no_letter_but_the_one_on_its_way(database: Engine, tmp_path: Path) -> None:
    served = people(database, tmp_path)
    asked(served, "ada@example.net", "bo@example.net", "cy@example.net")

    with pytest.raises(KeyboardInterrupt):
        served.post(Postbox(bo=KeyboardInterrupt()))

    later = Postbox()
    assert served.post(later) == 1
    assert [recipient for _, recipient in later.sent] == ["cy@example.net"]


def test_neither_an_address_nor_a_token_is_told(
    database: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def says(command: str, envelope: object) -> str | None:
        found = command == "DATA" and re.search(r"confirm/\w+", text(envelope.content))  # type: ignore[attr-defined]
        return f"550 <ada@example.net> {found[0]} is spam" if found else None

    with MailServer(says) as server:
        served = people(
            database, tmp_path, smtp={"host": "127.0.0.1", "port": server.port, "security": "none"}
        )
        asked(served, "ada@example.net")
        served.post(app.letter_sender(served._settings))

    told = (
        f"warning: a letter did not go: 127.0.0.1:{server.port} refuses the mail: 550 <…> confirm/… is spam"
    )
    assert capsys.readouterr().err == f"{told}; ask whoever runs it\n"


def test_a_broken_template_loses_no_letter(database: Engine, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "confirm.txt.j2").write_text("{{ nothing }}")
    served = people(database, tmp_path, templates_dir=tmp_path)
    asked(served, "ada@example.net", "bo@example.net")

    with pytest.raises(RenderError, match=r"letters/confirm.txt.j2, line 1: 'nothing' is undefined"):
        served.post(Postbox())

    assert waiting(database) == 2


def test_letters_go_by_the_configured_server(database: Engine, tmp_path: Path) -> None:
    with MailServer() as server:
        served = people(
            database, tmp_path, smtp={"host": "127.0.0.1", "port": server.port, "security": "none"}
        )
        asked(served, "ada@example.net")
        assert served.post(app.letter_sender(served._settings)) == 1

    assert [(mail.mail_from, mail.rcpt_tos) for mail in server.mails] == [
        ("digest@news.example.org", ["ada@example.net"])
    ]


def test_without_a_server_no_letter_is_taken_up(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"set smtp\.host"):
        app.letter_sender(settings(tmp_path))


@pytest.mark.parametrize(("code", "later"), [(450, True), (550, False)])
def test_a_refusal_says_whether_the_server_may_take_it_later(code: int, later: bool) -> None:
    with MailServer(lambda command, _: f"{code} no" if command == "RCPT" else None) as server:
        place = smtp.Server("127.0.0.1", server.port, security="none")
        with pytest.raises(Refused) as refused:
            smtp.send(b"A: b\r\n\r\nc\r\n", sender="a@example.org", recipient="b@example.org", server=place)

    assert refused.value.later is later


# For each number that it is given somebody asks, and a child posts what is due to a file and is killed before
# the statement, the commit or the hand-over of that number.
DYING = """
import itertools, os, signal, sys
from pathlib import Path
from sqlalchemy import event
from newsletter import store
from tests.readers import asked, people

url, folder = sys.argv[1], Path(sys.argv[2])

def post(at):
    steps = itertools.count()

    def step(*_):
        if next(steps) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def send(mail, sender, recipient):
        step()
        with open(folder / "letters.txt", "a") as file:
            file.write(recipient + "\\n")
        step()

    # Connections of its own: those of before are its parent's.
    database = store.open_store(url)
    for name in ("before_cursor_execute", "commit"):
        event.listen(database, name, step)
    people(database, folder).post(send)

here = store.open_store(url)
for at in map(int, sys.argv[3:]):
    asked(people(here, folder), f"reader{at + 1}@example.net")
    if (child := os.fork()) == 0:
        post(at)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_killed_at_any_step_a_letter_may_be_missing_and_none_goes_twice(
    database: Engine, database_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", DYING, database_url, str(tmp_path), *map(str, range(4, 60, 8)), "-1"]
    ends = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    letters = (tmp_path / "letters.txt").read_text().split()
    assert ends.count("-9") > 3
    assert ends[-1] == "0"
    assert 3 < len(letters) == len(set(letters))
    assert waiting(database) == 0
