"""What would go wrong in a reader's mail client, found before anybody is mailed.

Looks at a finished issue and says what it sees; changes nothing and asks no other program.
Every rule is one function in RULES, named for what it watches.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

from newsletter.model import Finding, RenderedIssue

# Gmail cuts a mail at about 102 KB of HTML and hides the rest, the unsubscribe link with it.
# Source: measured by others at 102–105 KB; the room below is for the links of each reader.
_HTML_BYTES_WARNING = 80_000
_HTML_BYTES_ERROR = 95_000
# Characters of a subject that a phone's inbox shows.
_SUBJECT_CHARACTERS = 70
# Characters of a preheader: fewer and the inbox fills up with the next text, more are cut.
_PREHEADER_CHARACTERS = range(30, 141)
_SCHEMES = frozenset({"https", "mailto"})
# What a template or an earlier tool leaves behind: {{ name }}, {% if %}, %%name%%, *|NAME|*, [[name]].
_PLACEHOLDER = re.compile(
    r"\{\{[^{}]{0,60}\}\}|\{%[^%]{0,60}%\}|%%\w{1,40}%%|\*\|\w{1,40}\|\*|\[\[\w{1,40}\]\]"
)
_MSO_OPEN = re.compile(r"<!--\[if ")
_MSO_CLOSE = re.compile(r"<!\[endif\]-->")
_TEXT_URL = re.compile(r"https?://[^\s<>]+")


def check(rendered: RenderedIssue) -> tuple[Finding, ...]:
    """Everything found, in the order of RULES; nothing where the issue is in order."""
    page = _Page(rendered.html)
    return tuple(finding for rule in RULES for finding in rule(rendered, page))


class _Page(HTMLParser):
    """The addresses of an HTML body."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")


def _html_size(rendered: RenderedIssue, page: _Page) -> Iterator[Finding]:
    size = len(rendered.html.encode())
    if size >= _HTML_BYTES_WARNING:
        level = "error" if size >= _HTML_BYTES_ERROR else "warning"
        message = f"{size:,} bytes of HTML; Gmail hides what comes after about 102,000. Lower a limit."
        yield Finding("html-size", level, message)


def _subject_length(rendered: RenderedIssue, page: _Page) -> Iterator[Finding]:
    length = len(rendered.subject)
    if not length:
        yield Finding("subject-length", "error", "The subject is empty.")
    elif length > _SUBJECT_CHARACTERS:
        message = f"{length} characters; a phone shows about {_SUBJECT_CHARACTERS}."
        yield Finding("subject-length", "warning", message)


def _preheader_length(rendered: RenderedIssue, page: _Page) -> Iterator[Finding]:
    length = len(rendered.preheader)
    if length not in _PREHEADER_CHARACTERS:
        low, high = _PREHEADER_CHARACTERS.start, _PREHEADER_CHARACTERS.stop - 1
        yield Finding("preheader-length", "warning", f"{length} characters; {low} to {high} read well.")


def _placeholder(rendered: RenderedIssue, page: _Page) -> Iterator[Finding]:
    for link in dict.fromkeys(page.links):
        if _PLACEHOLDER.search(link):
            yield Finding("placeholder", "error", f"A link still holds a placeholder: {link}")


def _link_scheme(rendered: RenderedIssue, page: _Page) -> Iterator[Finding]:
    for link in dict.fromkeys(page.links):
        if _scheme(link) not in _SCHEMES:
            level = "warning" if _scheme(link) == "http" else "error"
            yield Finding("link-scheme", level, f"Neither https nor mailto: {link or 'an empty link'}")


def _scheme(link: str) -> str:
    try:
        return urlsplit(link).scheme
    except ValueError:  # "https://[" and other broken hosts
        return ""


def _text_parity(rendered: RenderedIssue, page: _Page) -> Iterator[Finding]:
    in_text = Counter(_TEXT_URL.findall(rendered.text))
    missing = Counter(link for link in page.links if _scheme(link) in {"http", "https"}) - in_text
    for link in missing:
        yield Finding("text-parity", "warning", f"In the HTML, not in the plain text: {link}")


def _mso_balance(rendered: RenderedIssue, page: _Page) -> Iterator[Finding]:
    opened, closed = (len(mark.findall(rendered.html)) for mark in (_MSO_OPEN, _MSO_CLOSE))
    if opened != closed:
        yield Finding("mso-balance", "error", f"{opened} Outlook comments opened, {closed} closed.")


RULES: tuple[Callable[[RenderedIssue, _Page], Iterator[Finding]], ...] = (
    _html_size,
    _subject_length,
    _preheader_length,
    _placeholder,
    _link_scheme,
    _text_parity,
    _mso_balance,
)
