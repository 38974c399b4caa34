"""How far a run has come, at a terminal and elsewhere."""

import io
import re

import pytest

from newsletter import headway
from newsletter.announcements import Quiet, Silence
from newsletter.gather import Note, State, Step


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in place of stderr. No fixture: pytest puts its own in place once the fixtures are there."""
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    return screen


def test_at_a_terminal_a_bar_counts_the_bytes_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_a_terminal(monkeypatch)

    with headway.told() as tell:
        tell(Step("arXiv cs.LG", 1, 2))
        tell(Step("arXiv cs.LG", 1, 2, so_far=500, total=1000))
        tell(Note("arXiv cs.LG", State.READ, "1,000 bytes [not markup]"))

    shown = terminal.getvalue()
    assert "1 of 2: arXiv cs.LG" in shown
    assert "arXiv cs.LG: 1,000 bytes [not markup]" in shown
    assert "\x1b[2K" in shown


def test_at_a_terminal_nothing_is_drawn_where_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_a_terminal(monkeypatch)

    with headway.told():
        pass

    assert terminal.getvalue() == ""


def test_elsewhere_there_is_a_line_for_each_source_and_for_every_tenth_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with headway.told() as tell:
        for number in range(1, 26):
            tell(Step("a title", number, 25))
            tell(Step("a title", number, 25, so_far=10))
        tell(Note("arXiv", State.QUIET, "nothing new, and that is right"))

    assert capsys.readouterr().err.splitlines() == [
        "10 of 25",
        "20 of 25",
        "arXiv: nothing new, and that is right",
    ]


def test_a_failure_is_left_to_whoever_decides_what_it_means(capsys: pytest.CaptureFixture[str]) -> None:
    with headway.told() as tell:
        tell(Note("arXiv", State.FAILED, "is down"))
        tell(Note("arXiv", State.QUIET, "nothing came", Quiet(Silence.WRONG, "")))
    headway.warn("is down")

    assert capsys.readouterr().err == "warning: is down\n"


def test_questions_are_counted_at_a_terminal_and_told_by_tens_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with headway.of_questions("wren-1") as told:
        for asked in range(1, 21):
            told(asked)
    terminal = at_a_terminal(monkeypatch)
    with headway.of_questions("wren-1 [not markup]") as told:
        told(1)

    assert capsys.readouterr().err == "wren-1: 10 papers asked about\nwren-1: 20 papers asked about\n"
    assert "wren-1 [not markup]: 1 papers asked about" in terminal.getvalue()


def test_at_a_terminal_a_bar_counts_rows_and_how_many_come_in_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = at_a_terminal(monkeypatch)

    with headway.of_rows("people [1].csv", 1000) as tell:
        tell(10, 1)
        tell(500, 20_001)

    assert "people [1].csv" in terminal.getvalue()
    assert re.search(r" 50%.* 20,001 rows, [\d,]+ a second", terminal.getvalue())


def test_elsewhere_there_is_a_line_for_every_hundred_thousand_rows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with headway.of_rows("people.csv", 1000) as tell:
        for lines in range(1, 300_002, 20_000):
            tell(0, lines)

    assert capsys.readouterr().err.splitlines() == [
        "people.csv: 100,000 rows",
        "people.csv: 200,000 rows",
        "people.csv: 300,000 rows",
    ]
