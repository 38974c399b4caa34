"""Issues, what each of them considered and carried, and what editors did to it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of issues; those that are there stay as they are."""
    _create_issues()
    _create_what_an_issue_is_made_of()
    _create_edits()


def _create_issues() -> None:
    op.create_table(
        "issues",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_slug", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("since", sa.Date()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("content", sa.JSON()),
        sa.Column("theme_counts", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_issues"),
        sa.UniqueConstraint("list_slug", "number", name="uq_issues_list_slug_number"),
        sqlite_autoincrement=True,
    )
    draft = sa.text("status = 'draft'")
    op.create_index(
        "uq_issues_open_draft",
        "issues",
        ["list_slug"],
        unique=True,
        sqlite_where=draft,
        postgresql_where=draft,
    )


def _create_what_an_issue_is_made_of() -> None:
    issue = sa.ForeignKey("issues.id", name="fk_issue_digests_issue_id_issues", ondelete="CASCADE")
    digest = sa.ForeignKey("digests.id", name="fk_issue_digests_digest_id_digests", ondelete="CASCADE")
    op.create_table(
        "issue_digests",
        sa.Column("issue_id", sa.Integer(), issue, nullable=False),
        sa.Column("digest_id", sa.Integer(), digest, nullable=False),
        sa.PrimaryKeyConstraint("issue_id", "digest_id", name="pk_issue_digests"),
    )
    op.create_index("ix_issue_digests_digest_id", "issue_digests", ["digest_id"])
    issue = sa.ForeignKey("issues.id", name="fk_issue_papers_issue_id_issues", ondelete="CASCADE")
    paper = sa.ForeignKey("papers.id", name="fk_issue_papers_paper_id_papers", ondelete="CASCADE")
    op.create_table(
        "issue_papers",
        sa.Column("issue_id", sa.Integer(), issue, nullable=False),
        sa.Column("paper_id", sa.Integer(), paper, nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("issue_id", "paper_id", name="pk_issue_papers"),
    )
    op.create_index("ix_issue_papers_paper_id", "issue_papers", ["paper_id"])


def _create_edits() -> None:
    issue = sa.ForeignKey("issues.id", name="fk_edits_issue_id_issues", ondelete="CASCADE")
    op.create_table(
        "edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), issue, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("paper_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_edits"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_edits_issue_id", "edits", ["issue_id"])
