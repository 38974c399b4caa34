"""Issue and look → RenderedIssue: what every reader of an issue is sent.

Owns the values and filters that a look's templates may use, and the translation of anything that goes
wrong in them into a RenderError with the template's own file and line. The text of papers is data here:
it never becomes markup, template code or MJML. Reads no file: a Look brings its files along.
"""

import re
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date as Date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from jinja2 import (
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from newsletter import budget, contents, identity, legible, mjml, naming, notes, plaintext, reasons
from newsletter.errors import RenderError
from newsletter.model import Issue, LinkKind, Paper, ReaderLinks, RenderedIssue

# The files that every look has. Anything else in its folder is there for these to include.
SUBJECT, HTML, TEXT, STYLES = "subject.txt.j2", "issue.mjml.j2", "issue.txt.j2", "inline.css"

# How the place of a file begins that came with this program.
BUNDLED = "bundled "

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

# How Jinja says that a template calls a macro which an imported file lacks, and how it is imported.
_NOT_EXPORTED = re.compile(r"the template '([^']+)' .*does not export the requested name '(\w+)'")
_NOT_IN_MODULE = re.compile(r"TemplateModule object' has no attribute '(\w+)'")
_IMPORT = re.compile(r"""\bimport\s+["']([^"']+)["']\s+as\s+(\w+)""")

# What a faulty expression in a template can raise besides Jinja's own errors.
_FAULTS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    SyntaxError,  # twenty loops in each other, which Python cannot compile
    TypeError,
    ValueError,
)

# Characters that a template may come to: no mail is a tenth of it, and five seconds go into making it one.
_MOST_CHARACTERS = 2_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """A folder of templates, and what it takes from others.

    files: the text of each file by its name. places: where each stands, as errors say it, BUNDLED first where
    nobody but us can edit it; what is not named stands in a folder of the look's name.
    """

    name: str
    files: Mapping[str, str]
    places: Mapping[str, str] = field(default_factory=dict)


class _TooLong(Exception):  # noqa: N818  what it is, in the words of its message
    """A template that comes to more than any mail has."""


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
    plain, markup = _environment(files, escape=False), _environment(files, escape=True)
    values: dict[str, object] = {"issue": issue, "links": links}
    values["subject"] = subject = _inbox_line(_fill(plain, look, SUBJECT, values))
    values["preheader"] = preheader = _inbox_line(_preheader(issue, subject))

    def html_of(shown: Issue) -> str:
        return _html(look, _fill(markup, look, HTML, values | {"issue": shown}))

    shown, html, cuts = _fitting(issue, html_of)
    text = _fill(plain, look, TEXT, values | {"issue": shown})
    return RenderedIssue(subject, preheader, html, re.sub("\n{3,}", "\n\n", text).strip("\n") + "\n", cuts)


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
def _environment(files: tuple[tuple[str, str], ...], *, escape: bool) -> SandboxedEnvironment:
    # One environment for HTML and one for text, because a macro of an unescaped file that an escaped
    # one calls would count as safe markup. FunctionLoader, unlike DictLoader, lets errors keep file names.
    sources = {name: (source, name, None) for name, source in files}
    loader = FunctionLoader(sources.get)
    environment = SandboxedEnvironment(
        loader=loader,
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=legible.apart,
    )
    environment.filters |= {
        "actions": actions,
        "address": address,
        "anchor": anchor,
        "basis": contents.basis,
        "columns": plaintext.columns,
        "contents": contents.rows,
        "day": day,
        "note_html": note_html,
        "note_lines": notes.lines,
        "paragraphs": paragraphs,
        "phrases": reasons.phrases,
        "short_title": naming.short_title,
        "shorten": shorten,
        "rule": plaintext.rule,
        "wrap": plaintext.wrap,
    }
    return environment


def _fill(environment: SandboxedEnvironment, look: Look, name: str, values: Mapping[str, object]) -> str:
    _require(look, name)
    with _blaming(look, name):
        return _legible("".join(_filling(environment.get_template(name), values)))


def _filling(template: Template, values: Mapping[str, object]) -> Iterator[str]:
    """What a template makes, piece by piece, so that a loop without end is stopped where it stands."""
    made = template.generate(values)
    length = 0
    for piece in made:
        length += len(piece)
        if length > _MOST_CHARACTERS:
            made.throw(_TooLong(f"it comes to more than {_MOST_CHARACTERS:,} characters, which no mail has"))  # type: ignore[attr-defined]
        yield piece


