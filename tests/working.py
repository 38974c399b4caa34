"""An issue that is ready for workers, for tests: several processes on one PostgreSQL server."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import func, select, update

from newsletter import app, store
from newsletter.dispatch import Dispatch
from newsletter.store import tables
from newsletter.store.sendings import State
from tests.ledger_server import Ledger
from tests.running import DEADLINE_S, Process, running
from tests.sendable import ISSUE, Post


def enqueue(post: Post) -> None:
    """Write down the readers of the issue, as whoever begins to send it does."""
    settings = app.load_settings(post.folder / "config.toml")
    with app.open_dispatch(settings) as dispatch:
        dispatch.enqueue(dispatch.find(ISSUE), progress=lambda readers: None)


def enqueue_a_part(post: Post, *, minutes_ago: int) -> None:
    """The same by somebody who died in the midst of it, so long ago."""

    def die(readers: int) -> None:
        raise InterruptedError

    settings = app.load_settings(post.folder / "config.toml")
    with app.open_store(settings) as database:
        dispatch = Dispatch(database, settings, app.clock_of(database))
        try:
            dispatch.enqueue(dispatch.find(ISSUE), progress=die)
        except InterruptedError:
            with store.writing(database) as tx:
                began = func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, minutes_ago)
                tx.execute(update(tables.sendings).values(started_at=began))
                tx.execute(tables.deliveries.delete().where(tables.deliveries.c.id % 2 == 0))


@contextmanager
def workers(folder: Path, count: int) -> Iterator[list[Process]]:
    """So many workers, which look for what is due."""
    with ExitStack() as started:
        found = [
            started.enter_context(running(folder, "worker", name=f"worker{number}"))
            for number in range(count)
        ]
        for one in found:
            one.until("worker.started")
        yield found


def until_taken(ledger: Ledger, count: int) -> None:
    """Return once so many mails were taken."""
    until = time.monotonic() + 2 * DEADLINE_S
    while len(ledger.entries()) < count:
        assert time.monotonic() < until, len(ledger.entries())
        time.sleep(0.02)


def until_finished(post: Post) -> None:
    """Return once nothing of the issue is left."""
    database = store.open_store(post.url)
    until = time.monotonic() + 2 * DEADLINE_S
    state = ""
    while state != State.FINISHED:
        assert time.monotonic() < until, state
        time.sleep(0.2)
        with store.reading(database) as tx:
            state = tx.scalar(select(tables.sendings.c.state)) or ""
    database.dispose()


def rows(post: Post, table: str) -> int:
    """How many rows a table has."""
    database = store.open_store(post.url)
    with store.reading(database) as tx:
        found = tx.scalar(select(func.count()).select_from(tables.metadata.tables[table]))
    database.dispose()
    return int(found or 0)
