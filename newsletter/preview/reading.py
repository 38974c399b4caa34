"""The digests of a page, read again only where one has changed.

A file is parsed again when its bytes are others. An address is asked once, and when an editor wants it asked
again; what it said then, or why it said nothing, stays until that.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from newsletter import addresses, app, headway, intake, sources
from newsletter.config import Settings, SourceSettings
from newsletter.errors import ConfigError, NewsletterError
from newsletter.model import Digest
from newsletter.preview import watching

_STDIN = "-"


class Reading:
    """The digests that were named, else those of the configured sources, else the bundled sample."""

    def __init__(self, given: Sequence[str]) -> None:
        self._given = tuple(given)
        self._parsed: dict[tuple[str, bytes], Digest] = {}
        self._told: set[str] = set()
        self._asked: dict[object, tuple[Digest, ...] | NewsletterError] = {}

    def digests(self, settings: Settings) -> tuple[Digest, ...]:
        """What there is to choose from now. Raises: NewsletterError where none of it can be read."""
        if self._given:
            return tuple(digest for name in self._given for digest in self._named(name, settings))
        if settings.sources:
            return self._configured(settings)
        return self._once((), lambda: app.read_digests((), settings))

    def ask_again(self) -> None:
        """Forget what addresses gave. What came by standard input does not come again."""
        self._asked = {key: kept for key, kept in self._asked.items() if key == _STDIN}

    def files(self, settings: Settings) -> list[Path]:
        """The files whose change makes other digests."""
        if self._given:
            return [Path(name) for name in self._given if _is_file(name)]
        return [path for source in settings.sources if source.file for path in _matching(source.file)]

    def _named(self, name: str, settings: Settings) -> tuple[Digest, ...]:
        if _is_file(name):
            return (self._of_file(name),)
        return self._once(name, lambda: app.read_digests([name], settings))

    def _configured(self, settings: Settings) -> tuple[Digest, ...]:
        """Those of every source that can be read: one that fails is told, and does not lose the others."""
        found: list[Digest] = []
        problems: list[NewsletterError] = []
        for source in settings.sources:
            try:
                found += self._of_source(source, settings)
            except NewsletterError as error:
                problems.append(error)
        if problems and not found:
            raise problems[0]
        for problem in dict.fromkeys(map(str, problems)):
            if problem not in self._told:
                headway.warn(problem)
        self._told = {str(problem) for problem in problems}
        return tuple(found)

    def _of_source(self, source: SourceSettings, settings: Settings) -> tuple[Digest, ...]:
        alone = settings.model_copy(update={"sources": (source,)})
        if source.file is None:
            return self._once(source, lambda: app.read_digests((), alone))
        stamps = tuple((str(path), watching.stamp(path)) for path in _matching(source.file))
        return self._once((source, stamps), lambda: app.read_digests((), alone))

    def _of_file(self, name: str) -> Digest:
        data = intake.read_file(Path(name))
        key = (name, data)
        if key not in self._parsed:
            # One version of each file is kept.
            self._parsed = {known: digest for known, digest in self._parsed.items() if known[0] != name}
            self._parsed[key] = sources.parse(data, name)
        return self._parsed[key]

    def _once(self, key: object, read: Callable[[], tuple[Digest, ...]]) -> tuple[Digest, ...]:
        if key not in self._asked:
            try:
                self._asked[key] = read()
            except NewsletterError as error:
                self._asked[key] = error
        kept = self._asked[key]
        if isinstance(kept, NewsletterError):
            raise kept
        return kept


def _is_file(name: str) -> bool:
    """Whether a name is a file that can be looked at again: neither an address nor standard input."""
    return name != _STDIN and not addresses.is_address(name)


def _matching(pattern: str) -> list[Path]:
    try:
        return intake.matching(pattern)
    except ConfigError:  # a file may yet come; that none is there is told where it is read
        return []
