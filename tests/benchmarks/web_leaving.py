"""How long a mail client waits that leaves by one click: python -m tests.benchmarks.web_leaving [SECONDS].

`newsletter web` as a process; one request each 50 ms, at its own time whether or not the one before was
answered. First while nobody else writes, then while a table of 100,000 people is imported again and again,
then while digests of 500 papers come in without a rest. Goal: p99 of 200 ms, and of 500 ms beside others; no
reader waits in the file. SQLite in a file, or NEWSLETTER_TEST_PG.
"""

import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from newsletter import store
from tests.benchmarks.web_writes import BUSY
from tests.desk import environment
from tests.site import Site, running, settings
from tests.stored import schema_of_its_own

EVERY_S = 0.05


def post(port: int, path: str) -> tuple[int, float]:
    """The status, and the milliseconds until the whole answer is there."""
    began = time.perf_counter()
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    client.request("POST", path, "List-Unsubscribe=One-Click", headers)
    answer = client.getresponse()
    answer.read()
    client.close()
    return answer.status, (time.perf_counter() - began) * 1000


def measured(port: int, paths: Iterator[str], seconds: float) -> str:
    """The percentiles, in words."""
    began, waiting = time.perf_counter(), []
    with ThreadPoolExecutor(200) as pool:
        for number in range(int(seconds / EVERY_S)):
            time.sleep(max(0.0, began + number * EVERY_S - time.perf_counter()))
            waiting.append(pool.submit(post, port, next(paths)))
    answers = [one.result() for one in waiting]
    ordered = sorted(took for _, took in answers)
    told = [f"p{part * 100:.0f} {ordered[int(len(ordered) * part)]:.0f}" for part in (0.5, 0.95, 0.99)]
    wrong = sum(status != 200 for status, _ in answers)
    return f"{', '.join(told)}, most {ordered[-1]:.0f} ms of {len(ordered)} times, {wrong} not 200"


@contextmanager
def beside(step: Callable[[int], list[str]], folder: Path) -> Iterator[list[str]]:
    """Commands run one after the other meanwhile; what they came to."""
    ended, told = threading.Event(), list[str]()

    def turn() -> None:
        number = 0
        while not ended.is_set():
            began = time.perf_counter()
            child = subprocess.Popen(step(number), cwd=folder, env=environment(), stdout=subprocess.DEVNULL)
            while child.poll() is None:
                if ended.wait(0.05):
                    child.kill()
            told.append(f"{time.perf_counter() - began:.1f} s")
            number += 1

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield told
    finally:
        ended.set()
        thread.join()


def importing(folder: Path) -> Callable[[int], list[str]]:
    def step(number: int) -> list[str]:
        table = folder / f"people{number}.csv"
        table.write_text(
            "email\n" + "".join(f"p{number}-{n * 7919 % 100_003}@example.org\n" for n in range(100_000))
        )
        command = f"subscribers import {table} --list weekly --consent benchmark"
        return [sys.executable, "-m", "newsletter", *command.split()]

    return step


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{folder}/newsletter.db"
        if server := os.environ.get("NEWSLETTER_TEST_PG"):
            url = opened.enter_context(schema_of_its_own(server))
        site = Site(store.open_store(url), settings(folder))
        opened.callback(site.database.dispose)
        readers = (site.join(f"leaver{n}@example.org") for n in range(int(3 * seconds / EVERY_S) + 1))
        paths = iter([site.link("unsubscribe", reader) for reader in readers])
        _, port = opened.enter_context(running(folder, config=f'database_url = "{url}"'))
        print(f"{site.database.dialect.name}, load {os.getloadavg()[0]:.1f}", flush=True)
        print("alone:", measured(port, paths, seconds), flush=True)
        with beside(importing(folder), folder) as took:
            print("beside imports of 100,000:", measured(port, paths, seconds), flush=True)
        print("imports took", took, flush=True)
        with beside(lambda _: [sys.executable, "-c", BUSY, url], folder):
            print("beside digests:", measured(port, paths, seconds), flush=True)
        waiting = folder / "newsletter.leaving"
        queued = len(waiting.read_bytes().splitlines()) if waiting.exists() else 0
        print(f"{queued} wait in the file; load {os.getloadavg()[0]:.1f}")
        print((folder / "stderr").read_text())


if __name__ == "__main__":
    main()
