"""What the values look like to a person at a terminal and to another program.

The JSON shapes here are a contract: other programs rely on their names. Reads and writes nothing itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from newsletter.evaluation import ThemeReport, macro_f1
from newsletter.model import Digest, Evidence, Finding, Paper, RenderedIssue, Section, Theme
from newsletter.selection import Match


def digest_json(digest: Digest) -> dict[str, Any]:
    """One digest with its papers and everything that was skipped."""
    return {
        "digest": {
            "format": digest.format,
            "source": digest.source,
            "date": digest.date,
            "date_text": digest.date_text,
        },
        "papers": [asdict(paper) for paper in digest.papers],
        "skipped": [asdict(skipped) for skipped in digest.skipped],
    }


def matches_json(papers: Sequence[Paper], matches: Sequence[Sequence[Match]]) -> dict[str, Any]:
    """Every paper's score on every theme."""
    return {
        "papers": [
            {"title": paper.title, "themes": {match.theme: _match_json(match) for match in row}}
            for paper, row in zip(papers, matches, strict=True)
        ]
    }


def sections_json(
    sections: Iterable[Section], misses: Mapping[str, Sequence[tuple[Paper, Match]]]
) -> dict[str, Any]:
    """The sections with the evidence of each paper, and the near misses of each theme."""
    return {
        "sections": [
            {
                "theme": section.theme,
                "title": section.title,
                "papers": [
                    {
                        "title": pick.paper.title,
                        "score": pick.score,
                        "evidence": [asdict(evidence) for evidence in pick.evidence],
                        "also": list(pick.also),
                    }
                    for pick in section.picks
                ],
            }
            for section in sections
        ],
        "near_misses": {
            theme: [
                {"title": paper.title, "score": match.score, "why": match.why_not} for paper, match in row
            ]
            for theme, row in misses.items()
        },
    }


def issue_json(
    out: Path,
    names: Mapping[str, Path],
    rendered: RenderedIssue,
    sections: Iterable[Section],
    findings: Iterable[Finding],
) -> dict[str, Any]:
    """Where a rendered issue was written, what is in it, and what would go wrong with it."""
    return {
        "out": str(out),
        "files": {kind: str(path) for kind, path in names.items()},
        "subject": rendered.subject,
        "preheader": rendered.preheader,
        "html_bytes": len(rendered.html.encode()),
        "sections": [
            {
                "theme": section.theme,
                "title": section.title,
                "papers": [pick.paper.title for pick in section.picks],
            }
            for section in sections
        ],
        "lint": [asdict(finding) for finding in findings],
    }


def evaluation_json(reports: Sequence[ThemeReport]) -> dict[str, Any]:
    """Precision, recall and F1 of each theme, with the wrong ones by name."""
    return {"macro_f1": macro_f1(reports), "themes": [asdict(report) for report in reports]}


def papers_table(digest: Digest) -> Table:
    """One row a paper: where it stands, how much of it was repaired, what it links to."""
    table = _table("#", "line", "title", "repairs", "links")
    for paper in digest.papers:
        kinds = " ".join(dict.fromkeys(link.kind for link in paper.links))
        _row(table, str(paper.position), str(paper.line), paper.title, str(len(paper.repairs) or ""), kinds)
    return table


def repairs_table(digest: Digest) -> Table:
    """One row a repair, by line."""
    table = _table("line", "before", "after")
    for paper in digest.papers:
        for repair in paper.repairs:
            _row(table, str(repair.line), repair.before, repair.after)
    return table


def skipped_table(digest: Digest) -> Table:
    """One row for each stretch that is not a paper."""
    table = _table("line", "skipped", "why")
    for skipped in digest.skipped:
        _row(table, str(skipped.line), skipped.text, skipped.why)
    return table


def section_table(section: Section) -> Table:
    """One row a paper of a section: its score and what speaks for it."""
    table = _table("score", section.title, "evidence", "also fits")
    for pick in section.picks:
        evidence = evidence_text(pick.evidence)
        _row(table, f"{pick.score:.1f}", pick.paper.title, evidence, ", ".join(pick.also))
    return table


