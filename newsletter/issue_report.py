"""What issues of the store look like to a person at a terminal and to another program.

The JSON shapes here are a contract: other programs rely on their names. Reads and writes nothing itself.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from newsletter import identity
from newsletter.model import Edit, Edition, EditKind, Paper, Pick, Section, Trend
from newsletter.report import Rows, counted, theme_table
from newsletter.selection import Miss

if TYPE_CHECKING:  # it takes as long to load as a whole render, which needs none
    from newsletter.drafts import Draft
    from newsletter.store.edits import Logged

_DONE = {EditKind.PIN: "pinned", EditKind.DROP: "dropped", EditKind.MOVE: "moved", EditKind.NOTE: "noted"}


def editions_json(editions: Iterable[Edition]) -> dict[str, Any]:
    """Every issue, without its content."""
    return {"issues": [_edition_json(edition) for edition in editions]}


def draft_json(draft: "Draft") -> dict[str, Any]:
    """An issue with all that explains it."""
    issue, chosen = draft.issue, draft.chosen
    misses = chosen.misses if chosen else {}
    return {
        **_edition_json(draft.edition),
        "headline": issue.headline,
        "note": issue.note,
        "read": issue.read,
        "sections": [
            {
                "theme": section.theme,
                "title": section.title,
                "papers": [_pick_json(pick, draft) for pick in section.picks],
            }
            for section in issue.sections
        ],
        "near_misses": {
            theme: [{"title": miss.paper.title, "score": miss.match.score, "why": miss.why} for miss in row]
            for theme, row in misses.items()
        },
        "carried": [
            {"title": one.title, "issue": f"{draft.edition.list}/{one.number}"} for one in draft.carried
        ],
        "edits": [_logged_json(one) for one in draft.edits],
        "unused": unused_texts(draft),
        "trends": [asdict(trend) for trend in issue.trends],
        "new_terms": list(issue.new_terms),
    }


def diff_json(alone: Sequence[Section], draft: "Draft") -> dict[str, Any]:
    """What the edits change against the selection alone."""
    names = ("change", "title", "was", "is", "by")
    changes = [dict(zip(names, row, strict=True)) for row in diff_table(alone, draft).cells]
    return {"issue": draft.edition.name, "changes": changes}


def editions_table(editions: Iterable[Edition]) -> Rows:
    """One row an issue; where there is a recap, also of which month it is one."""
    editions = tuple(editions)
    head = ("issue", "date", "status", "drafted", "approved")
    cells = tuple(
        (one.name, one.date.isoformat(), one.status.value, _moment(one.created_at), _moment(one.approved_at))
        for one in editions
    )
    if not any(one.recap for one in editions):
        return Rows(head, cells)
    of = (one.recap for one in editions)
    return Rows((*head, "recap of"), tuple((*row, month) for row, month in zip(cells, of, strict=True)))


def draft_text(draft: "Draft") -> str:
    """What an issue comes to, in a few lines."""
    edition, issue = draft.edition, draft.issue
    carried = f", {len(draft.carried)} left out as carried before" * bool(draft.carried)
    head = f"{edition.name}, {edition.date}, {edition.status}"
    if edition.recap:
        head += f", recap of {edition.recap} ({counted(len(issue.recalled), 'issue')})"
    lines = [f"{head}: {counted(issue.read, 'paper')} considered{carried}"]
    lines += [f"  {len(section.picks):>3}  {section.title}" for section in issue.sections]
    lines += [f"trend: {trend_text(trend)}" for trend in issue.trends]
    if issue.new_terms:
        lines.append(f"new: {', '.join(issue.new_terms)}")
    if issue.note:
        lines += ["note:", *(f"  {line}" for line in issue.note.splitlines())]
    return "\n".join(lines)


def trend_text(trend: Trend) -> str:
    """A theme's members beside their mean, in words."""
    issues = f"{trend.issues} issue{'s' * (trend.issues > 1)}"
    return f"{trend.title} {trend.count}, {trend.mean:.1f} in the mean of {issues}"


def section_table(section: Section, draft: "Draft", misses: Iterable[Miss] = ()) -> Rows:
    """One row a paper of a section: its score, what speaks for it, and who put it there; then near misses."""
    return theme_table(
        section.title, section.picks, misses, edited=lambda pick: pick_text(pick, _held(draft))
    )


def carried_table(draft: "Draft") -> Rows:
    """One row a paper that an earlier issue of the list carried."""
    cells = ((one.title, f"{draft.edition.list}/{one.number}") for one in draft.carried)
    return Rows(("left out", "carried by"), tuple(cells))


def edits_table(draft: "Draft") -> Rows:
    """One row an edit, in the order in which they were made, those that were undone too."""
    cells = (
        (
            _moment(one.edit.at),
            one.edit.who,
            _DONE[one.edit.kind],
            one.title or one.edit.text,
            _where(one.edit),
            f"{_moment(one.undone_at)}, {one.undone_by}" if one.undone_at else "",
        )
        for one in draft.edits
    )
    return Rows(("when", "who", "edit", "of", "to", "undone"), tuple(cells))


