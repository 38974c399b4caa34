"""Servers that a test starts itself, on loopback: some that do as they are told, and one to be left alone."""

import contextlib
import http.server
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


class Server:
    """Answers each request by `answer`.

    seen: the headers of every request; paths: their targets; bodies: what was posted.
    """

    def __init__(self, answer: Answer, trust: ssl.SSLContext | None = None) -> None:
        self.seen: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.bodies: list[bytes] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.seen.append({name.lower(): value for name, value in self.headers.items()})
                outer.paths.append(self.path)
                with contextlib.suppress(OSError):
                    answer(self)

            def do_POST(self) -> None:
                outer.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.do_GET()

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                pass

        self._server = Quiet(("127.0.0.1", 0), Handler)
        if trust:
            self._server.socket = trust.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> "Server":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def reply(
    handler: http.server.BaseHTTPRequestHandler,
    body: bytes = b"",
    *,
    status: int = 200,
    length: int | None = None,
    **headers: str,
) -> None:
    """One whole answer. Underscores in the names of headers stand for hyphens."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


class Canary:
    """Listens on one port of every local address; `visits` counts the connections, and should stay 0."""

    def __init__(self) -> None:
        self.visits = 0
        first = socket.create_server(("127.0.0.1", 0))
        self.port: int = first.getsockname()[1]
        self._sockets = [first]
        others = [("127.1.2.3", socket.AF_INET), ("::1", socket.AF_INET6)]
        others += [(place, socket.AF_INET) for place in _own_addresses()]
        for place, family in others:
            with contextlib.suppress(OSError):
                self._sockets.append(socket.create_server((place, self.port), family=family))
        for listener in self._sockets:
            threading.Thread(target=self._listen, args=(listener,), daemon=True).start()

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.visits += 1
            connection.close()

    def close(self) -> None:
        for listener in self._sockets:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()


_AUTHORITY = """
[ca]
default_ca = own
[own]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
"""


def certificate(folder: Path, *, host: str, until: str = "20991231000000Z") -> tuple[Path, ssl.SSLContext]:
    """A certificate for `host` that vouches for itself, and the context of a server that shows it."""
    cert, key, request, settings = (folder / f"{host}.{end}" for end in ("pem", "key", "csr", "cnf"))
    settings.write_text(_AUTHORITY.format(folder=folder), encoding="utf-8")
    (folder / "index.txt").touch()
    new = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request]
    new += ["-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
    sign = ["ca", "-batch", "-selfsign", "-notext", "-config", settings, "-keyfile", key]
    sign += ["-in", request, "-out", cert, "-startdate", "20200101000000Z", "-enddate", until]
    for arguments in (new, sign):
        command = ["openssl", *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context


@contextlib.contextmanager
def raw_server(talk: Callable[[socket.socket], None], *, first: bool = False) -> Iterator[int]:
    """The port of a server that speaks as it likes once it has read the request; `first`: before that."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            if not first:
                connection.recv(65536)
            talk(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _own_addresses() -> set[str]:
    with contextlib.suppress(OSError):
        return {str(place[0]) for *_, place in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    return set()
