"""How mails leave this machine: by the configured server, or into a folder, for whoever tries things out.

Owns which server that is, how it is spoken to, and what signs. Keeps nothing: what was sent is known by
whoever sends.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from newsletter import config, dkim, message
from newsletter.backends import BACKENDS, eml, smtp
from newsletter.backends.carrier import Carrier
from newsletter.backends.smtp.carrier import Limits
from newsletter.config import DkimSettings, Settings
from newsletter.errors import ConfigError
from newsletter.subscribe import Send


def send_test(mail: bytes, to: str, settings: Settings, *, now: datetime) -> str:
    """What the server said when it took this mail for that address; each time as a new one.

    Raises: ConfigError for an unusable address or where no server is configured; BackendUnavailable; Refused.
    """
    server, keys = _server(settings), signers(settings)
    try:
        addressed, sender, recipient = message.readdress(mail, recipient=to, sent_at=now)
    except ValueError as error:
        raise ConfigError("the test mail needs one address to go to, such as ada@example.org") from error
    signed = dkim.signed(addressed, dkim.answering(keys, sender))
    return smtp.send(signed, sender=sender, recipient=recipient, server=server)


def letters(settings: Settings) -> Send:
    """What signs one mail and hands it over. Raises: ConfigError for no server, or a key that cannot sign.

    It raises BackendUnavailable where no mail can go, MaybeSent where one may have gone, and Refused.
    """
    server, keys = _server(settings), signers(settings)

    def send(mail: bytes, sender: str, recipient: str) -> None:
        signed = dkim.signed(mail, dkim.answering(keys, sender))
        smtp.send(signed, sender=sender, recipient=recipient, server=server)

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
    if chosen.backend != "smtp":
        return BACKENDS[chosen.backend](chosen.folder, durable=chosen.durable)
    limits = Limits(
        chosen.connections, chosen.mails_per_connection, chosen.answer_timeout_s, chosen.end_timeout_s
    )
    return BACKENDS["smtp"](_server(settings), limits, name=name)


def signers(settings: Settings) -> tuple[dkim.Signer, ...]:
    """What signs mails, in the order of the configuration. Raises: ConfigError for a key that cannot."""
    return tuple(_signer(one) for one in settings.dkim)


def _signer(one: DkimSettings) -> dkim.Signer:
    try:
        pem = one.key_file.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"dkim {one.selector}._domainkey.{one.domain}: its key_file {one.key_file} cannot be read: "
            f"{error.strerror}; make one with: {dkim.MAKE}"
        ) from error
    return dkim.Signer.of(one.domain, one.selector, pem)


def _server(settings: Settings) -> smtp.Server:
    chosen = settings.smtp
    if not chosen.host:
        raise ConfigError("no server to send by; set smtp.host in config.toml, and what the server asks for")
    return smtp.Server(
        **chosen.model_dump(exclude={"password", "access_token"}),
        password=chosen.password.get_secret_value(),
        access_token=chosen.access_token.get_secret_value(),
        verify=not config.is_loopback(chosen.host),
    )
