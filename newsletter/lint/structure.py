"""Rules about the page itself: what a screen reader, a mail client and a spam filter need to find in it."""

import re
from collections.abc import Iterator

from newsletter import budget
from newsletter.lint.mail import Hit, Mail
from newsletter.lint.page import Element, Page

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# What runs or is asked for in a mail: clients remove it, and filters count it.
_ACTIVE = frozenset({"script", "form", "iframe", "frame", "frameset", "object", "embed", "applet"})
_CONTROLS = frozenset({"input", "button", "select", "textarea"})
_REMOTE = re.compile(r"https?:|//", re.IGNORECASE)
_PIXELS = re.compile(r"\s*([01])(?:px)?\s*\Z")


def html_size(mail: Mail) -> Iterator[Hit]:
    """HTML that Gmail would clip."""
    size = len((mail.html or "").encode("utf-8", errors="replace"))
    if size >= budget.LARGE:
        level = "error" if size >= budget.CLIPPED else "warning"
        yield Hit(
            f"{size:,} bytes of HTML; Gmail hides what comes after about 102,000. Lower a limit.", level=level
        )


def doctype(mail: Mail) -> Iterator[Hit]:
    """A page that is laid out in quirks mode."""
    if (page := mail.page) and not (page.doctype and _is_html5(page)):
        yield Hit("No <!DOCTYPE html> at the start: clients lay the page out in quirks mode.", 0)


def _is_html5(page: Page) -> bool:
    token = page.doctype
    written = page.html[token.start : token.end].lower().split() if token else []
    # The transitional doctype of XHTML, which many mails have, is laid out in almost the same way.
    return written[:2] in (["<!doctype", "html>"], ["<!doctype", "html"])


def language(mail: Mail) -> Iterator[Hit]:
    """A page that does not say its language."""
    page = mail.page
    if (
        page
        and page.elements
        and not any((one.get("lang") or "").strip() for one in page.named("html", "body"))
    ):
        yield Hit(
            "No lang on <html>: a screen reader reads it in the language of its user.", page.elements[0].start
        )


def title(mail: Mail) -> Iterator[Hit]:
    """A page without a title."""
    page = mail.page
    if page and page.elements:
        found = next(page.named("title"), None)
        if found is None or not page.html[found.stop : found.end].partition("<")[0].strip():
            yield Hit("No <title>, or an empty one.", found.start if found else page.elements[0].start)


def charset(mail: Mail) -> Iterator[Hit]:
    """A page that says no charset, or another one than UTF-8."""
    page = mail.page
    if not page or not page.elements:
        return
    said = [(one, (one.get("charset") or _http_charset(one)).lower()) for one in page.named("meta")]
    said = [(one, name) for one, name in said if name]
    if not said and not page.html.isascii():
        yield Hit("No charset is said, and the page is not ASCII.", page.elements[0].start)
    for element, name in said:
        if name not in {"utf-8", "utf8"}:
            yield Hit(f"The charset is said to be {name}; mails go as UTF-8.", element.start)


def _http_charset(meta: Element) -> str:
    if (meta.get("http-equiv") or "").lower() != "content-type":
        return ""
    return (meta.get("content") or "").lower().partition("charset=")[2].strip()


def headings(mail: Mail) -> Iterator[Hit]:
    """Headings that give no outline."""
    page = mail.page
    if not page or not page.elements:
        return
    found = list(page.named(*_HEADINGS))
    tops = [one for one in found if one.name == "h1"]
    if not tops:
        yield Hit("No h1: nothing says what the mail is.", page.elements[0].start, kind="h1")
    for again in tops[1:]:
        yield Hit("A second h1; one says what the mail is.", again.start, kind="h1")
    before = 0
    for heading in found:
        level = int(heading.name[1])
        if before and level > before + 1:
            yield Hit(f"h{level} after h{before}: a level is skipped.", heading.start, kind="skipped")
        before = level
        if not page.text(heading) and not _has_alt(page, heading):
            yield Hit(f"An empty {heading.name}.", heading.start, kind="empty")


def _has_alt(page: Page, around: Element) -> bool:
    return any((image.get("alt") or "").strip() for image in inner(page, around) if image.name == "img")


def inner(page: Page, around: Element) -> Iterator[Element]:
    """The elements in another one, at most a hundred."""
    for element in page.elements[around.index + 1 : around.index + 100]:
        if element.start >= around.end:
            return
        yield element


def alt(mail: Mail) -> Iterator[Hit]:
    """Images that say nothing where they are not shown."""
    for image in mail.page.named("img") if mail.page else ():
        if image.get("alt") is None:
            yield Hit(
                f'No alt: write what the image says, or alt="" for decoration: {_source(image)}', image.start
            )


def image_size(mail: Mail) -> Iterator[Hit]:
    """Images whose room is not known before they are there."""
    for image in mail.page.named("img") if mail.page else ():
        missing = [name for name in ("width", "height") if not (image.get(name) or "").strip()]
        # A height that follows the width is written as style="height:auto".
        if "width" in missing or (missing and "height" not in (image.get("style") or "")):
            yield Hit(f"No {' and no '.join(missing)} on an image: {_source(image)}", image.start)


