"""People as rows of a table: what an export writes and an import reads back."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from newsletter.model import Subscription
from newsletter.roster.cells import guarded

_ALL = (
    "address",
    "list",
    "status",
    "themes",
    "cadence",
    "timezone",
    "created_at",
    "confirmed_at",
    "left_at",
)
# Rows that are handed on at once.
_TOGETHER = 1000


def table(subscriptions: Iterable[Subscription], *, of_one_list: bool) -> Iterator[str]:
    """The lines of the table, a thousand rows at a time. of_one_list: whether no column says which list."""
    names = [name for name in _ALL if name != "list" or not of_one_list]
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(names)
    for number, one in enumerate(subscriptions, start=1):
        values = as_data(one)
        writer.writerow([_cell(values[name]) for name in names])
        if number % _TOGETHER == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def json_lines(subscriptions: Iterable[Subscription]) -> Iterator[str]:
    """The subscriptions as JSON, one a line."""
    for one in subscriptions:
        yield json.dumps(as_data(one), ensure_ascii=False) + "\n"


def as_data(one: Subscription) -> dict[str, Any]:
    """The subscription as JSON has it. Its names are a contract."""
    moments = (one.created_at, one.confirmed_at, one.left_at)
    created, confirmed, left = (moment and moment.isoformat() for moment in moments)
    return {
        "address": one.subscriber.address,
        "list": one.list,
        "status": one.status,
        "themes": [*one.choice.themes],
        "cadence": one.choice.cadence,
        "timezone": one.choice.timezone,
        "created_at": created,
        "confirmed_at": confirmed,
        "left_at": left,
    }


def _cell(value: str | Sequence[str] | None) -> str:
    if isinstance(value, str):
        return guarded(value)
    return guarded(" ".join(value or ()))
