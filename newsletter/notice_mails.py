"""What those who run lists are told → the bytes of a mail.

Owns how a notice looks, and how a draft is brought: the issue as its readers will get it, with what its
editor needs to know above it. A notice makes the same Message-ID each time, so that one that comes twice is
known by it (RFC 7352). Never decides who gets one, or whether it may go.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from newsletter import message, rendering, templating
from newsletter.model import MailingList, Notice, RenderedIssue
from newsletter.templating import Look

# What parts the columns of a text.
_GAP = re.compile(" {2,}")
# Characters of a preheader.
_PREHEADER = 100
# Where what stands above the issue goes: its styles, and itself.
_HEAD_ENDS = re.compile(r"</head\s*>", re.IGNORECASE)
_BODY_BEGINS = re.compile(r"<body\b[^>]*>", re.IGNORECASE)


class Row(NamedTuple):
    """A row of a table in a text. indent: spaces before its first cell."""

    indent: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Brief:
    """What an editor is told above a draft.

    sections: the title of each with the number of its papers. findings: what would go wrong in a mail client.
    misses: papers that nearly came in, with their scores. lacking: what could not be collected, "" for
    nothing. link: where it is approved, "" where no site serves that.
    """

    sections: tuple[tuple[str, int], ...] = ()
    findings: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()
    lacking: str = ""
    link: str = ""


def plain(notice: Notice, *, list: MailingList, recipient: str, look: Look, sent_at: datetime) -> bytes:
    """The mail that says a notice.

    look: of letters (`letters.dressed`). sent_at: aware. Raises: RenderError.
    """
    paragraphs = [block.split("\n") for block in notice.text.strip().split("\n\n")]
    first = rendering.shorten(notice.text, _PREHEADER)
    values = {"list": list, "subject": notice.subject, "preheader": first, "paragraphs": paragraphs}
    values["tables"] = [_rows(lines) for lines in paragraphs]
    rendered = RenderedIssue(
        subject=notice.subject,
        preheader=first,
        html=rendering.html(look, _filled(look, "notice.mjml.j2", values), entry="notice.mjml.j2"),
        text=rendering.text_body(_filled(look, "notice.txt.j2", values)),
    )
    return _composed(notice, rendered, list=list, recipient=recipient, sent_at=sent_at)


def draft(
    notice: Notice,
    brief: Brief,
    rendered: RenderedIssue,
    *,
    list: MailingList,
    recipient: str,
    look: Look,
    sent_at: datetime,
) -> bytes:
    """The mail that brings a draft, with its editor's part above the issue. rendered: as readers get it.

    look: of letters. Raises: RenderError.
    """
    about, _, rest = notice.subject.partition(": ")
    values = {"brief": brief, "paragraphs": notice.text.split("\n\n"), "subject": rendered.subject}
    above = _filled(look, "brief.html.j2", values)
    styles = _filled(look, "brief.css.j2", values)
    with_styles = _HEAD_ENDS.sub(lambda end: f"<style>{styles}</style>{end[0]}", rendered.html, count=1)
    body = _BODY_BEGINS.search(with_styles)
    at = body.end() if body else 0
    shown = replace(
        rendered,
        subject=f"{about}: {rendered.subject} ({rest})",
        html=f"{with_styles[:at]}{above}{with_styles[at:]}",
        text=rendering.text_body(_filled(look, "brief.txt.j2", values) + "\n" + rendered.text),
    )
    return _composed(notice, shown, list=list, recipient=recipient, sent_at=sent_at)


def _rows(lines: Iterable[str]) -> tuple[Row, ...]:
    """The rows of a paragraph that stands in columns, two spaces or more apart; none of one that does not."""
    rows = [Row(len(line) - len(line.lstrip()), _GAP.split(line.strip())) for line in lines]
    return tuple(rows) if any(len(row.cells) > 1 for row in rows) else ()


def _filled(look: Look, name: str, values: dict[str, object]) -> str:
    files = tuple(sorted(look.files.items()))
    within = rendering.environment(files, escape=not name.endswith(".txt.j2"))
    return templating.fill(within, look, name, values)


def _composed(
    notice: Notice, rendered: RenderedIssue, *, list: MailingList, recipient: str, sent_at: datetime
) -> bytes:
    return message.letter(
        rendered, list=list, links=None, recipient=recipient, name=notice.key, sent_at=sent_at
    )