def layout_tables(mail: Mail) -> Iterator[Hit]:
    """Tables for layout that a screen reader counts as tables."""
    page = mail.page
    if not page:
        return
    data = {table for cell in page.named("th", "caption") for table in _nearest_table(page, cell)}
    for table in page.named("table"):
        role = (table.get("role") or "").lower()
        if role not in {"presentation", "none"} and table.index not in data:
            yield Hit('A table without <th> and without role="presentation".', table.start)


def _nearest_table(page: Page, cell: Element) -> Iterator[int]:
    for steps, element in enumerate(page.around(cell)):
        if element.name == "table":
            yield element.index
        if element.name == "table" or steps > 4:
            return


def active(mail: Mail) -> Iterator[Hit]:
    """What runs, or sends something, in a mail."""
    for element in mail.page.elements if mail.page else ():
        if element.name in _ACTIVE or (element.name in _CONTROLS and not element.outlook):
            yield Hit(
                f"<{element.name}>: mail clients remove it or do not send it.", element.start, kind="element"
            )
        elif element.name == "meta" and (element.get("http-equiv") or "").lower() == "refresh":
            yield Hit("A page that sends the reader elsewhere by itself.", element.start, kind="element")
        for attribute in element.attributes:
            if attribute.name.startswith("on") and len(attribute.name) > 3:
                message = f"{attribute.name}=…: no mail client runs it."
                yield Hit(message, attribute.at, kind="handler")
            elif attribute.name in {"href", "src", "action", "background"} and _runs(attribute.value):
                scheme = attribute.value.strip().partition(":")[0].lower()
                yield Hit(
                    f"{scheme}: in {attribute.name}: filters and clients refuse it.",
                    attribute.start,
                    kind=scheme,
                )


def _runs(address: str) -> bool:
    # Controls and blanks are no part of a scheme, as browsers read it.
    start = "".join(sign for sign in address[:40] if sign > " ").lower()
    return start.startswith(("javascript:", "vbscript:", "data:"))


def pixels(mail: Mail) -> Iterator[Hit]:
    """Images that only tell that a mail was opened."""
    for image in mail.page.named("img") if mail.page else ():
        sides = [_PIXELS.match(image.get(side) or "") for side in ("width", "height")]
        if all(sides):
            yield Hit(f"An image of one pixel tells on the reader: {_source(image)}", image.start)


def remote(mail: Mail) -> Iterator[Hit]:
    """What is fetched from elsewhere when a mail is opened."""
    page = mail.page
    if not page:
        return
    for element in page.elements:
        if element.name in {"img", "source", "video", "audio", "input"} and _REMOTE.match(
            element.get("src") or ""
        ):
            yield Hit(
                f"Fetched when the mail is opened, and often not shown: {_source(element)}",
                element.start,
                kind="image",
            )
        elif element.name == "link" and "stylesheet" in (element.get("rel") or "").lower():
            message = f"A style sheet from elsewhere: {element.get('href') or ''}"
            yield Hit(message, element.start, kind="sheet")
        elif _REMOTE.match(background := element.get("background") or ""):
            yield Hit(f"A background from elsewhere: {background}", element.start, kind="image")
    for block in page.blocks:
        for rule in block.sheet.at_rules:
            if rule.text.lower().startswith("@import"):
                yield Hit(f"A style sheet from elsewhere: {rule.text}", block.start + rule.at, kind="sheet")


def _source(element: Element) -> str:
    source = element.get("src") or "no src"
    return source if len(source) <= 80 else f"{source[:79]}…"


def mso_balance(mail: Mail) -> Iterator[Hit]:
    """Comments for Outlook that are not closed, or hold half an element."""
    page = mail.page
    if not page:
        return
    if len(page.opened) != len(page.closed):
        places = [*page.opened, *page.closed]
        message = f"{len(page.opened)} Outlook comments opened, {len(page.closed)} closed."
        yield Hit(message, min(places), level="error", kind="comments")
    for name, more in sorted(page.unpaired.items()):
        if more and ":" not in name and name not in {"p", "li", "html", "body", "xml"}:
            what = f"{abs(more)} <{name}> {'not closed' if more > 0 else 'closed but not opened'}"
            yield Hit(
                f"In the comments for Outlook: {what}.", page.opened[0] if page.opened else -1, kind=name
            )


def vml(mail: Mail) -> Iterator[Hit]:
    """Vector markup that others than Outlook would get, or that Outlook would not take for it."""
    page = mail.page
    if not page:
        return
    root = next(page.named("html"), None)
    for element in page.elements:
        prefix, colon, _ = element.name.partition(":")
        if not colon or prefix not in {"v", "o", "w"}:
            continue
        if not element.outlook:
            yield Hit(f"<{element.name}> outside of a comment for Outlook.", element.start, kind="outside")
        elif (
            prefix == "v" and (root is None or root.get("xmlns:v") is None) and element.get("xmlns:v") is None
        ):
            yield Hit(
                f"<{element.name}> without xmlns:v: Outlook shows nothing.", element.start, kind="namespace"
            )
