"""The content of an issue as data that can be kept, and back.

Owns the shape of `issue.json` and of what the store freezes. A value is an object of its fields, a tuple a
list, a date its ISO form; a field that an older or newer program did not write has its default.
"""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import date as Date
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from newsletter.model import Issue

T = TypeVar("T")


def as_data(issue: Issue) -> dict[str, Any]:
    """The issue in what JSON has: objects, lists, texts, numbers, null."""
    found: dict[str, Any] = _plain(asdict(issue))
    return found


def from_data(values: Mapping[str, Any]) -> Issue:
    """The issue that `as_data` gave these values for. Raises: KeyError for a field that has to be there."""
    return _value(Issue, values)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, Date) else value


def _value(kind: type[T], values: Mapping[str, Any]) -> T:
    hints = _hints(kind)  # type: ignore[arg-type]
    known = {
        field.name: _read(hints[field.name], values[field.name])
        for field in fields(kind)  # type: ignore[arg-type]
        if field.name in values or (field.default is MISSING and field.default_factory is MISSING)
    }
    return kind(**known)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(hint: Any, value: Any) -> Any:
    """A value as the type of its field says."""
    options = [option for option in get_args(hint) if option is not NoneType]
    if value is None:
        return None
    if get_origin(hint) is tuple:
        parts = options[:1] * len(value) if options[-1] is ... else options
        return tuple(_read(part, one) for part, one in zip(parts, value, strict=True))
    if options:  # of a union with None
        return _read(options[0], value)
    if isinstance(hint, type) and is_dataclass(hint):
        return _value(hint, value)
    if hint in (Date, datetime):
        return hint.fromisoformat(value)
    return hint(value) if issubclass(hint, Enum) else value
