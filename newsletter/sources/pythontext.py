"""A dict or list as Python prints it, `{'id': None, 'ok': True}`, which some tools save for JSON.

Owns the translation into JSON, token by token in one pass, so that the text is neither run nor compiled and
costs no more than its length. Tuples, sets and calls are not read.
"""

import json
import re
from dataclasses import replace

from newsletter.sources import jsontext

# Brackets, then a string in single quotes, or a key in double ones before a value that only Python has.
_START = re.compile(
    r"\s*[\[{][\s\[{]{0,200}(?:'|\"[^\"\\\n]{0,80}\"\s{0,9}:\s{0,9}(?:'|True\b|False\b|None\b))"
)
# Possessive, because a string without an end must not be tried again from each of its characters.
_TOKEN = re.compile(
    r"'(?P<single>[^'\\]*+(?:\\.[^'\\]*+)*+)'|\"(?P<double>[^\"\\]*+(?:\\.[^\"\\]*+)*+)\""
    r"|(?P<word>\b(?:True|False|None|nan|inf)\b)|(?P<open>['\"])",
    re.DOTALL,
)
_WORDS = {"True": "true", "False": "false", "None": "null", "nan": "NaN", "inf": "Infinity"}
_HEX = "[0-9a-fA-F]"
_ESCAPE = re.compile(rf"\\(?:x({_HEX}{{2}})|u({_HEX}{{4}})|U({_HEX}{{8}})|(.))", re.DOTALL)
_CHARACTERS = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", '"': '"', "\n": ""}


def loaded(text: str) -> jsontext.Loaded:
    """The value that the text begins with, JSON or printed by Python. Raises NotJson."""
    return load(text) if looks_so(text) else jsontext.load(text)


def looks_so(text: str) -> bool:
    """Whether the text begins as a printed dict or list, and not as JSON."""
    return bool(_START.match(text))


def load(text: str) -> jsontext.Loaded:
    """The value that Python printed and nothing else. Raises NotJson."""
    translated = _TOKEN.sub(_as_json, text)
    loaded = jsontext.load(translated)
    if translated[loaded.end :].strip():
        raise jsontext.NotJson("more than one value")
    return replace(loaded, end=len(text))


def _as_json(match: re.Match[str]) -> str:
    if match["open"]:
        raise jsontext.NotJson("a string without an end", match.string.count("\n", 0, match.start()) + 1)
    if match["word"]:
        return _WORDS[match["word"]]
    content = match["single"] if match["single"] is not None else match["double"]
    return json.dumps(_ESCAPE.sub(_character, content))


def _character(match: re.Match[str]) -> str:
    if match[4]:
        return _CHARACTERS.get(match[4], match[0])
    code = int(match[1] or match[2] or match[3], 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"
