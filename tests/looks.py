"""Issues for the tests of looks, rendered by each look that there is."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import html as lxml_html  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from newsletter import look_folders, rendering
from newsletter.model import Evidence, Figure, Issue, Link, LinkKind, Pick, Recalled, RenderedIssue, Section
from newsletter.templating import Look
from tests.builders import LINKS, issue, mailing_list, paper, trend

ROOT = Path(__file__).parents[1] / "templates"
LOOKS = [ROOT / name for name in look_folders.names(ROOT, None)]

# A duty of every look. A new folder is found by itself.
every_look = pytest.mark.parametrize("folder", LOOKS, ids=lambda folder: folder.name)


def load(folder: Path) -> Look:
    return look_folders.load(folder.name, bundled=ROOT, own=None)


def full_pick(number: int) -> Pick:
    return Pick(
        paper(
            f"Larder {number}: Keeping the Right Half of a Cache through Very Long Conversations",
            authors=("Ada Holm", "Ben Ito", "Cy Roux", "Di Sato"),
            arxiv_id=f"2402.{number:05}",
            upvotes=number,
            links=(Link(LinkKind.CODE, f"https://code.example.org/larder/{number}"),),
        ),
        evidence=(Evidence("KV cache", "title", 1, 4.0), Evidence("eviction", "abstract", 2, 2.0)),
        also=("Parallelism",),
        one_liner="A policy that keeps the half of the cache which later answers will need, at no cost.",
        figures=(Figure("2.6×", "less peak memory"), Figure("45%", "", "reduces latency by")),
    )


def busy_issue() -> Issue:
    names = {"kv-cache": "KV cache", "parallelism": "Parallelism", "trending": "Also trending"}
    sections = (
        Section(slug, title, "What it is about.", tuple(full_pick(10 * place + n) for n in range(1, 8)))
        for place, (slug, title) in enumerate(names.items())
    )
    return issue(
        *list(sections),
        headline="Larder leads 21 papers this week",
        note="A word before.\n\nAnd another.",
        list=mailing_list(postal_address="1 Quay Street, Example Town"),
        trends=(trend(count=9), trend("parallelism", 7, 7.4), trend("speech", 0, 1.5)),
        new_terms=("Larder", "shelf attention"),
    )


def brief_issue() -> Issue:
    """The busy issue with the tail of its first and last section shortened to titles."""
    one = busy_issue()
    first, second, last = one.sections
    short = (
        replace(part, picks=tuple(replace(pick, brief=n > 2) for n, pick in enumerate(part.picks)))
        for part in (first, last)
    )
    return replace(one, sections=(next(short), second, next(short)))


def recap_issue(issues: int = 4) -> Issue:
    """The busy issue as the recap of a month that had so many issues, some of one headline."""
    numbers = range(1, issues + 1)
    days = (Recalled(number, date(2026, 1, number), "Larder leads 21 papers") for number in numbers)
    return replace(
        busy_issue(),
        headline=f"The best of January: 21 papers of {issues} issues",
        trends=(),
        new_terms=(),
        recap="2026-01",
        recalled=tuple(days),
    )


def told_by(*labels: str) -> Issue:
    picks = (replace(full_pick(n), told_by=label) for n, label in enumerate(labels))
    return issue(Section("kv-cache", "KV cache", "", tuple(picks)))


def render(folder: Path, of: Issue | None = None) -> RenderedIssue:
    return rendering.render(of or busy_issue(), look=load(folder), links=LINKS)


def tree(rendered: RenderedIssue) -> HtmlElement:
    return lxml_html.document_fromstring(rendered.html)


def words(element: HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())
