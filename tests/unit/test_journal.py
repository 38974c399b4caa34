"""A line of the log for each event, which names nobody."""

import io
import json
import logging
import sys

import pytest

from newsletter import headway
from newsletter.daemon import journal
from newsletter.daemon.journal import Form
from newsletter.model import Event
from tests.builders import NOW

AT = "2026-01-06T09:30:15Z"
LINK = "mfzwizltoqqho2lumuqgc3thmvzxi33omuqgc3tdnbxxk5ldob2q"


def line(event: Event, form: Form = "text") -> str:
    """What stands in the log of that event."""
    stream = io.StringIO()
    with journal.opened(form, clock=lambda: NOW, stream=stream) as log:
        log.tell(event)
    return stream.getvalue()


def test_a_line_has_time_level_event_and_values() -> None:
    event = Event("issue.drafted", {"list": "weekly", "issue": 7, "why": "it is time"}, "warning")

    assert line(event) == f'{AT} warning issue.drafted list=weekly issue=7 why="it is time"\n'


def test_a_line_of_json_has_the_same() -> None:
    event = Event("issue.drafted", {"list": "weekly", "issue": 7, "event": "mine"})

    found = json.loads(line(event, "json"))
    assert found == {"time": AT, "level": "info", "event": "issue.drafted", "list": "weekly", "issue": 7}


def test_an_event_without_values_is_a_line_too() -> None:
    assert line(Event("config.read")) == f"{AT} info config.read\n"


@pytest.mark.parametrize(
    "said",
    [
        "550 5.1.1 <ada.marsh+x@example.org> unknown",
        "to=ada.marsh@example.org, relay",
        "mailto:ada.marsh@exämple.org",
        '"ada.marsh@example.org"',
        f"https://news.example.org/weekly/unsubscribe/{LINK}",
        f"leave+{LINK}@news.example.org".upper(),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_neither_an_address_nor_a_token_stands_in_a_line(said: str, form: Form) -> None:
    found = line(Event("trouble", {"why": said}), form).lower()

    assert not any(word in found for word in ("marsh", "example.org>", LINK))
    assert "…" in found or "\\u2026" in found


def test_what_a_server_says_makes_no_second_line() -> None:
    found = line(Event("trouble", {"why": "421\r\n2026-01-06T09:30:15Z info fine\x1b[2J\u2028x"}))

    assert len(found.splitlines()) == 1
    assert "\x1b" not in found


def test_what_lower_layers_say_is_in_the_log_and_not_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    with journal.opened("text", clock=lambda: NOW, stream=stream):
        headway.warn("page.txt: 2 papers were skipped")
        with headway.of_readers("weekly/7") as told:
            told(100_000)

    assert stream.getvalue() == (
        f'{AT} warning warning text="page.txt: 2 papers were skipped"\n'
        f'{AT} info note text="weekly/7: 100,000 readers"\n'
    )
    headway.warn("after it")
    assert capsys.readouterr().err == "warning: after it\n"


def test_another_library_is_heard_without_what_its_error_was_about() -> None:
    stream = io.StringIO()
    with journal.opened("text", clock=lambda: NOW, stream=stream):
        try:
            {}["ada@example.org"]
        except KeyError:
            logging.getLogger("elsewhere").exception("no luck")

    assert stream.getvalue() == f'{AT} error log by=elsewhere text="no luck" error=KeyError\n'


def test_a_log_that_cannot_be_written_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Closed())
    with journal.opened("text", clock=lambda: NOW) as log:
        log.tell(Event("config.read"))


def test_the_form_may_change_while_the_log_is_open() -> None:
    stream = io.StringIO()
    with journal.opened("text", clock=lambda: NOW, stream=stream) as log:
        log.write_as("json")
        log.tell(Event("config.read"))

    assert json.loads(stream.getvalue())["event"] == "config.read"
