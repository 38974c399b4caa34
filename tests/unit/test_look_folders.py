"""Looks as folders: what makes one, where each file of it comes from, and who is at fault."""

from pathlib import Path

import pytest

from newsletter import look_folders, rendering
from newsletter.errors import NewsletterError, NotFound, RenderError
from newsletter.templating import Look
from tests.builders import LINKS, issue

BUNDLED = Path(__file__).parents[2] / "templates"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "templates"


def write(own: Path, name: str, text: str) -> None:
    (own / name).parent.mkdir(parents=True, exist_ok=True)
    (own / name).write_text(text, encoding="utf-8")


def load(name: str, own: Path | None = None) -> Look:
    return look_folders.load(name, bundled=BUNDLED, own=own)


def fault(name: str, own: Path) -> RenderError:
    with pytest.raises(RenderError) as caught:
        rendering.render(issue(), look=load(name, own), links=LINKS)
    return caught.value


def test_a_folder_with_one_stylesheet_is_a_look(own: Path) -> None:
    write(own, "mine/inline.css", "h1 { color: #13579b }")

    rendered = rendering.render(issue(), look=load("mine", own), links=LINKS)

    assert look_folders.names(BUNDLED, own) == ("compact", "default", "mine")
    assert "#13579b" in rendered.html
    assert load("mine", own).files.keys() == load("default").files.keys()


def test_of_three_files_of_one_name_the_own_one_counts_then_that_of_the_bundled_look(own: Path) -> None:
    write(own, "compact/phone.css", "/* ours */")
    look = load("compact", own)

    assert look.files["phone.css"] == "/* ours */"
    assert look.files["inline.css"] == (BUNDLED / "compact" / "inline.css").read_text(encoding="utf-8")
    assert look.files["words.j2"] == (BUNDLED / "default" / "words.j2").read_text(encoding="utf-8")
    assert [look.places[name] for name in ("phone.css", "inline.css", "words.j2")] == [
        "templates/compact/phone.css",
        "bundled compact/inline.css",
        "bundled default/words.j2",
    ]


@pytest.mark.parametrize("name", ["fancy", "..", "../default", "", "mine"])
def test_what_holds_no_file_of_a_look_is_none(own: Path, name: str) -> None:
    write(own, "mine/notes.md", "To do.")

    with pytest.raises(NotFound, match="looks: compact, default") as caught:
        load(name, own)

    assert ("that folder holds none of contents.mjml.j2, " in str(caught.value)) is (own / name).is_dir()


def test_a_file_that_is_no_text_is_named(own: Path) -> None:
    (own / "mine").mkdir(parents=True)
    (own / "mine" / "inline.css").write_bytes(b"\xff\xfe")

    with pytest.raises(NewsletterError, match=r"mine/inline\.css: cannot read this file of a look: 'utf-8'"):
        load("mine", own)


def test_a_look_is_made_of_what_its_templates_name() -> None:
    look = Look(
        "mine",
        {
            "issue.txt.j2": '{% include "a.j2" %}',
            "a.j2": "{% import 'b.j2' as b %}",
            "b.j2": '{% from "a.j2" import x %}',
            "c.j2": '{% include "a.j2" %}',
        },
    )

    assert look_folders.used(look) == ("a.j2", "b.j2", "issue.txt.j2")


def test_own_files_that_change_nothing_are_found(own: Path) -> None:
    for name in ("inline.css", "paper.mjml.j2", "READ.ME", ".DS_Store", "row.j2~"):
        write(own, f"compact/{name}", "")

    assert look_folders.idle(load("compact", own), own) == ("READ.ME", "paper.mjml.j2")
    assert look_folders.idle(load("compact"), None) == ()


def test_a_fault_is_told_where_the_file_stands(own: Path) -> None:
    write(own, "compact/subject.txt.j2", "\n{{ issue.nothing }}")

    error = fault("compact", own)

    assert str(error).startswith("templates/compact/subject.txt.j2, line 2: ")
    assert (error.look, error.template, error.line) == ("compact", "subject.txt.j2", 2)


def test_a_fault_in_a_file_that_was_not_copied_is_told_as_bundled(own: Path) -> None:
    write(own, "mine/issue.mjml.j2", '{% from "paper.mjml.j2" import entry %}{{ entry(1, False) }}')

    assert str(fault("mine", own)).startswith("bundled default/paper.mjml.j2, line ")


CALLS = [
    '{% import "words.j2" as words %}\n{{ words.shiny(issue) }}',
    '{% from "words.j2" import shiny %}\n{{ shiny(issue) }}',
]


@pytest.mark.parametrize("call", CALLS)
def test_a_call_of_a_macro_that_no_bundled_file_has_is_the_callers_fault(own: Path, call: str) -> None:
    write(own, "mine/subject.txt.j2", call)

    problem = "bundled default/words.j2 has no macro 'shiny'; correct its name"
    assert str(fault("mine", own)) == f"templates/mine/subject.txt.j2, line 2: {problem}"


def test_an_old_file_that_lacks_a_macro_is_at_fault_and_not_the_bundled_one_that_calls_it(own: Path) -> None:
    words = load("default").files["words.j2"]
    write(own, "mine/words.j2", words.replace("macro chosen(", "macro picked("))

    error = fault("mine", own)

    assert (error.template, error.line) == ("words.j2", None)
    assert "mine/words.j2: it has no macro 'chosen', which bundled default/issue.mjml.j2, line" in str(error)
