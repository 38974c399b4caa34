"""Papers, the names they are known by, digests, and where each paper was seen."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    _create_papers()
    _create_digests()
    _create_what_belongs_to_a_paper()


def _create_papers() -> None:
    op.create_table(
        "papers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("arxiv_id", sa.Text()),
        sa.Column("doi", sa.Text()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("published", sa.Date()),
        sa.Column("upvotes", sa.Integer()),
        sa.Column("repairs", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer()),
        sa.Column("ai_summary", sa.Text(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_papers"),
        sa.UniqueConstraint("arxiv_id", name="uq_papers_arxiv_id"),
        sqlite_autoincrement=True,
    )


def _create_digests() -> None:
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("date", sa.Date()),
        sa.Column("date_text", sa.Text(), nullable=False),
        sa.Column("paper_count", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.UniqueConstraint("fingerprint", name="uq_digests_fingerprint"),
        sqlite_autoincrement=True,
    )


def _create_what_belongs_to_a_paper() -> None:
    paper = sa.ForeignKey("papers.id", name="fk_paper_keys_paper_id_papers", ondelete="CASCADE")
    op.create_table(
        "paper_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("paper_id", sa.Integer(), paper, nullable=False),
        sa.PrimaryKeyConstraint("key", "paper_id", name="pk_paper_keys"),
    )
    op.create_index("ix_paper_keys_paper_id", "paper_keys", ["paper_id"])
    digest = sa.ForeignKey("digests.id", name="fk_sightings_digest_id_digests", ondelete="CASCADE")
    paper = sa.ForeignKey("papers.id", name="fk_sightings_paper_id_papers", ondelete="CASCADE")
    op.create_table(
        "sightings",
        sa.Column("digest_id", sa.Integer(), digest, nullable=False),
        sa.Column("paper_id", sa.Integer(), paper, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("upvotes", sa.Integer()),
        sa.PrimaryKeyConstraint("digest_id", "paper_id", name="pk_sightings"),
    )
    op.create_index("ix_sightings_paper_id", "sightings", ["paper_id"])
