"""Which one of several processes leads: whoever holds a lock of PostgreSQL that ends with its connection.

A process that dies lets go at once; one whose machine is gone does so once the server has found out, within
half a minute. Whoever lets go well rings the bell. It is no proof against two that lead for a moment: that no
period has two issues, and nobody two mails, is what rows say.
"""

from contextlib import suppress
from typing import Any

from sqlalchemy import Engine

from newsletter.store import bell, connection

# A lock is the whole database's, and each schema of it may hold a newsletter of its own.
_TAKE = "SELECT pg_try_advisory_lock(hashtextextended(current_schema(), 7639774377))"
_LET_GO = f"SELECT pg_advisory_unlock_all(), {bell.RING}"
# When the server gives up a connection whose other end says nothing: after 10 s it asks three times. While an
# answer is on its way that nobody takes, it does not ask: tcp_user_timeout, in ms, is for that.
_SETTINGS = (
    "tcp_keepalives_idle = 10",
    "tcp_keepalives_interval = 5",
    "tcp_keepalives_count = 3",
    "tcp_user_timeout = 25000",
)


class Lead:
    """The lead among the processes of a database; on SQLite, which is one machine's, everybody leads.

    Not for two threads at a time.
    """

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._alone = database.dialect.name != "postgresql"
        self._holding: Any = None

    def is_held(self) -> bool:
        """Whether this process leads; it takes the lead where nobody has it.

        Raises: StoreError where the server cannot be reached; then it does not lead any more.
        """
        if self._alone:
            return True
        with connection.told(self._database):
            try:
                if self._holding is None:
                    self._holding = self._taken()
                else:
                    self._holding.execute("SELECT 1")
            except BaseException:
                self.close()
                raise
        return self._holding is not None

    def close(self) -> None:
        """Let another one lead."""
        holding, self._holding = self._holding, None
        if holding is not None:
            with suppress(Exception):
                holding.execute(_LET_GO)
            with suppress(Exception):
                holding.close()

    def _taken(self) -> Any:
        """A connection that holds the lock; None where another one holds it."""
        pooled = self._database.raw_connection()
        holding: Any = pooled.driver_connection
        pooled.detach()
        held = False
        try:
            holding.rollback()
            holding.autocommit = True
            for setting in _SETTINGS:
                holding.execute(f"SET {setting}")
            [held] = holding.execute(_TAKE).fetchone()
        finally:
            if not held:
                holding.close()
        return holding if held else None
