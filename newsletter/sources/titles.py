"""Titles and names as they stand in lists: among badges, emoji and tags, before a sentence.

Owns cutting a title out of its line, and telling a list of names from a sentence.
"""

import re

from newsletter.sources import names as authors

_PICTURES = (
    "\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\u200d"
    "\U0001f000-\U0001faff"
)
_EDGES = re.compile(rf"^[\s{_PICTURES}|>•·*#]+|[\s{_PICTURES}|•·*#]+$")
_NUMBER = re.compile(r"^(?:\(\d{1,3}\)|\[\d{1,3}\]|\d{1,3}[.)、](?!\d))\s*(?=\S)")
# `[Mooncake]` before `Mooncake: A ...`, in lists that decorate: with a picture before it or a sender behind.
_TAG = re.compile(r"^\[[^\[\]]{3,60}\]\s*(?=\S+\s+\S+)")
_DATED = re.compile(r"^[\[(【]?\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?[\])】]?[\s:,-]*(?=\S)")
_AFFILIATION = re.compile(r"\s*[(（]@[^()（）]{1,80}(?:\([^()]{1,40}\))?[)）]\s*$")
_CITATION = re.compile(r"[\s,;(\[]*\barxiv:\s?[\w./-]{4,20}[)\]]*[\s.]*$", re.IGNORECASE)
_LEFT_OPEN = re.compile(
    r"(?:[\s,;:/]*[(\[（]|\s*[|:\u2013\u2014-]|(?=\sread more))\s*"
    r"(?:read more(?: on)?|see|more|paper|arxiv|link|available (?:on|at))?:?[\s(\[（]*$",
    re.IGNORECASE,
)
_CLOSED = re.compile(r"^[\s\])）,;:|.\u2013\u2014-]+")
_QUOTED = re.compile(r"^[\"“«](.{3,})[\"”»][.,]?$")
_NAME_END = re.compile(r"(?<=[^\W\d_]{2})\.\s+|\s[-\u2013\u2014:|]\s|[:|\n]\s*|\.$")
_CJK_START = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_PARTICLES = {
    "al",
    "bin",
    "da",
    "de",
    "del",
    "della",
    "der",
    "di",
    "dos",
    "du",
    "el",
    "la",
    "le",
    "ten",
    "van",
    "von",
}
# Characters. A list of names is looked for in no more of a line than this.
_LONGEST_NAMES = 3000


def clean(words: str) -> str:
    """The title in the words, without what lists hang on it; "" where nothing else is left."""
    title = words.strip()
    decorated = _EDGES.match(title) is not None or _AFFILIATION.search(title[-140:]) is not None
    title = _EDGES.sub("", _EDGES.sub("", title))
    title = _AFFILIATION.sub("", title)
    title = _DATED.sub("", _NUMBER.sub("", title))
    if decorated:
        title = _TAG.sub("", title)
    title = _LEFT_OPEN.sub("", _CITATION.sub("", title)) if len(title) < 2000 else title
    title = _CLOSED.sub("", title).strip()
    if title.endswith(".") and not title.endswith(".."):
        title = title[:-1]
    quoted = _QUOTED.match(title)
    return quoted[1] if quoted else title


def names(text: str) -> tuple[list[str], str]:
    """The names that the text begins with, and the rest; none where it begins with anything else.

    One name alone is none: `Foundation Models` would be one.
    """
    start = text[:_LONGEST_NAMES].lstrip(" -\u2013\u2014:,.|\n")
    end = _NAME_END.search(start)
    head, rest = (start[: end.start()], start[end.end() :]) if end else (start, "")
    cut = authors.OTHERS.search(head)
    found = list(authors.split(head))
    if not (cut or len(found) > 1) or not all(map(_is_name, found)):
        return [], text
    return found, rest + text[_LONGEST_NAMES + len(text) - len(text.lstrip()) :] if rest else ""


def _is_name(words: str) -> bool:
    parts = words.split()
    if _CJK_START.match(words):
        return len(words) <= 5
    return (
        len(words) <= 60
        and 1 <= len(parts) <= 6
        and all(part[0].isupper() or not part[0].isascii() or part in _PARTICLES for part in parts)
        and not any(character in '!?()[]{}"%=' for character in words)
    )
