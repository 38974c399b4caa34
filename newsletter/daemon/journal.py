"""The log of a process that keeps the schedule: one line on stderr for each thing that happened.

Owns how a line looks, and that it names nobody: whatever looks like an address or a reader's token is taken
out of every value, because a server may repeat either in what it says. A log that cannot be written stops
nothing.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from newsletter import headway, links, report
from newsletter.errors import told
from newsletter.model import Event

Form = Literal["text", "json"]
Tell = Callable[[Event], None]

_LOGGER = logging.getLogger("newsletter")
_ADDRESS = re.compile(r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;:]+")
# A value that stands as it is; any other one is written as a string of JSON.
_PLAIN = re.compile(r"[\w.:/+…-]+")


class _Lines(logging.Formatter):
    """Writes records as lines. clock: what tells the time."""

    def __init__(self, form: Form, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.form = form
        self._clock = clock

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record: of an event of ours, or of what another library says."""
        ours = hasattr(record, "values")
        values: Mapping[str, Any] = record.__dict__["values"] if ours else _foreign(record)
        name = record.msg if ours else "log"
        at = f"{self._clock().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        level = record.levelname.lower()
        shown = {key: _nameless(value) for key, value in values.items()}
        if self.form == "json":
            line = {"time": at, "level": level, "event": name}
            return json.dumps({**shown, **line} if shown.keys() & line else {**line, **shown})
        return " ".join([at, level, name, *(f"{key}={_quoted(value)}" for key, value in shown.items())])


class Journal:
    """An open log; `tell` may be called by any thread."""

    def __init__(self, lines: _Lines) -> None:
        self._lines = lines

    def tell(self, event: Event) -> None:
        """Write the event down."""
        level = logging.getLevelNamesMapping()[event.level.upper()]
        _LOGGER.log(level, event.name, extra={"values": dict(event.values)})

    def say(self, text: str, level: str = "info") -> None:
        """Write down a line of a layer below."""
        self.tell(Event("note" if level == "info" else "warning", {"text": text}, level))

    def write_as(self, form: Form) -> None:
        """Write the lines after this one in that form."""
        self._lines.form = form


@contextmanager
def opened(form: Form, *, clock: Callable[[], datetime], stream: TextIO | None = None) -> Iterator[Journal]:
    """A log on stderr, or on another stream. What lower layers and other libraries say goes there too."""
    lines = _Lines(form, clock)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(lines)
    root, level = logging.getLogger(), _LOGGER.level
    _LOGGER.setLevel(logging.INFO)
    root.addHandler(handler)
    journal = Journal(lines)
    try:
        with headway.heard_by(journal.say):
            yield journal
    finally:
        root.removeHandler(handler)
        _LOGGER.setLevel(level)


def _foreign(record: logging.LogRecord) -> Mapping[str, Any]:
    """What another library says, without what it was about where that is an error."""
    error = record.exc_info[1] if record.exc_info else None
    values = {"by": record.name, "text": record.getMessage()}
    return values | ({"error": told(error)} if isinstance(error, Exception) else {})


def _nameless(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _ADDRESS.sub("…@…", links.without_tokens(report.harmless(" ".join(value.split()))))


def _quoted(value: Any) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
