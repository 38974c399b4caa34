"""Issue and look → RenderedIssue: what every reader of an issue is sent.

Owns the values and filters that a look's templates may use. The text of papers is data here: it never becomes
markup, template code or MJML.
"""

import re
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from datetime import date as Date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from newsletter import (
    budget,
    contents,
    identity,
    legible,
    mjml,
    naming,
    notes,
    plaintext,
    reasons,
    templating,
)
from newsletter.model import Issue, LinkKind, Paper, ReaderLinks, RenderedIssue
from newsletter.templating import Look

# The files that every look has. Anything else in its folder is there for these to include.
SUBJECT, HTML, TEXT, STYLES = "subject.txt.j2", "issue.mjml.j2", "issue.txt.j2", "inline.css"

# Characters of the preheader: what inboxes show beside a subject of usual length.
_PREHEADER = 100

# A preheader at least this long is left as it is: one or two words more would be cut off anyway.
_ROOM_LEFT = 80

# Links of one kind under a paper: a row of five "Model" links buries the rest.
_PER_KIND = 2

_KINDS = {LinkKind.CODE: "Code", LinkKind.PROJECT: "Project", LinkKind.MODEL: "Model"}

# What goes to the web: a browser takes "https:///x" for an address of x.
_WEB = re.compile(r"https?://[^/?#\\\s]", re.IGNORECASE)

# What an address keeps; the rest is percent-encoded here, so that both bodies carry the same address.
_ADDRESS = "%-._~:/?#@!$&'()*+,;="


class Action(NamedTuple):
    """One link under a paper: the word to tap, unique within the paper, and where it goes."""

    label: str
    url: str


def render(issue: Issue, *, look: Look, links: ReaderLinks) -> RenderedIssue:
    """The issue as mail: subject, preheader, HTML and a text body that carries the same links.

    Both bodies say as much as a mail may hold (`budget`). Subject and preheader are those of the whole.
    Raises: RenderError.
    """
    files = tuple(sorted(look.files.items()))
    plain, markup = environment(files, escape=False), environment(files, escape=True)
    values: dict[str, object] = {"issue": issue, "links": links}
    values["subject"] = subject = _inbox_line(_fill(plain, look, SUBJECT, values))
    values["preheader"] = preheader = _inbox_line(_preheader(issue, subject))

    def html_of(shown: Issue) -> str:
        return html(look, _fill(markup, look, HTML, values | {"issue": shown}))

    shown, page, cuts = _fitting(issue, html_of)
    text = _fill(plain, look, TEXT, values | {"issue": shown})
    return RenderedIssue(subject, preheader, page, text_body(text), cuts)


def _fitting(issue: Issue, html_of: Callable[[Issue], str]) -> tuple[Issue, str, tuple[str, ...]]:
    """As much of the issue as a mail may hold, its HTML, and what was cut; all where the list says so."""
    html = html_of(issue)
    steps = budget.steps(issue)
    if budget.fits(html) or not issue.list.shorten or not steps:
        return issue, html, ()
    tried: dict[budget.Step, tuple[Issue, str]] = {}

    def fits(step: budget.Step) -> bool:
        shown = budget.cut(issue, step)
        tried[step] = shown, html_of(shown)
        return budget.fits(tried[step][1])

    # By halves: seven renders of a hundred papers. Where no step is far enough, the last one was tried too.
    step = steps[min(bisect_left(steps, True, key=fits), len(steps) - 1)]
    shown, cut_html = tried[step]
    return shown, cut_html, tuple(_missed(issue, html, step, html_of))


def _missed(issue: Issue, whole: str, step: budget.Step, html_of: Callable[[Issue], str]) -> Iterator[str]:
    """What that step takes from readers, in words: of what a look does not show, nothing."""
    before = whole
    for part, words in budget.parts(step):
        after = html_of(budget.cut(issue, part))
        if after != before:
            yield words
        before = after


# Compiling a look takes longer than all the rest (37 ms of 51), and one look renders many issues.
@lru_cache(maxsize=8)
def environment(files: tuple[tuple[str, str], ...], *, escape: bool) -> SandboxedEnvironment:
    """Where templates of mails and pages run, with all that they may do to a value. escape: for HTML.

    One for HTML and one for text, because a macro of an unescaped file that an escaped one calls would count
    as safe markup.
    """
    made = templating.environment(files, escape=escape)
    made.filters |= FILTERS
    return made


def _fill(within: SandboxedEnvironment, look: Look, name: str, values: Mapping[str, object]) -> str:
    return _legible(templating.fill(within, look, name, values))


