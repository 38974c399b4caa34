"""The editor's note, Markdown → what both bodies of a mail show: a few elements of HTML, and plain lines.

Owns which Markdown counts: paragraphs, bold, italic, lists, links and inline code. A heading becomes a bold
paragraph, an image its words; HTML is text like any other. An address is a link only where it is one of
https, http or mailto, and stands once in each body.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

# What any Markdown needs one of. A note without is read here: the library takes 40 ms to load, a tenth of a
# whole `newsletter render` (measured), and most notes are a few plain words.
_SIGN = re.compile(r"[*_`\[<\\&]|://|^ {0,3}(?:[#>=+~-]|\d{1,9}[.)])|^ {0,3}\t|^ {4}| {2}$", re.MULTILINE)

# Characters and opening brackets of a note that is read as Markdown. No letter from an editor has as many,
# and what takes the reader long (nested brackets, a thousand stars) stays below 0.2 s (measured).
_LONGEST, _MOST_BRACKETS = 20_000, 400

# Links of a note, and characters of their addresses in all: `[a][a][a]…` repeats one long address at no cost.
_MOST_LINKS, _MOST_ADDRESS = 60, 12_000

_ALLOWED = re.compile(r"https?://[^/]|mailto:[^?]", re.IGNORECASE)
_BARE = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,;:!?*_~)\]}]", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t]*(?:\n|$)")
# What stands close to the word before it, and so not below the address of a link.
_CLOSING = re.compile(r"[.,;:!?…)\]}”’\"']+(?=\s|$)")

_TAGS = {"paragraph": "p", "bullet_list": "ul", "ordered_list": "ol", "list_item": "li"}
_SPANS = {"strong": "strong", "em": "em"}


class Line(NamedTuple):
    """A line of the text body, not wrapped yet: `first` goes before it, `rest` before what is wrapped."""

    text: str
    first: str = ""
    rest: str = ""


class _Piece(NamedTuple):
    """A stretch of a paragraph: text, code, where a span or a link (`text`: its address) begins, a break."""

    kind: str
    text: str = ""


@dataclass(slots=True)
class _List:
    """A list that is being written to the text body. before: what its items are indented by."""

    ordered: bool
    before: str
    items: int = 0

    def next_mark(self) -> str:
        """What stands before the next item."""
        self.items += 1
        return self.before + self._sign()

    def inside(self) -> str:
        """What stands before the further lines of an item."""
        return self.before + " " * len(self._sign())

    def _sign(self) -> str:
        return f"{self.items}. " if self.ordered else "- "


def html(note: str) -> str:
    """The note as elements of HTML: p, ul, ol, li, strong, em, code, br, and a with an href."""
    written: list[str] = []
    for event, pieces in _read(note):
        kind, _, end = event.rpartition("_")
        if kind == "heading":
            written.append("<p><strong>" if end == "open" else "</strong></p>")
        elif tag := _TAGS.get(kind):
            written.append(f"<{tag}>" if end == "open" else f"</{tag}>")
        else:
            written += map(_markup, pieces)
    return "".join(written)


def lines(note: str) -> list[Line]:
    """The note as lines for the text body, an empty one between blocks; each address on one of its own."""
    written: list[Line] = []
    lists: list[_List] = []
    mark = ""
    for event, pieces in _read(note):
        if event in ("bullet_list_open", "ordered_list_open"):
            lists.append(_List(event.startswith("ordered"), lists[-1].inside() if lists else ""))
        elif event.endswith("_list_close"):
            lists.pop()
        elif event in ("list_item_open", "list_item_close"):
            mark = lists[-1].next_mark() if event == "list_item_open" else ""
        elif rows := _rows(pieces):
            goes_on = mark and (len(lists) > 1 or lists[0].items > 1)
            written += [] if goes_on or not written else [Line("")]
            inside = lists[-1].inside() if lists else ""
            written += [Line(row, inside if at else mark or inside, inside) for at, row in enumerate(rows)]
            mark = ""
    return written


def _read(note: str) -> Iterator[tuple[str, list[_Piece]]]:
    """The blocks of the note in order: what opens and closes, and the pieces of each paragraph."""
    note = note.replace("\r\n", "\n").replace("\r", "\n")
    plain = not _SIGN.search(note) or len(note) > _LONGEST or note.count("[") > _MOST_BRACKETS
    yield from _paragraphs(note) if plain else _Reader().read(note)


def _paragraphs(note: str) -> Iterator[tuple[str, list[_Piece]]]:
    for paragraph in _BLANK_LINE.split(note):
        if words := " ".join(paragraph.split()):
            yield "paragraph_open", []
            yield "inline", [_Piece("text", words)]
            yield "paragraph_close", []


class _Reader:
    """One reading of one note as Markdown, which counts the links it has seen."""

    def __init__(self) -> None:
        # Not at the top: an issue whose note has no sign of Markdown, or that has none, does not pay for it.
        from markdown_it import MarkdownIt

        self.markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
        self.links = 0
        self.addresses = 0

    def read(self, note: str) -> Iterator[tuple[str, list[_Piece]]]:
        for token in self.markdown.parse(note):
            if token.type == "inline":
                yield token.type, list(self._pieces(token.children or []))
            elif token.type in ("fence", "code_block"):
                yield "paragraph_open", []
                yield "inline", [_Piece("code", token.content.rstrip("\n"))]
                yield "paragraph_close", []
            elif not token.hidden:
                yield token.type, []

    def _pieces(self, tokens: Sequence[Any]) -> Iterator[_Piece]:
        inside: list[bool] = []
        for token in tokens:
            if token.type == "link_open":
                href = str(token.attrGet("href") or "")
                inside.append(self._is_link(href))
                if inside[-1]:
                    yield _Piece("link", href)
            elif token.type == "link_close":
                if inside.pop():
                    yield _Piece("endlink")
            elif token.type == "text" and not inside:
                yield from self._with_bare_links(token.content)
            elif token.type in ("text", "image", "softbreak"):
                yield _Piece("text", " " if token.type == "softbreak" else token.content)
            elif token.type == "code_inline":
                yield _Piece("code", token.content)
            else:
                yield _Piece(token.type)

    def _with_bare_links(self, text: str) -> Iterator[_Piece]:
        done = 0
        for found in _BARE.finditer(text):
            href = self.markdown.normalizeLink(found.group())
            if self.markdown.validateLink(href) and self._is_link(href):
                yield _Piece("text", text[done : found.start()])
                yield from (_Piece("link", href), _Piece("text", found.group()), _Piece("endlink"))
                done = found.end()
        yield _Piece("text", text[done:])

    def _is_link(self, href: str) -> bool:
        if not _ALLOWED.match(href):
            return False
        self.links += 1
        self.addresses += len(href)
        return self.links <= _MOST_LINKS and self.addresses <= _MOST_ADDRESS


def _markup(piece: _Piece) -> str:
    kind, _, end = piece.kind.rpartition("_")
    if tag := _SPANS.get(kind):
        return f"<{tag}>" if end == "open" else f"</{tag}>"
    text = escape(piece.text)
    return {
        "text": text,
        "code": "<code>" + text.replace("\n", "<br>") + "</code>",
        "link": f'<a href="{text}">',
        "endlink": "</a>",
        "hardbreak": "<br>",
    }.get(piece.kind, "")


def _rows(pieces: Sequence[_Piece]) -> list[str]:
    """The lines of a paragraph: it goes on below each address, but for the full stop of its sentence."""
    rows = [""]
    address, label, ended = "", 0, False
    for piece in pieces:
        if piece.kind == "link":
            address, label = piece.text.removeprefix("mailto:"), len(rows[-1])
        elif piece.kind == "endlink":
            # Where the words are the address itself, it stands below what comes before it.
            if rows[-1][label:].strip() in (address, f"mailto:{address}"):
                rows[-1] = rows[-1][:label]
            label = len(rows[-1]) - label
            rows += [address, ""]
        elif piece.kind in ("text", "code", "hardbreak"):
            text = "\n" if piece.kind == "hardbreak" else piece.text
            if ended and (closing := _CLOSING.match(text)):
                rows[-3] += closing.group() if label else ""
                text = text[closing.end() :]
            first, *more = text.split("\n")
            rows[-1:] = [rows[-1] + first, *more]
        ended = piece.kind == "endlink"
    return [row.strip() for row in rows if row.strip()]
