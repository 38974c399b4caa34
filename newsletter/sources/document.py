"""One text to be read as a digest, with the views that formats take of it: lines, JSON, XML, HTML.

Owns the bounds within which a text becomes a tree, so that every format that looks at one is safe: no DTD, no
entity, nothing fetched, depth and size capped before or while a tree is built. Each view is made once. A text
that is not what a view needs gives None, and `broken` says why where it looked like it; formats never see a
parser's exception.
"""

import re
from functools import cached_property
from typing import Any

import lxml.html
from lxml import etree

from newsletter.errors import DigestError
from newsletter.model import Skipped
from newsletter.sources import jsontext, pythontext, xmltext

# Tags that one text may hold: ten thousand papers of thirty tags each, twice over. A million take 130 MB.
MAX_TAGS = 600_000
# Ampersands of an XML text: the markup of ten thousand descriptions, escaped.
MAX_AMPERSANDS = 2_000_000
# Faults of a broken XML text that are listed; more say nothing new.
_LISTED_FAULTS = 20

# Of Python's printing too, and of a text that breaks off; a table of a configuration, `[server]`, is none.
_JSON = re.compile(r"\{\s*(?:[\"'}]|$)|\[\s*(?:[\[{\"'\]\d-]|true|false|null|NaN|Infinity|$)")
_XML = re.compile(r"\s*<(?:\?xml|rss|feed|rdf:RDF|opml|entry|channel|urlset)\b", re.IGNORECASE)
_HTML = re.compile(
    r"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_DTD = re.compile(r"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)\b", re.IGNORECASE)


class Document:
    """A clean text, its name in messages, and its views."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.source = source
        self.broken: DigestError | None = None
        self.notes: list[Skipped] = []

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, without their ends."""
        return self.text.split("\n")

    @cached_property
    def start(self) -> str:
        """The first characters after blanks, enough to tell a format by."""
        return self.text[:8000].lstrip()

    @cached_property
    def json(self) -> Any:
        """The value of a text that is one JSON object or list; None for any other text."""
        loaded = self._loaded
        return None if loaded is None else loaded.value

    @property
    def is_flawed(self) -> bool:
        """Whether `jsontext.flaw` can find anything in the JSON value."""
        return self._loaded is not None and self._loaded.flawed

    @cached_property
    def xml(self) -> Any:
        """The root of a text that is XML, mended where it is broken; None for any other text.

        What had to be mended is added to `notes`.
        """
        if not _XML.match(self.start):
            return None
        if _DTD.search(self.text, 0, 100_000):
            return self._refused("XML with a document type or entities of its own, which is not read")
        if self.text.count("&") > MAX_AMPERSANDS:
            return self._refused(f"XML of more than {MAX_AMPERSANDS:,} ampersands, which no digest has")
        if self.text.count("<") > MAX_TAGS:
            return self._refused(f"XML of more than {MAX_TAGS:,} tags, which no digest has")
        parser = etree.XMLParser(
            recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        text, notes = xmltext.mended(self.text)
        self.notes += notes
        return self._tree(text, parser)

    @cached_property
    def html(self) -> Any:
        """The root of a text that is an HTML page; None for any other text."""
        if not _HTML.match(self.start):
            return None
        if self.text.count("<") > MAX_TAGS:
            return self._refused(f"HTML of more than {MAX_TAGS:,} tags, which no digest has")
        return html_tree(self.text)

    @cached_property
    def _loaded(self) -> jsontext.Loaded | None:
        if not _JSON.match(self.start):
            return None
        try:
            loaded = pythontext.loaded(self.text)
        except jsontext.NotJson as error:
            self._refused(f"{error}; save the file again", line=error.line)
            return None
        if rest := self.text[loaded.end :].strip():
            # Another object is the next of JSON lines, which are no error.
            if not rest.startswith("{"):
                line = self.text.count("\n", 0, loaded.end) + 1
                self._refused("more text after the end of the JSON; save the file again", line=line)
            return None
        if loaded.flawed and (flaw := jsontext.flaw(loaded.value)):
            self._refused(f"broken JSON: {flaw}; save the file again")
        if pythontext.looks_so(self.text):
            self.notes.append(Skipped(1, self.lines[0], "mended: printed by Python, not written as JSON"))
        return loaded

    def _tree(self, text: str, parser: Any) -> Any:
        try:
            root = etree.fromstring(text.encode("utf-8", "replace"), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            return self._refused(f"broken XML: {error}")
        faults = list(parser.error_log)
        if any("depth" in fault.message or "XML_PARSE_HUGE" in fault.message for fault in faults):
            return self._refused("XML nested deeper or longer than any digest is")
        for fault in faults[:_LISTED_FAULTS]:
            # A prefix that is not declared is still read by its name: nothing had to be mended.
            if fault.domain != etree.ErrorDomains.NAMESPACE:
                self.notes.append(Skipped(fault.line, fault.message, "broken XML: read as well as it can be"))
        return root

    def _refused(self, problem: str, *, line: int | None = None) -> None:
        self.broken = DigestError(self.source, problem, line=line)


def html_tree(text: str) -> Any:
    """The root of a piece of HTML or of plain text, scripts and styles left out; None where it holds nothing.

    Never raises, whatever the text; nesting beyond 256 is cut off.
    """
    parser = lxml.html.HTMLParser(
        no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, encoding="utf-8"
    )
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    etree.strip_elements(root, "script", "style", "template", "noscript", with_tail=False)
    return root
