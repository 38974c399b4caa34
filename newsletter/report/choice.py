"""What was chosen and why, as a person and another program see it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Any

from newsletter import naming, selection
from newsletter.model import Evidence, Paper, Pick, Rank, Theme
from newsletter.report.rows import Cell, Excerpt, Rows, around, counted, marked
from newsletter.selection import Contest, Match, Miss, Place, Selection

_PARTS = ("relevance", "votes", "freshness", "code", "nearness")
# Which row of a table of ranks is the paper that is explained.
_HERE = "→"
_RANK_HEAD = ("place", "rank", "title", *_PARTS)
_THEME_HEAD = ("#", "rank", "score", "title", "evidence", "note")
# Phrases of one paper in a table; the weaker ones are counted, and stand in its explanation.
_SHOWN_EVIDENCE = 5


def matches_json(papers: Sequence[Paper], matches: Sequence[Sequence[Match]]) -> dict[str, Any]:
    """Every paper's score on every theme."""
    return {
        "papers": [
            {"title": paper.title, "themes": {match.theme: _match_json(match) for match in row}}
            for paper, row in zip(papers, matches, strict=True)
        ]
    }


def sections_json(selected: Selection) -> dict[str, Any]:
    """The sections with rank and evidence of each paper, the near misses of each theme, and unused edits."""
    return {
        "sections": [
            {
                "theme": section.theme,
                "title": section.title,
                "papers": [_pick_json(pick) for pick in section.picks],
            }
            for section in selected.sections
        ],
        "near_misses": {theme: [_miss_json(miss) for miss in row] for theme, row in selected.misses.items()},
        "unused_edits": [asdict(edit) for edit in selected.unused],
    }


def explanation_json(selected: Selection, paper: Paper) -> dict[str, Any]:
    """One paper's score on every theme, where it stands, and what beat it where it does not."""
    row, place = selected.matches[selected.papers.index(paper)], selected.place(paper)
    section = place.section
    return {
        **matches_json([paper], [row]),
        "place": {
            "section": section and section.theme,
            "number": place.number if section else None,
            "of": len(section.picks) if section else None,
            "why": place.why,
            "rank": rank_json(place.pick.rank if place.pick else None),
        },
        "beaten_by": [
            {
                "section": lost.section,
                "why": lost.why,
                "rank": rank_json(lost.rank),
                "papers": [{"title": pick.paper.title, "rank": rank_json(pick.rank)} for pick in lost.picks],
            }
            for lost in place.lost
        ],
    }


def rank_json(rank: Rank | None) -> dict[str, float] | None:
    """The parts of a rank with their sum; None for none."""
    return None if rank is None else {"total": round(rank.total, 4), **asdict(rank)}


def theme_table(
    title: str,
    picks: Sequence[Pick],
    misses: Iterable[Miss] = (),
    *,
    edited: Callable[[Pick], str] | None = None,
) -> Rows:
    """One row a paper of a section, and below them what nearly came in: rank, score, evidence, and why not.

    edited: what an editor did to a paper, where that is more than the paper itself says.
    """
    ours = [
        _row(str(at), pick.paper, pick.rank, pick.score, pick.evidence, note=_note(pick, edited))
        for at, pick in enumerate(picks, start=1)
    ]
    near = [
        _row("", miss.paper, miss.rank, miss.match.score, miss.match.evidence, note=miss.why)
        for miss in misses
    ]
    told = f"{title}: {counted(len(picks), 'paper') if picks else 'no paper'}"
    return Rows(_THEME_HEAD, (*ours, *([("near misses",)] * bool(near)), *near), told)


def matches_table(papers: Sequence[Paper], matches: Sequence[Sequence[Match]], slugs: Sequence[str]) -> Rows:
    """One row a paper, one column a theme; a member's score is marked."""
    cells = (
        (str(paper.position), paper.title, *(f"{match.score:.2f}{' ✓' * match.member}" for match in row))
        for paper, row in zip(papers, matches, strict=True)
    )
    return Rows(("#", "title", *slugs), tuple(cells))


def themes_table(papers: Sequence[Paper], matches: Sequence[Sequence[Match]]) -> Rows:
    """One row a paper with the themes that it says something of, best first; a member's score is marked."""
    cells = (
        (str(paper.position), paper.title, _scores(row)) for paper, row in zip(papers, matches, strict=True)
    )
    return Rows(("#", "title", "scores (✓ member)"), tuple(cells))


def place_text(place: Place) -> str:
    """Where a paper stands, and why, in a line."""
    if place.section is None:
        return f"stands in no section: {place.why}"
    where = f"place {place.number} of {len(place.section.picks)}"
    return f"stands under {place.section.title}, {where}: {place.why}"


