"""Who is at work: processes that stay, and the machine of each worker; and where the fence rose."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table of processes; of workers that are there nobody knows the machine, nor the server."""
    op.create_table(
        "processes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("machine", sa.String(32), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
        sqlite_autoincrement=True,
    )
    op.add_column("workers", sa.Column("machine", sa.String(32), nullable=False, server_default=""))
    for column in (
        sa.Column("known", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("origin", sa.String(64), nullable=False, server_default=""),
        sa.Column("timeline", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("doubled", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("fences", column)
