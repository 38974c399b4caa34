"""`newsletter draft` and `newsletter issues`, as an editor types them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from newsletter import app
from newsletter.cli import commands
from tests.builders import CACHE_PAPER, OTHER_PAPER, page_text

runner = CliRunner()
LATER_PAPER = (
    "Attic: A KV Cache Under the Roof",
    "The KV cache of a language model grows with its prompt. We present Attic, KV cache offloading to disk.",
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "ada")
    (tmp_path / "page.txt").write_text(page_text(CACHE_PAPER, OTHER_PAPER), encoding="utf-8")
    (tmp_path / "later.txt").write_text(page_text(LATER_PAPER, CACHE_PAPER), encoding="utf-8")
    return tmp_path


def run(*arguments: str, stdin: str | None = None) -> Result:
    return runner.invoke(commands, arguments, input=stdin)


def done(*arguments: str, stdin: str | None = None) -> str:
    result = run(*arguments, stdin=stdin)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def shown(name: str = "weekly") -> dict[str, object]:
    return json.loads(done("issues", "show", name, "--json"))


@pytest.fixture
def drafted() -> None:
    """A store with one draft."""
    done("ingest", "page.txt")
    done("draft", "--date", "2026-01-06")


def test_draft_tells_what_is_in_it_and_what_comes_next() -> None:
    done("ingest", "page.txt")

    result = run("draft", "--date", "2026-01-06")

    assert result.stdout.splitlines()[:5] == [
        "weekly/1, 2026-01-06, draft: 2 papers considered",
        "    1  KV cache",
        "    1  Also trending",
        "",
        "KV cache: 1 paper",
    ]
    assert result.stderr.startswith("weekly/1: a new draft\nnext: newsletter issues show weekly ")
    assert result.stderr.endswith("newsletter issues approve weekly\n")
    assert run("draft").stderr.startswith("weekly/1: the draft, up to date\n")


def test_draft_needs_a_store_something_new_and_a_list() -> None:
    assert run("draft").stderr == "error: newsletter.db: no database yet; newsletter ingest makes it\n"
    done("db", "upgrade")
    assert run("draft").stderr.startswith("error: nothing new for weekly: every whole digest is used up; ")
    assert run("draft", "daily").stderr == "error: no list 'daily'; lists: weekly\n"
    Path("config.toml").write_text("[lists.weekly]\n[lists.monthly]\n", encoding="utf-8")

    result = run("draft")

    assert (result.exit_code, result.stderr) == (2, "error: name the list of the draft: weekly, monthly\n")


def test_what_an_issue_carried_is_told_and_left_out(drafted: None) -> None:
    done("issues", "approve", "weekly")
    done("ingest", "later.txt")

    told = done("draft", "--date", "2026-01-13")

    assert told.startswith("weekly/2, 2026-01-13, draft: 1 paper considered, 1 left out as carried before\n")
    assert f"left out\tcarried by\n{CACHE_PAPER[0]}\tweekly/1\n" in done("issues", "show", "weekly")


def test_show_prints_the_contract(drafted: None) -> None:
    done("issues", "note", "weekly", "Good morning.")
    values = shown()

    assert list(values) == [
        *("issue", "list", "number", "date", "status", "since", "recap", "created_at", "approved_at"),
        *(
            "headline",
            "note",
            "read",
            "sections",
            "near_misses",
            "carried",
            "edits",
            "unused",
            "trends",
            "new_terms",
        ),
    ]
    assert (values["issue"], values["status"], values["note"]) == ("weekly/1", "draft", "Good morning.")
    [edit] = values["edits"]
    assert (edit["kind"], edit["who"], edit["undone_at"]) == ("note", "ada", None)


def test_edits_are_made_by_whom_they_say_and_shown(drafted: None) -> None:
    done("issues", "drop", "weekly", "plumbline", "--by", "bo")
    done("issues", "note", "weekly", "-", stdin="Good morning.\n\nTea?\n")

    table = [line.split("\t")[1:] for line in done("issues", "show", "weekly").splitlines() if "Z\t" in line]

    assert table == [
        ["bo", "dropped", OTHER_PAPER[0], "", ""],
        ["ada", "noted", "Good morning.; ; Tea?", "", ""],
    ]


@pytest.mark.parametrize(
    ("by", "who"), [("", "ada"), (" \n", "ada"), ("bo\n de", "bo de"), ("\udcff", "\ufffd")]
)
def test_an_edit_is_always_somebodys_in_one_line(drafted: None, by: str, who: str) -> None:
    done("issues", "note", "weekly", "Good morning.", "--by", by)

    assert [edit["who"] for edit in shown()["edits"]] == [who]


def test_a_note_may_hold_anything_and_commands_neither_terminal_nor_template(drafted: None) -> None:
    note = "Good \x1b[2J\x07morning. {{ 7 * 7 }} {% for %} <b>&</b> </mj-text> \u202eback\0"
    done("issues", "note", "weekly", "-", stdin=note + 5000 * " and so on")

    told = done("issues", "show", "weekly") + done("issues", "diff", "weekly")
    done("issues", "render", "weekly", "--out", "there")

    assert not {"\x1b", "\x07", "\u202e"} & set(told)
    assert "{{ 7 * 7 }} {% for %} <b>&</b> </mj-text>" in told
    assert "{{ 7 * 7 }} {% for %} <b>&</b>" in Path("there", "issue.txt").read_text(encoding="utf-8")
    assert "{% for %} &lt;b&gt;&amp;&lt;/b&gt;" in Path("there", "issue.html").read_text(encoding="utf-8")


def test_a_note_that_is_not_text_is_refused(drafted: None) -> None:
    result = runner.invoke(commands, ["issues", "note", "weekly", "-"], input=b"\xff\xfe bad")

    assert (result.exit_code, result.stderr) == (1, "error: -: not UTF-8 text; save it as UTF-8\n")


@pytest.mark.parametrize("arguments", [["show", "we\udcffkly"], ["pin", "weekly", "\udcff"]])
def test_a_name_that_is_no_text_is_told_as_any_other(drafted: None, arguments: list[str]) -> None:
    result = run("issues", *arguments)

    assert result.exit_code == 1
    assert result.stderr.startswith("error: no ")


def test_undo_says_what_it_undid_until_nothing_is_left(drafted: None) -> None:
    done("issues", "note", "weekly", "Good morning.")

    assert done("issues", "undo", "weekly").startswith("weekly/1: undone: noted by ada, 2")
    assert shown()["note"] == ""
    result = run("issues", "undo", "weekly")
    assert (result.exit_code, result.stderr) == (
        1,
        "error: nothing to undo in weekly/1: no edit of it holds\n",
    )


def test_diff_tells_what_the_editor_changed(drafted: None) -> None:
    assert run("issues", "diff", "weekly").stderr == "weekly/1: as the themes choose it\n"
    done("issues", "note", "weekly", "Good morning.")

    [change] = json.loads(done("issues", "diff", "weekly", "--json"))["changes"]

    assert (change["change"], change["title"], change["by"][:5]) == ("note", "Good morning.", "ada, ")


def test_what_stands_in_the_draft_is_meant_before_what_does_not(drafted: None) -> None:
    done("ingest", "later.txt")
    Path("config.toml").write_text("[themes.kv-cache]\nlimit = 1\n[lists.weekly]\ntrending_limit = 0\n")

    told = done("issues", "drop", "weekly", "KV Cache")

    assert told == f"weekly/1: dropped “{CACHE_PAPER[0]}”\n"


def test_move_says_where_to(drafted: None) -> None:
    result = run("issues", "move", "weekly", "larder")

    assert result.exit_code == 2
    assert "--section, --place, or both" in result.stderr


def test_approve_freezes_once_and_cancel_frees(drafted: None) -> None:
    assert done("issues", "approve", "weekly") == "weekly/1: approved, 2 papers in 2 sections\n"
    assert done("issues", "approve", "weekly") == "weekly/1: approved already; nothing to do\n"
    assert run("issues", "note", "weekly/1", "Late.").stderr == (
        "error: weekly/1 is approved, and only a draft can be edited; give it up, with its edits: "
        "newsletter issues cancel weekly/1, or make the next issue: newsletter draft weekly\n"
    )
    assert done("issues", "cancel", "weekly/1") == (
        "weekly/1: cancelled, its papers are free for the next issue\n"
    )
    assert done("issues", "cancel", "weekly/1") == "weekly/1: cancelled already; nothing to do\n"
    assert done("draft").startswith("weekly/2, ")


def test_a_frozen_issue_is_shown_when_its_list_is_gone(drafted: None) -> None:
    done("issues", "approve", "weekly")
    Path("config.toml").write_text("[lists.monthly]\n", encoding="utf-8")

    assert shown("weekly/1")["read"] == 2
    assert "weekly/1" in done("issues", "list", "weekly")
    assert run("issues", "list", "daily").stderr == "error: no list 'daily'; lists: monthly\n"


def test_issues_lists_them(drafted: None) -> None:
    assert done("issues").splitlines()[1].startswith("weekly/1\t2026-01-06\tdraft\t2")
    assert done("issues") == done("issues", "list", "weekly")
    assert [one["issue"] for one in json.loads(done("issues", "list", "--json"))["issues"]] == ["weekly/1"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("weekly/9", "error: no issue 'weekly/9'; the last is weekly/1\n"),
        ("weekly/x", "error: no issue 'weekly/x'; the last is weekly/1\n"),
        ("daily/1", "error: no issue 'daily/1'; newsletter issues lists them\n"),
        ("daily", "error: no list 'daily'; lists: weekly\n"),
        ("", "error: no list ''; lists: weekly\n"),
    ],
)
def test_an_issue_that_is_not_there_is_told(drafted: None, name: str, message: str) -> None:
    assert run("issues", "show", name).stderr == message


def test_render_writes_the_draft_as_render_writes_a_digest(drafted: None) -> None:
    done("issues", "note", "weekly", "Good morning.")
    values = json.loads(done("issues", "render", "weekly", "--out", "there", "--json"))
    done("render", "page.txt", "--date", "2026-01-06", "--out", "here")

    assert sorted(values["files"]) == ["bib", "eml", "html", "json", "ris", "text"]
    drafted_text, rendered = (Path(place, "issue.txt").read_text() for place in ("there", "here"))
    assert "Good morning." in drafted_text
    assert rendered.splitlines()[-3:] == drafted_text.splitlines()[-3:]
    assert "https://news.example.org/weekly/1/" in drafted_text
    assert "https://news.example.org/weekly/2026-01-06/" in rendered


def test_issues_reads_a_config_that_is_named(drafted: None, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    Path("there/config.toml").write_text('database_url = "sqlite:///../newsletter.db"\n', encoding="utf-8")

    assert "weekly/1" in done("issues", "list", "--config", "there/config.toml")


def test_every_command_has_help_with_an_example() -> None:
    names = ("list", "show", "pin", "drop", "move", "note", "undo", "diff", "render", "approve", "cancel")
    assert "Example: newsletter draft" in done("draft", "--help")
    for name in names:
        assert f"Example: newsletter issues {name}" in done("issues", name, "--help")


def test_a_user_without_a_name_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("os.getuid", lambda: 4_000_000_000)

    assert app.user() == "unknown"
