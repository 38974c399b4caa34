"""What the values look like to a person at a terminal and to another program.

The JSON shapes here are a contract: other programs rely on their names. Reads and writes nothing itself.
`rows` is what tables and marked text are, `columns` lays tables out, `bars` draws numbers, `choice` shows
what was chosen and why, `findings` what a linter found.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter.evaluation import ThemeReport, macro_f1
from newsletter.gather import Enriched
from newsletter.model import Digest, Finding, Ingested, Paper, RenderedIssue, Section
from newsletter.report.bars import bar, line
from newsletter.report.choice import (
    contest_table,
    evidence_text,
    explanation_json,
    explanation_table,
    marked_field,
    matches_json,
    matches_table,
    place_table,
    place_text,
    rank_json,
    rank_text,
    sections_json,
    theme_table,
    themes_table,
    verdict_text,
)
from newsletter.report.columns import GAP, lines, numeric, told, widths, wordy
from newsletter.report.findings import (
    Checked,
    finding_lines,
    findings_json,
    findings_text,
    rules_json,
    rules_table,
)
from newsletter.report.rows import Cell, Excerpt, Rows, counted, harmless, tab_separated

__all__ = [
    "GAP",
    "Cell",
    "Checked",
    "Excerpt",
    "Rows",
    "bar",
    "contest_table",
    "copied_table",
    "counted",
    "digest_json",
    "digest_text",
    "enriched_table",
    "evaluation_json",
    "evaluation_table",
    "evidence_text",
    "explanation_json",
    "explanation_table",
    "finding_lines",
    "findings_json",
    "findings_text",
    "harmless",
    "health_table",
    "ingested_json",
    "ingested_table",
    "ingested_text",
    "issue_json",
    "line",
    "lines",
    "marked_field",
    "matches_json",
    "matches_table",
    "numeric",
    "papers_table",
    "place_table",
    "place_text",
    "rank_json",
    "rank_text",
    "repairs_table",
    "rules_json",
    "rules_table",
    "sections_json",
    "skipped_table",
    "tab_separated",
    "theme_table",
    "themes_table",
    "told",
    "verdict_text",
    "widths",
    "wordy",
    "wrong_table",
]

if TYPE_CHECKING:  # it takes as long to load as a whole render, which needs none
    from newsletter.store import Health
    from newsletter.store.copying import Copied


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


def issue_json(
    out: Path,
    names: Mapping[str, Path],
    rendered: RenderedIssue,
    sections: Iterable[Section],
    findings: Iterable[Finding],
    *,
    mail_bytes: int,
) -> dict[str, Any]:
    """Where a rendered issue was written, what is in it, what had no room, and what would go wrong."""
    return {
        "out": str(out),
        "files": {kind: str(path) for kind, path in names.items()},
        "subject": rendered.subject,
        "preheader": rendered.preheader,
        "html_bytes": len(rendered.html.encode()),
        "mail_bytes": mail_bytes,
        "cuts": list(rendered.cuts),
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
        counted(len(digest.papers), "paper") + f" ({bare} without an abstract)" * bool(bare),
        counted(sum(len(paper.repairs) for paper in digest.papers), "repair"),
        f"{counted(len(digest.skipped), digest.unit)} skipped or guessed",
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
    return f"{ingested.source}: {ingested.format}, {counted(ingested.papers, 'paper')}: {counts}"


def health_table(health: "Health") -> Rows:
    """One row for each thing that can be said of a store."""
    cells = [("revision", health.revision), *((name, str(count)) for name, count in health.counts.items())]
    if health.unfinished_digests:
        cells.append(("digests not complete; ingest them again", str(health.unfinished_digests)))
    amiss = "damaged" if health.remedy else "not in order"
    return Rows((health.database, amiss if health.problems else "whole"), tuple(cells))


def copied_table(copied: "Copied") -> Rows:
    """One row for each table that had any row."""
    cells = ((name, str(count)) for name, count in copied.rows.items() if count)
    return Rows(("table", "rows"), tuple(cells))


def skipped_table(digest: Digest) -> Rows:
    """One row for each stretch that is not a paper."""
    cells = ((str(skipped.line), skipped.text, skipped.why) for skipped in digest.skipped)
    return Rows((digest.unit, "skipped or guessed", "why"), tuple(cells))


def enriched_table(added: Iterable[Enriched]) -> Rows:
    """One row a paper that was found on arXiv, and how sure it is that it is the same."""
    cells = ((one.title, one.arxiv_id, f"{one.confidence:.2f}") for one in added)
    return Rows(("looked up", "arXiv", "confidence"), tuple(cells))


def evaluation_table(reports: Sequence[ThemeReport]) -> Rows:
    """One row a theme."""
    cells = (
        (
            report.theme,
            *(f"{figure:.3f}" for figure in (report.precision, report.recall, report.f1)),
            str(report.counted),
            str(len(report.wrongly_in)),
            str(len(report.missed)),
        )
        for report in reports
    )
    return Rows(("theme", "precision", "recall", "F1", "counted", "wrongly in", "missed"), tuple(cells))


def wrong_table(reports: Sequence[ThemeReport]) -> Rows:
    """One row a paper that a theme takes or leaves against its label."""
    cells = (
        (report.theme, how, title)
        for report in reports
        for how, titles in (("wrongly in", report.wrongly_in), ("missed", report.missed))
        for title in titles
    )
    return Rows(("theme", "wrong", "title"), tuple(cells))


def _enriched_json(digest: Digest, added: Iterable[Enriched]) -> list[dict[str, Any]]:
    names = {(paper.position, paper.title) for paper in digest.papers}
    return [asdict(one) for one in added if (one.position, one.title) in names]


def _marks(paper: Paper) -> list[str]:
    """What the source says of a paper and what it lacks, in words."""
    lacks = [] if paper.abstract else ["no abstract"]
    return [*paper.marks, *lacks, *(["AI summary"] if paper.ai_summary else [])]
