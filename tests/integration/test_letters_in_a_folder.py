"""`newsletter web --letters DIR`: the way of a reader on one machine, before there is a server for mail."""

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from newsletter import links
from newsletter.backends import eml
from newsletter.errors import BackendUnavailable
from tests.site import ADDRESS, keys, running

MAIL = (
    b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\n\r\nplain\r\n'
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>\xc3\xa9\r\n--b--\r\n"
)
DEADLINE_S = 30


def ask(client: httpx.Client) -> None:
    """What a person sends off, an hour after the form was served."""
    served = links.form_token(list="weekly", keys=keys(), now=datetime.now(UTC) - timedelta(hours=1))
    form = {"email": ADDRESS, "theme": "kv-cache", "cadence": "issue", "token": served}
    assert client.post("/weekly/subscribe", data=form).status_code == 200


def page_of(letter: Path) -> str:
    """What the letter shows, once it is there."""
    until = time.monotonic() + DEADLINE_S
    while not letter.exists() or not letter.read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    return letter.read_text()


def test_a_reader_says_yes_by_a_letter_in_a_folder_and_nothing_else_holds_its_link(tmp_path: Path) -> None:
    with (
        running(tmp_path, "--letters", "letters") as (_, port),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        ask(client)
        letter = page_of(tmp_path / "letters/letter-1.html")
        [link] = set(re.findall(r'href="[^"]+(/weekly/confirm/\w+)"', letter))
        assert "You are subscribed" in client.post(link).text

    assert (tmp_path / "stderr").read_text() == "a letter: letters/letter-1.html; open it in a browser\n"
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "letters").iterdir()}
    assert modes == {"letter-1.eml": 0o600, "letter-1.html": 0o600}


def test_each_mail_has_a_number_of_its_own_and_its_page_beside_it(tmp_path: Path) -> None:
    pages = [eml.save(MAIL, tmp_path) for _ in range(2)]

    assert [page.name for page in pages] == ["letter-1.html", "letter-2.html"]
    assert (tmp_path / "letter-2.eml").read_bytes() == MAIL
    assert pages[1].read_text().strip() == "<p>é"


def test_a_folder_that_cannot_be_written_lets_letters_wait(tmp_path: Path) -> None:
    (tmp_path / "letters").touch()

    with pytest.raises(BackendUnavailable, match=r"letters: cannot keep letters there: .*; make the folder"):
        eml.save(MAIL, tmp_path / "letters")
