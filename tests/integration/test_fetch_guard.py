"""No address that others can write leads into the network this program runs in: not one connection."""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from newsletter.errors import FetchError
from newsletter.fetch.client import Client, World
from newsletter.fetch.guard import STRICT, Policy
from newsletter.fetch.pinned import resolve
from tests.servers import Canary, Server, certificate, reply

LOOPBACK = [127, 0, 0, 1]
# Names as a hostile zone could hold them.
ZONE = {
    "rebound.test": "127.0.0.1",
    "metadata.test": "169.254.169.254",
    "ten.test": "10.0.0.1",
    "six.test": "::1",
    "mapped.test": "::ffff:127.0.0.1",
    "nat64.test": "64:ff9b::7f00:1",
    "sixtofour.test": "2002:7f00:1::",
    "linklocal.test": "fe80::1%lo",
}


def ipv4_forms(octets: list[int]) -> Iterator[str]:
    """Every way in which resolvers and browsers read one IPv4 address."""
    a, b, c, d = octets
    whole = (a << 24) + (b << 16) + (c << 8) + d
    yield from (str(whole), hex(whole), oct(whole).replace("0o", "0"), f"0x{whole:08X}", f"00{whole:o}")
    for one in (str, hex, lambda n: f"0{n:o}", lambda n: f"0x{n:02X}", lambda n: f"000{n:o}"):
        yield ".".join(map(one, octets))
        yield ".".join((one(a), one(b), one((c << 8) + d)))
        yield ".".join((one(a), one((b << 16) + (c << 8) + d)))
    yield f"0x{a:x}.{b}.0{c:o}.{d}"
    yield f"{a}.{b}.{c}.{d}."
    yield f"{a}。{b}。{c}。{d}"
    yield f"{a}．{b}．{c}．{d}"
    yield ".".join("".join(chr(0xFF10 + int(digit)) for digit in str(octet)) for octet in octets)
    yield "①②⑦.⓪.⓪.①" if octets == LOOPBACK else f"%3{a % 10}.{b}.{c}.{d}"
    yield f"{a}.{b}.{c}.%3{d % 10}"


def ipv6_forms(octets: list[int]) -> Iterator[str]:
    """IPv6 literals that are, wrap or translate to one IPv4 address."""
    dotted = ".".join(map(str, octets))
    for prefix in ("::ffff:", "::ffff:0:", "::", "64:ff9b::", "0:0:0:0:0:ffff:", "64:ff9b:1::", "::FFFF:"):
        yield f"[{prefix}{dotted}]"
    high, low = (octets[0] << 8) + octets[1], (octets[2] << 8) + octets[3]
    yield f"[2002:{high:x}:{low:x}::]"
    yield f"[2001:0:53aa:64c:0:fbff:{high ^ 0xFFFF:x}:{low ^ 0xFFFF:x}]"
    yield f"[::ffff:{high:x}:{low:x}]"


