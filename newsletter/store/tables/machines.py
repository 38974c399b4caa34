"""Tables of who is at work, on whichever machine."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text

from newsletter.store.tables.common import UtcDateTime, metadata

# Processes that stay, busy or not. What they deliver is theirs by rows of `workers`, one for each issue.
# machine: the same for those who see each other's numbers (`here`). seen_at: the last sign of life.
processes = Table(
    "processes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("machine", String(32), nullable=False),
    Column("version", String(32), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("leads", Boolean, nullable=False),
    sqlite_autoincrement=True,
)
