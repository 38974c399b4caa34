"""Who is subscribed, for an operator who looks."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from newsletter import store
from newsletter.model import Subscription
from newsletter.store import census
from newsletter.store.census import Which


def newest(database: store.Engine, which: Which, *, most: int) -> tuple[list[Subscription], int]:
    """The subscriptions made last, newest first, and how many there are in all. Raises: StoreError."""
    with store.reading(database) as tx:
        return census.newest(tx, which, most=most)


@contextmanager
def every(database: store.Engine, which: Which) -> Iterator[Iterator[Subscription]]:
    """The subscriptions in the order in which they were made, as of one moment. Raises: StoreError."""
    with store.reading(database) as tx, closing(census.every(tx, which)) as found:
        yield found
