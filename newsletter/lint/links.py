"""Rules about links: where they go, and whether a reader can tell."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from newsletter.lint.mail import Hit, Mail
from newsletter.lint.page import Element, Page
from newsletter.lint.structure import inner

_SCHEMES = frozenset({"https", "mailto", "tel"})
# What a template or an earlier tool leaves behind: {{ name }}, {% if %}, %%name%%, *|NAME|*, [[name]],
# XX-name-XX, <%= name %>.
_PLACEHOLDER = re.compile(
    r"\{\{\s*[\w.|-]{1,60}\s*\}\}|\{%[^%\n]{1,60}%\}|%%\w{1,40}%%|\*\|[\w:]{1,40}\|\*|\[\[\w{1,40}\]\]"
    r"|\bXX-[\w-]{1,40}-XX\b|<%=[^%\n]{1,60}%>"
)
# Words that say nothing of where a link goes.
_EMPTY_WORDS = frozenset(
    {
        "here",
        "click",
        "click here",
        "link",
        "this",
        "this link",
        "more",
        "read more",
        "learn more",
        "see more",
    }
)
# What belongs to the sentence around an address and not to the address.
_SENTENCE = ".,;:!?'\"»”’>]}"
# RFC 2606 and 6761: names that are nobody's, kept for examples and tests.
_EXAMPLES = re.compile(r"(?:.*\.)?(?:example|test|invalid|example\.(?:com|net|org))")
_LOCAL = re.compile(
    r"(?:.*\.)?(?:localhost|local|internal|lan)|127\.[\d.]+|10\.[\d.]+|192\.168\.[\d.]+|0\.0\.0\.0|::1"
    r"|172\.(?:1[6-9]|2\d|3[01])\.[\d.]+"
)


def addresses(page: Page) -> list[tuple[Element, str]]:
    """Each link that all but Outlook read, with its address as it is written."""
    found = ((one, one.get("href")) for one in page.named("a", "area"))
    return [(one, href) for one, href in found if href is not None]


def scheme(mail: Mail) -> Iterator[Hit]:
    """Links that lead nowhere, or not safely."""
    for element, href in addresses(mail.page) if mail.page else ():
        if href.startswith("#") or split(href)[0] in _SCHEMES or _PLACEHOLDER.search(href):
            continue
        level = "warning" if split(href)[0] == "http" else "error"
        yield Hit(
            f"Neither https nor mailto: {href.strip() or 'an empty link'}",
            _at(element),
            level=level,
            kind=level,
        )


def anchors(mail: Mail) -> Iterator[Hit]:
    """Links into the mail itself."""
    for element, href in addresses(mail.page) if mail.page else ():
        if href.startswith("#"):
            message = f"A link within the mail does nothing in Gmail's apps: {href}"
            yield Hit(message, _at(element))


def ends(mail: Mail) -> Iterator[Hit]:
    """Addresses that carry a piece of their sentence, or cannot stand as they are."""
    for element, href in addresses(mail.page) if mail.page else ():
        if split(href)[0] not in {"http", "https"}:
            continue
        if in_sentence(href):
            yield Hit(
                f"The address ends with the {href[-1]} of its sentence: {href}", _at(element), kind="end"
            )
        elif any(sign.isspace() or not sign.isprintable() or sign in '<>"' for sign in href):
            yield Hit(f"Blanks, controls or quotes in an address: {href}", _at(element), kind="signs")


def hosts(mail: Mail) -> Iterator[Hit]:
    """Hosts that no reader reaches."""
    # The preview and the sample use names of RFC 2606 throughout. In the mail of a real sender they
    # have slipped in.
    real = bool(mail.sender_domain) and not _EXAMPLES.fullmatch(mail.sender_domain)
    for element, href in addresses(mail.page) if mail.page else ():
        name, host = split(href)
        if name not in {"http", "https"}:
            continue
        if not host or _LOCAL.fullmatch(host):
            yield Hit(
                f"No reader reaches {host or 'an address without a host'}: {href}", _at(element), kind=host
            )
        elif real and _EXAMPLES.fullmatch(host):
            yield Hit(f"A host that is kept for examples: {href}; set base_url", _at(element), kind=host)


def words(mail: Mail) -> Iterator[Hit]:
    """Links that do not say where they go."""
    page = mail.page
    for element, _ in addresses(page) if page else ():
        name = _name(page, element) if page else ""
        if not name and element.name == "a":
            yield Hit(
                "A link without text: a screen reader spells its address.",
                element.start,
                "html",
                "error",
                "none",
            )
        elif name.lower().strip(" .…›»→>") in _EMPTY_WORDS:
            yield Hit(f"{name!r} does not say where the link goes.", element.start, kind="words")


def twins(mail: Mail) -> Iterator[Hit]:
    """Links that are called alike and lead to different places."""
    page = mail.page
    goes: dict[str, str] = {}
    for element, href in addresses(page) if page else ():
        name = _name(page, element).lower() if page else ""
        if name and goes.setdefault(name, href) != href:
            message = (
                f"Another link is called {name!r} too and goes elsewhere; tell them apart with aria-label"
            )
            yield Hit(message, element.start, kind=name)


def placeholders(mail: Mail) -> Iterator[Hit]:
    """What a template left unfilled."""
    page = mail.page
    for element in page.elements if page else ():
        for attribute in element.attributes:
            if found := _PLACEHOLDER.search(attribute.value):
                what = "A link still holds" if attribute.name == "href" else f"{attribute.name} still holds"
                message = (
                    f"{what} a placeholder: {attribute.value if attribute.name == 'href' else found.group()}"
                )
                yield Hit(message, attribute.start, kind="attribute")
    texts = [("html", at, text) for at, text in (page.texts if page else ())]
    texts += [
        ("text", 0, mail.text or ""),
        ("subject", 0, mail.subject or ""),
        ("preheader", 0, mail.preheader or ""),
    ]
    for part, start, text in texts:
        for found in _PLACEHOLDER.finditer(text):
            # A paper may well be about templates: what its text says is none of ours.
            message = f"It reads like a placeholder: {found.group()}"
            yield Hit(message, start + found.start(), part, "warning", part)


def split(href: str) -> tuple[str, str]:
    """Scheme and host of an address, in lower case; "" for what it has not."""
    try:
        parts = urlsplit(href.strip())
        return parts.scheme.lower(), (parts.hostname or "").lower()
    except ValueError:  # "https://[" and other broken hosts
        return "", ""


def in_sentence(address: str) -> bool:
    """Whether the last character of an address belongs to the sentence around it."""
    last = address[-1:]
    return bool(last) and (last in _SENTENCE or (last == ")" and address.count("(") < address.count(")")))


def _name(page: Page, element: Element) -> str:
    """What a screen reader calls a link."""
    label = (element.get("aria-label") or "").strip()
    if label or element.name == "area":
        return label or (element.get("alt") or "").strip()
    text = page.text(element)
    return (
        text
        or " ".join(
            (image.get("alt") or "").strip() for image in inner(page, element) if image.name == "img"
        ).strip()
        or (element.get("title") or "").strip()
    )


def _at(element: Element) -> int:
    href = element.attribute("href")
    return href.start if href else element.start
