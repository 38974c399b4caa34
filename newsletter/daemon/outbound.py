"""What deliveries go out from: the rooms of a configuration, or of a worker."""

from typing import Protocol

from newsletter import store
from newsletter.dispatch import Dispatch
from newsletter.model import Edition


class Outbound(Protocol):
    """What deliveries go out from."""

    @property
    def database(self) -> store.Engine:
        """The open store."""

    @property
    def dispatch(self) -> Dispatch:
        """Where issues are sent from."""

    def honour(self) -> None:
        """Take off their lists who left while the database could not be written. Raises: StoreError."""

    def held(self) -> str:
        """Why nothing goes before somebody says a word, with the next step; "" where it goes on."""

    def due(self) -> tuple[Edition, ...]:
        """The issues that have mails to go now, the oldest first; () where nothing goes."""
