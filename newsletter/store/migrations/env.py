"""What Alembic runs: every migration on the connection it is handed, inside the transaction that is open."""

from alembic import context

from newsletter.store import tables
from newsletter.store.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    version_table=VERSION_TABLE,
    # SQLite can, once a transaction is begun as ours is; Alembic assumes that it cannot.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