def rank_text(rank: Rank) -> str:
    """A rank as the sum of its parts."""
    parts = [f"{name} {getattr(rank, name):.2f}" for name in _PARTS]
    return f"rank {rank.total:.2f} = {' + '.join(parts[:-1])} − {parts[-1]}"


def verdict_text(match: Match, theme: Theme) -> str:
    """Whether a paper belongs to a theme, and why not, in a line."""
    if match.member:
        return f"{theme.title}: member, {match.score:.2f} of {theme.threshold:.2f}"
    return f"{theme.title}: no member, {match.why_not}" + (
        f", has {match.score:.2f}" if match.evidence else ""
    )


def explanation_table(match: Match, paper: Paper) -> Rows:
    """Every phrase of a theme that a paper holds: what it adds, how often and where it stands."""
    cells = (
        (
            f"{evidence.weight:+.2f}",
            evidence.phrase,
            evidence.field,
            f"×{evidence.count}",
            around(selection.text_of(paper, evidence.field), evidence.spans),
        )
        for evidence in match.evidence
    )
    return Rows(("adds", "phrase", "field", "count", "where"), tuple(cells))


def place_table(place: Place) -> Rows:
    """Who stands in the section of a paper, each with the parts of its rank; nothing where it has none."""
    picks = place.section.picks if place.section else ()
    cells = (
        _rank_cells(f"{at} {_HERE}" if at == place.number else str(at), pick.paper, pick.rank)
        for at, pick in enumerate(picks, start=1)
    )
    return Rows(_RANK_HEAD, tuple(cells))


def contest_table(paper: Paper, lost: Contest) -> Rows:
    """Who stands in a section that has no seat for a paper, and below them the paper, each with its rank."""
    rows = [_rank_cells(str(at), pick.paper, pick.rank) for at, pick in enumerate(lost.picks, start=1)]
    return Rows(_RANK_HEAD, (*rows, _rank_cells(_HERE, paper, lost.rank)))


def marked_field(paper: Paper, field: str, match: Match) -> Excerpt:
    """The title or the abstract of a paper, marked at what speaks for a theme."""
    ours = (evidence for evidence in match.evidence if evidence.field == field)
    return marked(selection.text_of(paper, field), chain.from_iterable(evidence.spans for evidence in ours))


def evidence_text(evidence: Sequence[Evidence], paper: Paper, *, most: int | None = None) -> str:
    """The matched words in a line as they stand in the paper, the title's marked, repeated ones counted.

    most: so many, the strongest; the rest only counted.
    """
    shown = [
        selection.wording(piece, paper)
        + " (title)" * (piece.field == "title")
        + f" ×{piece.count}" * (piece.count > 1)
        for piece in evidence[:most]
    ]
    more = len(evidence) - len(shown)
    return ", ".join(shown) + f" and {more} more" * bool(more)


def _row(
    place: str, paper: Paper, rank: Rank | None, score: float, evidence: Sequence[Evidence], *, note: str
) -> tuple[Cell, ...]:
    return (
        place,
        f"{rank.total:.2f}" if rank else "",
        f"{score:.2f}" if evidence else "",
        paper.title,
        evidence_text(evidence, paper, most=_SHOWN_EVIDENCE),
        note,
    )


def _note(pick: Pick, edited: Callable[[Pick], str] | None) -> str:
    also = f"also fits {', '.join(pick.also)}" if pick.also else ""
    return "; ".join(filter(None, (edited(pick) if edited else pick.edit, also)))


def _scores(matches: Iterable[Match]) -> str:
    best = sorted((match for match in matches if match.evidence), key=lambda match: -match.score)
    return ", ".join(f"{match.theme} {match.score:.2f}{' ✓' * match.member}" for match in best)


def _rank_cells(place: str, paper: Paper, rank: Rank | None) -> tuple[Cell, ...]:
    if rank is None:
        return (place, "", naming.short_title(paper.title), *("" for _ in _PARTS))
    *parts, cost = (f"{getattr(rank, name):.2f}" for name in _PARTS)
    title = naming.short_title(paper.title)
    return (place, f"{rank.total:.2f}", title, *parts, f"−{cost}" if rank.nearness else "")


def _pick_json(pick: Pick) -> dict[str, Any]:
    return {
        "title": pick.paper.title,
        "score": pick.score,
        "rank": rank_json(pick.rank),
        "evidence": [asdict(evidence) for evidence in pick.evidence],
        "also": list(pick.also),
        "edit": pick.edit,
    }


def _miss_json(miss: Miss) -> dict[str, Any]:
    return {
        "title": miss.paper.title,
        "score": miss.match.score,
        "rank": rank_json(miss.rank),
        "why": miss.why,
    }


def _match_json(match: Match) -> dict[str, Any]:
    return {
        "member": match.member,
        "score": match.score,
        "evidence": [asdict(evidence) for evidence in match.evidence],
    }
