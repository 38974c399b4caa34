"""What was looked at, how it stands, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How something stands."""

    OK = "ok"  # as it should be
    WARNING = "warning"  # mails go, and something should be better
    PROBLEM = "problem"  # mails do not go, or do not arrive, or harm is done
    SKIPPED = "skipped"  # it was not looked at, or could not be


class Group(StrEnum):
    """What checks are about, in the order in which they are told."""

    CONFIGURATION = "Configuration"
    TEMPLATES = "Templates"
    DATABASE = "Database"
    MACHINE = "Machine"
    SITE = "Web site"
    SERVER = "Mail server"
    DNS = "Names (DNS)"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    topic: what rules of receivers go by (`rules`), "" for what they do not ask about. name: what it is
    called. said: how it stands, and what that means. step: what to do next, "" for nothing.
    """

    level: Level
    group: Group
    topic: str
    name: str
    said: str
    step: str = ""
