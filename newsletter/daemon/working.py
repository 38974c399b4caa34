"""One more machine that delivers: `newsletter worker`. It keeps no schedule and serves no site.

PostgreSQL itself is the engine. The row of a reader in the ledger is the job: claimed with FOR UPDATE SKIP
LOCKED, held by a lease of the server's time, fenced by the number of the worker. A job queue beside it would
be a second truth about who has which mail, and a slower one. Measured: one job of Procrastinate for each
reader drains 153 a second, rows of the ledger with leases 6,000 to 28,000. NOTIFY says that something is due;
whoever misses that looks half a minute later. A worker may come, go, or die at any time: what it had claimed
goes on with others.
"""

from dataclasses import dataclass
from pathlib import Path

from newsletter import app, store, subscribe
from newsletter.config import Settings
from newsletter.daemon import journal, words
from newsletter.daemon.deliveries import Deliveries
from newsletter.daemon.staying import Ground, Staying
from newsletter.dispatch import Dispatch
from newsletter.errors import ConfigError
from newsletter.model import Edition


@dataclass(frozen=True, slots=True)
class Depot:
    """What a worker delivers from: an open store, and what the settings say of mails."""

    settings: Settings
    database: store.Engine
    dispatch: Dispatch

    def honour(self) -> None:
        """Take off their lists who left while the database could not be written. Raises: StoreError."""
        subscribe.honour(self.database, self.settings.leaving_file)

    def held(self) -> str:
        """Why nothing goes before somebody says a word, with the next step; "" where it goes on.

        That nobody looked at the schedule is no reason here: a worker delivers what others let go.
        """
        return self.dispatch.held()

    def due(self) -> tuple[Edition, ...]:
        """The issues that have mails to go now, the oldest first; () where nothing goes."""
        return () if self.held() else self.dispatch.due()


def work(path: Path | None) -> int:
    """The exit status, once the process was told to end: 0, and 1 where it had to end at once.

    path: of the configuration. Raises: ConfigError where the database is a file; StoreError where it cannot
    be opened at the start.
    """
    with words.heard() as heard:
        settings = app.load_settings(path)
        _require_server(settings)
        with (
            journal.opened(settings.run.log, clock=app.utcnow) as log,
            app.open_store(settings, create=False, honour=True) as database,
        ):
            return _Worker(settings, Ground(database, log, heard, path, app.clock_of(database))).run()


class _Worker(Staying):
    def __init__(self, settings: Settings, ground: Ground) -> None:
        self._ground = ground
        self._depot = self._opened(settings)
        super().__init__(Deliveries(lambda: self._depot, clock=ground.clock, tell=ground.log.tell), ground)

    def settings(self) -> Settings:
        return self._depot.settings

    def take(self, settings: Settings) -> None:
        _require_server(settings)
        self._depot = self._opened(settings)

    def _opened(self, settings: Settings) -> Depot:
        ground = self._ground
        return Depot(settings, ground.database, Dispatch(ground.database, settings, ground.clock))


def _require_server(settings: Settings) -> None:
    if settings.database_url.get_secret_value().startswith("sqlite:"):
        problem = (
            "database_url: a worker shares the database with other machines, and SQLite is one file of one"
        )
        step = "name a PostgreSQL server, or deliver with newsletter run or newsletter send"
        raise ConfigError(f"{problem}; {step}")
