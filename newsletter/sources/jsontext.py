"""JSON as it is found: read strictly, with the place of what is wrong.

Owns what a JSON text may cost and what counts as a flaw in it. A flaw (NaN, a number no machine holds, a key
that stands twice, half a character) spoils the item that holds it and no other: `flaw` names its place.
"""

import json
import math
import re
from dataclasses import dataclass
from typing import Any

# Values that one text may hold. A day of Daily Papers has 5,000, a list of ten thousand records 600,000; a
# million small objects take 230 MB.
MAX_VALUES = 1_000_000
# Digits. Longer ones are no count of anything, and Python refuses to convert 4,300.
_LONGEST_NUMBER = 400

_HALF_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What stands in a value's place where the text has none that can be used."""

    what: str


class NotJson(ValueError):  # noqa: N818  says what it is
    """A text that is no JSON: `line` and the message say where it breaks."""

    def __init__(self, problem: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A value, where the next text begins, and whether any flaw is in it."""

    value: Any
    end: int
    flawed: bool


def load(text: str) -> Loaded:
    """The JSON value that the text begins with. Raises NotJson."""
    if text.count(",") + text.count("{") + text.count("[") > MAX_VALUES:
        raise NotJson(f"more than {MAX_VALUES:,} values, which no digest has")
    reader = _Reader()
    start = len(text) - len(text.lstrip())
    try:
        value, end = reader.decoder.raw_decode(text, start)
    except json.JSONDecodeError as error:
        problem = error.msg.removesuffix(" at")
        raise NotJson(f"broken JSON: {problem} at column {error.colno}", error.lineno) from error
    except RecursionError as error:
        raise NotJson("JSON nested deeper than any digest is") from error
    return Loaded(value, end, reader.flawed or bool(_HALF_ESCAPED.search(text, start, end)))


def flaw(value: Any) -> str:
    """The first flaw in the value with the path to it, such as `paper.upvotes: NaN is no number`; else ""."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, Flaw):
            return f"{path.lstrip('.') or 'the value'}: {each.what}"
        if isinstance(each, str) and _HALF.search(each):
            return f"{path.lstrip('.') or 'the value'}: half a character"
        if isinstance(each, dict):
            waiting += [(f"{path}.{key}"[:200], inner) for key, inner in reversed(each.items())]
        elif isinstance(each, list):
            waiting += [(f"{path}[{at}]"[:200], inner) for at, inner in reversed(list(enumerate(each)))]
    return ""


class _Reader:
    """A decoder that puts flaws in the place of what cannot be used, and remembers that it did."""

    def __init__(self) -> None:
        self.flawed = False
        self.decoder = json.JSONDecoder(
            parse_constant=self._constant,
            parse_float=self._float,
            parse_int=self._int,
            object_pairs_hook=self._object,
        )

    def _flaw(self, what: str) -> Flaw:
        self.flawed = True
        return Flaw(what)

    def _constant(self, name: str) -> Flaw:
        return self._flaw(f"{name} is no number")

    def _float(self, digits: str) -> float | Flaw:
        number = float(digits)
        return number if math.isfinite(number) else self._flaw(f"{digits[:20]} is too large a number")

    def _int(self, digits: str) -> int | Flaw:
        return int(digits) if len(digits) <= _LONGEST_NUMBER else self._flaw("a number of too many digits")

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    values[key] = self._flaw("the key stands twice")
                seen.add(key)
        return values
