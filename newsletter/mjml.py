"""MJML source → the HTML of a mail, with its styles in the elements.

Owns the two engines (mrml through mjml-python, and premailer), what has to be put right before and
after each of them, and the check that the result is whole. Knows nothing of issues, looks or templates:
whoever renders a template says where a SourceError comes from. Never opens a connection.
"""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import ModuleType
from typing import Any

from mjml import mjml2html


@contextmanager
def _without_http_client() -> Iterator[None]:
    """Lets premailer load without `requests`, which it imports to fetch stylesheets from the web.

    No mail of ours may fetch anything: with an empty module in its place premailer cannot, whatever its
    options say. Loading the client would also take a tenth of a whole render (measured: 0.06 of 0.6 s).
    """
    loaded = sys.modules.get("requests")
    sys.modules["requests"] = ModuleType("requests")
    try:
        yield
    finally:
        del sys.modules["requests"]
        if loaded is not None:
            sys.modules["requests"] = loaded


with _without_http_client():
    import cssutils
    from premailer import Premailer


class _Offline(Premailer):  # type: ignore[misc]  # it comes without types
    """premailer, whose parser of CSS would follow an @import to a file or an address of any kind."""

    def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:
        return _stylesheet(css_body)


# Parsing a stylesheet takes five times as long as all the rest of inlining it.
@lru_cache(maxsize=8)
def _stylesheet(css: str) -> Any:
    return cssutils.CSSParser(fetcher=_nothing).parseString(css, validate=False)


def _nothing(address: str) -> None:
    """What any address gives: no stylesheet."""


# Elements that HTML lets stand without an end tag, and mrml too.
_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})

# Levels of open elements. mrml recurses: 5,000 are read, 20,000 end the process. No mail needs 100.
_DEEPEST = 100