def diff_table(alone: Sequence[Section], draft: "Draft") -> Rows:
    """One row a paper that the edits take in, out or elsewhere, and one for a note.

    by: "" for a paper that only comes or goes with others. One that makes room in its section is not told.
    """
    before, after = _places(alone), _places(draft.issue.sections)
    held = _held(draft)
    cells = []
    for name in dict.fromkeys((*after, *before)):
        was, now = before.get(name), after.get(name)
        title = now.title if now else before[name].title
        by = _by((now or before[name]).names, held)
        if was is None or now is None:
            cells.append(("out" if now is None else "in", title, _said(was), _said(now), by))
        elif was.section != now.section or (now.edited and was.place != now.place):
            cells.append(("moved", title, _said(was), _said(now), by))
    if draft.issue.note:
        cells.append(("note", draft.issue.note, "", "", _by([""], held)))
    return Rows(("change", "paper", "was", "is", "by"), tuple(cells))


def unused_texts(draft: "Draft") -> list[str]:
    """The editors' changes that come to nothing, each in a few words."""
    titles = {one.edit.paper: f"“{one.title}”" for one in draft.edits}
    return [
        " ".join(filter(None, (edit.kind.value, titles.get(edit.paper, edit.paper), _where(edit))))
        for edit in draft.unused
    ]


def logged_text(one: "Logged") -> str:
    """An edit of the store in a few words."""
    return f"{done_text(one.edit, one.title)} by {one.edit.who}, {_moment(one.edit.at)}"


def done_text(edit: Edit, title: str) -> str:
    """What an edit did, in a few words. title: of its paper, "" for a note."""
    return _DONE[edit.kind] + (f" “{title}”" if title else "")


def edited_text(edit: Edit, title: str, sections: Iterable[Section]) -> str:
    """What an edit that was just made came to, in a line. sections: with the edit."""
    if edit.kind is EditKind.NOTE:
        return f"note {'kept' if edit.text else 'taken away'}"
    places = _places(sections).values()
    stands = next((place for place in places if place.title == title), None)
    if edit.kind is EditKind.DROP and stands is None:
        return done_text(edit, title)
    said = f"stands under {_said(stands)}" if stands else "stands in no section"
    return f"{done_text(edit, title)}; it {said}"


def pick_text(pick: Pick, held: Sequence[Edit]) -> str:
    """What an editor did to a paper, with who and when; "" for nothing. held: the edits that hold."""
    return f"{pick.edit} by {_by(identity.keys(pick.paper), held)}" if pick.edit else ""


class _Place(NamedTuple):
    """Where a paper stands in an issue."""

    title: str
    section: str
    place: int
    edited: bool
    names: tuple[str, ...]


def _places(sections: Iterable[Section]) -> dict[str, _Place]:
    """Every paper of the sections, by the surest of its names."""
    return {
        identity.keys(pick.paper)[0]: _Place(
            pick.paper.title, section.title, place, bool(pick.edit), identity.keys(pick.paper)
        )
        for section in sections
        for place, pick in enumerate(section.picks, start=1)
    }


def _said(place: _Place | None) -> str:
    return f"{place.section}, place {place.place}" if place else ""


def _where(edit: Edit) -> str:
    place = f"place {edit.place}" if edit.place else ""
    return ", ".join(filter(None, (edit.section, place)))


def _held(draft: "Draft") -> list[Edit]:
    return [*draft.overrides, *(one.edit for one in draft.edits if one.undone_at is None)]


def _by(names: Collection[str], held: Iterable[Edit]) -> str:
    """Who made the last edit of those about the paper of those names, and when; "" where nobody did.

    A note has no name.
    """
    about = [edit for edit in held if not _names(edit).isdisjoint(names)]
    return ", ".join(filter(None, (about[-1].who, _moment(about[-1].at)))) if about else ""


def _names(edit: Edit) -> set[str]:
    """What the paper of an edit is known by, whether the edit names it by a key or as a person does."""
    arxiv, doi = identity.arxiv_id(edit.paper), identity.doi(edit.paper)
    asked = Paper(edit.paper, "", "", arxiv_id=arxiv.id if arxiv else None, doi=doi)
    return {edit.paper, *identity.keys(asked)} if edit.paper else {""}


def _moment(moment: datetime | None) -> str:
    """A moment in UTC, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M}Z" if moment else ""


def _edition_json(edition: Edition) -> dict[str, Any]:
    return {
        "issue": edition.name,
        "list": edition.list,
        "number": edition.number,
        "date": edition.date.isoformat(),
        "status": edition.status,
        "since": edition.since,
        "recap": edition.recap or None,
        "created_at": edition.created_at.isoformat(),
        "approved_at": edition.approved_at and edition.approved_at.isoformat(),
    }


def _pick_json(pick: Pick, draft: "Draft") -> dict[str, Any]:
    return {
        "title": pick.paper.title,
        "arxiv_id": pick.paper.arxiv_id,
        "url": pick.paper.url,
        "score": pick.score,
        "evidence": [asdict(evidence) for evidence in pick.evidence],
        "also": list(pick.also),
        "edited": pick_text(pick, _held(draft)),
    }


def _logged_json(one: "Logged") -> dict[str, Any]:
    edit = asdict(one.edit) | {"at": one.edit.at and one.edit.at.isoformat()}
    undone_at = one.undone_at and one.undone_at.isoformat()
    return {**edit, "title": one.title, "undone_at": undone_at, "undone_by": one.undone_by}
