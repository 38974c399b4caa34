"""How mails leave this machine: by the configured server, or into a folder, for whoever tries things out.

Owns which server that is and how it is spoken to. Keeps nothing: what was sent is known by whoever sends.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from newsletter import config, message
from newsletter.backends import BACKENDS, eml, smtp
from newsletter.backends.carrier import Carrier
from newsletter.config import Settings
from newsletter.errors import ConfigError
from newsletter.subscribe import Send


def send_test(mail: bytes, to: str, settings: Settings, *, now: datetime) -> str:
    """What the server said when it took this mail for that address; each time as a new one.

    Raises: ConfigError for an unusable address or where no server is configured; BackendUnavailable; Refused.
    """
    server = _server(settings)
    try:
        addressed, sender, recipient = message.readdress(mail, recipient=to, sent_at=now)
    except ValueError as error:
        raise ConfigError("the test mail needs one address to go to, such as ada@example.org") from error
    return smtp.send(addressed, sender=sender, recipient=recipient, server=server)


def letters(settings: Settings) -> Send:
    """What hands one mail over. Raises: ConfigError where no server is configured.

    It raises BackendUnavailable where no mail can go, MaybeSent where one may have gone, and Refused.
    """
    server = _server(settings)

    def send(mail: bytes, sender: str, recipient: str) -> None:
        smtp.send(mail, sender=sender, recipient=recipient, server=server)

    return send


def letters_to(folder: Path, told: Callable[[Path], None]) -> Send:
    """What writes one mail into the folder instead. told: where its page is, which names nobody.

    It raises BackendUnavailable where it cannot be written.
    """

    def send(mail: bytes, sender: str, recipient: str) -> None:
        told(eml.save(mail, folder))

    return send


def carrier(settings: Settings, *, name: str) -> Carrier:
    """The configured way for the mails of an issue. name: what this client calls itself.

    Raises: ConfigError where no server is configured; BackendUnavailable.
    """
    chosen = settings.delivery
    return BACKENDS[chosen.backend](chosen.folder, durable=chosen.durable)


def _server(settings: Settings) -> smtp.Server:
    chosen = settings.smtp
    if not chosen.host:
        raise ConfigError("no server to send by; set smtp.host in config.toml, and what the server asks for")
    return smtp.Server(
        **chosen.model_dump(exclude={"password"}),
        password=chosen.password.get_secret_value(),
        verify=not config.is_loopback(chosen.host),
    )
