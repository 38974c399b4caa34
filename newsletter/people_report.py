"""What readers look like to a person at a terminal and to another program.

The JSON shapes here are a contract: other programs rely on their names. Reads and writes nothing itself.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from newsletter import recipients
from newsletter.model import Choice, Consent, Subscription, SubscriptionStatus
from newsletter.report import Rows, counted

if TYPE_CHECKING:  # it takes as long to load as a whole render, which needs none
    from newsletter.roster import LeftOut
    from newsletter.subscribe import Imported, Person

# What became of rows of an import, in the order in which it is told.
_CAME = {
    "added": "added",
    "known": "on the list already; nothing changed",
    "left": "left the list; only they can come back",
    "suppressed": "must not be written to",
    "again": "the same address as in a row above",
    "wrong": "not to be read",
}


def subscriptions_table(found: Iterable[Subscription]) -> Rows:
    """Subscriptions, one a row."""
    cells = tuple(
        (
            recipients.shown(one.subscriber.address),
            one.list,
            one.status.value,
            _day(_since(one)),
            *_chosen(one.choice),
        )
        for one in found
    )
    return Rows(("address", "list", "status", "since", "themes", "cadence"), cells)


def person_tables(person: "Person") -> list[Rows]:
    """Everything that is stored about a person."""
    about = [("address", recipients.shown(person.address))]
    if person.subscriber:
        about.append(("stored since", _moment(person.subscriber.created_at)))
    if person.suppression:
        about.append(("not written to", f"{person.suppression.reason}, {_moment(person.suppression.at)}"))
    about.append(("letters of a month", str(person.mailbox_letters)))
    lists = tuple(
        (
            one.list,
            one.status.value,
            *_chosen(one.choice),
            one.choice.timezone,
            *map(_moment, (one.created_at, one.confirmed_at, one.left_at)),
        )
        for one in person.subscriptions
    )
    head = ("list", "status", "themes", "cadence", "time zone", "created", "confirmed", "left")
    asked = tuple(
        (one.list, _moment(one.at), *_chosen(one.choice), one.host or one.network) for one in person.asks
    )
    letters = tuple((one.list, _moment(one.asked_at), _moment(one.used_at)) for one in person.letters)
    return [
        Rows(("", ""), tuple(about), "Person"),
        *_some(Rows(head, lists, "Subscriptions")),
        *_some(Rows(("list", "asked", "themes", "cadence", "from"), asked, "Asked for, not answered yet")),
        *_some(Rows(("list", "sent", "used"), letters, "Letters that asked for a yes")),
        *_some(Rows(("when (UTC)", "list", "issue", "kind", "code", "said"), _bounces(person), "Came back")),
        *_some(consents_table(person.consents)),
    ]


def _bounces(person: "Person") -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            _moment(one.last),
            one.list,
            str(one.issue or ""),
            one.kind.value,
            f"{one.code or ''} {one.enhanced}".strip(),
            one.text,
        )
        for one in person.bounces
    )


def consents_table(consents: Iterable[Consent]) -> Rows:
    """The consent log of a person."""
    cells = tuple(
        (_moment(one.at), one.list or "every list", one.act.value, one.way.value, one.wording)
        for one in consents
    )
    return Rows(("when (UTC)", "list", "what", "how", "wording"), cells, "Consent log")


def imported_table(imported: "Imported") -> Rows:
    """What became of the rows of an import."""
    cells = tuple(
        (text, f"{imported.counts[came]:,}") for came, text in _CAME.items() if imported.counts.get(came)
    )
    return Rows(("rows", "number"), cells)


def imported_text(source: str, list: str, imported: "Imported", *, dry_run: bool) -> str:
    """What an import came to, in a line."""
    if imported.done_before:
        when = _moment(imported.done_before)
        return f"{source}: in {list} already, since {when}; nothing to do (--again reads it once more)"
    rows = counted(sum(imported.counts.values()), "row")
    went_on = f", went on after line {imported.went_on:,}" * bool(imported.went_on)
    added = imported.counts.get("added", 0)
    what = f"{added:,} would be added; nothing is changed" if dry_run else f"{added:,} added"
    return f"{source}: {rows}{went_on}: {what}"


def imported_json(
    source: str, list: str, imported: "Imported", wrong: Sequence["LeftOut"], *, dry_run: bool
) -> dict[str, Any]:
    """What an import came to. wrong: rows of no reader, as many as are told."""
    return {
        "source": source,
        "list": list,
        "dry_run": dry_run,
        **{came: imported.counts.get(came, 0) for came in _CAME},
        "lines": imported.lines,
        "went_on_after": imported.went_on,
        "done_before": imported.done_before and imported.done_before.isoformat(),
        "wrong_lines": [{"line": one.line, "why": one.why} for one in wrong],
    }


def _some(rows: Rows) -> list[Rows]:
    return [rows] if rows.cells else []


def _since(one: Subscription) -> datetime:
    if one.status is SubscriptionStatus.UNSUBSCRIBED:
        return one.left_at or one.created_at
    return one.confirmed_at or one.created_at


def _chosen(choice: Choice) -> tuple[str, str]:
    return " ".join(choice.themes) or "every theme", choice.cadence.value


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _moment(moment: datetime | None) -> str:
    """A moment in UTC, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M}Z" if moment else ""
