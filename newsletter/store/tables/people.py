"""Tables of readers: what they asked for and agreed to, and who must not be written to."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from newsletter.store.tables.common import UtcDateTime, metadata

# Whoever was ever written to, by address, until they are forgotten.
subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", Text, nullable=False),
    # Small letters: no two have the same. Canonical: without what follows a plus, so several may share one.
    Column("folded", Text, nullable=False, unique=True),
    Column("canonical", Text, nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("list_slug", Text, nullable=False),
    # Thirty-two hexadecimal digits, random: what stands for it in links, which never show an id.
    Column("key", String(32), nullable=False, unique=True),
    Column("status", String(16), nullable=False),
    Column("themes", JSON, nullable=False),
    Column("cadence", String(16), nullable=False),
    Column("timezone", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("left_at", UtcDateTime),
    UniqueConstraint("subscriber_id", "list_slug"),
    Index(None, "list_slug", "status"),
    sqlite_autoincrement=True,
)

# What was asked of the web form, until it is answered: for everybody the same row, so that the answer tells
# nothing. What is kept afterwards, for the caps on letters, names neither the address nor, after an hour, the
# network it came from.
asks = Table(
    "asks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("list_slug", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("mailbox_digest", String(64), nullable=False),
    Column("host", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("themes", JSON, nullable=False),
    Column("cadence", String(16), nullable=False),
    Column("timezone", Text, nullable=False),
    Column("wording_id", ForeignKey("wordings.id"), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    # None while nobody has answered it; the letter counts from then on, whether the server took it or not.
    Column("answered_at", UtcDateTime, index=True),
    Column("letter", Boolean, nullable=False),
    Index(None, "mailbox_digest", "answered_at"),
    Index(None, "host", "at"),
    Index(None, "network", "at"),
    sqlite_autoincrement=True,
)

# A letter that asks for a yes: its link, and what the yes would be to.
opt_ins = Table(
    "opt_ins",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscription_id", ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("key", String(32), nullable=False, unique=True),
    Column("themes", JSON, nullable=False),
    Column("cadence", String(16), nullable=False),
    Column("timezone", Text, nullable=False),
    Column("wording_id", ForeignKey("wordings.id"), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    # Said yes to, or overtaken by leaving: either way it does nothing any more.
    Column("used_at", UtcDateTime),
    sqlite_autoincrement=True,
)

# The sentences that people agreed to; many agree to the same.
wordings = Table(
    "wordings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text", Text, nullable=False),
)

# The consent log. Lines are added, never changed; they go with their subscriber.
consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("list_slug", Text, nullable=False),
    Column("act", String(16), nullable=False),
    Column("way", String(16), nullable=False),
    Column("wording_id", ForeignKey("wordings.id")),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

# Addresses that must not be written to. It outlives the subscriber, so it holds a salted hash only.
suppressions = Table(
    "suppressions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("reason", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# The salt of every digest in this database: one row, made with the tables.
salts = Table("salts", metadata, Column("salt", String(64), primary_key=True))

# How far files of addresses are in; reading one again goes on from there.
imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("list_slug", Text, nullable=False),
    Column("source", Text, nullable=False),
    # Bytes (of its text in UTF-8) and lines of the file that are done with, the header included.
    Column("offset", BigInteger, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    UniqueConstraint("fingerprint", "list_slug"),
    sqlite_autoincrement=True,
)
