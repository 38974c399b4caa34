"""Deliveries: the ledger of who gets an issue, the mails it is made of, who delivers, and what came back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_PENDING = sa.text("status = 'pending'")
_SENDING = sa.text("status = 'sending'")


def upgrade() -> None:
    """Make the tables of deliveries; those that are there stay as they are."""
    _create_sendings()
    _create_deliveries()
    _create_workers()
    _create_bounces()


def _moment(name: str, *, needed: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def _reference(table: str, column: str, target: str) -> sa.ForeignKey:
    return sa.ForeignKey(f"{target}.id", name=f"fk_{table}_{column}_{target}", ondelete="CASCADE")


def _create_sendings() -> None:
    op.create_table(
        "sendings",
        sa.Column("issue_id", sa.Integer(), _reference("sendings", "issue_id", "issues"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        _moment("started_at"),
        _moment("finished_at", needed=False),
        sa.PrimaryKeyConstraint("issue_id", name="pk_sendings"),
    )
    op.create_table(
        "patterns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), _reference("patterns", "issue_id", "issues"), nullable=False),
        sa.Column("mail", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patterns"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_patterns_issue_id", "patterns", ["issue_id"])
    issue = _reference("pattern_choices", "issue_id", "issues")
    pattern = _reference("pattern_choices", "pattern_id", "patterns")
    op.create_table(
        "pattern_choices",
        sa.Column("issue_id", sa.Integer(), issue, nullable=False),
        sa.Column("themes", sa.Text(), nullable=False),
        sa.Column("pattern_id", sa.Integer(), pattern),
        sa.PrimaryKeyConstraint("issue_id", "themes", name="pk_pattern_choices"),
    )


def _create_deliveries() -> None:
    subscription = _reference("deliveries", "subscription_id", "subscriptions")
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), _reference("deliveries", "issue_id", "issues"), nullable=False),
        sa.Column("subscription_id", sa.Integer(), subscription, nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("pattern_id", sa.Integer(), _reference("deliveries", "pattern_id", "patterns")),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("not_before"),
        sa.Column("worker_id", sa.Integer()),
        _moment("leased_until", needed=False),
        _moment("at"),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("enhanced", sa.String(16), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("issue_id", "subscription_id", name="uq_deliveries_issue_id_subscription_id"),
        sa.UniqueConstraint("issue_id", "mailbox", name="uq_deliveries_issue_id_mailbox"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_subscription_id", "deliveries", ["subscription_id"])
    due = ["issue_id", "not_before", "pattern_id", "id"]
    op.create_index("ix_deliveries_due", "deliveries", due, sqlite_where=_PENDING, postgresql_where=_PENDING)
    op.create_index(
        "ix_deliveries_sending", "deliveries", ["worker_id"], sqlite_where=_SENDING, postgresql_where=_SENDING
    )


def _create_workers() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        _moment("started_at"),
        _moment("seen_at"),
        _moment("ended_at", needed=False),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "paces",
        sa.Column("name", sa.Text(), nullable=False),
        _moment("free_at"),
        sa.PrimaryKeyConstraint("name", name="pk_paces"),
    )


def _create_bounces() -> None:
    subscriber = _reference("bounces", "subscriber_id", "subscribers")
    op.create_table(
        "bounces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), subscriber, nullable=False),
        sa.Column("issue_id", sa.Integer(), _reference("bounces", "issue_id", "issues")),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("enhanced", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("id", name="pk_bounces"),
        sa.UniqueConstraint("token", name="uq_bounces_token"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bounces_subscriber_id", "bounces", ["subscriber_id"])
    op.create_index("ix_bounces_issue_id", "bounces", ["issue_id"])
