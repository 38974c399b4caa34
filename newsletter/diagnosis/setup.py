"""Whether the configuration says all that sending needs. What is not allowed at all never comes here."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from newsletter.diagnosis.checks import Check, Group, Level

# Names that nobody can own: RFC 2606 and RFC 6761.
_NOBODYS = ("example.org", "example.com", "example.net", "example", "test", "invalid", "localhost")
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who one list comes from. answers_to: the address that answers go to."""

    list: str
    address: str
    answers_to: str
    postal_address: str

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return domain_of(self.address)


@dataclass(frozen=True, slots=True)
class Setup:
    """What the configuration says about sending.

    keys: how many sign links. exposed: files with secrets in them that other users of the machine can read.
    """

    base_url: str
    keys: int
    leave_address: str
    bounce_address: str
    senders: tuple[Sender, ...]
    backend: str
    folder: str
    smtp_host: str
    exposed: tuple[str, ...] = ()


def domain_of(address: str) -> str:
    """The domain of a bare address, in small letters."""
    return address.rpartition("@")[2].lower()


def is_example(host: str) -> bool:
    """Whether a name is kept free for examples, so that nothing of anybody's can be there."""
    return any(host == name or host.endswith(f".{name}") for name in _NOBODYS)


def leads_nowhere(base_url: str) -> bool:
    """Whether no reader can reach the site of that address."""
    host = urlsplit(base_url).hostname or ""
    return host in _LOCAL or is_example(host)


def checks(setup: Setup) -> Iterator[Check]:
    """How the configuration stands."""
    yield _keys(setup.keys)
    yield _site(setup.base_url)
    yield from (_sender(sender) for sender in setup.senders)
    yield from (_postal(sender) for sender in setup.senders)
    yield _leave(setup.leave_address)
    yield _bounce(setup.bounce_address)
    yield _backend(setup)
    yield from map(_exposed, setup.exposed)


def _keys(number: int) -> Check:
    if number:
        keys = "1 key signs" if number == 1 else f"{number} keys sign"
        return _check(Level.OK, "one-click", "secret_keys", f"{keys} the links of readers")
    make = 'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
    return _check(
        Level.PROBLEM,
        "one-click",
        "secret_keys",
        "none: no reader can be given a link, so that no issue goes out",
        f"make one with {make} and set it, best in NEWSLETTER__SECRET_KEYS",
    )


def _site(base_url: str) -> Check:
    if leads_nowhere(base_url):
        is_local = urlsplit(base_url).hostname in _LOCAL
        where = "to this machine alone" if is_local else "nowhere: it is an example"
        said = f"{base_url}: readers' links lead {where}"
        return _check(
            Level.PROBLEM, "one-click", "base_url", said, "set base_url to the public address of your site"
        )
    return _check(Level.OK, "one-click", "base_url", f"{base_url}: readers leave there with one click")


def _sender(sender: Sender) -> Check:
    name = f"sender of {sender.list}"
    if is_example(sender.domain):
        said = f"{sender.address}: an example, which no receiver believes"
        step = f"set lists.{sender.list}.sender to an address of your own domain"
        return _check(Level.PROBLEM, "", name, said, step)
    return _check(Level.OK, "", name, sender.address)


def _postal(sender: Sender) -> Check:
    name = f"postal address of {sender.list}"
    if sender.postal_address:
        return _check(Level.OK, "", name, "stands in the footer")
    said = "none; the law of many countries asks for one in each mail (CAN-SPAM in the US, for one)"
    return _check(Level.WARNING, "", name, said, f"set lists.{sender.list}.postal_address")


def _leave(address: str) -> Check:
    if address:
        return _check(Level.OK, "", "leave_address", f"{address}: readers can leave by mail, too")
    said = "none: readers leave on the web only, and not while your site is down"
    return _check(Level.WARNING, "", "leave_address", said, 'set it; see "Leaving by mail" in the README')


def _bounce(address: str) -> Check:
    if address:
        return _check(Level.OK, "", "bounce_address", f"{address}: reports say whom they are about")
    said = "none: reports of mails that do not arrive come to the sender, and nobody counts them"
    step = "set it to a mailbox whose server takes what follows a plus"
    return _check(Level.WARNING, "", "bounce_address", said, step)


def _backend(setup: Setup) -> Check:
    if setup.backend != "smtp":
        said = f"{setup.backend}: mails are written to {setup.folder}, and nothing is sent"
        return _check(
            Level.WARNING, "", "delivery.backend", said, 'set delivery.backend = "smtp" to send mails'
        )
    if not setup.smtp_host:
        said = "no server to send by"
        return _check(
            Level.PROBLEM, "", "smtp.host", said, "set smtp.host, and what the server asks for in [smtp]"
        )
    return _check(Level.OK, "", "smtp.host", setup.smtp_host)


def _exposed(path: str) -> Check:
    said = "other users of this machine can read it, and it holds secrets or addresses"
    return _check(Level.WARNING, "", path, said, f"run: chmod go= {path}")


def _check(level: Level, topic: str, name: str, said: str, step: str = "") -> Check:
    return Check(level, Group.CONFIGURATION, topic, name, said, step)
