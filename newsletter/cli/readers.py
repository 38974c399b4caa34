"""What the commands about readers share: their options, and what they make of them."""

from typing import Annotated

import typer

from newsletter import config
from newsletter.config import Settings
from newsletter.errors import ConfigError
from newsletter.model import MailingList, Recipient, SubscriptionStatus

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="An address, such as ada@example.org.")]
OneList = Annotated[
    str | None, typer.Option("--list", metavar="SLUG", help="The mailing list.", show_default="the only one")
]
AnyList = Annotated[
    str | None, typer.Option("--list", metavar="SLUG", help="Only this list.", show_default="every list")
]
Status = Annotated[
    SubscriptionStatus | None, typer.Option("--status", help="Only these.", show_default="every status")
]
ConsentText = Annotated[
    str,
    typer.Option(
        "--consent",
        metavar="TEXT",
        help="Needed, and kept: how they agreed, where and when.",
        show_default=False,
    ),
]


def recipient(text: str) -> Recipient:
    """The address. Raises: ConfigError, which says what is wrong with it."""
    from newsletter import recipients

    try:
        return recipients.recipient(text)
    except ValueError as error:
        raise ConfigError(f"{text[:80]}: no address: {error}") from error


def one_list(settings: Settings, slug: str | None) -> MailingList:
    """The list of that slug, or the only one. Raises: NotFound; ConfigError where it is not said which."""
    if slug is None and len(settings.lists) > 1:
        raise ConfigError(f"which list? say --list and one of: {', '.join(settings.lists)}")
    return config.mailing_list(settings, slug)


def known_list(settings: Settings, slug: str | None) -> None:
    """Return where there is such a list. Raises: NotFound."""
    if slug is not None:
        config.mailing_list(settings, slug)


def agreed(text: str) -> str:
    """What people agreed to, in one line. Raises: ConfigError where nothing is said."""
    words = " ".join(text.split())
    if len(words) < 3:
        example = '--consent "ticked the box at registration, reading group, 24 Nov 2026"'
        raise ConfigError(f"how did they agree? Say where, how and when; it is kept: {example}")
    if len(words) > 1000:
        raise ConfigError("--consent: at most 1,000 characters")
    return words