HOSTS = [
    *(form for octets in (LOOPBACK, [169, 254, 169, 254], [10, 0, 0, 1]) for form in ipv4_forms(octets)),
    *(form for octets in (LOOPBACK, [169, 254, 169, 254], [192, 168, 0, 1]) for form in ipv6_forms(octets)),
    *(
        "127.1.2.3",
        "0",
        "0.0.0.0",
        "127.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "[::1]",
        "[::]",
        "[0::1]",
    ),
    *("[::1%25lo]", "[fe80::1%25lo]", "[fc00::1]", "[fec0::1]", "[ff02::1]", "[::ffff:7f00:1]"),
    *("100.64.0.1", "192.0.0.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *ZONE,
    *(name.upper() for name in ZONE),
    *(f"{name}." for name in ZONE),
]
# Whole addresses whose parsers disagree, or that are none of a web page. {port} is the canary's.
ODD = [
    "http://127.0.0.1:{port}\\@good.test/",
    "http://good.test\\@127.0.0.1:{port}/",
    "http://good.test@127.0.0.1:{port}/",
    "http://good.test:80@127.0.0.1:{port}/",
    "http://user:pass@127.0.0.1:{port}/",
    "http://good.test#@127.0.0.1:{port}/",
    "http://good.test?@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}#.good.test/",
    "http://127.0.0.1:{port}?.good.test/",
    "http://127.0.0.1:{port};.good.test/",
    "http://good.test;127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
    "http:/127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "http:////127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\t/",
    "http://127.0.0.1\t:{port}/",
    "http://127.0.0.1\n:{port}/",
    "http://127.0.0.1\r\n:{port}/",
    " http://127.0.0.1:{port}/",
    "http://127.0.0.1 :{port}/",
    "http://\u200b127.0.0.1:{port}/",
    "http://127.0.0.1\u3002test:{port}/",
    "http://127.0.0.1%00.good.test:{port}/",
    "http://127.0.0.1%2523.good.test:{port}/",
    "HTTP://127.0.0.1:{port}/",
    "hTTp://LocalHost:{port}/",
    "https://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_GET",
    "dict://127.0.0.1:{port}/",
    "ldap://127.0.0.1:{port}/",
    "ws://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "file://127.0.0.1:{port}/etc/passwd",
    "data:text/plain,Daily Papers",
    "jar:http://127.0.0.1:{port}/!/",
    "url:http://127.0.0.1:{port}/",
    "feed://127.0.0.1:{port}/",
    "view-source:http://127.0.0.1:{port}/",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "http://[::1]:{port}@good.test/",
    "http://[::1:{port}/",
    "http://::1:{port}/",
    "http://127.0.0.1:+{port}/",
    "http://127.0.0.1:{port}:80/",
    "http://127.0.0.1::{port}/",
    "http://0x7f000001:{port}/",
]
FORMS = [*(f"http://{host}:{{port}}/digest" for host in dict.fromkeys(HOSTS)), *ODD]


def redirect(request: BaseHTTPRequestHandler) -> None:
    """Sends the client to the address in the parameter `to`, by way of as many hops as `hops` says."""
    query = parse_qs(urlsplit(request.path).query)
    target, hops, status = query["to"][0], int(query["hops"][0]), int(query["status"][0])
    if hops > 1:
        reply(request, status=status, Location=request.path.replace(f"hops={hops}", f"hops={hops - 1}"))
    else:
        # A header is bytes; what would end it cannot be in it.
        line = target.encode().decode("latin-1").replace("\r", "").replace("\n", "")
        reply(request, status=status, Location=line)


@pytest.fixture
def canary() -> Iterator[Canary]:
    bird = Canary()
    yield bird
    bird.close()


def zone(host: str, port: int) -> list[str]:
    """Answers for names of tests; anything else goes to the system, which knows the odd forms of numbers."""
    name = host.lower().rstrip(".")
    if name in ZONE:
        return [ZONE[name]]
    if name in ("public.test", "good.test"):
        return ["127.0.0.1"]
    return resolve(host, port)


def client(policy: Policy, **world: object) -> Client:
    fields = {"sleep": lambda _: None, "resolver": zone, **world}
    return Client("test", world=World(lambda: datetime(2026, 1, 6, tzinfo=UTC), **fields), policy=policy)  # type: ignore[arg-type]


def refused(asking: Client, address: str) -> str:
    with pytest.raises(FetchError) as caught:
        asking.get(address, watch=lambda *_: None)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_corpus_has_two_hundred_forms() -> None:
    assert len(set(FORMS)) >= 200


def test_the_canary_notices_what_an_open_policy_lets_through(canary: Canary) -> None:
    asking = client(Policy(endpoints=frozenset({("127.0.0.1", canary.port)})))
    for host in ("2130706433", "0x7f.1", "0177.0.0.1", "①②⑦.⓪.⓪.①", "rebound.test"):
        refused(asking, f"http://{host}:{canary.port}/")

    assert canary.visits >= 5


@pytest.mark.parametrize("shape", ["direct", "302", "307", "chain", "from https"])
def test_no_form_of_a_private_address_is_ever_connected_to(
    canary: Canary, tmp_path: Path, shape: str
) -> None:
    cert, shown = certificate(tmp_path, host="public.test")
    scheme, context = ("https", shown) if shape == "from https" else ("http", None)
    with Server(redirect, context) as server:
        # The ports are open and the server of the redirects may be reached; the canary on loopback may not.
        ports = STRICT.ports | {canary.port}
        policy = Policy(ports=ports, endpoints=frozenset({("127.0.0.1", server.port)}))
        asking = client(policy, trust=ssl.create_default_context(cafile=str(cert)))
        hops, status = (3 if shape == "chain" else 1), (307 if shape == "307" else 302)
        for form in FORMS:
            address = form.replace("{port}", str(canary.port))
            if shape != "direct":
                query = f"status={status}&hops={hops}&to={quote(address)}"
                address = f"{scheme}://public.test:{server.port}/?{query}"
            refused(asking, address)

    assert canary.visits == 0


@pytest.mark.parametrize("target", ["http://public.test/", "file:///etc/passwd", "http://127.0.0.1/"])
def test_a_redirect_from_https_to_anything_less_is_refused_as_such(tmp_path: Path, target: str) -> None:
    cert, shown = certificate(tmp_path, host="public.test")
    with Server(redirect, shown) as server:
        policy = Policy(endpoints=frozenset({("127.0.0.1", server.port)}))
        asking = client(policy, trust=ssl.create_default_context(cafile=str(cert)))
        address = f"https://public.test:{server.port}/?status=302&hops=1&to={quote(target)}"

        assert f"redirects from https to {target}; ask its publisher" in refused(asking, address)


def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_resolved_once(
    canary: Canary,
) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"]])
    resolved: list[str] = []
    dialled: list[tuple[str, int]] = []

    def rebinding(host: str, port: int) -> list[str]:
        resolved.append(host)
        return next(answers)

    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        dialled.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    policy = Policy(ports=STRICT.ports | {canary.port})
    problem = refused(client(policy, resolver=rebinding, connect=dial), f"http://rebind.test:{canary.port}/")

    # The first try goes where the first answer led; the second try resolves anew, and is refused.
    assert dialled == [("93.184.216.34", canary.port)]
    assert resolved == ["rebind.test", "rebind.test"]
    assert "rebind.test: leads to 127.0.0.1, which is this machine" in problem
    assert canary.visits == 0


def test_a_name_that_turns_private_between_two_hops_is_refused(canary: Canary) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.1"]])
    with Server(
        lambda request: reply(request, status=302, Location=f"http://rebind.test:{canary.port}/")
    ) as server:
        policy = Policy(ports=STRICT.ports | {canary.port}, endpoints=frozenset({("127.0.0.1", server.port)}))
        asking = client(policy, resolver=lambda *_: next(answers))
        problem = refused(asking, f"http://rebind.test:{server.port}/")

    assert "redirects to rebind.test: leads to 127.0.0.1" in problem
    assert canary.visits == 0


def test_a_proxy_of_the_environment_is_not_used(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    with Server(lambda request: reply(request, b"it")) as server:
        policy = Policy(endpoints=frozenset({("127.0.0.1", server.port)}))
        answer = client(policy).get(f"http://public.test:{server.port}/", watch=lambda *_: None)

    assert answer.body == b"it"  # type: ignore[union-attr]
    assert canary.visits == 0