# One token of MJML: a comment, a style block, a title or a tag. What is between tokens is text.
_TOKEN = re.compile(
    r"""<!--.*?-->
    | <(?P<opaque>style|mj-style)\b(?:[^>"']|"[^"]*"|'[^']*')*(?<!/)>.*?</(?P=opaque)\s*>
    | <(?P<end>/?)(?P<name>[A-Za-z][\w:-]*)(?P<attributes>(?:[^>"']|"[^"]*"|'[^']*')*)>""",
    re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""")
_BREAKS = re.compile(r"[ \t\n]+")
_STYLE = re.compile(r' style="([^"]*)"')
_TITLE = re.compile(r"(<mj-title[^>]*>)([^<]*)")

# Tab and newline stay; the other controls and lone surrogates mean nothing in a mail and break its readers.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# mrml's tokenizer panics at a conditional comment whose marks are written in any other way.
_LOOSE_COMMENT = re.compile(r"<!\[endif\](?!-->)|<!--\[if(?![^\]>]*\]>)")

# Keeps premailer's hands off a style block.
_MARK = ' data-premailer="ignore"'

_POSITION = re.compile(r"position (\d+):")


class SourceError(ValueError):
    """MJML that cannot become a mail. `text` is the piece of source where it shows, or ""."""

    def __init__(self, problem: str, text: str = "") -> None:
        self.problem = problem
        self.text = text
        super().__init__(problem)


def to_html(source: str, *, css: str) -> str:
    """A whole HTML document, every rule of `css` written into the elements it selects.

    Style blocks in the source stay as they are, for the clients that read them (phones, dark mode).
    Raises: SourceError.
    """
    html = _inline(_convert(prepare(source)), css)
    if not html.startswith("<!DOCTYPE html>"):
        raise SourceError("the HTML lost its doctype: mail clients would lay it out in quirks mode")
    opened, closed = html.count("<!--[if "), html.count("<![endif]-->")
    if opened != closed:
        raise SourceError(
            f"{opened} comments for Outlook are opened and {closed} are closed: write each as a pair"
        )
    return html


def without_controls(text: str) -> str:
    """The text without control characters (but tab and newline) and lone surrogates."""
    return _CONTROLS.sub("", text)


def prepare(source: str) -> str:
    """The same MJML in the only spelling that mrml prints back unharmed.

    mrml 6.0.1 prints attributes (and the title, which it copies into one) as Rust's debug format:
    a backslash, a line break, a combining or invisible character comes out as an escape sequence, and
    a `"` closes the attribute. Numeric references pass, so everything but ASCII becomes one.
    Raises: SourceError, where tags do not match, because mrml does not compare their names.
    """
    source = without_controls(source)
    if loose := _LOOSE_COMMENT.search(source):
        raise SourceError("write a comment for Outlook as <!--[if mso]>…<![endif]-->", loose.group())
    _check_nesting(source)
    pieces, done = [], 0
    for token in _TOKEN.finditer(source):
        pieces += [_prepare_text(source[done : token.start()]), _prepare_token(token)]
        done = token.end()
    pieces.append(_prepare_text(source[done:]))
    return _TITLE.sub(lambda title: title[1] + _one_line(title[2]), "".join(pieces))


def _prepare_text(text: str) -> str:
    _, bare, rest = text.partition("<")
    if bare:
        raise SourceError("a < that begins no tag; write &lt;", bare + rest)
    return _ascii(text)


def _prepare_token(token: re.Match[str]) -> str:
    if token["name"] is None:
        return token.group()
    return _ascii(_ATTRIBUTE.sub(_requote, token.group()))


def _requote(attribute: re.Match[str]) -> str:
    value = attribute["double"] if attribute["double"] is not None else attribute["single"]
    return f'="{_one_line(value)}"'


def _one_line(text: str) -> str:
    return _ascii(_BREAKS.sub(" ", text).strip(" ").replace("\\", "&#92;").replace('"', "&quot;"))


def _ascii(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _check_nesting(source: str) -> None:
    open_tags: list[re.Match[str]] = []
    for tag in _TOKEN.finditer(source):
        if tag["name"] is None or tag["name"].lower() in _VOID or tag["attributes"].endswith("/"):
            continue
        if not tag["end"]:
            open_tags.append(tag)
            if len(open_tags) > _DEEPEST:
                raise SourceError(f"elements are nested more than {_DEEPEST} deep", tag.group())
        elif not open_tags:
            raise SourceError(f"</{tag['name']}> closes an element that is not open", tag.group())
        elif (opened := open_tags.pop())["name"] != tag["name"]:
            raise SourceError(f"<{opened['name']}> is closed by </{tag['name']}>", opened.group())
    if open_tags:
        raise SourceError(f"<{open_tags[-1]['name']}> is never closed", open_tags[-1].group())


def _convert(source: str) -> str:
    try:
        # Without `fonts={}` a font name that Google hosts becomes a link to Google in the mail.
        return mjml2html(source, fonts={}, disable_comments=True)
    except ValueError as err:
        raise SourceError(f"MJML refuses it: {err}", _line_at(source, str(err))) from err
    except BaseException as err:
        # A panic inside mrml derives from BaseException, like the interrupt that must pass.
        if type(err).__name__ != "PanicException":
            raise
        raise SourceError(f"MJML broke down on it ({err})") from err


def _line_at(source: str, message: str) -> str:
    """The line of the byte position that mrml's message names: where nesting ran out, near the mistake."""
    if not (position := _POSITION.search(message)):
        return ""
    before = source.encode()[: int(position[1])].decode(errors="ignore")
    return source.split("\n")[before.count("\n")].strip()


def _inline(html: str, css: str) -> str:
    """The document with `css` in its elements, and what MJML and premailer leave behind put right."""
    # premailer drops a doctype written in lower case, and rewrites each style block that is not marked.
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1)
    html = html.replace("<style", f"<style{_MARK}")
    # mj-button leaves an attribute that HTML does not know.
    html = html.replace(' vertical-align="middle"', "")
    # mj-preview is white and 1 px high besides not being displayed, which SpamAssassin counts as a trick
    # (HTML_FONT_LOW_CONTRAST 0.7, FONT_INVIS_MSGID 1.0).
    white = '<div style="display:none;font-size:1px;color:#ffffff;line-height:1px;'
    html = html.replace(white, '<div style="display:none;', 1)
    inliner = _Offline(
        html,
        css_text=[css],
        keep_style_tags=True,
        disable_leftover_css=True,
        strip_important=False,
        allow_network=False,
        disable_validation=True,
        disable_basic_attributes=["width", "height", "bgcolor", "align", "valign"],
        cssutils_logging_level=logging.CRITICAL,
    )
    result: str = inliner.transform(pretty_print=False)
    return _TOKEN.sub(_finish, result)


def _finish(token: re.Match[str]) -> str:
    name, attributes = token["name"], token["attributes"]
    if name is None:
        return token.group().replace(_MARK, "")
    if name.startswith("mj-"):
        raise SourceError(f"<{name}> is unknown to MJML, or stands where it cannot", f"<{name}")
    # premailer writes a blank after each declaration: 2 % of a mail, whose bytes count.
    attributes = _STYLE.sub(lambda style: style.group().replace("; ", ";"), attributes)
    # premailer's serializer leaves these bare in attributes, where `<!--[if mso]>` in the title of a
    # paper would look like a comment for Outlook.
    return f"<{token['end']}{name}{attributes.replace('<', '&lt;').replace('>', '&gt;')}>"
