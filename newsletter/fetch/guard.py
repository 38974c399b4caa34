"""Where a request may go: public addresses, by http or https, on the ports of the web.

An address that others wrote (a feed, a redirect, an answer of the DNS) must not lead into the network this
program runs in. Every address a name resolves to is checked, and the connection is made to one of exactly
those: a name that is resolved twice can lead to two places. Connects to nothing itself.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import parse_qsl, urlsplit

from newsletter.errors import FetchError

# Turns a host and a port into the addresses it has.
Resolver = Callable[[str, int], Iterable[str]]

DEFAULT_PORTS = {"http": 80, "https": 443}
# RFC 3986 §2 has none of these, and URL parsers disagree on what comes after each of them.
_NEVER_IN_AN_ADDRESS = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]")
# What `ipaddress` of one Python or another calls global, and what still leads to private addresses or to
# nobody: 6to4 (RFC 3056), Teredo (RFC 4380) and other protocol assignments (RFC 6890), 6to4 relays
# (RFC 7526), AS112 sinks (RFC 7535), documentation (RFC 9637), benchmarks (RFC 2544), shared (RFC 6598).
_DENIED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "2002::/16",
        "2001::/23",
        "3fff::/20",
        "192.0.0.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "100.64.0.0/10",
        "0.0.0.0/8",
        "240.0.0.0/4",
    )
)
# All of IPv6 that is given out for public use; outside of it lie, among others, the translations to IPv4
# (RFC 6052, RFC 8215), of which `ipaddress` calls one global.
# Source: iana.org/assignments/ipv6-address-space.
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# Parameters of the services asked here, which hold no secret. Of any other a message shows the name only.
_SHOWN = frozenset(
    (
        "date",
        "week",
        "month",
        "limit",
        "search_query",
        "id_list",
        "start",
        "max_results",
        "sortBy",
        "sortOrder",
    )
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be reached: public addresses on `ports`, and besides them exactly the `endpoints` named.

    Only tests name an endpoint, for the servers they start themselves; no setting leads here.
    """

    ports: frozenset[int] = frozenset(DEFAULT_PORTS.values())
    endpoints: frozenset[tuple[str, int]] = frozenset()


STRICT = Policy()


def check(address: str, policy: Policy) -> None:
    """Nothing, where the text is the address of a web page that may be asked for.

    Raises: FetchError for another scheme or port, credentials, and what parsers read in different ways.
    """
    if _NEVER_IN_AN_ADDRESS.search(address):
        raise FetchError(
            shown(address), "an address holds no blank, backslash or control character; correct it"
        )
    try:
        parts = urlsplit(address)
        port = parts.port if parts.port is not None else DEFAULT_PORTS.get(parts.scheme)
    except ValueError as error:
        raise FetchError(shown(address), "this is not an address; correct it") from error
    if port is None or not parts.hostname or parts.scheme not in DEFAULT_PORTS:
        raise FetchError(shown(address), "only addresses that begin with http:// or https:// can be read")
    if "@" in parts.netloc:
        raise FetchError(
            shown(address), "an address with a user name or password is not read; leave them out"
        )
    if port not in policy.ports and port not in {port for _, port in policy.endpoints}:
        raise FetchError(shown(address), f"port {port} is not read; a digest stands on port 80 or 443")


def checked(addresses: Iterable[str], host: str, port: int, policy: Policy) -> tuple[str, ...]:
    """The addresses of a host, each in its one numeric form, all of which may be reached.

    Raises: FetchError where there is none, or where a single one may not be reached: a name that leads to a
    public and to a private address is not an accident.
    """
    found = tuple(dict.fromkeys(str(_plain(address)) for address in addresses))
    if not found:
        raise FetchError(host, "this name has no address; check its spelling and the connection")
    for address in found:
        why = refusal(address)
        if (address, port) not in policy.endpoints and (why or port not in policy.ports):
            problem = f"leads to {address}, {why or f'port {port}'}; only public addresses are read"
            raise FetchError(host, problem)
    return found


def refusal(address: str) -> str | None:
    """What kind of address this is, where it is not one of the public Internet; None where it is."""
    ip = _plain(address)
    if ip.is_loopback:
        return "which is this machine"
    if ip.is_link_local:
        return "a link-local address"
    if ip.is_multicast:
        return "a multicast address"
    if ip.version == 6 and ip not in _GLOBAL_UNICAST:
        return "a private or reserved address"
    if not ip.is_global or any(ip.version == net.version and ip in net for net in _DENIED):
        return "a private or reserved address"
    return None


def shown(address: str) -> str:
    """The address as a message may show it: on one line, without credentials, secrets and fragment."""
    text = _NEVER_IN_AN_ADDRESS.sub("", address)[:300]
    try:
        parts = urlsplit(text)
        query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    except ValueError:
        return text.rpartition("@")[2].partition("?")[0]
    place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.scheme else text
    pairs = "&".join(f"{name}={value if name in _SHOWN else '…'}" for name, value in query)
    return f"{place}?{pairs}" if pairs else place


def _plain(address: str) -> IPv4Address | IPv6Address:
    """The address itself, out of its zone and out of the IPv6 forms that only wrap an IPv4 address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
