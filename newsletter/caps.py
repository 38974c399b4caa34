"""How often may anybody ask, and how many letters may that cause.

Owns the caps on the subscribe form: an address, a host, its network and everybody together. Letters to
people who did not ask are what such forms are abused for, so each cap is far above what a person needs and
far below what a list of addresses would. What everybody shares is shared fairly: a few networks that ask for
much leave room for those that ask for the first time. Counts nothing itself.
"""

import ipaddress
from collections.abc import Callable
from datetime import timedelta

# Letters to one mailbox: one a day, and three a month.
LETTERS_PER_MAILBOX = ((timedelta(hours=24), 1), (timedelta(days=30), 3))
# Asks from one host, and from its network, in an hour. A network of IPv4 is a /24, of IPv6 a /48.
WINDOW = timedelta(hours=1)
ASKS_PER_HOST = 10
ASKS_PER_NETWORK = 20
# What a translator before the site makes of addresses of IPv4: all the world in one /64 (RFC 6052).
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
# An ask that no letter could answer for so long is dropped: nobody waits for that letter any more.
PATIENCE = timedelta(hours=24)
# How long a letter's link can be said yes to.
LINK_LIFE = timedelta(days=7)
# How long what is counted is kept, and what nobody confirmed.
MEMORY = timedelta(days=30)


def origin(address: str) -> tuple[str, str]:
    """The host and the network that an IP address counts as; empty where it is none.

    Whoever has an address of IPv6 has its whole /64, so that counts as one host.
    """
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return "", ""
    if isinstance(found, ipaddress.IPv6Address):
        within = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF) if found in _TRANSLATED else None
        found = found.ipv4_mapped or within or found
    sizes = (32, 24) if found.version == 4 else (64, 48)
    host, network = (str(ipaddress.ip_network((found, size), strict=False)) for size in sizes)
    return host, network


def may_ask(asked: Callable[..., int], host: str, network: str) -> bool:
    """Whether there may be one more ask from there. asked: how many there were from a host or a network."""
    from_host = asked(host=host) if host else 0
    from_network = asked(network=network) if network else 0
    return from_host < ASKS_PER_HOST and from_network < ASKS_PER_NETWORK


def has_room(taken: int, *, own: int, of: int) -> bool:
    """Whether a network that has so many of its own gets one more, where that many of all are taken.

    The first of a network needs one free place, the second half of them, the third two thirds: to take all
    places of 500, somebody needs 300 networks, and not the 25 that a cap for each would let them do with.
    """
    return taken * (own + 1) < of


def queue_room(letters_per_hour: int) -> int:
    """How many asks may wait: as many as get their letters before nobody waits for them any more."""
    return letters_per_hour * int(PATIENCE / WINDOW)


def may_write(letters: Callable[[timedelta], int]) -> bool:
    """Whether there may be one more letter to a mailbox. letters: how many it got in that time."""
    return all(letters(window) < most for window, most in LETTERS_PER_MAILBOX)
