"""What the values look like to a person at a terminal and to another program.

The JSON shapes here are a contract: other programs rely on their names. Reads and writes nothing itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter.evaluation import ThemeReport, macro_f1
from newsletter.gather import Enriched
from newsletter.model import Digest, Evidence, Finding, Ingested, Paper, RenderedIssue, Section, Theme
from newsletter.selection import Match, Miss, Selection

if TYPE_CHECKING:  # it takes as long to load as a whole render, which needs none
    from newsletter.store import Health


@dataclass(frozen=True, slots=True)
class Rows:
    """What is shown as a table: the head of each column, and rows with as many cells."""

    head: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]


def digest_json(digest: Digest, added: Sequence[Enriched] | None = None) -> dict[str, Any]:
    """One digest with its papers and everything that was skipped. added: what was looked up, where it was."""
    looked_up = {} if added is None else {"enriched": _enriched_json(digest, added)}
    return {
        "digest": {
            "format": digest.format,
            "source": digest.source,
            "date": digest.date,
            "date_text": digest.date_text,
            "unit": digest.unit,
        },
        "papers": [asdict(paper) | {"marks": _marks(paper)} for paper in digest.papers],
        "skipped": [asdict(skipped) for skipped in digest.skipped],
        **looked_up,
    }


def matches_json(papers: Sequence[Paper], matches: Sequence[Sequence[Match]]) -> dict[str, Any]:
    """Every paper's score on every theme."""
    return {
        "papers": [
            {"title": paper.title, "themes": {match.theme: _match_json(match) for match in row}}
            for paper, row in zip(papers, matches, strict=True)
        ]
    }


