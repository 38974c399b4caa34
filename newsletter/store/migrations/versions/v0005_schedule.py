"""The schedule: periods of lists, recaps of months, who was told of what; an index for what went amiss."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_AMISS = sa.text("status IN ('failed', 'unknown', 'skipped')")


def upgrade() -> None:
    """Make the tables of the schedule; issues that are there are no recaps."""
    op.add_column("issues", sa.Column("recap", sa.String(7)))
    op.create_index("uq_issues_recap", "issues", ["list_slug", "recap"], unique=True)
    op.create_table(
        "fences",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_fences"),
    )
    op.create_table(
        "rules",
        sa.Column("list_slug", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _moment("since"),
        sa.PrimaryKeyConstraint("list_slug", name="pk_rules"),
    )
    op.create_table(
        "moments",
        sa.Column("name", sa.Text(), nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("name", name="pk_moments"),
    )
    _create_periods()
    _create_notices()
    op.create_index(
        "ix_deliveries_amiss",
        "deliveries",
        ["issue_id", "status"],
        sqlite_where=_AMISS,
        postgresql_where=_AMISS,
    )


def _create_periods() -> None:
    op.create_table(
        "periods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _moment("slot_at"),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("issue_id", sa.Integer(), _issue("periods")),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("tried_at", needed=False),
        _moment("turned_at"),
        sa.PrimaryKeyConstraint("id", name="pk_periods"),
        sa.UniqueConstraint("list_slug", "name", name="uq_periods_list_slug_name"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_periods_issue_id", "periods", ["issue_id"])


def _create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("list_slug", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("issue_id", sa.Integer(), _issue("notices")),
        _moment("at"),
        _moment("not_before"),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("told_at", needed=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("key", name="uq_notices_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notices_issue_id", "notices", ["issue_id"])


def _moment(name: str, *, needed: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def _issue(table: str) -> sa.ForeignKey:
    return sa.ForeignKey("issues.id", name=f"fk_{table}_issue_id_issues", ondelete="SET NULL")
