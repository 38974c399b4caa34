"""Style sheets and style attributes cut into rules and declarations, each with its place.

Reads what a mail may carry and says what is broken in it; knows nothing of elements and of who supports what.
Never fails: what cannot be read is left out, or is a flaw. Time grows with the length and nothing else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple


class Declaration(NamedTuple):
    """One property with its value. at: where its name is written; start, end: where its value is."""

    name: str
    value: str
    important: bool
    at: int
    start: int
    end: int


class Rule(NamedTuple):
    """A block of declarations. selectors: or what begins an at-rule of declarations, such as @font-face.

    within: the at-rules around it, from the outside, such as "@media (prefers-color-scheme:dark)".
    """

    selectors: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    within: tuple[str, ...]
    at: int


class AtRule(NamedTuple):
    """What begins with an @: its text without its block, and where it is written."""

    text: str
    at: int
    depth: int = 0


class Flaw(NamedTuple):
    """What is broken in a sheet, in words, and where."""

    text: str
    at: int


@dataclass(slots=True)
class Sheet:
    """One style block, in the order of its text."""

    rules: list[Rule] = field(default_factory=list)
    at_rules: list[AtRule] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)


# At-rules whose blocks hold rules; the blocks of the others hold declarations.
_GROUPS = (
    "@media",
    "@supports",
    "@document",
    "@-moz-document",
    "@layer",
    "@container",
    "@scope",
    "@starting-style",
)
_FRAMES = re.compile(r"@(?:-\w+-)?keyframes\b", re.IGNORECASE)
# What holds no structure, whatever is in it. Each ends at the latest where the text or its line does.
_OPAQUE = re.compile(r"/\*.*?(?:\*/|\Z)|\"[^\"\n\\]*\"?|'[^'\n\\]*'?|<!--|-->", re.DOTALL)
_MARK = re.compile(r"[(){};]")
_IMPORTANT = re.compile(r"!\s*important\s*\Z", re.IGNORECASE)
_SPACES = re.compile(r"\s+")


def read(text: str) -> Sheet:
    """The rules of a style block."""
    return _Reader(text).sheet


def declarations(text: str, start: int = 0) -> tuple[Declaration, ...]:
    """The declarations of a style attribute. start: what is added to each place."""
    return tuple(_declared(text, _bare(text), 0, len(text), start))


def _bare(text: str) -> str:
    """The text with comments blank and strings filled, character for character."""
    if '"' in text or "'" in text or "/*" in text or "-->" in text or "<!--" in text:
        return _OPAQUE.sub(_filled, text)
    return text


def _filled(piece: re.Match[str]) -> str:
    fill = "_" if piece.group()[0] in "\"'" else " "
    return fill * len(piece.group())


class _Reader:
    """One pass over the braces of a sheet."""

    def __init__(self, text: str) -> None:
        self.sheet = Sheet()
        self._text, self._bare = text, _bare(text)
        # What is open, from the outside: the texts of groups, and None for a block of declarations.
        self._open: list[str | None] = []
        self._head: tuple[str, int] = ("", 0)
        self._from = 0
        parens = 0
        for mark in _MARK.finditer(self._bare):
            match mark.group():
                case "(":
                    parens += 1
                case ")":
                    parens = max(0, parens - 1)
                case ";" if parens:
                    continue
                case ";":
                    self._statement(mark.start())
                case "{":
                    parens = 0
                    self._begin(mark.start())
                case "}":
                    parens = 0
                    self._finish(mark.start())
        if self._open:
            self.sheet.flaws.append(Flaw("a { that no } closes", self._head[1]))
        elif rest := self._bare[self._from :].strip():
            self.sheet.flaws.append(Flaw(f"text behind the last rule: {rest[:40]}", self._start(self._from)))

    @property
    def _within(self) -> tuple[str, ...]:
        return tuple(text for text in self._open if text)

    def _statement(self, at: int) -> None:
        if self._open and self._open[-1] is None:  # between declarations
            return
        text = self._bare[self._from : at].strip()
        if text.startswith("@"):
            start = self._start(self._from)
            said = _SPACES.sub(" ", self._text[start:at].strip())
            self.sheet.at_rules.append(AtRule(said, start, len(self._open)))
        elif text:
            self.sheet.flaws.append(Flaw(f"a ; outside of any rule: {text[:40]}", self._start(self._from)))
        self._from = at + 1

    def _begin(self, at: int) -> None:
        start = self._start(self._from)
        head = _SPACES.sub(" ", self._bare[self._from : at].strip())
        if self._open and self._open[-1] is None:
            self.sheet.flaws.append(Flaw("a rule inside of a rule", at))
        elif not head:
            self.sheet.flaws.append(Flaw("a block without a selector", at))
        if head.startswith("@"):
            self.sheet.at_rules.append(AtRule(head, start, len(self._open)))
        group = head.lower().startswith(_GROUPS) or _FRAMES.match(head)
        if not (self._open and self._open[-1] is None):
            self._head = (head, start)
        self._open.append(head if group else None)
        self._from = at + 1

    def _finish(self, at: int) -> None:
        if not self._open:
            self.sheet.flaws.append(Flaw("a } that closes nothing", at))
            self._from = at + 1
            return
        group = self._open.pop()
        if group is None and not (self._open and self._open[-1] is None):
            head, start = self._head
            found = tuple(_declared(self._text, self._bare, self._from, at, 0, self.sheet.flaws))
            selectors = tuple(part.strip() for part in _split(head))
            self.sheet.rules.append(Rule(selectors, found, self._within, start))
        elif rest := self._bare[self._from : at].strip() if group is not None else "":
            self.sheet.flaws.append(
                Flaw(f"text where a rule is expected: {rest[:40]}", self._start(self._from))
            )
        self._from = at + 1

    def _start(self, at: int) -> int:
        while at < len(self._bare) and self._bare[at].isspace():
            at += 1
        return at


def _split(head: str) -> list[str]:
    """The selectors of a list; a comma in parentheses parts none."""
    if "(" not in head:
        return head.split(",")
    parts, depth, start = [], 0, 0
    for at, sign in enumerate(head):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth <= 0:
            parts.append(head[start:at])
            start = at + 1
    return [*parts, head[start:]]


def _declared(
    text: str, bare: str, start: int, end: int, shift: int, flaws: list[Flaw] | None = None
) -> Iterator[Declaration]:
    """The declarations between two places of a text; what is none becomes a flaw where those are kept."""
    for first, last in _pieces(bare, start, end):
        name, colon, _ = bare[first:last].partition(":")
        key = name.strip().lower()
        if not key and not colon:
            continue
        at = first + len(name) - len(name.lstrip())
        if not colon or not key:
            if flaws is not None:
                flaws.append(Flaw(f"no declaration: {_SPACES.sub(' ', text[first:last].strip())[:40]}", at))
            continue
        value_at = first + len(name) + 1
        value = text[value_at:last]
        important = _IMPORTANT.search(bare, value_at, last) if "!" in value else None
        if important:
            value = text[value_at : important.start()]
        begin = value_at + len(value) - len(value.lstrip())
        value = value.strip()
        yield Declaration(key, value, bool(important), at + shift, begin + shift, begin + len(value) + shift)


def _pieces(bare: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the text between semicolons begins and ends; one in parentheses parts nothing."""
    if bare.find("(", start, end) < 0:
        while (stop := bare.find(";", start, end)) >= 0:
            yield start, stop
            start = stop + 1
        yield start, end
        return
    depth = 0
    for mark in _MARK.finditer(bare, start, end):
        sign = mark.group()
        depth = max(0, depth + (sign == "(") - (sign == ")"))
        if sign == ";" and not depth:
            yield start, mark.start()
            start = mark.end()
    yield start, end
