"""What the rules look at, and what they answer: the parts of one mail, and places in them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from newsletter.lint.cascade import Cascade
from newsletter.lint.page import Page
from newsletter.lint.parts import Wire, unpack
from newsletter.model import Finding

# Findings of one kind that are told one by one; the last of them says how many more there are.
_TOLD = 3
# Characters of a message: an address or a title in it may be as long as it likes.
_LONGEST = 300


class Hit(NamedTuple):
    """One place where a rule is broken. at: an offset in the part, -1 for the whole of it.

    level: where it is not that of the rule. kind: what it is told together with, besides the rule.
    """

    message: str
    at: int = -1
    part: str = "html"
    level: str = ""
    kind: str = ""


@dataclass
class Mail:
    """One mail, as far as it is at hand: None for a part that is not."""

    subject: str | None = None
    preheader: str | None = None
    html: str | None = None
    text: str | None = None
    raw: bytes | None = None

    @cached_property
    def page(self) -> Page | None:
        """The HTML as a tree."""
        return None if self.html is None else Page(self.html)

    @cached_property
    def cascade(self) -> Cascade | None:
        """What the styles of the HTML come to."""
        return None if self.page is None else Cascade(self.page)

    @cached_property
    def wire(self) -> Wire | None:
        """The mail as it travels."""
        return None if self.raw is None else unpack(self.raw)

    @cached_property
    def sender_domain(self) -> str:
        """The domain behind the @ of the sender, "" where none is known."""
        return self.wire.sender_domain if self.wire else ""


class Rule(NamedTuple):
    """What is watched. why: what happens otherwise, in a sentence; source: where that is known from."""

    slug: str
    level: str
    why: str
    source: str
    find: Callable[[Mail], Iterator[Hit]]


def findings(rule: Rule, mail: Mail) -> Iterator[Finding]:
    """What a rule finds, by place, many of one kind told together."""
    kinds: dict[tuple[str, str], list[Hit]] = {}
    for hit in rule.find(mail):
        kinds.setdefault((hit.level or rule.level, hit.kind), []).append(hit)
    found: list[tuple[tuple[str, int], Finding]] = []
    for (level, _), hits in kinds.items():
        hits.sort(key=lambda hit: (hit.part, hit.at))
        for number, hit in enumerate(hits[:_TOLD], start=1):
            rest = len(hits) - _TOLD if number == _TOLD else 0
            more = f" (and {rest} more)" if rest > 0 else ""
            line, column = _place(mail, hit)
            message = _short(hit.message) + more
            finding = Finding(rule.slug, level, message, hit.part, line, column)
            found.append(((hit.part, hit.at), finding))
    found.sort(key=lambda entry: entry[0])
    return (finding for _, finding in found)


def _place(mail: Mail, hit: Hit) -> tuple[int, int]:
    if hit.at < 0:
        return 0, 0
    if hit.part == "html" and mail.page:
        return mail.page.place(hit.at)
    if hit.part == "headers" and mail.wire:
        return mail.wire.place(hit.at)
    if hit.part == "text" and mail.text:
        before = mail.text[: hit.at]
        return before.count("\n") + 1, hit.at - before.rfind("\n")
    return 1, hit.at + 1


def _short(message: str) -> str:
    """The message in one line, without what would command a terminal."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in message[: 2 * _LONGEST]).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
