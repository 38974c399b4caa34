"""Tables of papers, of the digests they came in, and of the issues made of them."""

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from newsletter.store.tables.common import UtcDateTime, metadata

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
    # The month ("2026-11") whose issues this one sums up, for readers who want no more; else nothing.
    Column("recap", String(7)),
    UniqueConstraint("list_slug", "number"),
    Index("uq_issues_recap", "list_slug", "recap", unique=True),
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
