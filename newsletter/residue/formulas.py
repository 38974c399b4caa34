r"""A formula of LaTeX, as plain Unicode that reads on a phone.

Owns the reading of what stands between `$` and `$`: `O(n^2)` becomes `O(n²)`, never script letters.
Every command, known or not, comes to something, and no text raises: what nests too deep or never closes is
read as if its braces were not there. One pass over the text; what is shown keeps the order of the source.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from newsletter.residue.symbols import (
    ACCENTS,
    COMPARISONS,
    FUNCTIONS,
    LETTERS,
    MATH_ACCENTS,
    OPERATORS,
    SILENT,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SYMBOLS,
    WITHOUT_TEXT,
)

# Braces in braces that are still told apart: more than any formula that prints on one line.
DEPTH = 12
# Characters that an optional argument, `\sqrt[3]`, may be long.
OPTION = 40

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_~&]|\s+|[A-Za-z]+|\d+|[^\\{}^_~&\s]", re.DOTALL)
_OPTION = re.compile(rf"\s{{0,8}}\[([^\[\]{{}}]{{0,{OPTION}}})\]")
_SPACES = re.compile(r"\s{2,}")
_SIZE = re.compile(r"[Bb]igg?[lrm]?|left|right|middle")
_PLAIN_OPERAND = re.compile(r"[√∂]?[\w.′∞°%|!⁺⁻]+|\w{0,12}\([^()]*\)")
_WORD = re.compile(r"[\w%∞⋆]+|.")
# Printable characters of the first plane only.
_HEX = re.compile(r"x(00[2-7A-Fa-f][\dA-Fa-f]|0[1-9A-Fa-f][\dA-Fa-f]{2}|[1-9A-Ca-c][\dA-Fa-f]{3})")
_FRACTIONS = {"frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac"}
_BLANKS = {",", ";", ":", " ", "\n", "quad", "qquad", "\\", "newline", "enspace", "thinspace"}
_ESCAPED = set("%&_#${}")
_BRACKETS = {"|": "‖", "ket": "|%⟩", "bra": "⟨%|"}


def plain(formula: str) -> str:
    """The formula in one line, with no mark of TeX left."""
    return _SPACES.sub(" ", _Reader(formula).sequence(0)).strip()


def command_at(text: str, at: int) -> tuple[str, int]:
    """What the command at this place prints with its arguments, and the place after them."""
    reader = _Reader(text, at)
    reader.read(reader.next(), 0)
    return _SPACES.sub(" ", "".join(reader.parts)), reader.at


def script(mark: str, words: str) -> str:
    """The words as superscript (`^`) or subscript (`_`): `x²`, `xₜ₊₁`, else `x_model` or `x_(i,j)`."""
    words = words.strip().replace("∘", "°")
    if words in {"°", "′", "″", "†", "⋆", "⊤", "*", "+", "-"} and mark == "^":
        return words.translate(SUPERSCRIPTS)
    table = SUPERSCRIPTS if mark == "^" else SUBSCRIPTS
    if words and all(ord(character) in table for character in words):
        return words.translate(table)
    if _WORD.fullmatch(words):
        return mark + words
    inside = words[1:-1] if words[:1] + words[-1:] == "()" else words
    return f"{mark}({inside})" if inside else ""


def is_known(command: str) -> bool:
    """Whether a command of this name has a meaning of its own in a formula."""
    return command in _HANDLERS or command in FUNCTIONS or symbol(command) is not None


def symbol(command: str) -> str | None:
    """The character that a command prints, or None."""
    return SYMBOLS.get(command) or LETTERS.get(command) or _library().get(command)


@cache
def _library() -> dict[str, str]:
    """The table of pylatexenc, which only a text with rare commands pays for."""
    from pylatexenc.latex2text import (  # type: ignore[import-untyped]
        get_default_latex_context_db,
    )

    specs = get_default_latex_context_db().iter_macro_specs()
    signs = ((spec.macroname, spec.simplify_repl) for spec in specs)
    return {name: sign for name, sign in signs if isinstance(sign, str) and len(sign) == 1}


class _Reader:
    """One pass over a formula. `parts` is what it prints so far, in the group that is being read."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at
        self.parts: list[str] = []

    def next(self) -> str:
        """The next piece, or nothing at the end."""
        match = _TOKEN.match(self.text, self.at)
        if not match:
            self.at = len(self.text)
            return ""
        self.at = match.end()
        return match[0]

    def sequence(self, depth: int, *, closes: bool = False) -> str:
        """What is printed up to the end, or to the brace that closes this group."""
        outer, self.parts = self.parts, []
        while piece := self.next():
            if piece == "}" and closes:
                break
            self.read(piece, depth)
        parts, self.parts = self.parts, outer
        return "".join(parts)

    def read(self, piece: str, depth: int) -> None:
        """Print one piece, which takes its arguments with it."""
        if piece[0] == "\\":
            self.command(piece[1:].rstrip("*") or "\\", depth)
        elif piece in "^_":
            self.parts.append(script(piece, self.argument(depth)))
        elif piece == "{":
            if depth < DEPTH:
                self.parts.append(self.sequence(depth + 1, closes=True))
        elif piece.isspace() or piece == "~":
            self.parts.append(" ")
        elif piece not in "}&":
            self.parts.append(piece)

    def argument(self, depth: int) -> str:
        """What the next group prints, or the next command or single character where there is no group."""
        piece = self.next()
        if piece.isspace():
            piece = self.next()
        if piece == "{":
            return self.sequence(depth + 1, closes=True).strip() if depth < DEPTH else ""
        if not piece or piece in "}^_&~":
            self.at -= len(piece)
            return ""
        if piece[0] != "\\":
            self.at -= len(piece) - 1
            return piece[0]
        if depth >= DEPTH:
            return ""
        outer, self.parts = self.parts, []
        self.read(piece, depth + 1)
        parts, self.parts = self.parts, outer
        return "".join(parts).strip()

    def command(self, name: str, depth: int) -> None:
        """Print one command."""
        if name in _ESCAPED:
            self.parts.append(name)
        elif name in _BLANKS:
            self.parts.append(" ")
        elif handler := _HANDLERS.get(name):
            handler(self, name, depth)
        elif _SIZE.fullmatch(name):
            self.at += self.text.startswith(".", self.at)
        elif name in FUNCTIONS:
            self.function(FUNCTIONS[name])
        elif (sign := symbol(name)) is not None:
            self.sign(sign)
        elif name[0].isalpha() and name not in SILENT:
            self.parts.append(name)

    def sign(self, sign: str) -> None:
        """Print a character; one that compares two values has a blank on both sides."""
        before = self.tail()
        blank = self.skip_blank()
        if sign == "∘" and before.isdigit():
            sign = "°"
        if sign in COMPARISONS and before not in " ([{,":
            self.parts.append(f" {sign} ")
        elif (sign in OPERATORS or sign in COMPARISONS) and before == " " and self.has_parts():
            self.parts.append(f"{sign} ")
        else:
            # TeX eats the blank behind a command: it only ends the name. Before a word it is one to read.
            following = self.text[self.at : self.at + 2]
            shown = blank and len(following) == 2 and following.isalpha()
            self.parts.append(sign + " " * shown)

    def function(self, name: str) -> None:
        """Print a name like `log`, apart from the letters around it."""
        before = self.tail()
        self.skip_blank()
        after = self.text[self.at : self.at + 1]
        self.parts.append(" " * (before.isalnum() or before in ")]") + name)
        self.parts.append(" " * (after.isalnum() or after == "\\"))

    def skip_blank(self) -> bool:
        """Whether there was a blank at this place, which is now behind."""
        start = self.at
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        return self.at > start

    def has_parts(self) -> bool:
        """Whether anything but blanks is printed so far."""
        return any(part.strip() for part in self.parts[-2:])

    def tail(self) -> str:
        """The last character printed in this group; a blank at its beginning."""
        return next((part[-1] for part in reversed(self.parts[-4:]) if part), " ")


