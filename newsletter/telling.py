"""Who says in an issue what a paper is about, where that is a model: opened for as long as it is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsletter import headway, intake, publish
from newsletter.config import Settings
from newsletter.errors import ConfigError
from newsletter.model import MailingList

if TYPE_CHECKING:  # most lists ask no model
    from newsletter.summariser import Endpoint


@contextmanager
def opened(list: MailingList, settings: Settings, *, ask: bool = True) -> Iterator[publish.Tell | None]:
    """Who says in an issue of the list what a paper is about, None for the authors and for Hugging Face.

    ask: whether a model is asked, or only what it said before is told. What it did not say is told on stderr.
    Raises: ConfigError where the list wants a model and none is configured.
    """
    if list.summaries != "model":
        yield None
        return
    from newsletter.summariser import Summariser

    with headway.of_questions(settings.summariser.model) as progress:
        asked = Summariser(
            _endpoint(list, settings, ask=ask), intake.cache_dir(settings) / "summaries", progress=progress
        )
        yield asked.tell
    if asked.warning:
        headway.warn(asked.warning)


def _endpoint(list: MailingList, settings: Settings, *, ask: bool) -> "Endpoint":
    from newsletter.summariser import Endpoint

    chosen = settings.summariser
    if not chosen.model:
        raise ConfigError(
            f'lists.{list.slug}.summaries is "model", and no model is configured; set summariser.model'
        )
    key = chosen.api_key.get_secret_value()
    most = chosen.max_papers if ask else 0
    return Endpoint(chosen.base_url, chosen.model, key, chosen.timeout_s, most)
