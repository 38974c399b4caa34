"""Which server the number of the fence rose on, and what machines know of it: a standby may take over."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Say of no server that mails went from it: the first rise does."""
    for column in (
        sa.Column("known", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("origin", sa.String(64), nullable=False, server_default=""),
        sa.Column("timeline", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("doubled", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("fences", column)
