"""Questions to the name system (DNS).

Owns whom is asked and for how long. A name without records is an answer; whoever cannot be asked is told in
words, never raised. Keeps nothing and decides nothing.
"""

import ipaddress
from collections.abc import Callable

import dns.exception
import dns.resolver
import dns.reversename
from dns.rdata import Rdata

from newsletter.diagnosis import dmarc, spf
from newsletter.diagnosis.answers import Answer
from newsletter.diagnosis.hosts import Reverse
from newsletter.errors import ConfigError

# Whoever resolves public names resolves this one.
_KNOWN_TO_ALL = "com."
# Names that a chain of SPF records may have; receivers stop at ten.
_MOST_NAMES = 20
# Names of one address that are followed.
_MOST_REVERSE = 5


class Resolver:
    """Asks the name servers of this machine, or the one that is given. May be used by several threads."""

    def __init__(self, server: str = "", *, timeout_s: float = 5.0) -> None:
        """server: an address, with a port behind a colon if it is not 53. Raises: ConfigError."""
        self._asked = dns.resolver.Resolver(configure=False)
        self._asked.lifetime = timeout_s
        self._asked.timeout = timeout_s / 2
        try:
            if server:
                host, port = _place(server)
                self._asked.nameservers, self._asked.port = [host], port
            else:
                self._asked.read_resolv_conf("/etc/resolv.conf")
        except dns.resolver.NoResolverConfiguration:
            self._asked.nameservers = []
        except ValueError as error:
            problem = f"--dns {server}: not the address of a name server; write it as 192.0.2.1"
            raise ConfigError(problem) from error

    def trouble(self) -> str:
        """Why nothing that it says is worth anything, "" where it knows the names of the world.

        A name server of a closed network says of every name that there is none.
        """
        answer = self._ask(_KNOWN_TO_ALL, "NS", str)
        closed = "the name server knows no names of the public internet; name another one with --dns"
        return answer.trouble or ("" if answer.records else closed)

    def texts(self, name: str) -> Answer:
        """The TXT records of a name, each in one piece."""
        return self._ask(name, "TXT", lambda found: b"".join(found.strings).decode("utf-8", "replace"))  # type: ignore[attr-defined]

    def mails(self, domain: str) -> Answer:
        """The MX records of a domain, as "10 mx.example.org."."""
        return self._ask(domain, "MX", str)

    def addresses(self, name: str) -> Answer:
        """The addresses of a name, of both kinds."""
        four, six = (self._ask(name, kind, str) for kind in ("A", "AAAA"))
        records = four.records + six.records
        return Answer(records, "" if records else four.trouble or six.trouble)

    def reverse(self, address: str, *, ours: bool) -> Reverse:
        """The names of an address, and the addresses of those."""
        names = self._ask(dns.reversename.from_address(address).to_text(), "PTR", str)
        forward = {name: self.addresses(name) for name in names.records[:_MOST_REVERSE]}
        return Reverse(address, ours, names, forward)

    def spf(self, domain: str) -> dict[str, Answer]:
        """The TXT records of a domain, and of all that its SPF record leads to."""
        found: dict[str, Answer] = {}
        names = [domain]
        while names and len(found) < _MOST_NAMES:
            name = names.pop(0)
            if name in found:
                continue
            found[name] = self.texts(name)
            if found[name].trouble:
                break
            names += [
                one for record in found[name].records if spf.is_spf(record) for one in spf.leads_to(record)
            ]
        return found

    def dmarc(self, domain: str) -> dict[str, Answer]:
        """The TXT records of the policies that may hold for a domain, by the domains that have them."""
        found: dict[str, Answer] = {}
        for one in dmarc.asked_of(domain):
            found[one] = self.texts(f"_dmarc.{one}")
            if found[one].trouble:
                break
        return found

    def _ask(self, name: str, kind: str, told: Callable[[Rdata], str]) -> Answer:
        try:
            found = self._asked.resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return Answer()
        except dns.resolver.NoNameservers:
            return Answer(trouble=self._refusal())
        except dns.resolver.LifetimeTimeout:
            return Answer(trouble="no name server answered in time")
        except (dns.exception.DNSException, UnicodeError, OSError):
            return Answer(trouble=f"{name} cannot be asked for")
        # A server gives them in any order.
        return Answer(tuple(sorted(map(told, found))))

    def _refusal(self) -> str:
        if not self._asked.nameservers:
            return "this machine knows no name server; name one with --dns"
        return "the name server has no answer (SERVFAIL or REFUSED): the zone may be broken"


def _place(server: str) -> tuple[str, int]:
    """The address and the port of a name server. Raises: ValueError."""
    try:
        return str(ipaddress.ip_address(server.strip("[]"))), 53
    except ValueError:
        host, _, port = server.rpartition(":")
        if not 0 < int(port) < 65536:
            raise ValueError(port) from None
        return str(ipaddress.ip_address(host.strip("[]"))), int(port)
