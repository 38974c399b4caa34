"""Which tables a database has, and how it comes to have ours.

Owns the revision of the schema. A database changes from one revision to the next within one transaction:
a process that dies leaves the old or the new tables, never something between.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy import column as sql_column
from sqlalchemy import func as sql
from sqlalchemy import table as sql_table

from newsletter.errors import SchemaOutdated, StoreError
from newsletter.store import connection, moved, soundness, tables

# The newest revision under migrations/versions. Revisions are numbered, so that an older program can tell.
REVISION = "0007"
# Not Alembic's own name, which another program in the same database may be using.
VERSION_TABLE = "newsletter_revision"
# What an operator may want to know the number of.
_COUNTED = (
    *("papers", "digests", "sightings", "issues", "issue_digests", "issue_papers", "edits"),
    *("subscribers", "subscriptions", "consents", "suppressions"),
    *("deliveries", "bounces"),
)
# Held by whoever changes the tables of a PostgreSQL database; any number that nobody else uses.
_UPGRADE_LOCK = 7_639_774_372


@dataclass(frozen=True, slots=True)
class Health:
    """How a database stands. problems: what is not in order, each in a line; counts: rows by table.

    remedy: what helps against all of them; "" where each line says what helps against it.
    """

    database: str
    revision: str
    problems: tuple[str, ...]
    counts: dict[str, int]
    unfinished_digests: int
    remedy: str = ""


def require(database: Engine) -> None:
    """Return where the tables are those of this version.

    Raises: SchemaOutdated, which says whether the database or the program is older.
    """
    with connection.reading(database) as tx:
        found = revision(tx)
    require_known(database, found)


def require_known(database: Engine, found: str | None) -> None:
    """The same, of the revision that was found."""
    where = connection.name(database)
    if found is None:
        raise StoreError(f"{where}: an empty database; run: newsletter db upgrade")
    if found < REVISION:
        raise SchemaOutdated(
            f"{where}: its tables are of revision {found}, this version needs {REVISION}; "
            "run: newsletter db upgrade"
        )
    if found > REVISION:
        raise SchemaOutdated(
            f"{where}: its tables are of revision {found}, this version knows {REVISION} and older; "
            "install the newsletter that made them, or a newer one"
        )


def revision(tx: Connection, *, copied: bool = False) -> str | None:
    """The revision of the tables; None for a database without any.

    copied: whether a file will do that says that it was copied elsewhere.
    Raises: StoreError for a database in which somebody else's tables are, and for such a file.
    """
    names = inspect(tx).get_table_names()
    if moved.TABLE in names and not copied and (mark := moved.of(tx)):
        where = connection.name(tx.engine)
        raise StoreError(
            f"{where}: {mark}; set database_url to that, or, where nothing was sent from there, "
            f"run: newsletter db copy --undo {where}"
        )
    if VERSION_TABLE not in names:
        if names:
            raise StoreError(
                f"{connection.name(tx.engine)}: holds tables ({names[0]}, …) that newsletter did not make; "
                "give it a database of its own in database_url"
            )
        return None
    versions = sql_table(VERSION_TABLE, sql_column("version_num"))
    return tx.scalar(select(versions.c.version_num))


def upgrade(database: Engine) -> tuple[str | None, str]:
    """The revisions before and after: the tables are brought to the newest. Running it again changes nothing.

    Raises: SchemaOutdated for a database of a newer program.
    """
    with connection.writing(database) as tx:
        if tx.dialect.name == "postgresql":
            tx.execute(select(sql.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        found = revision(tx)
        if found is None or found < REVISION:
            _migrate(tx)
    require(database)
    return found, REVISION


def health(database: Engine) -> Health:
    """How a database that is open stands: its file or its server, and what it holds. Raises: StoreError."""
    with connection.reading(database) as tx:
        is_file = tx.dialect.name == "sqlite"
        problems = damage(tx) if is_file else ()
        remedy = "restore it from a backup" if problems else ""
        problems = problems or soundness.problems(tx, version_table=VERSION_TABLE)
        there = {*inspect(tx).get_table_names()}
        counts = {name: _count(tx, name) for name in _COUNTED if name in there}
        open_digests = select(sql.count()).where(tables.digests.c.taken < tables.digests.c.paper_count)
        unfinished = tx.scalar(open_digests) if "digests" in there else 0
    return Health(connection.name(database), REVISION, problems, counts, unfinished or 0, remedy)


def _count(tx: Connection, name: str) -> int:
    return tx.scalar(select(sql.count()).select_from(tables.metadata.tables[name])) or 0


def _migrate(tx: Connection) -> None:
    # Alembic takes as long to load as a whole render; most commands find the tables as they need them.
    from alembic import command
    from alembic.config import Config

    settings = Config(attributes={"connection": tx})
    settings.set_main_option("script_location", "newsletter.store:migrations")
    command.upgrade(settings, "head")


def damage(tx: Connection, *, quickly: bool = False) -> tuple[str, ...]:
    """What is damaged in an SQLite file, each in a line; nothing of a file that is whole.

    quickly: whether to leave out if every index has its rows, which takes six times as long.
    """
    check = "quick_check" if quickly else "integrity_check"
    said = [str(row[0]) for row in tx.execute(text(f"PRAGMA {check}"))]
    orphans = tx.execute(text("PRAGMA foreign_key_check")).all()
    found = [] if said == ["ok"] else [" ".join(line.split()) for line in said]
    return (*found, *(f"{row[0]}, row {row[1]}: names a row of {row[2]} that is gone" for row in orphans))