def _operand(words: str) -> str:
    return words if _PLAIN_OPERAND.fullmatch(words) or not words else f"({words})"


def _apart(reader: _Reader, words: str) -> None:
    """Print words that must not run into the letters around them."""
    following = reader.text[reader.at : reader.at + 1]
    reader.parts.append(" " * reader.tail().isalnum() + words + " " * following.isalnum())


def _fraction(reader: _Reader, _name: str, depth: int) -> None:
    above, below = _operand(reader.argument(depth)), _operand(reader.argument(depth))
    _apart(reader, f"{above}/{below}" if below else above)


def _root(reader: _Reader, _name: str, depth: int) -> None:
    option = _OPTION.match(reader.text, reader.at)
    if option:
        reader.at = option.end()
    degree = script("^", option[1]) if option else ""
    reader.parts.append(f"{degree}√{_operand(reader.argument(depth))}")


def _accent(reader: _Reader, name: str, depth: int) -> None:
    letter = reader.argument(depth)
    mark = MATH_ACCENTS[name] if len(letter) == 1 and letter.isalpha() else ""
    reader.parts.append(unicodedata.normalize("NFC", letter + mark))


def _letter_accent(reader: _Reader, name: str, depth: int) -> None:
    letter = reader.argument(depth)
    mark = ACCENTS[name] if letter[:1].isalpha() else ""
    reader.parts.append(unicodedata.normalize("NFC", letter[:1] + mark) + letter[1:])


