"""Tables of the schedule: which period of which list has had its issue, and who was told of what."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from newsletter.store.tables.common import UtcDateTime, metadata

# One row for each period of a list (`model.Slot`) that came up: it has no second issue, whoever decides.
periods = Table(
    "periods",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("list_slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("slot_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("issue_id", ForeignKey("issues.id", ondelete="SET NULL"), index=True),
    Column("note", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried_at", UtcDateTime),
    Column("turned_at", UtcDateTime, nullable=False),
    UniqueConstraint("list_slug", "name"),
    sqlite_autoincrement=True,
)

# Since when each rule of a list holds: what it names before that moment is nothing that was missed.
rules = Table(
    "rules",
    metadata,
    Column("list_slug", Text, primary_key=True),
    Column("words", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

# When something was last done, by its name: "step" for the last look at the schedule.
moments = Table(
    "moments",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

# Mails to those who run lists, until they have gone; the key of one that went is not used again.
notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("list_slug", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("issue_id", ForeignKey("issues.id", ondelete="SET NULL"), index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("told_at", UtcDateTime),
    sqlite_autoincrement=True,
)
