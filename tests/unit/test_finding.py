"""The search of the archive: words in any case, with or without accents."""

import pytest

from newsletter.archive import finding
from newsletter.archive.outline import Entry, Part, Title
from newsletter.model import Edition, IssueStatus
from tests.builders import NOW


def entry(*titles: str, headline: str = "A headline") -> Entry:
    edition = Edition(1, "weekly", 7, NOW.date(), IssueStatus.SENT, NOW, NOW)
    papers = tuple(Title(title, f"p{number}", "", "") for number, title in enumerate(titles))
    return Entry(edition, headline, "", (Part("kv-cache", "KV cache", "", papers),))


def found(question: str, *titles: str) -> list[str]:
    groups, _, _ = finding.groups([entry(*titles)], question)
    return [row.text for group in groups if group.title == "Papers" for row in group.rows]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("KIVI", "kivi: a cache"),
        ("schrodinger", "Schrödinger Bridges"),
        ("SCHRÖDINGER", "Schrodinger Bridges"),
        ("strasse", "Die Straße"),
        ("οδος", "ΟΔΟΣ"),
        ("soren", "Søren"),
        ("istanbul", "İSTANBUL"),
        ("fi", "eﬃcient"),
        ("cache  tuning", "Tuning a Cache"),
        ("x2", "x² attention"),
    ],
)
def test_a_title_is_found_however_it_is_written(question: str, title: str) -> None:
    assert found(question, title, "Another") == [title]


def test_every_word_has_to_be_there() -> None:
    assert found("tuning speech", "Tuning", "Speech and Tuning", "Speech") == ["Speech and Tuning"]


def test_theme_and_issue_are_found_too_and_counted() -> None:
    groups, shown, of = finding.groups([entry("One", "Two")], "kv cache")

    assert [(group.title, len(group.rows)) for group in groups] == [("Themes", 1), ("Papers", 2)]
    assert (shown, of) == (3, 4)


def test_without_a_question_everything_is_there() -> None:
    groups, shown, of = finding.groups([entry("One", "Two")], " ")

    assert [group.title for group in groups] == ["Issues", "Themes", "Papers"]
    assert shown == of == 4


def test_a_question_without_end_is_cut() -> None:
    assert finding.words("a" * 100_000) == ("a" * finding.LONGEST,)