def misses_table(theme: Theme, misses: Iterable[tuple[Paper, Match]]) -> Table:
    """One row a paper that nearly came into a theme, and what it lacked."""
    table = _table("score", f"{theme.title}: near misses", "evidence", "why not")
    for paper, match in misses:
        evidence = evidence_text(match.evidence)
        _row(table, f"{match.score:.1f}", paper.title, evidence, match.why_not)
    return table


def matches_table(papers: Sequence[Paper], matches: Sequence[Sequence[Match]], slugs: Sequence[str]) -> Table:
    """One row a paper, one column a theme; a member's score is marked."""
    table = _table("#", "title", *slugs)
    for paper, row in zip(papers, matches, strict=True):
        scores = [f"{match.score:.1f}{' ✓' if match.member else ''}" if match.score else "" for match in row]
        _row(table, str(paper.position), paper.title, *scores)
    return table


def place_text(paper: Paper, row: Iterable[Match], sections: Iterable[Section]) -> str:
    """Where a paper stands in the issue; for one that is left out, which section was full of better ones."""
    full: dict[str, float] = {}
    for section in sections:
        papers = [pick.paper for pick in section.picks]
        if paper in papers:
            return f"stands under {section.title}, place {papers.index(paper) + 1} of {len(papers)}"
        full[section.theme] = section.picks[-1].score
    lost = [match for match in row if match.member]
    if not lost:
        return "stands in no section: a member of no theme, and not among the strongest of the rest"
    reasons = [f"{match.theme} is full, its last paper has {full[match.theme]:.1f}" for match in lost]
    return f"stands in no section: {'; '.join(reasons)}"


def explanation_table(match: Match, theme: Theme) -> Table:
    """Every phrase of a theme that a paper holds, where, how often, and what it added."""
    verdict = f"member, {match.score:.1f} of {theme.threshold:.1f}" if match.member else match.why_not
    table = _table(f"{theme.title}: {verdict}", "field", "count", "adds")
    for evidence in match.evidence:
        _row(table, evidence.phrase, evidence.field, str(evidence.count), f"{evidence.weight:+.1f}")
    if not match.evidence:
        _row(table, "no phrase found", "", "", "")
    return table


def evaluation_table(reports: Sequence[ThemeReport]) -> Table:
    """One row a theme."""
    table = _table("theme", "precision", "recall", "F1", "counted", "wrongly in", "missed")
    for report in reports:
        figures = [f"{figure:.3f}" for figure in (report.precision, report.recall, report.f1)]
        wrong = "\n".join(report.wrongly_in), "\n".join(report.missed)
        _row(table, report.theme, *figures, str(report.counted), *wrong)
    return table


def evidence_text(evidence: Iterable[Evidence]) -> str:
    """The phrases in a line, the title's marked, repeated ones counted."""
    parts = [
        f"{e.phrase}{' (title)' if e.field == 'title' else ''}{f' ×{e.count}' * (e.count > 1)}"
        for e in evidence
    ]
    return ", ".join(parts)


def tab_separated(table: Table) -> str:
    """The rows of a table for a pipe: one line each, a head line first."""
    columns = [[column.header, *column.cells] for column in table.columns]
    rows = [[str(cell) for cell in row] for row in zip(*columns, strict=True)]
    return "\n".join("\t".join(cell.replace("\n", "; ") for cell in row) for row in rows)


def _match_json(match: Match) -> dict[str, Any]:
    return {
        "member": match.member,
        "score": match.score,
        "evidence": [asdict(evidence) for evidence in match.evidence],
    }


def _table(*headers: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for header in headers:
        table.add_column(Text(header), overflow="fold")
    return table


def _row(table: Table, *cells: str) -> None:
    # Text, not str: a paper's title is never markup.
    table.add_row(*(Text(cell) for cell in cells))