def _html(look: Look, source: str) -> str:
    _require(look, STYLES)
    try:
        return mjml.to_html(source, css=look.files[STYLES])
    except mjml.SourceError as err:
        template, line = _origin(look, err.text)
        where = f" near {shorten(err.text, 80)}" if err.text and line is None else ""
        problem = f"{err.problem}{where}; correct the MJML, or compare it with the default look"
        raise _error(look, template, problem, line) from err


def _error(look: Look, template: str, problem: str, line: int | None = None) -> RenderError:
    return RenderError(look.name, template, problem, line=line, place=look.places.get(template, ""))


def _require(look: Look, name: str) -> None:
    if name not in look.files:
        raise _error(look, name, f"look {look.name!r} has no such file; copy it from the default look")


@contextmanager
def _blaming(look: Look, entry: str) -> Iterator[None]:
    """Turns what a template raises into a RenderError at the template and line that raised it."""
    try:
        yield
    except TemplateSyntaxError as err:
        raise _error(look, err.name or entry, f"{err.message}; correct the tag", err.lineno) from err
    except TemplateNotFound as err:
        template, line = _place(err, look, entry)
        problem = f"{err.name!r} is not in look {look.name!r}; add the file or correct its name"
        raise _error(look, template, problem, line) from err
    except (_TooLong, MemoryError, TimeoutError) as err:
        template, line = _place(err, look, entry)
        raise _error(look, template, exhausted(err), line) from err
    except _FAULTS as err:
        template, line = _place(err, look, entry)
        said = err.msg if isinstance(err, SyntaxError) else err
        problem = f"{said}; a template gets: issue, links, subject, preheader (newsletter/model.py)"
        if lacking := _lacking(err, look, template, line or 0):
            raise lacking from err
        raise _error(look, template, problem, line) from err


def _lacking(err: Exception, look: Look, caller: str, line: int) -> RenderError | None:
    """What is wrong where a template calls a macro that the file it imports lacks, else None.

    Of a bundled file and one of the operator's own it is the own one: often it is older than what calls it.
    """
    file, macro = _imported(str(err), look.files[caller], line)
    if file not in look.files:
        return None
    where, there = (look.places.get(name, f"{look.name}/{name}") for name in (caller, file))
    if there.startswith(BUNDLED):
        return _error(look, caller, f"{there} has no macro {macro!r}; correct its name", line)
    problem = f"it has no macro {macro!r}, which {where}, line {line}, calls; add it, or remove this file"
    return _error(look, file, problem)


def _imported(message: str, source: str, line: int) -> tuple[str, str]:
    """The file whose lack Jinja's message means, and the name of the macro; "" for any other message."""
    if match := _NOT_EXPORTED.match(message):
        return match[1], match[2]
    if not (match := _NOT_IN_MODULE.search(message)):
        return "", ""
    files = {alias: file for file, alias in _IMPORT.findall(source)}
    aliases = re.findall(rf"(\w+)\.{match[1]}\b", source.split("\n")[line - 1])
    return next((files[alias] for alias in aliases if alias in files), ""), match[1]


def exhausted(err: Exception) -> str:
    """The problem with a look that went beyond a limit: of its size, or of whoever bounds this process."""
    return f"{str(err) or 'it takes more memory than it may have'}; a loop or a repetition without end?"


def _place(err: BaseException, look: Look, entry: str) -> tuple[str, int | None]:
    place: tuple[str, int | None] = (entry, None)
    step = err.__traceback__
    while step:
        if step.tb_frame.f_code.co_filename in look.files:
            place = (step.tb_frame.f_code.co_filename, step.tb_lineno)
        step = step.tb_next
    return place


def _origin(look: Look, text: str) -> tuple[str, int | None]:
    """The one template line that holds the start of `text`, else the main template without a line."""
    text = text.split("\n")[0]
    places = [
        (name, number)
        for name, source in look.files.items()
        for number, line in enumerate(source.split("\n"), start=1)
        if text and text in line
    ]
    return places[0] if len(places) == 1 else (HTML, None)


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
