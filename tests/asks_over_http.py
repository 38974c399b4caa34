"""Asking over HTTP, as a stranger does it: what its time tells, and how many letters it can cause.

python -m tests.asks_over_http timing [TIMES]    asks for addresses of six kinds, so many of each (2,000)
python -m tests.asks_over_http pages [TIMES]     looks at links of readers, of erased ones, and of nobody
python -m tests.asks_over_http abuse [ASKS] [WAY]   so many asks (10,000) for each way to abuse the form, or
                                                  for those whose name has that in it

`newsletter web` runs as a process behind a server that it trusts, so that each request comes from where it
says. With NEWSLETTER_TEST_PG the abuse goes to two machines of two processes each, in turn, over one
PostgreSQL. Times are compared by the area under the ROC curve: 0.5 tells nothing, and from 0.55 on is a leak.
"""

import http.client
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

from newsletter import recipients, store, subscribe
from newsletter.model import Choice, Subscription, SuppressionReason, Way
from tests.machines import machines
from tests.mailboxes import MailServer
from tests.site import Site, running, settings
from tests.stored import schema_of_its_own
from tests.timing_of_asks import auc

TRUSTING = '[web]\ntrusted_proxies = ["127.0.0.1"]\nletters_per_hour = {}\n{}'
WRITABLE = '[smtp]\nhost = "127.0.0.1"\nport = {}\nsecurity = "none"\n'
LEAVING = {"List-Unsubscribe": "Button"}

Answer = tuple[int, tuple[tuple[str, str], ...], bytes]


@dataclass
class Stranger:
    """Somebody with a connection to each machine of the site, and a form that was open for long enough.

    Each request goes to the next of them, as from a server in front that knows nobody again. token: of a form
    that was open, else one is fetched.
    """

    ports: Sequence[int]
    token: str = ""
    clients: list[http.client.HTTPConnection] = field(init=False)

    def __post_init__(self) -> None:
        self.clients = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for port in self.ports]
        self._next = cycle(self.clients)
        if self.token:
            return
        found = re.search(rb'name="token" value="(\w+)"', self.send("GET", "/weekly/subscribe")[0][2])
        assert found
        self.token = found[1].decode()
        time.sleep(2.5)

    def send(
        self, method: str, path: str, form: dict[str, str] | None = None, origin: str = ""
    ) -> tuple[Answer, float]:
        """The answer without its date, and the seconds until it was there."""
        headers = {"X-Forwarded-For": origin, "Content-Type": "application/x-www-form-urlencoded"}
        client = next(self._next)
        began = time.perf_counter()
        client.request(method, path, urlencode(form) if form else None, headers)
        answer = client.getresponse()
        body = answer.read()
        took = time.perf_counter() - began
        said = tuple(pair for pair in answer.getheaders() if pair[0].lower() != "date")
        return (answer.status, said, body), took

    def close(self) -> None:
        """Closes its connections; the next request opens them again."""
        for client in self.clients:
            client.close()

    def ask(self, address: str, origin: str) -> tuple[Answer, float]:
        form = {"email": address, "token": self.token, "cadence": "issue", "theme": "kv-cache"}
        return self.send("POST", "/weekly/subscribe", form, origin)


def place(number: int) -> str:
    """An address of IP in a network of its own."""
    return f"{number >> 16 & 127 | 16}.{number >> 8 & 255}.{number & 255}.1"