def sections_json(selected: Selection) -> dict[str, Any]:
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
            for section in selected.sections
        ],
        "near_misses": {
            theme: [{"title": miss.paper.title, "score": miss.match.score, "why": miss.why} for miss in row]
            for theme, row in selected.misses.items()
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


def ingested_json(digests: Sequence[Ingested]) -> dict[str, Any]:
    """What each digest came to, and all of them together."""
    return {
        "digests": [asdict(ingested) for ingested in digests],
        "added": sum(ingested.added for ingested in digests),
        "updated": sum(ingested.updated for ingested in digests),
        "known": sum(ingested.known for ingested in digests),
    }


def digest_text(digest: Digest) -> str:
    """One line on a digest: what it is, and how much of it was read, repaired and left out."""
    bare = sum(not paper.abstract for paper in digest.papers)
    found = (
        _counted(len(digest.papers), "paper") + f" ({bare} without an abstract)" * bool(bare),
        _counted(sum(len(paper.repairs) for paper in digest.papers), "repair"),
        f"{_counted(len(digest.skipped), digest.unit)} skipped or guessed",
    )
    when = digest.date_text or digest.date or "no date"
    return f"{digest.source}: {digest.format}, {when}: {', '.join(found)}"


def papers_table(digest: Digest) -> Rows:
    """One row a paper: where it stands, how much of it was repaired, what it links to, what to know of it."""
    cells = (
        (
            str(paper.position),
            str(paper.line),
            paper.title,
            str(len(paper.repairs) or ""),
            " ".join(dict.fromkeys(link.kind for link in paper.links)),
            ", ".join(_marks(paper)),
        )
        for paper in digest.papers
    )
    return Rows(("#", digest.unit, "title", "repairs", "links", "marks"), tuple(cells))


def repairs_table(digest: Digest) -> Rows:
    """One row a repair, by line or item."""
    repairs = (repair for paper in digest.papers for repair in paper.repairs)
    return Rows(
        (digest.unit, "before", "after"),
        tuple((str(repair.line), repair.before, repair.after) for repair in repairs),
    )


def ingested_table(digests: Iterable[Ingested]) -> Rows:
    """One row a digest: its papers, and how many of them the store had."""
    cells = (
        (
            ingested.source,
            ingested.format,
            *(str(count) for count in (ingested.papers, ingested.added, ingested.updated, ingested.known)),
        )
        for ingested in digests
    )
    return Rows(("digest", "format", "papers", "added", "updated", "known"), tuple(cells))


def ingested_text(ingested: Ingested) -> str:
    """What one digest came to, in a line."""
    if ingested.known_before:
        return f"{ingested.source}: {ingested.format}, known already, nothing to do"
    counts = f"{ingested.added} added, {ingested.updated} updated, {ingested.known} known"
    return f"{ingested.source}: {ingested.format}, {ingested.papers} papers: {counts}"


def health_table(health: "Health") -> Rows:
    """One row for each thing that can be said of a store."""
    cells = [("revision", health.revision), *((name, str(count)) for name, count in health.counts.items())]
    if health.unfinished_digests:
        cells.append(("digests not complete; ingest them again", str(health.unfinished_digests)))
    return Rows((health.database, "whole" if not health.problems else "damaged"), tuple(cells))


def skipped_table(digest: Digest) -> Rows:
    """One row for each stretch that is not a paper."""
    cells = ((str(skipped.line), skipped.text, skipped.why) for skipped in digest.skipped)
    return Rows((digest.unit, "skipped or guessed", "why"), tuple(cells))


def enriched_table(added: Iterable[Enriched]) -> Rows:
    """One row a paper that was found on arXiv, and how sure it is that it is the same."""
    cells = ((one.title, one.arxiv_id, f"{one.confidence:.2f}") for one in added)
    return Rows(("looked up", "arXiv", "confidence"), tuple(cells))


def section_table(section: Section) -> Rows:
    """One row a paper of a section: its score and what speaks for it."""
    cells = (
        (f"{pick.score:.2f}", pick.paper.title, evidence_text(pick.evidence), ", ".join(pick.also))
        for pick in section.picks
    )
    return Rows(("score", section.title, "evidence", "also fits"), tuple(cells))


def misses_table(theme: Theme, misses: Iterable[Miss]) -> Rows:
    """One row a paper that nearly came into a theme, and what it lacked."""
    cells = (
        (f"{miss.match.score:.2f}", miss.paper.title, evidence_text(miss.match.evidence), miss.why)
        for miss in misses
    )
    return Rows(("score", f"{theme.title}: near misses", "evidence", "why not"), tuple(cells))


def matches_table(papers: Sequence[Paper], matches: Sequence[Sequence[Match]], slugs: Sequence[str]) -> Rows:
    """One row a paper, one column a theme; a member's score is marked."""
    cells = (
        (str(paper.position), paper.title, *(f"{match.score:.2f}{' ✓' * match.member}" for match in row))
        for paper, row in zip(papers, matches, strict=True)
    )
    return Rows(("#", "title", *slugs), tuple(cells))


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
    reasons = [f"{match.theme} is full, its last paper has {full[match.theme]:.2f}" for match in lost]
    return f"stands in no section: {'; '.join(reasons)}"


def explanation_table(match: Match, theme: Theme) -> Rows:
    """Every phrase of a theme that a paper holds, where, how often, and what it added."""
    verdict = f"member, {match.score:.2f} of {theme.threshold:.2f}" if match.member else match.why_not
    cells = (
        (evidence.phrase, evidence.field, str(evidence.count), f"{evidence.weight:+.2f}")
        for evidence in match.evidence
    )
    return Rows(
        (f"{theme.title}: {verdict}", "field", "count", "adds"),
        tuple(cells) or (("no phrase found", "", "", ""),),
    )


def evaluation_table(reports: Sequence[ThemeReport]) -> Rows:
    """One row a theme."""
    cells = (
        (
            report.theme,
            *(f"{figure:.3f}" for figure in (report.precision, report.recall, report.f1)),
            str(report.counted),
            "\n".join(report.wrongly_in),
            "\n".join(report.missed),
        )
        for report in reports
    )
    return Rows(("theme", "precision", "recall", "F1", "counted", "wrongly in", "missed"), tuple(cells))


def evidence_text(evidence: Iterable[Evidence]) -> str:
    """The phrases in a line, the title's marked, repeated ones counted."""
    parts = [
        f"{e.phrase}{' (title)' if e.field == 'title' else ''}{f' ×{e.count}' * (e.count > 1)}"
        for e in evidence
    ]
    return ", ".join(parts)


def tab_separated(rows: Rows) -> str:
    """The rows for a pipe: one line each, the head first."""
    return "\n".join("\t".join(cell.replace("\n", "; ") for cell in row) for row in (rows.head, *rows.cells))


def _enriched_json(digest: Digest, added: Iterable[Enriched]) -> list[dict[str, Any]]:
    names = {(paper.position, paper.title) for paper in digest.papers}
    return [asdict(one) for one in added if (one.position, one.title) in names]


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _marks(paper: Paper) -> list[str]:
    """What the source says of a paper and what it lacks, in words."""
    lacks = [] if paper.abstract else ["no abstract"]
    return [*paper.marks, *lacks, *(["AI summary"] if paper.ai_summary else [])]


def _match_json(match: Match) -> dict[str, Any]:
    return {
        "member": match.member,
        "score": match.score,
        "evidence": [asdict(evidence) for evidence in match.evidence],
    }
