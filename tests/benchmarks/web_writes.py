"""How long web writes take while another process writes: python -m tests.benchmarks.web_writes [SECONDS].

One process commits digests of 500 papers without a rest, as an import does; eight threads ask, enter readers
and leave. Prints the percentiles in ms. SQLite in a file, or NEWSLETTER_TEST_PG.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from newsletter import store
from tests.people import Readers
from tests.stored import schema_of_its_own

THREADS = 8
BUSY = """
import itertools, sys
from newsletter import store
from tests.stored import ingest, many
database = store.open_store(sys.argv[1])
for turn in itertools.count():
    ingest(database, many(500, source=f"page {turn}"))
    print(turn, flush=True)
"""


@contextmanager
def places() -> Iterator[str]:
    if server := os.environ.get("NEWSLETTER_TEST_PG"):
        with schema_of_its_own(server) as url:
            yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/newsletter.db"


def reader(readers: Readers, number: int, until: float, took: dict[str, list[float]]) -> None:
    def timed(name: str, do: Callable[[], object]) -> None:
        began = time.perf_counter()
        do()
        took.setdefault(name, []).append((time.perf_counter() - began) * 1000)
        time.sleep(0.05)

    turn = 0
    while time.monotonic() < until:
        address = f"r{number}-{(turn := turn + 1)}@example.org"
        timed("ask", lambda address=address: readers.ask(address))
        readers.add(address)
        key = readers.of(address)["weekly"].key
        timed("leave", lambda key=key: readers.leave(key))


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20
    with places() as url:
        database = store.open_store(url)
        readers, took = Readers(database, letters_per_hour=1_000_000), dict[str, list[float]]()
        child = subprocess.Popen([sys.executable, "-c", BUSY, url], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=reader, args=(readers, n, until, took)) for n in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        child.kill()
        print(f"beside {len(child.communicate()[0].split())} digests of 500 papers, {database.dialect.name}:")
        database.dispose()
    for name, times in took.items():
        ordered = sorted(times)
        at = [ordered[int(len(ordered) * part)] for part in (0.5, 0.95, 0.99)]
        print(f"{name}: {len(times)} times, p50 {at[0]:.0f}, p95 {at[1]:.0f}, p99 {at[2]:.0f} ms")


if __name__ == "__main__":
    main()
