"""Readers: subscriptions, the consent log, what was asked for, and who must not be written to."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables of readers, and the salt of this database; those that are there stay as they are."""
    _create_subscribers()
    _create_asks()
    _create_consents()
    _create_suppressions()
    _create_imports()


def _moment(name: str, *, needed: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def _choice() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("cadence", sa.String(16), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
    )


def _create_subscribers() -> None:
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_subscribers"),
        sa.UniqueConstraint("folded", name="uq_subscribers_folded"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscribers_canonical", "subscribers", ["canonical"])
    subscriber = sa.ForeignKey(
        "subscribers.id", name="fk_subscriptions_subscriber_id_subscribers", ondelete="CASCADE"
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), subscriber, nullable=False),
        sa.Column("list_slug", sa.Text(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        *_choice(),
        _moment("created_at"),
        _moment("confirmed_at", needed=False),
        _moment("left_at", needed=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint("key", name="uq_subscriptions_key"),
        sa.UniqueConstraint("subscriber_id", "list_slug", name="uq_subscriptions_subscriber_id_list_slug"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscriptions_list_slug_status", "subscriptions", ["list_slug", "status"])


def _create_asks() -> None:
    op.create_table(
        "wordings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wordings"),
    )
    wording = sa.ForeignKey("wordings.id", name="fk_asks_wording_id_wordings")
    op.create_table(
        "asks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_slug", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("mailbox_digest", sa.String(64), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        *_choice(),
        sa.Column("wording_id", sa.Integer(), wording, nullable=False),
        _moment("at"),
        _moment("answered_at", needed=False),
        sa.Column("letter", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_asks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_asks_at", "asks", ["at"])
    op.create_index("ix_asks_answered_at", "asks", ["answered_at"])
    op.create_index("ix_asks_mailbox_digest_answered_at", "asks", ["mailbox_digest", "answered_at"])
    for column in ("host", "network"):
        op.create_index(f"ix_asks_{column}_at", "asks", [column, "at"])
    subscription = sa.ForeignKey(
        "subscriptions.id", name="fk_opt_ins_subscription_id_subscriptions", ondelete="CASCADE"
    )
    wording = sa.ForeignKey("wordings.id", name="fk_opt_ins_wording_id_wordings")
    op.create_table(
        "opt_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), subscription, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        *_choice(),
        sa.Column("wording_id", sa.Integer(), wording, nullable=False),
        _moment("asked_at"),
        _moment("used_at", needed=False),
        sa.PrimaryKeyConstraint("id", name="pk_opt_ins"),
        sa.UniqueConstraint("key", name="uq_opt_ins_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_opt_ins_subscription_id", "opt_ins", ["subscription_id"])


def _create_consents() -> None:
    subscriber = sa.ForeignKey(
        "subscribers.id", name="fk_consents_subscriber_id_subscribers", ondelete="CASCADE"
    )
    wording = sa.ForeignKey("wordings.id", name="fk_consents_wording_id_wordings")
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), subscriber, nullable=False),
        sa.Column("list_slug", sa.Text(), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("wording_id", sa.Integer(), wording),
        _moment("at"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_consents_subscriber_id", "consents", ["subscriber_id"])


def _create_suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("digest", name="pk_suppressions"),
    )
    salts = op.create_table(
        "salts",
        sa.Column("salt", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("salt", name="pk_salts"),
    )
    op.bulk_insert(salts, [{"salt": secrets.token_hex(32)}])


def _create_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("list_slug", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        _moment("started_at"),
        _moment("finished_at", needed=False),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        sa.UniqueConstraint("fingerprint", "list_slug", name="uq_imports_fingerprint_list_slug"),
        sqlite_autoincrement=True,
    )
