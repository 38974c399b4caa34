"""Which one of several processes leads: whoever holds a lock of PostgreSQL that ends with its connection.

A process that dies lets go at once; one whose machine is gone does so once the server has found out, within
half a minute. One that stands still keeps its connection: whoever stands by ends that, where it is certain
that the process gives no sign of life (`processes`). Whoever lets go well rings the bell. It is no proof
against two that lead for a moment: that no period has two issues, and nobody two mails, is what rows say.
"""

from contextlib import suppress
from typing import Any

from sqlalchemy import Engine

from newsletter.store import bell, connection, here

# A lock is the whole database's, and each schema of it may hold a newsletter of its own.
_KEY = "hashtextextended(current_schema(), 7639774377)"
_TAKE = f"SELECT pg_try_advisory_lock({_KEY})"
# After so long without a sign of life, which is due every 10 s, a leader stands still: with a look every 30 s
# another one leads within a minute.
_SILENT_S = 25.0
# What the connection of a leader that gives signs of life is called, with its machine and number.
_NAMED = "newsletter leads "
# The connection of a leader that stands still, and which process that is. One that gives no signs of life by
# its nature (`tick`), and one that has just begun, are no such. When a connection began, another role is not
# told. A leader that runs again afterwards finds its connection gone.
_STANDS_STILL = f"""
    SELECT held.pid, coalesce(
        (SELECT one.host || ', process ' || one.pid FROM processes AS one
            WHERE its.application_name = '{_NAMED}' || one.machine || ' ' || one.pid LIMIT 1),
        'a process'
    )
    FROM pg_locks AS held JOIN pg_stat_activity AS its USING (pid)
    WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND ((held.classid::bigint << 32) | held.objid::bigint) = {_KEY}
        AND starts_with(its.application_name, '{_NAMED}')
        AND coalesce(its.backend_start < clock_timestamp() - %s * interval '1 s', true)
        AND NOT EXISTS (
            SELECT FROM processes AS one
            WHERE its.application_name = '{_NAMED}' || one.machine || ' ' || one.pid
                AND one.seen_at > clock_timestamp() - %s * interval '1 s'
        )
"""  # noqa: S608 - no values
# It waits until the lock is free, so many ms at the most.
_END = "SELECT pg_terminate_backend(%s, 5000)"
_LET_GO = f"SELECT pg_advisory_unlock_all(), {bell.RING}"


class Lead:
    """The lead among the processes of a database; on SQLite, which is one machine's, everybody leads.

    lively: whether the process gives signs of life while it leads. said: of a leader that stood still, and
    what came of that; "" for nothing. silent_s: after so long without a sign of life a leader stands still.
    Not for two threads at a time.
    """

    def __init__(self, database: Engine, *, lively: bool = False, silent_s: float = _SILENT_S) -> None:
        self.said = ""
        self._silent_s = silent_s
        self._lively = lively
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
        holding = connection.own(self._database)
        held = False
        try:
            if self._lively:
                at = here.place()
                name = f"{_NAMED}{at.machine} {at.pid}"
                holding.execute("SELECT set_config('application_name', %s, false)", (name,))
            [held] = holding.execute(_TAKE).fetchone()
            self.said = ""
            if not held and self._ended_silent(holding):
                [held] = holding.execute(_TAKE).fetchone()
        finally:
            if not held:
                holding.close()
        return holding if held else None

    def _ended_silent(self, asking: Any) -> bool:
        """Whether a leader that stood still leads no more."""
        found = asking.execute(_STANDS_STILL, [self._silent_s] * 2).fetchone()
        if found is None:
            return False
        number, who = found
        said = f"{who} leads, and has given no sign of life for {self._silent_s:.0f} s"
        try:
            [ended] = asking.execute(_END, (number,)).fetchone()
        except self._database.dialect.loaded_dbapi.ProgrammingError as error:
            self.said = f"{said}; this role may not end its connection ({error}); end that process"
            return False
        self.said = f"{said}; its connection was ended"
        return bool(ended)
