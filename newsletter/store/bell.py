"""What wakes those who wait for something to deliver, on whichever machine: PostgreSQL's NOTIFY.

Rung in the transaction that makes something due, it is heard once that is committed. Nobody relies on it: who
hears nothing looks now and then.
"""

from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from newsletter.store import connection

_CHANNEL = "newsletter_due"
# It, as a part of a statement.
RING = f"pg_notify('{_CHANNEL}', '')"


def ring(tx: Connection) -> None:
    """Let all who wait know, once `tx` has ended, that something may be due."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_notify(_CHANNEL, "")))


class Bell:
    """Listens on a connection of its own, opened anew where it was lost. Not for two threads at a time."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._listening: Any = None

    def heard(self, *, within_s: float) -> bool:
        """Whether it rang, or may have rung unheard; it waits for so long at the most.

        Raises: StoreError where the server cannot be reached.
        """
        with connection.told(self._database):
            if self._listening is None:
                self._listen()
                return True
            try:
                return any(True for _ in self._listening.notifies(timeout=within_s, stop_after=1))
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Listen no more."""
        listening, self._listening = self._listening, None
        if listening is not None:
            with suppress(Exception):
                listening.close()

    def _listen(self) -> None:
        listening = connection.own(self._database)
        try:
            listening.execute(f"LISTEN {_CHANNEL}")
        except BaseException:
            listening.close()
            raise
        self._listening = listening
