"""`newsletter lint`, as a user types it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from newsletter import app, lint
from newsletter.cli import commands

runner = CliRunner()
LOOKS = app.looks(app.load_settings(None))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def issue(folder: Path) -> Path:
    assert run("render").exit_code == 0
    return folder / "issue"


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return runner.invoke(commands, arguments, input=stdin)


@pytest.mark.parametrize("look", LOOKS)
def test_an_issue_of_ours_is_in_order_in_every_look(look: str) -> None:
    result = run("lint", "--look", look, "--strict")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "nothing found\n")


def test_what_render_wrote_is_in_order(issue: Path) -> None:
    result = run("lint", "issue/issue.eml", "issue/issue.html", "--strict")

    assert (result.exit_code, result.stdout) == (0, "")


def test_a_finding_is_told_as_a_compiler_tells_it(folder: Path) -> None:
    (folder / "page.html").write_text(
        '<!DOCTYPE html>\n<p lang="en"><img src="cid:1" alt="">\n', encoding="utf-8"
    )

    result = run("lint", "page.html")

    assert result.exit_code == 0
    assert (
        "page.html:2:14: warning: image-size: No width and no height on an image: cid:1\n"
        '    <p lang="en"><img src="cid:1" alt="">\n'
        "                 ^\n"
    ) in result.stdout
    assert result.stderr == "0 errors, 4 warnings\n"


def test_warnings_fail_only_where_that_is_asked_for(folder: Path) -> None:
    (folder / "page.html").write_text("<!DOCTYPE html><h1>A</h1>", encoding="utf-8")

    assert run("lint", "page.html").exit_code == 0
    assert run("lint", "page.html", "--strict").exit_code == 1


def test_an_error_in_any_file_fails(issue: Path) -> None:
    (issue / "bad.html").write_text("<!DOCTYPE html><script></script>", encoding="utf-8")

    result = run("lint", "issue/issue.eml", "issue/bad.html")

    assert result.exit_code == 1
    assert "issue/bad.html:1:16: error: active: <script>" in result.stdout


def test_a_page_is_held_against_the_text_beside_it(issue: Path) -> None:
    (issue / "issue.txt").write_text("Nothing of it.\n", encoding="utf-8")

    result = run("lint", "issue/issue.html")

    assert "issue/issue.html:" in result.stdout
    assert "warning: text-parity: In the HTML, not in the plain text: https://" in result.stdout


def test_a_part_of_a_mail_is_named_beside_it(issue: Path) -> None:
    mail = (issue / "issue.eml").read_bytes().replace(b"<!DOCTYPE html>", b"<p>")

    result = run("lint", "-", stdin=mail)

    assert result.exit_code == 1
    assert "<stdin>[html]:1:1: error: doctype: " in result.stdout


def test_the_json_is_a_list_of_findings(folder: Path) -> None:
    (folder / "page.html").write_text('<!DOCTYPE html>\n<table lang="en">', encoding="utf-8")

    found = json.loads(run("lint", "page.html", "--json").stdout)

    assert {
        "rule": "table-role",
        "file": "page.html",
        "level": "warning",
        "part": "html",
        "line": 2,
        "column": 1,
    } in [{key: value for key, value in one.items() if key != "message"} for one in found]


def test_the_rules_can_be_read_and_parsed() -> None:
    table = run("lint", "--rules").stdout
    values = json.loads(run("lint", "--rules", "--json").stdout)

    assert all(f"\n{rule.slug}\t{rule.level}\t" in table for rule in lint.RULES)
    assert [value["rule"] for value in values] == [rule.slug for rule in lint.RULES]
    assert values[0].keys() == {"rule", "level", "why", "source"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty; name a mail"),
        (b"\x89PNG\r\n\x1a\n\0\0", "neither a mail nor a page"),
        (b"Just some words.\n", "neither a mail nor a page"),
        (b"<p>\xff</p>", "not UTF-8 text"),
        (None, "no such file"),
    ],
)
def test_what_is_no_mail_is_refused_in_one_line(folder: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (folder / "mail").write_bytes(content)

    result = run("lint", "mail")

    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: mail: {problem}")
    assert result.stderr.count("\n") == 1


def test_an_option_that_is_none_is_wrong_usage() -> None:
    assert run("lint", "--fix").exit_code == 2


def test_render_tells_findings_with_their_places(folder: Path) -> None:
    (folder / "templates/default").mkdir(parents=True)
    look = app.load_look("default", app.load_settings(None))
    for name, text in look.files.items():
        (folder / "templates/default" / name).write_text(
            text.replace("color: #57534d", "color: #c9c4bb"), "utf-8"
        )
    (folder / "config.toml").write_text('templates_dir = "templates"\n', encoding="utf-8")

    result = run("render", "--json")

    finding = json.loads(result.stdout)["lint"][0]
    assert (finding["rule"], finding["part"]) == ("contrast", "html")
    assert (
        f"issue/issue.html:{finding['line']}:{finding['column']}: {finding['level']}: contrast: "
        in result.stderr
    )
