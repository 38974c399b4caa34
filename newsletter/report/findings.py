"""What a linter found, as a compiler tells it: the place, the rule, and the text that is meant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from newsletter.lint import Rule
from newsletter.model import Finding
from newsletter.report.rows import Rows, counted

# Columns of the text that is shown below a finding, and of those how many stand before its place.
_SHOWN, _BEFORE = 72, 24


@dataclass(frozen=True, slots=True)
class Checked:
    """One mail or page that was looked at. names, texts: of each part, what it is called and what it says."""

    file: str
    names: Mapping[str, str]
    texts: Mapping[str, str]
    findings: tuple[Finding, ...]

    def count(self, level: str) -> int:
        """How many findings have that level."""
        return sum(finding.level == level for finding in self.findings)


def finding_lines(checked: Checked, finding: Finding) -> list[str]:
    """A finding with its place, and below it the piece of text with a mark under the place."""
    name = checked.names.get(finding.part, checked.file)
    place = f"{name}:{finding.line}:{finding.column}" if finding.line else name
    first = f"{place}: {finding.level}: {finding.rule}: {finding.message}"
    return [first, *_excerpt(checked.texts.get(finding.part, ""), finding)]


def _excerpt(text: str, finding: Finding) -> list[str]:
    lines = text.split("\n", finding.line) if finding.line else []
    if len(lines) < finding.line or not finding.line or not lines[finding.line - 1].strip():
        return []
    line = "".join(sign if sign.isprintable() else " " for sign in lines[finding.line - 1])
    at = min(finding.column - 1, len(line))
    start = max(0, at - _BEFORE)
    shown = line[start : start + _SHOWN].rstrip()
    dropped = len(shown) - len(shown.lstrip())
    return [f"    {shown.lstrip()}", f"    {' ' * max(0, at - start - dropped)}^"]


def findings_text(every: Sequence[Checked]) -> str:
    """How many errors and warnings there are, in a line."""
    errors, warnings = (sum(one.count(level) for one in every) for level in ("error", "warning"))
    if not errors and not warnings:
        return "nothing found"
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"


def findings_json(every: Iterable[Checked]) -> list[dict[str, Any]]:
    """One object for each finding."""
    return [{"file": one.file} | asdict(finding) for one in every for finding in one.findings]


def rules_table(rules: Iterable[Rule]) -> Rows:
    """One row for each rule."""
    cells = ((rule.slug, rule.level, rule.why, rule.source) for rule in rules)
    return Rows(("rule", "level", "why", "source"), tuple(cells))


def rules_json(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """One object for each rule."""
    return [
        {"rule": rule.slug, "level": rule.level, "why": rule.why, "source": rule.source} for rule in rules
    ]
