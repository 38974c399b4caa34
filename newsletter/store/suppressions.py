"""Addresses that must not be written to, known by a salted hash alone.

The salt is this database's own. Whoever holds the whole database can try addresses against it; whoever holds
an export, a log or another database cannot.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, delete, select, update

from newsletter.errors import StoreError
from newsletter.model import Suppression, SuppressionReason
from newsletter.store import connection
from newsletter.store.connection import Asked
from newsletter.store.tables import salts, suppressions

# Reasons, the gravest last: a yes lifts the first only, and the last is for good.
_GRAVITY = (SuppressionReason.BOUNCE, SuppressionReason.COMPLAINT, SuppressionReason.ERASED)
# Asked of a thousand at once by imports, and many times a second by whoever delivers.
_AMONG = "SELECT digest FROM suppressions WHERE digest {among}"


def salt(tx: Connection) -> bytes:
    """The salt of this database.

    Raises: StoreError where it has none, or several: whoever must not be written to would not be known.
    """
    found = [*tx.scalars(select(salts.c.salt))]
    if len(found) != 1:
        said = "several salts" if found else "no salt"
        problem = f"{said} in the table salts, so that nobody can tell who must not be written to"
        raise StoreError(f"{connection.name(tx.engine)}: {problem}; restore that table from a backup")
    return bytes.fromhex(found[0])


def digest(salt: bytes, text: str) -> str:
    """What stands for an address, or for a mailbox, where the address itself is not kept."""
    return hmac.digest(salt, text.encode(), sha256).hex()


def of(tx: Connection, folded: str) -> Suppression | None:
    """Why the address must not be written to; None where it may be."""
    query = select(suppressions).where(suppressions.c.digest == digest(salt(tx), folded))
    row = tx.execute(query).one_or_none()
    return None if row is None else Suppression(SuppressionReason(row.reason), row.at)


def some(tx: Connection) -> bool:
    """Whether any address is suppressed."""
    return bool(connection.ask(tx, "SELECT 1 FROM suppressions LIMIT 1"))


def among(tx: Connection, digests: Iterable[str]) -> set[str]:
    """Those of the digests that are suppressed."""
    return {row[0] for row in connection.ask(tx, _AMONG, connection.among(tx, digests))}


def asking(tx: Connection, digests: Iterable[str]) -> Asked:
    """What to ask, for the same as by `among`."""
    return _AMONG, (connection.among(tx, digests),)


def add(tx: Connection, folded: str, *, reason: SuppressionReason, now: datetime) -> bool:
    """Suppress the address, and whether it was not before. The graver reason stands."""
    insert = connection.inserting(tx, suppressions)
    row = {"digest": digest(salt(tx), folded), "reason": reason, "at": now}
    fresh = tx.execute(insert.values(**row).on_conflict_do_nothing().returning(suppressions.c.digest)).first()
    if fresh is None:
        lighter = suppressions.c.reason.in_(_GRAVITY[: _GRAVITY.index(reason)])
        here = suppressions.c.digest == row["digest"]
        tx.execute(update(suppressions).where(here, lighter).values(reason=reason, at=now))
    return fresh is not None


def lift(tx: Connection, folded: str) -> bool:
    """Let the address be written to again, and whether it was suppressed."""
    gone = delete(suppressions).where(suppressions.c.digest == digest(salt(tx), folded))
    return tx.execute(gone).rowcount > 0
