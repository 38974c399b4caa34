"""What answers an ask → the bytes of a letter.

Owns the two letters of double opt-in: the one that asks for a yes, and the one for a reader of the list. They
wear the default look. Nothing that was typed into a form stands in one, not even the address it goes to, so
that nobody can have us write their words to a stranger. Never decides whether a letter may go.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter import message, rendering, templating
from newsletter.model import Cadence, Choice, MailingList, ReaderLinks, RenderedIssue
from newsletter.templating import Look

# The folder of their templates, beside the looks, and the styles that no issue has.
FOLDER = "letters"
_STYLES = "letter.css"


@dataclass(frozen=True, slots=True)
class Letter:
    """What every letter needs to know.

    recipient: an address. name: what stands for this letter alone, the same each time it is made. sent_at:
    aware.
    """

    list: MailingList
    choice: Choice
    recipient: str
    name: str
    sent_at: datetime


def dressed(letters: Look, look: Look) -> Look:
    """The templates of letters with the styles of a look, and all that these need."""
    styles = f"{look.files.get(rendering.STYLES, '')}\n{letters.files.get(_STYLES, '')}"
    files = {**look.files, **letters.files, rendering.STYLES: styles}
    return Look(letters.name, files, {**look.places, **letters.places})


def confirm(letter: Letter, *, look: Look, link: str, life: timedelta) -> bytes:
    """The mail that asks for a yes. link: where it is said. life: how long the link works.

    It has no List-Unsubscribe: whoever gets it is on no list, and doing nothing is how one stays off it.
    Source: RFC 2369 §3.2, RFC 8058 §1; Google's guidelines for subscription messages, which leave out what
    answers a user's own request (support.google.com/a/answer/15263077).
    """
    rendered = _rendered("confirm", letter, look, {"link": link, "days": life.days})
    return _composed(letter, rendered, None)


def known(letter: Letter, *, look: Look, links: ReaderLinks) -> bytes:
    """The mail to somebody who is on the list already, with all that an issue has to choose and to leave."""
    return _composed(letter, _rendered("known", letter, look, {"links": links}), links)


def _composed(letter: Letter, rendered: RenderedIssue, links: ReaderLinks | None) -> bytes:
    return message.letter(
        rendered,
        list=letter.list,
        links=links,
        recipient=letter.recipient,
        name=letter.name,
        sent_at=letter.sent_at,
    )


def _rendered(kind: str, letter: Letter, look: Look, more: dict[str, object]) -> RenderedIssue:
    titles = {theme.slug: theme.title for theme in letter.list.themes}
    values: dict[str, object] = {
        "list": letter.list,
        "themes": [titles[slug] for slug in letter.choice.themes if slug in titles],
        "monthly": letter.choice.cadence is Cadence.MONTHLY,
        **more,
    }
    files = tuple(sorted(look.files.items()))
    plain, markup = (rendering.environment(files, escape=each) for each in (False, True))
    for line in ("subject", "preheader"):
        values[line] = " ".join(templating.fill(plain, look, f"{kind}.{line}.txt.j2", values).split())
    source = templating.fill(markup, look, f"{kind}.mjml.j2", values)
    text = templating.fill(plain, look, f"{kind}.txt.j2", values)
    return RenderedIssue(
        subject=str(values["subject"]),
        preheader=str(values["preheader"]),
        html=rendering.html(look, source, entry=f"{kind}.mjml.j2"),
        text=rendering.text_body(text),
    )
