"""A place of this machine where a server of ours can be reached, and what that place is called.

Owns how the socket is made. Which places are allowed is decided by who serves there.
"""

import errno
import socket

from newsletter.errors import ConfigError

# Visitors who may wait until they are let in; the desk has one, the site has many at once.
_WAITING = 1024
_LAST_PORT = 65535


def at(host: str, port: int, *, step: str = "") -> socket.socket:
    """A socket that listens there. host: "" for this machine alone. port: 0 for any that is free.

    step: what to do where it cannot be had, in place of the options of a command.
    Raises: ConfigError for a host or a port that cannot be had.
    """
    # The system would take 65537 for 1.
    if not 0 <= port <= _LAST_PORT:
        raise ConfigError(f"--port {port}: a port is a number from 0 to {_LAST_PORT}")
    try:
        [(family, kind, protocol, _, place), *_] = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM
        )
        # With its protocol, or asyncio does not see that it is TCP and lets each answer wait for 40 ms
        # (TCP_NODELAY; measured).
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(place)
            listening.listen(_WAITING)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        options = "--port 0 takes any that is free" if taken else "--host names an address of this machine"
        raise ConfigError(f"cannot listen at {host}:{port}: {error.strerror}; {step or options}") from error
    return listening


def address(host: str, listening: socket.socket) -> str:
    """The address for a browser, with a slash at its end. Source: RFC 3986 §3.2.2 (IPv6 in brackets)."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}/"
