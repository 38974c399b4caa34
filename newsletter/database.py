"""The database that the settings name: its tables, and how it stands."""

from newsletter import store
from newsletter.config import Settings


def upgrade(settings: Settings) -> tuple[str | None, str]:
    """The revisions of the tables before and after; None for a new store. Raises: StoreError."""
    return store.upgrade(_address(settings))


def health(settings: Settings) -> store.Health:
    """How the store stands; nothing is changed. Raises: StoreError where it cannot be opened."""
    database = store.open_store(_address(settings), create=False)
    try:
        return store.health(database)
    finally:
        database.dispose()


def _address(settings: Settings) -> str:
    return settings.database_url.get_secret_value()
