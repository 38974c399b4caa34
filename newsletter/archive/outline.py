"""What pages of many issues need of each one: its headline, its sections, and the titles in them.

Read from the frozen content as it lies in the store, without making an Issue of it, and without the abstracts
and the evidence that most of it is. What a database itself could take out of it is not worth its own words
for each database: on PostgreSQL it takes as long (measured).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from newsletter import rendering
from newsletter.model import Edition, Paper

# What may stand in an address as a theme: the slugs that a configuration takes.
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Title:
    """One paper of an issue. anchor: its place on the page of the issue. told_by: as in a Pick."""

    title: str
    anchor: str
    one_liner: str
    told_by: str


@dataclass(frozen=True, slots=True)
class Part:
    """One section of an issue, with its papers."""

    theme: str
    title: str
    blurb: str
    papers: tuple[Title, ...]

    @property
    def has_page(self) -> bool:
        """Whether the theme can have a page of its own."""
        return _SLUG.fullmatch(self.theme) is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """One public issue. parts: its sections that hold papers."""

    edition: Edition
    headline: str
    intro: str
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """What its readers call it: Issue 7, or Recap of November 2026."""
        if self.edition.recap:
            return f"Recap of {rendering.month(self.edition.recap)}"
        return f"Issue {self.edition.number}"

    @property
    def since(self) -> datetime:
        """When everybody could read it: once it was approved and its day had come, in UTC."""
        day = datetime.combine(self.edition.date, time(0), UTC)
        return max(self.edition.approved_at or day, day)

    def part(self, theme: str) -> Part | None:
        """Its section of that theme, None where it has none."""
        return next((part for part in self.parts if part.theme == theme), None)


def entry(edition: Edition, content: Mapping[str, Any]) -> Entry:
    """The issue in outline. content: as `frozen.as_data` gave it."""
    parts = tuple(_part(section) for section in content["sections"] if section["picks"])
    return Entry(edition, content["headline"], content["intro"], parts)


def themes(entries: Iterable[Entry]) -> dict[str, Part]:
    """The themes that have a page, by slug, each with its section in the first of the issues that has one.

    Recaps do not count: their papers stand in the issues that they sum up.
    """
    found: dict[str, Part] = {}
    for one in entries:
        for part in () if one.edition.recap else one.parts:
            if part.has_page:
                found.setdefault(part.theme, part)
    return found


def _part(section: Mapping[str, Any]) -> Part:
    papers = tuple(map(_title, section["picks"]))
    return Part(section["theme"], section["title"], section["blurb"], papers)


def _title(pick: Mapping[str, Any]) -> Title:
    values = pick["paper"]
    named = Paper(values["title"], "", "", arxiv_id=values.get("arxiv_id"))
    return Title(named.title, rendering.anchor(named), pick.get("one_liner") or "", pick.get("told_by") or "")