@contextmanager
def visited(letters_per_hour: int, mail: str = "") -> Iterator[tuple[Site, Stranger, Path]]:
    """The store of a running site, a stranger to it, and the folder that it writes to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = Site(store.open_store(f"sqlite:///{folder}/newsletter.db"), settings(folder))
        with running(folder, config=TRUSTING.format(letters_per_hour, mail)) as (_, port):
            yield site, Stranger([port]), folder
        site.database.dispose()


@contextmanager
def visited_machines(letters_per_hour: int, mail: str = "") -> Iterator[Stranger]:
    """A stranger to a site of one process, or of several machines where there is PostgreSQL."""
    server = os.environ.get("NEWSLETTER_TEST_PG")
    if server is None:
        with visited(letters_per_hour, mail) as (_, stranger, _):
            yield stranger
        return
    with tempfile.TemporaryDirectory() as name, schema_of_its_own(server) as url:
        config = TRUSTING.format(letters_per_hour, mail)
        with machines(Path(name), url, config=config) as found:
            yield Stranger([one.port for one in found])


def erased(site: Site, reader: Subscription) -> Subscription:
    subscribe.erase(site.database, recipients.recipient(reader.subscriber.address), now=site.now)
    return reader


def kinds(site: Site, times: int) -> dict[str, list[str]]:
    """Addresses by what the site knows of them."""

    def named(kind: str) -> list[str]:
        return [f"{kind}{n:05}@example.org" for n in range(times)]

    found = {kind: named(kind) for kind in ("reader", "nobody", "erased", "bounce", "leaver", "capped")}
    for address in (*found["reader"], *found["leaver"]):
        site.join(address)
    for address in found["erased"]:
        erased(site, site.join(address))
    for address in found["bounce"]:
        whose = recipients.recipient(address)
        subscribe.suppress(
            site.database, whose, reason=SuppressionReason.BOUNCE, way=Way.REPORT, now=site.now
        )
    for address in found["leaver"]:
        subscribe.remove(site.database, recipients.recipient(address), list=None, now=site.now)
    for address in found["capped"]:
        site.people.ask("weekly", address, Choice(), origin="")
    while subscribe.due(site.database, lists=["weekly"], letters_per_hour=10**6, most=1000, now=site.now):
        pass
    return found


def compared(groups: dict[str, list[Callable[[], tuple[Answer, float]]]], against: str) -> None:
    """Does all of them in one order by chance, and prints how each group differs from one of them."""
    turns = [(name, do) for name, each in groups.items() for do in each]
    random.Random(5).shuffle(turns)  # noqa: S311  an order, not a secret
    times: dict[str, list[float]] = {name: [] for name in groups}
    said: dict[str, Counter[Answer]] = {name: Counter() for name in groups}
    for name, do in turns:
        answer, took = do()
        times[name].append(took)
        said[name][answer] += 1
    for name, each in times.items():
        same = "the same answer" if said[name].keys() == said[against].keys() else "OTHER ANSWERS"
        statuses = sorted({answer[0] for answer in said[name]})
        middle = sorted(each)[len(each) // 2] * 1000
        print(
            f"{name:10} AUC {auc(each, times[against]):.3f}, median {middle:.2f} ms, {statuses}, {same} "
            f"({len(said[name])} different)",
            flush=True,
        )


def timing(times: int) -> None:
    with visited(10**6) as (site, stranger, _):
        site.now = site.now.now(site.now.tzinfo)
        numbers = iter(range(10**6))
        addresses_by_kind = kinds(site, times)
        # The site does not keep a connection for so long.
        stranger.close()
        groups = {
            kind: [
                lambda address=address: stranger.ask(address, place(next(numbers))) for address in addresses
            ]
            for kind, addresses in addresses_by_kind.items()
        }
        compared(groups, "nobody")


def pages(times: int) -> None:
    with visited(10**6) as (site, stranger, _):
        site.now = site.now.now(site.now.tzinfo)
        readers = [site.join(f"reader{n:05}@example.org") for n in range(3 * times)]
        gone = [erased(site, reader) for reader in readers[times : 2 * times]]
        for reader in readers[2 * times :]:
            site.people.leave("weekly", site.link("unsubscribe", reader).rpartition("/")[2], way=Way.WEB)
        stranger.close()
        letters = str.maketrans("0123456789", "abcdefghij")
        forged = [f"/weekly/{{}}/{n:052}".translate(letters) for n in range(times)]
        for page, method in (("preferences", "GET"), ("unsubscribe", "GET"), ("unsubscribe", "POST")):
            paths = {
                "reader": [site.link(page, reader) for reader in readers[:times]],
                "left": [site.link(page, reader) for reader in readers[2 * times :]],
                "erased": [site.link(page, reader) for reader in gone],
                "nobody": [path.format(page) for path in forged],
            }
            print(page, method, flush=True)
            look = partial(looked, stranger, method)
            compared({name: [partial(look, path) for path in each] for name, each in paths.items()}, "left")


def looked(stranger: Stranger, method: str, path: str) -> tuple[Answer, float]:
    """The answer without the token, which whoever asks has."""
    (status, headers, body), took = stranger.send(method, path, LEAVING if method == "POST" else None)
    return (status, headers, body.replace(path.rpartition("/")[2].encode(), b"TOKEN")), took


def abuse(asks: int, way: str = "") -> None:
    many = [f"r{n}@example.org" for n in range(asks)]
    cases = {
        "one mailbox, from one host": [(f"ada+{n}@example.org", "198.51.100.7") for n in range(asks)],
        "one mailbox, from everywhere": [(f"ada+{n}@example.org", place(n)) for n in range(asks)],
        "one mailbox, from 250 hosts": [(f"ada+{n}@example.org", place(n % 250)) for n in range(asks)],
        "many addresses, from one /24": [(one, f"192.0.2.{n % 256}") for n, one in enumerate(many)],
        "many addresses, from one /64": [(one, f"2001:db8::{n:x}") for n, one in enumerate(many)],
        "many addresses, from 250 hosts": [(one, place(n % 250)) for n, one in enumerate(many)],
    }
    for name, each in ((name, each) for name, each in cases.items() if way in name):
        with MailServer() as server, visited_machines(500, WRITABLE.format(server.port)) as stranger:
            taken = Counter(stranger.ask(address, origin)[0][0] for address, origin in each)
            settled(server)
            letters = len(server.mails)
            honest = stranger.ask("honest@example.net", "203.0.113.9")[0][0]
            settled(server)
            got = sum("honest@example.net" in mail.rcpt_tos for mail in server.mails)
            print(
                f"{name}: {asks:,} asks, {dict(taken)}, {letters} letters; then an honest reader: {honest}, "
                f"{got} letter",
                flush=True,
            )


def settled(server: MailServer) -> None:
    """Returns once no letter came for some seconds."""
    before = -1
    while before != len(server.mails):
        before = len(server.mails)
        time.sleep(4)


def main() -> None:
    what = {"timing": (timing, 2000), "pages": (pages, 1000), "abuse": (abuse, 10_000)}
    if len(sys.argv) < 2 or sys.argv[1] not in what:
        sys.exit(__doc__)
    do, times = what[sys.argv[1]]
    print(f"load {os.getloadavg()[0]:.1f}", flush=True)
    do(int(sys.argv[2]) if len(sys.argv) > 2 else times, *sys.argv[3:])


if __name__ == "__main__":
    main()
