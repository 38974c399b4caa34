"""What is wrong with a configuration, told with its place and the nearest right name."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from newsletter.config.tables import ENVIRONMENT_PREFIX, Settings


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Mistakes in the names of variables, which pydantic-settings passes over in silence."""
    names = [name for name in environment if name.upper().startswith(ENVIRONMENT_PREFIX)]
    tops = {name: name[len(ENVIRONMENT_PREFIX) :].split("__")[0].lower() for name in names}
    wrong = {name: top for name, top in tops.items() if top not in Settings.model_fields}
    return [f"{name}: unknown setting{_nearest(top, Settings.model_fields)}" for name, top in wrong.items()]


def unreadable_variable(error: Exception) -> str:
    """A mistake in the JSON of a variable; pydantic-settings says no more of it than the setting."""
    setting = re.search(r'field "(\w+)"', str(error))
    name = f"{ENVIRONMENT_PREFIX}{setting[1].upper() if setting else ''}…"
    return (
        f'the environment: {name} cannot be read; lists and tables are written as JSON, such as ["kv-cache"]'
    )


def mistake(place: str, text: str, detail: ErrorDetails) -> str:
    """One mistake in a line: the file and its line, the setting, and what is wrong with it."""
    # Pydantic says [key] where the name of a table is wrong and not what it holds.
    path = [str(part) for part in detail["loc"] if part != "[key]"]
    if detail["type"] == "extra_forbidden":
        problem = f"unknown setting{_nearest(path[-1], _siblings(path[:-1]))}"
    else:
        problem = detail["msg"].removeprefix("Value error, ")
    return located(place, text, path, problem)


def located(place: str, text: str, path: list[str], problem: str) -> str:
    """A problem with the setting at `path`, in a line with the file and its line."""
    line = _line_of(text, path)
    where = f"{place}, line {line}" if line else place
    # A key in quotes may hold ends of lines.
    return f"{where}: {' '.join('.'.join(path).split())}: {problem}"


def _nearest(word: str, known: Iterable[str]) -> str:
    match = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {match[0]!r}?" if match else f"; {listed('settings here', known)}"


def listed(what: str, names: Iterable[str]) -> str:
    """The names that could have been meant, in a line."""
    return f"{what}: {', '.join(names) or 'none'}"


def _siblings(path: list[str]) -> list[str]:
    """The settings that may stand in the table at `path`."""
    model: type[BaseModel] = Settings
    for part in path:
        field = model.model_fields.get(part)
        if field is not None:
            kinds = get_args(field.annotation) or (field.annotation,)
            tables = [kind for kind in kinds if isinstance(kind, type)]
            model = next((kind for kind in tables if issubclass(kind, BaseModel)), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _line_of(text: str, path: list[str]) -> int | None:
    """The line of the key at `path` in TOML source, counted from 1; None where it was written another way."""
    table: list[str] = []
    tables: Counter[str] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*(\[\[?)([^\]]+)\]", line):
            table = [part.strip(" \"'") for part in header[2].split(".")]
            if header[1] == "[[":
                # Tables of one name are told apart by their number, as in the path.
                tables[header[2]] += 1
                table.append(str(tables[header[2]] - 1))
            if table == path:
                return number
            continue
        key = re.match(r"""\s*(?:"([^"]+)"|'([^']+)'|([^"'=\s]+))\s*=""", line)
        if key and [*table, key[1] or key[2] or key[3]] == path[: len(table) + 1]:
            return number
    return None
