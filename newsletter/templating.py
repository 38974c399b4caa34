"""Running the templates of a look, and saying where one goes wrong.

Owns the sandbox in which templates run, how much they may make, and the translation of anything that goes
wrong in them into a RenderError with the template's own file and line. What they are given is not its
business. Reads no file: a Look brings its files along.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from jinja2 import (
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment

from newsletter import legible
from newsletter.errors import RenderError

# How the place of a file begins that came with this program.
BUNDLED = "bundled "

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

# Characters that a template may come to: no mail is a tenth of it, and making it one takes five seconds.
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
    """A template that comes to more than any mail or page has."""


def environment(files: tuple[tuple[str, str], ...], *, escape: bool) -> SandboxedEnvironment:
    """Where templates of these files run. escape: whether they make HTML, in which text is not markup."""
    # FunctionLoader, unlike DictLoader, lets errors keep file names.
    sources = {name: (source, name, None) for name, source in files}
    return SandboxedEnvironment(
        loader=FunctionLoader(sources.get),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=legible.apart,
    )


def fill(
    environment: SandboxedEnvironment,
    look: Look,
    name: str,
    values: Mapping[str, object],
    *,
    most: int = _MOST_CHARACTERS,
) -> str:
    """What the template of that name makes of the values. most: characters of it. Raises: RenderError."""
    require(look, name)
    with _blaming(look, name):
        return "".join(_filling(environment.get_template(name), values, most))


def _filling(template: Template, values: Mapping[str, object], most: int) -> Iterator[str]:
    """What a template makes, piece by piece, so that a loop without end is stopped where it stands."""
    made = template.generate(values)
    length = 0
    for piece in made:
        length += len(piece)
        if length > most:
            made.throw(_TooLong(f"it comes to more than {most:,} characters, which nothing of ours has"))  # type: ignore[attr-defined]
        yield piece


def error(look: Look, template: str, problem: str, line: int | None = None) -> RenderError:
    """That problem at its place, as the operator knows it."""
    return RenderError(look.name, template, problem, line=line, place=look.places.get(template, ""))


def require(look: Look, name: str) -> None:
    """Nothing, where the look has that file. Raises: RenderError."""
    if name not in look.files:
        raise error(look, name, f"look {look.name!r} has no such file; copy it from the default look")


@contextmanager
def _blaming(look: Look, entry: str) -> Iterator[None]:
    """Turns what a template raises into a RenderError at the template and line that raised it."""
    try:
        yield
    except TemplateSyntaxError as err:
        raise error(look, err.name or entry, f"{err.message}; correct the tag", err.lineno) from err
    except TemplateNotFound as err:
        template, line = _place(err, look, entry)
        problem = f"{err.name!r} is not in look {look.name!r}; add the file or correct its name"
        raise error(look, template, problem, line) from err
    except (_TooLong, MemoryError, TimeoutError) as err:
        template, line = _place(err, look, entry)
        raise error(look, template, exhausted(err), line) from err
    except _FAULTS as err:
        template, line = _place(err, look, entry)
        said = err.msg if isinstance(err, SyntaxError) else err
        problem = f"{said}; a template gets: issue, links, subject, preheader (newsletter/model.py)"
        if lacking := _lacking(err, look, template, line or 0):
            raise lacking from err
        raise error(look, template, problem, line) from err


def _lacking(err: Exception, look: Look, caller: str, line: int) -> RenderError | None:
    """What is wrong where a template calls a macro that the file it imports lacks, else None.

    Of a bundled file and one of the operator's own it is the own one: often it is older than what calls it.
    """
    file, macro = _imported(str(err), look.files[caller], line)
    if file not in look.files:
        return None
    where, there = (look.places.get(name, f"{look.name}/{name}") for name in (caller, file))
    if there.startswith(BUNDLED):
        return error(look, caller, f"{there} has no macro {macro!r}; correct its name", line)
    problem = f"it has no macro {macro!r}, which {where}, line {line}, calls; add it, or remove this file"
    return error(look, file, problem)


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


def origin(look: Look, text: str) -> tuple[str, int] | None:
    """The one template line that holds the start of `text`, by its file and number."""
    text = text.split("\n")[0]
    places = [
        (name, number)
        for name, source in look.files.items()
        for number, line in enumerate(source.split("\n"), start=1)
        if text and text in line
    ]
    return places[0] if len(places) == 1 else None
