"""Rules about the words: the text part beside the HTML, and the line that an inbox shows."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from newsletter.lint import links
from newsletter.lint.links import addresses, split
from newsletter.lint.mail import Hit, Mail

# Characters of a subject that a phone's inbox shows.
_SUBJECT = 70
# Characters of a preheader: fewer and the inbox fills up with the next text, more are cut.
_PREHEADER = range(30, 141)
# Columns of a text part. Source: RFC 5322 §2.1.1.
_COLUMNS = 78
# Letters of a subject from which on capitals alone are shouting rather than an abbreviation.
_SHOUTED = 8

# Characters behind an address that may belong to its sentence: "…).".
_TRIMMED = 10

_URL = re.compile(r"https?://[^\s<>\"]+")
_REPLY = re.compile(r"\s*(?:re|fwd?|aw|wg|sv|tr)\s*(?:\[\d+\])?:", re.IGNORECASE)
_NO_LETTERS = re.compile(r"[\W_]+")
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u20e3]")


def text_missing(mail: Mail) -> Iterator[Hit]:
    """A mail without a text part."""
    if mail.html is not None and mail.text is not None and not mail.text.strip():
        yield Hit("The text part is empty; some readers see only that.", part="text")
    elif mail.raw is not None and mail.text is None:
        yield Hit("There is no text part; filters count that, and some readers see only text.", part="text")


def text_parity(mail: Mail) -> Iterator[Hit]:
    """Links that only one of the two parts has."""
    page = mail.page
    if not page or not mail.text:
        return
    shown = [(element, href) for element, href in addresses(page) if split(href)[0] in {"http", "https"}]
    known = {href for _, href in shown}
    found = [(match.start(), _trimmed(match.group(), known)) for match in _URL.finditer(mail.text)]
    missing = Counter(href for _, href in shown) - Counter(url for _, url in found)
    for element, href in reversed(shown):
        if missing[href]:
            missing[href] -= 1
            yield Hit(f"In the HTML, not in the plain text: {href}", element.start, kind="html")
    more = Counter(url for _, url in found) - Counter(href for _, href in shown)
    for at, url in reversed(found):
        if more[url]:
            more[url] -= 1
            yield Hit(f"In the plain text, not in the HTML: {url}", at, "text", kind="text")


def _trimmed(url: str, known: set[str]) -> str:
    """An address in running text, without what belongs to the sentence."""
    for _ in range(_TRIMMED):
        if url in known or not links.in_sentence(url):
            break
        url = url[:-1]
    return url


def title_parity(mail: Mail) -> Iterator[Hit]:
    """Headings of the HTML that the text part does not have."""
    page = mail.page
    if not page or not mail.text or not mail.text.strip():
        return
    said = _letters(mail.text)
    for heading in page.named("h1", "h2", "h3"):
        words = page.text(heading)
        if (letters := _letters(words)) and letters not in said:
            yield Hit(f"Not in the plain text: {words}", heading.start)


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())


def text_columns(mail: Mail) -> Iterator[Hit]:
    """Lines of the text part that wrap in a window of eighty columns."""
    at = 0
    for line in (mail.text or "").split("\n"):
        if len(line) > _COLUMNS and "://" not in line and " " in line.strip():
            yield Hit(f"A line of {len(line)} columns; {_COLUMNS} fit everywhere.", at, "text")
        at += len(line) + 1


def subject_length(mail: Mail) -> Iterator[Hit]:
    """A subject that says nothing, or that a phone cuts."""
    if mail.subject is None:
        return
    length = len(mail.subject.strip())
    if not length:
        yield Hit("The subject is empty.", -1, "subject", "error")
    elif length > _SUBJECT:
        yield Hit(f"{length} characters; a phone shows about {_SUBJECT}.", _SUBJECT, "subject")


def subject_manner(mail: Mail) -> Iterator[Hit]:
    """A subject that looks like spam, or like an answer."""
    subject = mail.subject or ""
    if _REPLY.match(subject):
        yield Hit("It looks like an answer or a forwarded mail.", 0, "subject")
    letters = [sign for sign in subject if sign.isalpha()]
    if len(letters) > _SHOUTED and "".join(letters).isupper():
        yield Hit("Capitals only: filters count that as shouting.", 0, "subject")
    if found := _PICTURES.search(subject):
        yield Hit(
            f"A picture sign ({_named(found.group())}): many inboxes show a box.", found.start(), "subject"
        )


def inbox_signs(mail: Mail) -> Iterator[Hit]:
    """Characters that turn an inbox line around, or break it."""
    for part, line in (("subject", mail.subject), ("preheader", mail.preheader)):
        for at, sign in enumerate(line or ""):
            # Overrides of the direction are format characters, and so are joiners, which belong to letters.
            if (
                unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"}
                or unicodedata.bidirectional(sign) in _TURNING
            ):
                yield Hit(f"An invisible character ({_named(sign)}).", at, part, kind=part)


_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def _named(sign: str) -> str:
    return f"U+{ord(sign):04X}"


def preheader_length(mail: Mail) -> Iterator[Hit]:
    """A preheader that leaves room for what comes next, or is cut."""
    length = len(mail.preheader.strip()) if mail.preheader is not None else _PREHEADER.start
    if length not in _PREHEADER:
        low, high = _PREHEADER.start, _PREHEADER.stop - 1
        yield Hit(f"{length} characters; {low} to {high} read well.", -1, "preheader")


def preheader_repeats(mail: Mail) -> Iterator[Hit]:
    """A preheader that says the subject again."""
    subject, preheader = _letters(mail.subject or ""), _letters(mail.preheader or "")
    if subject and preheader and (preheader.startswith(subject) or preheader == subject):
        yield Hit("It begins with the subject, which stands beside it.", 0, "preheader")
