"""The tables of the store.

Owns their columns, types and keys. The migrations say how a database comes to them; a test holds both equal.
Lists are JSON: they are read and written whole, with their paper. Reads and writes nothing itself.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware on the way in, in UTC on the way out. SQLite itself would forget the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC. Raises ValueError for one that does not say its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive moment {value!r}: say its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC, whatever zone the database answers in."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


papers = Table(
    "papers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("arxiv_id", Text, unique=True),
    Column("doi", Text),
    Column("title", Text, nullable=False),
    Column("abstract", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("links", JSON, nullable=False),
    Column("published", Date),
    Column("upvotes", Integer),
    Column("repairs", JSON, nullable=False),
    Column("version", Integer),
    Column("ai_summary", Text, nullable=False),
    Column("keywords", JSON, nullable=False),
    Column("categories", JSON, nullable=False),
    Column("marks", JSON, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    # The number of a paper that was joined to another is never given again: an issue may have named it.
    sqlite_autoincrement=True,
)

# Every name a paper was ever known by. Papers of one title and different ids share that name.
paper_keys = Table(
    "paper_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True, index=True),
)

digests = Table(
    "digests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("date", Date),
    Column("date_text", Text, nullable=False),
    Column("paper_count", Integer, nullable=False),
    # How many of them are in, from the first; below paper_count after a run that did not come to its end.
    Column("taken", Integer, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

# Where each paper was seen; when, says its digest.
sightings = Table(
    "sightings",
    metadata,
    Column("digest_id", ForeignKey("digests.id", ondelete="CASCADE"), primary_key=True),
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
    Column("upvotes", Integer),
)

# Every edition of every list. What was read before `since` is passed over, by this issue and by later ones.
issues = Table(
    "issues",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("list_slug", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("date", Date, nullable=False),
    Column("status", String(16), nullable=False),
    Column("since", Date),
    Column("created_at", UtcDateTime, nullable=False),
    Column("approved_at", UtcDateTime),
    # The whole issue as its readers get it, and the members of each theme: both from the moment of approval.
    Column("content", JSON(none_as_null=True)),
    Column("theme_counts", JSON(none_as_null=True)),
    UniqueConstraint("list_slug", "number"),
    # One draft of a list at a time, whoever makes it.
    Index(
        "uq_issues_open_draft",
        "list_slug",
        unique=True,
        sqlite_where=text("status = 'draft'"),
        postgresql_where=text("status = 'draft'"),
    ),
    sqlite_autoincrement=True,
)

# What material an issue considered.
issue_digests = Table(
    "issue_digests",
    metadata,
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("digest_id", ForeignKey("digests.id", ondelete="CASCADE"), primary_key=True, index=True),
)

# What an approved issue carried.
issue_papers = Table(
    "issue_papers",
    metadata,
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("paper_id", ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("section", Text, nullable=False),
    Column("place", Integer, nullable=False),
)

# What editors did to drafts, in their order. None is rewritten; undone_at tells which were undone.
edits = Table(
    "edits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    # A name of `papers.names`, so that it holds when two papers turn out to be one; "" for a note.
    Column("paper_key", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("place", Integer),
    Column("text", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    Column("undone_by", Text),
    sqlite_autoincrement=True,
)

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

# An issue on its way to its readers: one row from the moment that its audience is being written down.
sendings = Table(
    "sendings",
    metadata,
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(16), nullable=False),
    # Why it does not go on, in words with the next step; "" while it does.
    Column("reason", Text, nullable=False),
    # The bare address that the issue comes from, as it was then.
    Column("sender", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
)

# The whole mail of an issue for readers who chose alike, with marks where a reader's own values stand
# (`wire`); compressed. It is made once and never changes, whatever becomes of templates and settings.
patterns = Table(
    "patterns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("mail", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

# Which pattern those get who chose these themes (the text of `subscriptions.themes`); none where the issue
# has nothing for them.
pattern_choices = Table(
    "pattern_choices",
    metadata,
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("themes", Text, primary_key=True),
    Column("pattern_id", ForeignKey("patterns.id", ondelete="CASCADE")),
)

# The ledger: who is to get an issue, and how far that is. Written before its first mail goes. A subscriber
# has one row of an issue, and so has a mailbox, whatever stands behind the plus of its addresses.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), nullable=False),
    Column("subscription_id", ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("mailbox", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("pattern_id", ForeignKey("patterns.id", ondelete="CASCADE")),
    Column("status", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    # Who has claimed it, and until when nobody else may: the number of a worker is its fence.
    Column("worker_id", Integer),
    Column("leased_until", UtcDateTime),
    # Of the last attempt: when, the answer, and what it meant in words.
    Column("at", UtcDateTime, nullable=False),
    Column("code", Integer, nullable=False),
    Column("enhanced", String(16), nullable=False),
    Column("cause", Text, nullable=False),
    UniqueConstraint("issue_id", "subscription_id"),
    UniqueConstraint("issue_id", "mailbox"),
    Index(
        "ix_deliveries_due",
        "issue_id",
        "not_before",
        "pattern_id",
        "id",
        sqlite_where=text("status = 'pending'"),
        postgresql_where=text("status = 'pending'"),
    ),
    Index(
        "ix_deliveries_sending",
        "worker_id",
        sqlite_where=text("status = 'sending'"),
        postgresql_where=text("status = 'sending'"),
    ),
    sqlite_autoincrement=True,
)

# Processes that deliver, or did. seen_at: their last sign of life.
workers = Table(
    "workers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    # The number of one that died is never given again: rows that it claimed name it.
    sqlite_autoincrement=True,
)

# When the next mail may go, of all and to each domain that has a rate: it outlives the process.
paces = Table(
    "paces",
    metadata,
    Column("name", Text, primary_key=True),
    Column("free_at", UtcDateTime, nullable=False),
)

# What came back, at once or in a later mail. token: what tells two reports apart, so that each counts once.
bounces = Table(
    "bounces",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token", String(64), nullable=False, unique=True),
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("issue_id", ForeignKey("issues.id", ondelete="CASCADE"), index=True),
    Column("kind", String(16), nullable=False),
    Column("code", Integer, nullable=False),
    Column("enhanced", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)
