"""What is shown, as the page of the desk reads it: one value of JSON. Pure.

The names are a contract with the script of the page. Every text in it is text: the page shows it as such.
"""

import email
import email.policy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from email.utils import parseaddr
from typing import Any

from newsletter import budget, identity, issue_report, lint, reasons, report, selection
from newsletter.model import (
    TRENDING,
    Edition,
    EditKind,
    Evidence,
    Finding,
    Paper,
    Pick,
    RenderedIssue,
    Theme,
)
from newsletter.preview.marking import Page, Spot
from newsletter.preview.shown import PAGE, Change, Shown, name_of
from newsletter.selection import Selection

# Bytes of HTML after which Gmail hides the rest, about. The linter warns and fails before.
CLIP = 102_000
_TRENDING_TITLE = "Also trending"

# Why each rule of the linter is looked at.
_WHY = {rule.slug: rule.why for rule in lint.RULES}


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen instead of what is shown. lists: the title of each by its slug."""

    lists: Mapping[str, str]
    looks: Sequence[str]
    issues: Sequence[Edition] = ()


@dataclass(frozen=True, slots=True)
class Mailed:
    """What an issue becomes: what a reader gets, the bytes of the mail, and what would go wrong in it."""

    rendered: RenderedIssue
    mail: bytes
    findings: tuple[Finding, ...]
    page: Page


def of(shown: Shown, mailed: Mailed, choices: Choices, why_not: Mapping[str, str]) -> dict[str, Any]:
    """The state without its version and its error. why_not: what cannot be done, each with the reason."""
    issue, rendered = shown.issue, mailed.rendered
    whole, spots = mailed.page.spots(issue.sections)
    return {
        "shown": _shown(shown),
        **_choices(shown, choices),
        "inbox": _inbox(rendered, issue.list.sender),
        "size": _size(shown, mailed, whole),
        "sections": [*_sections(shown, spots, cut=bool(rendered.cuts))],
        "themes": [{"slug": theme.slug, "title": theme.title} for theme in issue.list.themes],
        "findings": [asdict(finding) | {"help": _WHY[finding.rule]} for finding in mailed.findings],
        "note": issue.note,
        "text": rendered.text,
        "source": rendered.html,
        "headers": _headers(mailed.mail),
        "edits": [_change(one) for one in shown.changes],
        "can": {name: name not in why_not for name in ("edit", "undo", "keep", "approve", "test")},
        "why_not": dict(why_not),
    }


def _shown(shown: Shown) -> dict[str, Any]:
    return {
        "kind": "issue" if shown.name else PAGE,
        "name": shown.name,
        "status": shown.status,
        "title": shown.issue.list.title,
        "date": shown.issue.date.isoformat(),
        "read": shown.issue.read,
        "source": shown.source,
    }


def _inbox(rendered: RenderedIssue, sender: str) -> dict[str, str]:
    name, address = parseaddr(sender)
    return {
        "from": name or address,
        "address": address,
        "subject": rendered.subject,
        "preheader": rendered.preheader,
    }


def _change(one: Change) -> dict[str, Any]:
    return {
        "what": issue_report.done_text(one.edit, one.title),
        "who": one.edit.who,
        "at": one.edit.at and one.edit.at.isoformat().replace("+00:00", "Z"),
        "undone": one.undone,
    }


def _choices(shown: Shown, choices: Choices) -> dict[str, Any]:
    chosen = shown.issue.list
    return {
        "lists": [
            {"slug": slug, "title": title, "chosen": slug == chosen.slug}
            for slug, title in choices.lists.items()
        ],
        "looks": [{"name": name, "chosen": name == chosen.look} for name in choices.looks],
        "issues": [
            {"name": one.name, "status": one.status.value, "chosen": one.name == shown.name}
            for one in choices.issues
        ],
    }


def _size(shown: Shown, mailed: Mailed, whole: Mapping[str, int]) -> dict[str, Any]:
    html = len(mailed.rendered.html.encode())
    papers = sum(len(section.picks) for section in shown.issue.sections)
    held = sum(whole.values())
    parts = [{"section": "", "title": "Frame and head", "bytes": html - held}]
    parts += [
        {"section": section.theme, "title": section.title, "bytes": whole[section.theme]}
        for section in shown.issue.sections
    ]
    return {
        "html": html,
        "mail": len(mailed.mail),
        "warn": budget.LARGE,
        "fail": budget.CLIPPED,
        "clip": CLIP,
        "room": max(0, budget.LARGE - html) * papers // held if held else 0,
        "cuts": list(mailed.rendered.cuts),
        "parts": parts,
    }


def _sections(shown: Shown, spots: Sequence[Sequence[Spot]], *, cut: bool) -> Iterator[dict[str, Any]]:
    """Every section that the issue could have, those without a paper too, in the order of the mail.

    cut: whether the mail had no room for all; then a title that is no heading is all that it says of a paper.
    """
    filled = dict(zip((section.theme for section in shown.issue.sections), spots, strict=True))
    sections = {section.theme: section for section in shown.issue.sections}
    near = _near(shown)
    themes = {theme.slug: theme for theme in shown.issue.list.themes}
    titles = {theme.slug: theme.title for theme in themes.values()} | {TRENDING: _TRENDING_TITLE}
    titles |= {section.theme: section.title for section in sections.values()}
    for slug, title in titles.items():
        picks = sections[slug].picks if slug in sections else ()
        rows = zip(picks, filled.get(slug, ()), strict=True)
        yield {
            "theme": slug,
            "title": title,
            "picks": [
                _pick(pick, place, spot, shown, themes.get(slug))
                | {"brief": cut and bool(spot.line) and not spot.headed}
                for place, (pick, spot) in enumerate(rows, start=1)
            ],
            "near": near.get(slug, []),
        }


def _pick(pick: Pick, place: int, spot: Spot, shown: Shown, theme: Theme | None) -> dict[str, Any]:
    words = reasons.phrases(pick)
    return {
        "id": name_of(pick.paper),
        "title": pick.paper.title,
        "url": pick.paper.url if pick.paper.url.startswith(("https://", "http://")) else "",
        "place": place,
        "line": spot.line,
        "column": spot.column,
        "score": round(pick.score, 2),
        "threshold": theme.threshold if theme else None,
        "reason": f"Matched: {', '.join(words)}" if words else "",
        "evidence": [_evidence(one, pick) for one in pick.evidence],
        "rank": report.rank_json(pick.rank),
        "also": list(pick.also),
        "edit": issue_report.pick_text(pick, shown.held),
        "bytes": spot.bytes,
    }


def _evidence(one: Evidence, pick: Pick) -> dict[str, Any]:
    phrase = reasons.wording(one, pick.paper)
    return {"phrase": phrase, "field": one.field, "count": one.count, "weight": round(one.weight, 2)}


def _near(shown: Shown) -> dict[str, list[dict[str, Any]]]:
    """By section, what nearly came in, and then what an editor dropped."""
    if shown.chosen is None:
        return {}
    thresholds = {theme.slug: theme.threshold for theme in shown.issue.list.themes}
    rows = [
        (theme, miss.paper, miss.match.score, miss.why)
        for theme, misses in shown.chosen.misses.items()
        for miss in misses
    ]
    near: dict[str, list[dict[str, Any]]] = {}
    for theme, paper, score, why in (*rows, *_dropped(shown, shown.chosen)):
        row = {"id": name_of(paper), "title": paper.title, "score": round(score, 2)}
        near.setdefault(theme, []).append(row | {"threshold": thresholds.get(theme), "why": why})
    return near


def _dropped(shown: Shown, chosen: Selection) -> Iterator[tuple[str, Paper, float, str]]:
    """Each paper that an editor dropped, with the section that it would fit best and its score there."""
    dropped = {
        name for edit in shown.held if edit.kind is EditKind.DROP for name in selection.names(edit.paper)
    }
    for paper, row in zip(chosen.papers, chosen.matches, strict=True):
        if dropped.isdisjoint(identity.keys(paper)):
            continue
        place = chosen.place(paper)
        if place.section is None:
            members = [match for match in row if match.member]
            best = max(members, key=lambda match: match.score, default=None)
            yield (best.theme, paper, best.score, place.why) if best else (TRENDING, paper, 0.0, place.why)


def _headers(mail: bytes) -> list[list[str]]:
    parsed = email.message_from_bytes(mail, policy=email.policy.default)
    return [[name, str(value)] for name, value in parsed.items()]
