"""Running the desk until somebody ends it: its port, its key, and the thread that watches files and store."""

import secrets
import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn

from newsletter import listening
from newsletter.errors import ConfigError
from newsletter.preview import guarding, watching, web
from newsletter.preview.live import Live
from newsletter.preview.shelf import Shelf
from newsletter.preview.wanted import Means, Wanted


def serve(wanted: Wanted, means: Means, *, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve the desk until it is interrupted. port: 0 for any that is free.

    ready: told the address with its key once the desk answers there.
    Raises: NewsletterError where nothing can be shown; ConfigError for a host or a port that cannot be had.
    """
    with _listening(host, port) as place, Shelf() as shelf:
        live = Live(wanted, means, shelf)
        names = guarding.hosts(host, place.getsockname()[1])
        key = secrets.token_urlsafe(16)
        app = guarding.Guard(web.desk(live, means), hosts=names, key=key)
        ready(f"{listening.address(host, place)}?key={key}")
        stopped = threading.Event()
        watcher = threading.Thread(target=_watch, args=(live, stopped), daemon=True)
        watcher.start()
        try:
            _Server(_config(app), live).run([place])
        except KeyboardInterrupt:
            # uvicorn raises the signal again once it has ended.
            return
        finally:
            stopped.set()
            watcher.join()


def _config(app: guarding.Guard) -> uvicorn.Config:
    # What has to be said the desk says itself: a log would show the key of the first address.
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="critical",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=1,
    )


class _Server(uvicorn.Server):
    """A server that ends at once: the streams of events would never end by themselves."""

    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        super().__init__(config)
        self._live = live

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ends the server, and the streams with it."""
        super().handle_exit(sig, frame)
        self._live.end()


def _listening(host: str, port: int) -> socket.socket:
    if host in ("0.0.0.0", "::", ""):  # noqa: S104  it is refused
        raise ConfigError(
            "--host: name one address of this machine: a desk is for one editor, not for a network"
        )
    return listening.at(host, port)


def _watch(live: Live, stopped: threading.Event) -> None:
    """Look for changes from outside until it is stopped."""
    seen = live.watched()
    while not stopped.wait(watching.PAUSE_S):
        # Looked at before anything is read: what is saved meanwhile is seen the next time.
        now = live.watched()
        if now != seen:
            live.refresh()
            seen = now
