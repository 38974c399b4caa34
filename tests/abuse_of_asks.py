"""How many letters the abuse of the form causes: python -m tests.abuse_of_asks [ASKS].

One address from everywhere, many addresses from one network, and many addresses from 250 hosts, each within
an hour; then a month of the first.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from newsletter import store
from newsletter.subscribe import Busy
from tests.people import ADA, Readers


@contextmanager
def fresh() -> Iterator[Readers]:
    with tempfile.TemporaryDirectory() as folder:
        database = store.open_store(f"sqlite:///{folder}/newsletter.db")
        yield Readers(database)
        database.dispose()


def letters(readers: Readers, asks: list[tuple[str, str | None]], *, over: timedelta) -> tuple[int, int]:
    """How many asks were taken, and how many letters went, where letters go a hundred times meanwhile."""
    began, taken, went = readers.now, 0, 0
    for number, (address, origin) in enumerate(asks):
        readers.now = began + over * number / len(asks)
        try:
            readers.ask(address, origin=origin)
            taken += 1
        except Busy:
            pass
        if number % (len(asks) // 100) == 0:
            went += len(readers.letters())
    return taken, went + len(readers.letters())


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    hour, month = timedelta(hours=1), timedelta(days=30)
    many = [f"r{n}@example.org" for n in range(count)]
    one = [(f"ada+{n}@example.org" if n % 2 else ADA, None) for n in range(count)]
    network = [(address, f"192.0.2.{n % 256}") for n, address in enumerate(many)]
    hosts = [(address, f"10.{n % 250}.0.1") for n, address in enumerate(many)]
    cases = {
        "one mailbox from everywhere, an hour": (one, hour),
        "one mailbox from everywhere, 30 days": (one, month),
        "many addresses from one /24, an hour": (network, hour),
        "many addresses from 250 hosts, an hour": (hosts, hour),
    }
    for name, (asks, over) in cases.items():
        with fresh() as readers:
            taken, went = letters(readers, asks, over=over)  # type: ignore[arg-type]
            print(f"{name}: {count:,} asks, {taken:,} taken, {went:,} letters", flush=True)


if __name__ == "__main__":
    main()