def _binomial(reader: _Reader, _name: str, depth: int) -> None:
    reader.parts.append(f"C({reader.argument(depth)}, {reader.argument(depth)})")


def _modulo(reader: _Reader, _name: str, depth: int) -> None:
    reader.parts.append(f" (mod {reader.argument(depth)})")


def _negated(reader: _Reader, _name: str, depth: int) -> None:
    sign = reader.argument(depth)
    reader.parts.append(unicodedata.normalize("NFC", f"{sign[:1]}\u0338{sign[1:]}" if sign else ""))


def _operator_name(reader: _Reader, _name: str, depth: int) -> None:
    reader.function(reader.argument(depth))


def _over(reader: _Reader, _name: str, depth: int) -> None:
    reader.argument(depth)
    reader.parts.append(reader.argument(depth))


def _under(reader: _Reader, _name: str, depth: int) -> None:
    below = reader.argument(depth)
    reader.parts.append(reader.argument(depth) + script("_", below))


def _raised(reader: _Reader, name: str, depth: int) -> None:
    reader.parts.append(script("^" if name == "textsuperscript" else "_", reader.argument(depth)))


def _bracketed(reader: _Reader, name: str, depth: int) -> None:
    before, _, after = _BRACKETS[name].partition("%")
    reader.parts.append(before + (reader.argument(depth) + after if after else ""))


def _code_point(reader: _Reader, _name: str, depth: int) -> None:
    number = _HEX.fullmatch(reader.argument(depth))
    reader.parts.append(chr(int(number[1], 16)) if number else "")


def _nothing(reader: _Reader, _name: str, depth: int) -> None:
    reader.argument(depth)


_HANDLERS: dict[str, Callable[[_Reader, str, int], None]] = {
    **dict.fromkeys(_FRACTIONS, _fraction),
    **dict.fromkeys(MATH_ACCENTS, _accent),
    **dict.fromkeys(_BRACKETS, _bracketed),
    **dict.fromkeys(WITHOUT_TEXT, _nothing),
    **dict.fromkeys(("textsuperscript", "textsubscript"), _raised),
    **dict.fromkeys(("overset", "stackrel"), _over),
    **dict.fromkeys(("'", "`", '"', "^", "="), _letter_accent),
    "operatorname": _operator_name,
    "unicode": _code_point,
    "underset": _under,
    "sqrt": _root,
    "binom": _binomial,
    "pmod": _modulo,
    "not": _negated,
}
