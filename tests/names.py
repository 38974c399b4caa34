"""A name server that a test starts itself, on loopback, and what it says."""

import socket
import socketserver
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

# What a zone says in place of records.
BROKEN = "broken"
SILENT = "silent"
# Characters of a datagram; a longer answer is asked for once more by TCP.
_DATAGRAM = 512

# Records by name and kind, such as {"example.org MX": ["10 mx.example.org."]}.
Zone = Mapping[str, Sequence[str] | str]
# What every resolver of the public internet knows.
WORLD: Zone = {"com NS": ["a.gtld-servers.net."]}


class NameServer:
    """Answers from a zone; of any other name it says that there is none. asked: the names, in order."""

    def __init__(self, zone: Zone) -> None:
        self._zone = {question.lower(): answer for question, answer in {**WORLD, **zone}.items()}
        self.asked: list[str] = []
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port: int = free.getsockname()[1]

    @property
    def address(self) -> str:
        """Where it is, as --dns takes it."""
        return f"127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        outer = self

        class Datagram(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                asked, sock = self.request
                if answer := outer._answer(asked, most=_DATAGRAM):
                    sock.sendto(answer, self.client_address)

        class Stream(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                size = int.from_bytes(self.rfile.read(2), "big")
                if answer := outer._answer(self.rfile.read(size), most=65535):
                    self.wfile.write(len(answer).to_bytes(2, "big") + answer)

        self._servers: list[Any] = [
            socketserver.ThreadingUDPServer(("127.0.0.1", self._port), Datagram),
            socketserver.ThreadingTCPServer(("127.0.0.1", self._port), Stream),
        ]
        for one in self._servers:
            one.daemon_threads = True
            threading.Thread(target=one.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self._servers:
            one.shutdown()
            one.server_close()

    def _answer(self, wire: bytes, *, most: int) -> bytes | None:
        asked = dns.message.from_wire(wire)
        name = asked.question[0].name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(asked.question[0].rdtype)
        self.asked.append(f"{name} {kind}")
        found = self._zone.get(f"{name} {kind}".lower(), ())
        if found == SILENT:
            return None
        reply = dns.message.make_response(asked)
        if found == BROKEN:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif found:
            reply.answer.append(dns.rrset.from_text_list(asked.question[0].name, 60, "IN", kind, found))
        elif not any(known.startswith(f"{name} ") for known in self._zone):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        told = reply.to_wire()
        if len(told) > most:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
            told = reply.to_wire()
        return told


def text(record: str) -> list[str]:
    """A TXT record in strings of 255 characters, as a zone file writes it."""
    parts = [record[at : at + 255] for at in range(0, len(record), 255)] or [""]
    return [" ".join(f'"{part}"' for part in parts)]
