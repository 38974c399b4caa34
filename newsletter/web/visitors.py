"""Where a request comes from, and for which page, as far as servers in front of ours are believed.

Pure: it is given the headers and the settings.
"""

import ipaddress
from collections.abc import Collection, Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Hops that are looked at; nobody has so many servers in front.
_MOST_HOPS = 32


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """The networks that are written so."""
    return tuple(map(ipaddress.ip_network, texts))


def origin(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The address that a request comes from; "" where it is none of IP.

    forwarded: the values of X-Forwarded-For in their order. Each server adds who asked it on the right, so
    it is read from there, as long as a trusted one wrote: what stands left of that anybody can make up.
    """
    here = _address(peer)
    hops = [hop for value in forwarded for hop in value.split(",")]
    for hop in hops[: -_MOST_HOPS - 1 : -1]:
        if here is None or not _is_in(here, trusted):
            break
        before = _address(hop)
        if before is None:
            break
        here = before
    return "" if here is None else str(here)


def place(path: str, *, prefix: str, names: Collection[str]) -> str:
    """The path of the page that is asked for, as the site counts it: from its own beginning.

    prefix: the path of the public address, "" for none; servers in front take it off, or leave it. names:
    what a path may begin with. Where a list is called as the prefix, what is left has to begin with one of
    them.
    """
    if not prefix or not (path == prefix or path.startswith(prefix + "/")):
        return path
    rest = path.removeprefix(prefix) or "/"
    is_ours = rest == "/" or rest.split("/")[1] in names
    # A path that begins with no name of ours is no page either way, but for a list of the prefix's name.
    return rest if is_ours or path.split("/")[1] not in names else path


def _address(text: str) -> Address | None:
    text = text.strip()
    if text.startswith("["):  # an address of IPv6 with a port
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _is_in(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in trusted)
