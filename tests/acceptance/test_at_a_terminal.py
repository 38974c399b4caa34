"""What a person sees at a terminal: a table, and no control character that a title brings."""

import json
import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

from tests.builders import CACHE_PAPER, OTHER_PAPER, page_text

# What a question of `newsletter label` ends with.
PROMPT = b"q quit: "


def at_a_terminal(*arguments: str, cwd: Path, keys: bytes = b"") -> str:
    """What is shown; each of the keys answers one prompt."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1", "TERM": "xterm"}
    command = [sys.executable, "-m", "newsletter", *arguments]
    with subprocess.Popen(command, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        shown, answered = b"", 0
        try:
            while True:
                heard = bool(select.select([ours], [], [], 1)[0])
                if heard:
                    shown += (chunk := os.read(ours, 65536))
                    if not chunk:
                        break
                asked = shown.count(PROMPT)
                # A key that is struck before the program listens is lost: in a silence it is struck again.
                if asked > answered or (asked and not heard):
                    os.write(ours, keys[asked - 1 : asked])
                answered = asked
        except OSError:  # Linux ends a pseudo-terminal so, when its last writer has gone
            pass
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())


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


def test_a_note_is_no_command_to_the_terminal_either(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(page_text(CACHE_PAPER), encoding="utf-8")
    note = "Good \x1b]0;Owned\x07\x1b[2Jmorning \u202eback"

    for arguments in (["ingest", "page.txt"], ["draft"], ["issues", "note", "weekly", note, "--by", "\x9bA"]):
        at_a_terminal(*arguments, cwd=tmp_path)
    shown = at_a_terminal("issues", "show", "weekly", cwd=tmp_path)

    assert "Good \ufffd]0;Owned\ufffd\ufffd[2Jmorning \ufffdback" in shown
    assert not re.search("\x1b(?:]|\\[2J)|[\x07\x9b\u202e]", shown)


def test_ingest_shows_a_bar_and_leaves_the_counts(tmp_path: Path) -> None:
    (tmp_path / "[red]page.txt").write_text(page_text(CACHE_PAPER), encoding="utf-8")

    shown = at_a_terminal("ingest", "[red]page.txt", cwd=tmp_path)

    assert "1/1" in shown
    assert "[red]page.txt: hf-page, 1 paper: 1 added, 0 updated, 0 known" in shown


def test_a_section_and_its_near_misses_are_one_table(tmp_path: Path) -> None:
    near = ("Pantry: Shelves", "We present Pantry, a key-value cache for shelves.")
    (tmp_path / "page.txt").write_text(page_text(CACHE_PAPER, near), encoding="utf-8")

    lines = at_a_terminal("select", "page.txt", "--theme", "kv-cache", cwd=tmp_path).splitlines()

    assert lines[0] == "KV cache: 1 paper"
    titles = ("title", "Larder: ", "near misses", "Pantry: ")
    assert len({next(line.index(title) for line in lines if title in line) for title in titles}) == 1


def test_an_error_is_broken_between_words(tmp_path: Path) -> None:
    shown = at_a_terminal("select", "--theme", "speech", "page.txt", cwd=tmp_path)

    assert all(len(line) <= 100 for line in shown.splitlines())
    assert "mixture-of-experts, " in shown.replace("\r\n", " ")


def test_an_explanation_is_laid_out_as_tables(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(page_text(CACHE_PAPER), encoding="utf-8")

    lines = at_a_terminal("select", "page.txt", "--explain", "larder", cwd=tmp_path).splitlines()

    assert lines[1] == "stands under KV cache, place 1 of 1: the theme it fits best"
    assert next(line for line in lines if line.lstrip().startswith("adds")).split() == [
        "adds",
        "phrase",
        "field",
        "count",
        "where",
    ]
    assert any(line.lstrip().startswith("1 →") for line in lines)


def test_papers_are_judged_with_one_key_each(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(page_text(CACHE_PAPER, OTHER_PAPER), encoding="utf-8")

    shown = at_a_terminal("label", "page.txt", "--theme", "kv-cache", cwd=tmp_path, keys=b"yunq")

    labels = (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["grade"] for line in labels] == [0]
    assert "KV cache: 2 of 2, 0 yes" in shown


def test_what_was_judged_before_an_interruption_is_kept(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(page_text(CACHE_PAPER, OTHER_PAPER), encoding="utf-8")

    shown = at_a_terminal("label", "page.txt", "--theme", "kv-cache", cwd=tmp_path, keys=b"y\x03")

    assert len((tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    assert shown.splitlines()[-2:] == [
        "KV cache: 1 yes, 0 no, 0 maybe added to labels.jsonl",
        "next: newsletter eval labels.jsonl page.txt",
    ]


def test_a_look_over_a_site_names_each_group_and_the_next_step(tmp_path: Path) -> None:
    shown = at_a_terminal("doctor", "--no-network", cwd=tmp_path)

    groups = ["Configuration", "Templates", "Database", "Machine", "Mail server", "Names (DNS)"]
    assert [line for line in shown.split("\r\n") if line.strip() in groups] == groups
    assert re.search(r"problem +smtp\.host +no server to send by → set smtp\.host", shown)
    assert "What large receivers ask of bulk senders" in shown
    assert "Those with * hold for every sender." in shown
