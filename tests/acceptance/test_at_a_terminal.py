"""What a person sees at a terminal: a table, and no control character that a title brings."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.builders import CACHE_PAPER, page_text


def at_a_terminal(*arguments: str, cwd: Path) -> str:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", "TERM": "xterm"}
    command = [sys.executable, "-m", "newsletter", *arguments]
    with subprocess.Popen(command, cwd=cwd, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 65536):
                shown += chunk
        except OSError:  # Linux ends a pseudo-terminal so, when its last writer has gone
            pass
    os.close(ours)
    return shown.decode()


def test_papers_are_shown_as_a_table(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(page_text(CACHE_PAPER), encoding="utf-8")

    shown = at_a_terminal("papers", "page.txt", cwd=tmp_path)

    assert "───" in shown
    assert CACHE_PAPER[0] in shown
    assert "\t" not in shown


def test_a_title_is_never_markup_or_a_command_to_the_terminal(tmp_path: Path) -> None:
    title = "[bold]Larder[/bold]: \x1b]0;Owned\x07\x1b[2JKeeping Half of the KV Cache"
    (tmp_path / "page.txt").write_text(page_text((title, CACHE_PAPER[1])), encoding="utf-8")

    shown = at_a_terminal("papers", "page.txt", cwd=tmp_path)

    assert "[bold]Larder[/bold]: ]0;Owned[2JKeeping" in shown
    assert not any(command in shown for command in ("\x1b]", "\x07", "\x1b[2J"))


def test_ingest_shows_a_bar_and_leaves_the_counts(tmp_path: Path) -> None:
    (tmp_path / "[red]page.txt").write_text(page_text(CACHE_PAPER), encoding="utf-8")

    shown = at_a_terminal("ingest", "[red]page.txt", cwd=tmp_path)

    assert "1/1" in shown
    assert "[red]page.txt: hf-page, 1 papers: 1 added, 0 updated, 0 known" in shown
