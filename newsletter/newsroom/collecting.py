"""Bringing what the configured sources hold into the store, and what it means when that is nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from newsletter import collect, intake, store
from newsletter.announcements import Silence
from newsletter.config import Settings
from newsletter.gather import Outside


@dataclass(frozen=True, slots=True)
class Collected:
    """What collecting came to.

    digests: how many were read. trouble: what could not be, in words. quiet: why a source has nothing new.
    is_right: whether all of that silence is as it should be.
    """

    digests: int
    trouble: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()
    is_right: bool = True

    @property
    def is_broken(self) -> bool:
        """Whether nothing could be read, and something should have been."""
        return bool(self.trouble) and not self.digests

    @property
    def words(self) -> str:
        """What there is to say about it, "" for nothing."""
        if self.trouble:
            said = "; ".join(" ".join(one.split()) for one in self.trouble)
            return f"{'no source' if self.is_broken else 'a part'} could be read: {said}"[:1000]
        return "; ".join(self.quiet)[:1000]


def collected(
    database: store.Engine, settings: Settings, clock: Callable[[], datetime], outside: Outside | None
) -> Collected:
    """What the sources held, which is in the store now. Raises: StoreError."""
    with intake.opened(settings, clock, outside) as reach:
        found = intake.gathered(settings, reach)
    for digest in found.digests:
        collect.ingest(database, digest, now=clock(), progress=lambda _: None)
    return Collected(
        digests=len(found.digests),
        trouble=tuple(map(str, found.problems)),
        quiet=tuple(dict.fromkeys(map(str, found.quiet))),
        # Who forgot to configure a source has to hear of it.
        is_right=bool(settings.sources) and all(one.silence is Silence.RIGHT for one in found.quiet),
    )
