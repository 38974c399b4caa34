r"""Raw LaTeX in a text: where it stands, and what comes instead.

Owns the telling apart: a formula from money, an accent from a quote, a command from a path. What a formula
prints is for `formulas` to say. Abstracts of arXiv, BibTeX and OpenReview hold it as the authors typed it;
those of Hugging Face hold what its import left of it.

Never raises and never looks at a character more than a few times, whatever is unbalanced or nested.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from newsletter.residue import formulas, replacements
from newsletter.residue.edits import Edit
from newsletter.residue.symbols import ACCENTS, SECOND_ONLY, SILENT, WITHOUT_TEXT, WORDS

RULE = "raw LaTeX"
# Characters of a formula, the longest display in 74,728 abstracts being half of that.
FORMULA = 2000
# Characters looked at around a command: a long word and its blank.
NEAR = 40

_WANTED = re.compile(r"\$|\\[^%&_#\d]|\{\\")
_MARK = re.compile(
    r"\$\$?|\\(?:[A-Za-z]+\*?|.)|\{(?=\\(?:em|it|bf|tt|sc|rm|sf|sl|cal|large|small|tiny)(?![A-Za-z]))",
    re.DOTALL,
)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_SWITCH = re.compile(r"\{\\[A-Za-z]+\s{0,4}")
_ACCENTED = re.compile(r"\s?(?:\{\s{0,2}(\\?[A-Za-z])\s{0,2}\}|(\\[ij](?![A-Za-z])|[A-Za-z]))")
_ACCENT_BY_NAME = re.compile(r"\\[cvuHkrbdt](?=\{|\s[A-Za-z]\b)")
# What arXiv makes of a command that begins like an accent: `\\rho` comes as `\\r{ho}`.
_SPLIT_NAME = re.compile(r"\\([cvuHkrbdt])\{([a-z]{2,9})\}")
_APOSTROPHE = re.compile(r"(?:s|t|d|m|re|ve|ll)?(?![A-Za-z])")
_OPTION = re.compile(r"\s?\[[^\[\]{}]{0,60}\]")
_TAIL = re.compile(r"(?:\{\})?(\s?)")
_NAME = re.compile(r"[^\W_][^\\{}$:\s]*(?: [^\\{}$:\s]+){0,2}")
_LOOSE_SIGN = re.compile(r"[∼≈±≤≥]")
_BLANK_BEFORE_NUMBER = re.compile(r"[ \n]{1,2}(?=[\d.]|\\?\$\d)")
# Signs that only a formula holds, and words that hardly one does.
_SURE = re.compile(r"\\[A-Za-z%]|[\^_=<>{}]")
_COMMAND = re.compile(r"\\[A-Za-z%]|[\^_]")
_OPERATOR = re.compile(r"[-+<>=/*|.,~^_]{1,3}")
_TOKEN = re.compile(r"\s?[^\s$]{1,20}\s?")
_PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{2,} +(?:[A-Za-z]+ +)?[A-Za-z]{2,}(?![A-Za-z}])")
# Money, and words after it: `$5 million`, `$0.1, for`.
_AMOUNT = re.compile(r"\d[\d.,]{0,12}[kKMB]?[,;:]?\s(?:[^\\$]{0,200}\s)?[A-Za-z]{2,}")
# A line break of TeX may say how much room it leaves.
_BREAK = re.compile(r"\s?\\\\(?:\[[\d.]{1,5}[a-z]{2}\])?\s?")
_BLANK = re.compile(r" ?\\. ?", re.DOTALL)
_PATH = re.compile(r"(?:^|\s)[A-Z]:[^\s{}$]*$")
_SPACING = set("!/-@") | {"]", ")"}
_BLANKS = set(",;: \n\t")
_PRINTED = {"|": "‖"} | {mark: mark for mark in "*<>+?"}


def edits(text: str, title: str) -> list[Edit]:
    r"""What takes the raw LaTeX out of the text, in order.

    title: of the same paper. It names what a private command of the authors (`\ours`) stood for.
    """
    if ("\\" not in text and "$" not in text) or not _WANTED.search(text):
        return []
    scan = _Scan(text, title)
    at = 0
    while mark := _MARK.search(text, at):
        at = max(scan.read(mark), mark.start() + 1)
    return _apart(scan.edits, text)


def _apart(found: list[Edit], text: str) -> list[Edit]:
    """The edits that change something, in order, without those that reach into the one before."""
    kept: list[Edit] = []
    for edit in sorted(found, key=lambda edit: (edit.start, edit.end)):
        is_apart = not kept or edit.start >= kept[-1].end
        if is_apart and text[edit.start : edit.end] != edit.after:
            kept.append(edit)
    return kept


@dataclass(slots=True)
class _Scan:
    """One pass over a text. Each reader of a mark adds its edits and returns the place to go on from."""

    text: str
    title: str
    edits: list[Edit] = field(default_factory=list)
    _closers: dict[int, int] | None = None
    _next: dict[str, int] = field(default_factory=dict)

    def read(self, mark: re.Match[str]) -> int:
        """Read one mark of TeX."""
        first, name = mark[0][0], mark[0][1:].rstrip("*")
        if first == "$":
            return self.dollar(mark)
        if first == "{":
            return self.switch(mark)
        if name in ("(", "["):
            return self.delimited(mark)
        if not name.isalpha() or not name.isascii():
            return self.sign(mark, name)
        split = _SPLIT_NAME.match(self.text, mark.start())
        if split and (shown := formulas.symbol(split[1] + split[2])) is not None:
            return self.replace(*split.span(), shown)
        if _ACCENT_BY_NAME.match(self.text, mark.start()):
            return self.accent(mark, name)
        return self.command(mark, name)

    def replace(self, start: int, end: int, after: str) -> int:
        """Add an edit; the place behind it."""
        self.edits.append(Edit(start, end, after))
        return end

    def dollar(self, mark: re.Match[str]) -> int:
        """A formula between dollars; money stays, and so does a dollar that nothing closes."""
        start, inside = mark.span()
        end = self.text.find(mark[0], inside, inside + FORMULA)
        while end > 0 and self.text[end - 1] == "\\":
            end = self.text.find(mark[0], end + 1, inside + FORMULA)
        if end > inside and _is_formula(self.text, inside, end):
            return self.formula(start, inside, end, end + len(mark[0]))
        is_half = self.text[inside : inside + 1] == "\\" and self.text[inside + 1 : inside + 2].isalpha()
        return self.replace(start, inside, "") if is_half or mark[0] == "$$" else inside

    def delimited(self, mark: re.Match[str]) -> int:
        r"""A formula between `\(` and `\)`; a half of the pair prints nothing."""
        start, inside = mark.span()
        half = {"\\(": "\\)", "\\[": "\\]"}[mark[0]]
        end = self.next(half, inside)
        if not inside <= end <= inside + FORMULA:
            return self.replace(start, inside, "")
        return self.formula(start, inside, end, end + 2)

    def next(self, mark: str, at: int) -> int:
        """The next place of the mark, or -1. Asked for places in order, it passes over the text once."""
        known = self._next.get(mark, 0)
        if 0 <= known < at:
            self._next[mark] = known = self.text.find(mark, at)
        return known

    def formula(self, start: int, inside: int, end: int, after: int) -> int:
        """The formula, and the blank between a sign that opens a number and that number."""
        shown = formulas.plain(self.text[inside:end])
        if _LOOSE_SIGN.fullmatch(shown) and self.text[start - 1 : start] in {"", " ", "\n", "("}:
            blank = _BLANK_BEFORE_NUMBER.match(self.text, after)
            after = blank.end() if blank and not _follows_value(self.text, start) else after
        return self.replace(start, after, shown)

    def switch(self, mark: re.Match[str]) -> int:
        r"""`{\em words}`: the words."""
        switch = _SWITCH.match(self.text, mark.start())
        close = self.closer(mark.start())
        if not switch or close is None:
            return mark.end()
        self.replace(close, close + 1, "")
        return self.replace(mark.start(), switch.end(), "")

    def sign(self, mark: re.Match[str], name: str) -> int:
        """A backslash before anything but a letter."""
        start, end = mark.span()
        if name in ACCENTS:
            return self.accent(mark, name)
        if name in _SPACING:
            return self.replace(start, end, "")
        if name == "\\" and not self.is_path(start):
            match = _BREAK.search(self.text, max(0, start - 1))
            return self.replace(match.start(), match.end(), " ") if match else end
        if name in _BLANKS and not self.is_path(start):
            blank = _BLANK.search(self.text, max(0, start - 1))
            return self.replace(blank.start(), blank.end(), " ") if blank else end
        return self.replace(start, end, _PRINTED[name]) if name in _PRINTED else end

    def accent(self, mark: re.Match[str], name: str) -> int:
        r"""A letter with its accent; `model\'s` has an apostrophe, and `\"` before a word is a quote."""
        start, end = mark.span()
        may_follow = name.isalpha() or self.text[end : end + 1] != " "
        match = _ACCENTED.match(self.text, end) if may_follow else None
        letter = (match[1] or match[2]).removeprefix("\\") if match else ""
        if name in "'\"`" and (not match or (not match[1] and self.is_quote(start, end, letter))):
            return self.replace(start, end, name)
        if not match:
            return end
        accented = unicodedata.normalize("NFC", letter + ACCENTS[name])
        if len(accented) > 1 and name in "~^":
            return end
        opened = self.text[start - 1 : start] == "{" and self.text[match.end() : match.end() + 1] == "}"
        return self.replace(start - opened, match.end() + opened, accented)

    def is_quote(self, start: int, end: int, letter: str) -> bool:
        r"""Whether the mark behind a backslash is the one that is printed, as in `don\'t` and `\"word\"`."""
        in_word = start > 0 and (self.text[start - 1].isalpha() or self.text[start - 1] == "{")
        return _APOSTROPHE.match(self.text, end) is not None or not (in_word or letter.isupper())

    def command(self, mark: re.Match[str], name: str) -> int:
        """A command and its arguments."""
        start, end = mark.span()
        if self.is_path(start):
            return end
        option = _OPTION.match(self.text, end) if name not in ("sqrt", "left", "right") else None
        if option and self.text[option.end() : option.end() + 1] == "{":
            end = option.end()
        is_open = self.text[end : end + 1] == "{" and self.text[end + 1 : end + 2] != "}"
        close = self.closer(end) if is_open else None
        if name in WITHOUT_TEXT or name in SECOND_ONLY:
            return self.drop(start, end, close)
        if close is None or formulas.is_known(name):
            return self.bare(mark, name)
        if name in ("href", "url"):
            return self.link(start, end, close)
        if name == "footnote":
            self.replace(close, close + 1, ")")
            return self.replace(start, end + 1, " (")
        return self.unwrap(start, end, close)

    def unwrap(self, start: int, open_: int, close: int) -> int:
        """The words in the braces, which are read next."""
        self.replace(close, close + 1, "")
        return self.replace(start, open_ + 1, "")

    def drop(self, start: int, end: int, close: int | None) -> int:
        """Nothing, without the blank before it; the second pair of braces, if any, keeps its words."""
        if close is None:
            return self.replace(start, end, "")
        name, end = self.text[start + 1 : end], close + 1
        if name in SECOND_ONLY and self.text[end : end + 1] == "{":
            second = self.closer(end)
            return end if second is None else self.unwrap(start, end, second)
        is_spaced = self.text[start - 1 : start] in {" ", "~"} and not self.text[end : end + 1].isalnum()
        return self.replace(start - is_spaced, end, "")

    def link(self, start: int, open_: int, close: int) -> int:
        """The address where the words repeat it, else the words and the address."""
        address = self.text[open_ + 1 : close].strip().replace("\\", "")
        last = self.closer(close + 1) if self.text[close + 1 : close + 2] == "{" else None
        if last is None:
            return self.replace(start, close + 1, address)
        return self.replace(start, last + 1, replacements.linked(address, self.text[close + 2 : last]))

    def bare(self, mark: re.Match[str], name: str) -> int:
        """A command without words of its own: a sign, a function, a private name, or nothing to show."""
        start, end = mark.span()
        tail = _TAIL.match(self.text, end)
        tail_end, blank = (tail.end(), tail[1]) if tail else (end, "")
        if name in WORDS:
            return self.replace(start, tail_end, WORDS[name] + blank)
        if name in SILENT:
            return self.replace(start, tail_end, "")
        if formulas.is_known(name):
            return self.known(start, end)
        name_in_title, colon, _ = self.title.partition(":")
        shown = name_in_title.strip() if colon and _NAME.fullmatch(name_in_title.strip()) else ""
        return self.replace(start, tail_end, shown + blank if shown else "")

    def known(self, start: int, end: int) -> int:
        """A command of formulas outside one."""
        shown, after = formulas.command_at(self.text, start)
        if opened := self.text[start - 1 : start] == "{" and self.text[after : after + 1] == "}":
            return self.replace(start - opened, after + opened, shown)
        # In words the blank behind a command is meant, unless the command is one of text, which TeX ends so.
        is_word = self.text.startswith("\\text", start)
        is_spaced = after > end and self.text[after - 1].isspace() and self.text[start - 1 : start].isspace()
        return self.replace(start, after, shown.strip() + " " * (is_spaced and not is_word))

    def is_path(self, start: int) -> bool:
        r"""Whether a backslash at this place parts the names of a path, `C:\data\new`."""
        before = self.text[max(0, start - NEAR) : start]
        return ":" in before and _PATH.search(before) is not None

    def closer(self, at: int) -> int | None:
        """The place of the brace that closes the one here."""
        if self._closers is None:
            self._closers = {}
            opened: list[int] = []
            for brace in _BRACE.finditer(self.text):
                if brace[0] == "{":
                    opened.append(brace.start())
                elif brace[0] == "}" and opened:
                    self._closers[opened.pop()] = brace.start()
        return self._closers.get(at)


def _is_formula(text: str, start: int, end: int) -> bool:
    """Whether what stands between two dollars is a formula, and not `$5 million and $`."""
    inside, after = text[start:end], text[end + 1 : end + 2]
    if _OPERATOR.fullmatch(inside):
        return True
    has_command = _COMMAND.search(inside) is not None
    if _AMOUNT.match(inside) and (not has_command or after.isdigit()):
        return False
    if _PROSE.search(inside) and not has_command:
        return False
    if after.isdigit() or inside[0].isspace() or inside[-1].isspace():
        is_word = _TOKEN.fullmatch(inside) is not None and not after.isdigit()
        return is_word or _SURE.search(inside) is not None
    return True


def _follows_value(text: str, start: int) -> bool:
    return bool(re.search(r"[\d)%°×] ?$", text[max(0, start - 4) : start]))
