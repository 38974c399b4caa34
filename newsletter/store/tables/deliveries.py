"""Tables of issues on their way: the ledger, the mails, who delivers, and what came back."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from newsletter.store.tables.common import UtcDateTime, metadata

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

# Keys of the ledger that PostgreSQL does not have.
SPARED = frozenset({"fk_deliveries_issue_id_issues", "fk_deliveries_pattern_id_patterns"})

# The ledger: who is to get an issue, and how far that is. Written before its first mail goes. A subscriber
# has one row of an issue, and so has a mailbox, whatever stands behind the plus of its addresses.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", Integer, nullable=False),
    Column("subscription_id", ForeignKey("subscriptions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("mailbox", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("pattern_id", Integer),
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
    # Not on PostgreSQL, where looking them up takes a third of the time in which a row is written. A row has
    # both from `pattern_choices`, where they are looked up; and no issue and no pattern is ever deleted.
    ForeignKeyConstraint(["issue_id"], ["issues.id"], ondelete="CASCADE").ddl_if(dialect="sqlite"),
    ForeignKeyConstraint(["pattern_id"], ["patterns.id"], ondelete="CASCADE").ddl_if(dialect="sqlite"),
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
        "issue_id",  # never the worker: a claim changes no column of an index, and leaves all of them alone
        sqlite_where=text("status = 'sending'"),
        postgresql_where=text("status = 'sending'"),
    ),
    # What did not go well: few rows, so that counting is fast, and sending has nothing to do with it.
    Index(
        "ix_deliveries_amiss",
        "issue_id",
        "status",
        sqlite_where=text("status IN ('failed', 'unknown', 'skipped')"),
        postgresql_where=text("status IN ('failed', 'unknown', 'skipped')"),
    ),
    sqlite_autoincrement=True,
    # A row is written anew when it is claimed: with room for that beside it, no index hears of it. Measured,
    # claiming takes a seventh of the time and of the log.
    postgresql_with={"fillfactor": 50},
)

# Processes that deliver an issue, or did, anew for each. seen_at: their last sign of life. machine: the same
# for those who see each other's numbers (`here`), "" where nobody knows.
workers = Table(
    "workers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("machine", String(32), nullable=False, server_default=""),
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

# What a backup that is restored cannot know: this number rises whenever mails go, and a file beside the
# database keeps it too (`fence`). known: the highest that a machine had in its file when it found out.
# origin, timeline: of the server on which it rose last; doubled: whether a second one had what that one
# committed. One row.
fences = Table(
    "fences",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("known", Integer, nullable=False, server_default="0"),
    Column("origin", String(64), nullable=False, server_default=""),
    Column("timeline", BigInteger, nullable=False, server_default="0"),
    Column("doubled", Boolean, nullable=False, server_default=false()),
)