def html(look: Look, source: str, *, entry: str = HTML) -> str:
    """The HTML of a mail in the styles of the look. entry: the template that made its MJML.

    Raises: RenderError.
    """
    templating.require(look, STYLES)
    try:
        return mjml.to_html(source, css=look.files[STYLES])
    except mjml.SourceError as err:
        template, line = templating.origin(look, err.text) or (entry, None)
        where = f" near {shorten(err.text, 80)}" if err.text and line is None else ""
        problem = f"{err.problem}{where}; correct the MJML, or compare it with the default look"
        raise templating.error(look, template, problem, line) from err


def text_body(text: str) -> str:
    """What a template made as a text body: with one empty line at most between two, and one end."""
    return re.sub("\n{3,}", "\n\n", text).strip("\n") + "\n"


def _legible(text: str) -> str:
    return legible.text(mjml.without_controls(text))


def _inbox_line(text: str) -> str:
    return " ".join(_legible(text).split())


def _preheader(issue: Issue, subject: str) -> str:
    """What the subject leaves out: the names of further papers, then the intro, then the first one-liners.

    Of these only the authors' own: an inbox has no room for the label that anybody else's words carry.
    """
    line = _further(issue, subject)
    first = (pick for part in issue.sections for pick in part.picks[:1] if not pick.told_by)
    for more in (issue.intro, *(pick.one_liner for pick in first)):
        if len(line) < _ROOM_LEFT:
            line = shorten(f"{line} {more}", _PREHEADER)
    return line


def _further(issue: Issue, subject: str) -> str:
    """The names that fit one line, the first of each section before the second of any."""
    ranked = [
        (rank, naming.short_title(pick.paper.title))
        for part in issue.sections
        for rank, pick in enumerate(part.picks)
    ]
    names = [name for _, name in sorted(ranked, key=lambda entry: entry[0]) if name not in subject]
    shown: list[str] = []
    line = ""
    for name in names:
        rest = len(names) - len(shown) - 1
        longer = f"Also: {', '.join([*shown, name])}{f' and {rest} more' if rest else ''}."
        if len(longer) <= _PREHEADER:
            shown, line = [*shown, name], longer
    return line


def actions(paper: Paper) -> tuple[Action, ...]:
    """What a reader can open: Abstract first, then PDF, Code, Project and Model as far as they are known."""
    found = {"Abstract": paper.url}
    if paper.arxiv_id:
        found = {
            "Abstract": f"https://arxiv.org/abs/{paper.arxiv_id}",
            "PDF": f"https://arxiv.org/pdf/{paper.arxiv_id}",
        }
    for kind, label in _KINDS.items():
        urls = {link.url.rstrip("/"): link.url for link in paper.links if link.kind is kind}
        for number, url in enumerate([*urls.values()][:_PER_KIND], start=1):
            found[label if number == 1 else f"{label} {number}"] = url
    return tuple(Action(label, address(url)) for label, url in found.items() if address(url))


def address(url: str) -> str:
    """The URL as both bodies write it, or "" where it is not http or https, or names no host."""
    if not _WEB.match(url):
        return ""
    return quote(mjml.without_controls(url), safe=_ADDRESS)


def anchor(paper: Paper) -> str:
    """What a paper is called in the address of its place on the web: its arXiv id, else a sum of its title.

    Not its position, which two digests give to two papers.
    """
    title = identity.folded_title(paper.title).encode("utf-8", "replace")
    return paper.arxiv_id or f"paper-{zlib.crc32(title):08x}"


def note_html(note: str) -> Markup:
    """The editor's note as markup of the HTML body."""
    return Markup(notes.html(note))  # noqa: S704 - a few elements around escaped text


def day(date: Date) -> str:
    """The date as a reader says it: 6 January 2026."""
    return f"{date.day} {date:%B %Y}"


def month(name: str) -> str:
    """The month of that name ("2026-11") as a reader says it: November 2026."""
    return f"{Date.fromisoformat(f'{name}-01'):%B %Y}"


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a plain text: what blank lines separate. For looks that show a note as written."""
    return [block.strip() for block in text.split("\n\n") if block.strip()]


def shorten(text: str, limit: int) -> str:
    """The text in one line of at most `limit` characters, cut between words where it has to be."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    # An ASCII subject stays ASCII: spam filters count a needlessly encoded header.
    mark = "..." if text.isascii() else "…"
    room = limit - len(mark)
    words, _, _ = text[: room + 1].rpartition(" ")
    return (words.rstrip(" ,;:.-") or text[:room]) + mark


# What templates may do with the values they are given, in mails and on the web.
FILTERS: Mapping[str, Callable[..., object]] = {
    "actions": actions,
    "address": address,
    "anchor": anchor,
    "basis": contents.basis,
    "columns": plaintext.columns,
    "contents": contents.rows,
    "day": day,
    "month": month,
    "note_html": note_html,
    "note_lines": notes.lines,
    "paragraphs": paragraphs,
    "phrases": reasons.phrases,
    "short_title": naming.short_title,
    "shorten": shorten,
    "rule": plaintext.rule,
    "wrap": plaintext.wrap,
}
