#!/usr/bin/env python3
"""How long it takes to ingest two years of papers, beside a bare insert of the rows that come of it.

usage: PYTHONPATH=. python tests/benchmarks/ingest_corpus.py CORPUS [--runs N]

CORPUS: JSON lines of Daily Papers, compressed with xz. Measures SQLite in a temporary folder and, where
NEWSLETTER_TEST_PG is set, PostgreSQL. Each run makes a new database, takes the corpus in, takes it in again,
and inserts the same rows into empty tables by executemany in one transaction; printed are medians and ratios.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path

from sqlalchemy import insert, select

from newsletter import store
from newsletter.store import connection, tables
from tests.stored import corpus, ingest, schema_of_its_own


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--runs", type=int, default=5)
    given = arguments.parse_args()
    whole = corpus(given.corpus)
    print(f"{len(whole.papers)} papers")
    for kind in ("sqlite", "postgresql") if "NEWSLETTER_TEST_PG" in os.environ else ("sqlite",):
        times: dict[str, list[float]] = {"first run": [], "second run": [], "bare insert": []}
        for _ in range(given.runs):
            with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
                ours, bare = (stack.enter_context(empty(kind, folder, name)) for name in ("ours", "bare"))
                database = store.open_store(ours)
                times["first run"].append(timed(lambda: ingest(database, whole)))  # noqa: B023  called at once
                times["second run"].append(timed(lambda: ingest(database, whole)))  # noqa: B023
                times["bare insert"].append(bare_insert(database, bare))
                database.dispose()
        medians = {name: statistics.median(values) for name, values in times.items()}
        for name, median in medians.items():
            ratio = median / medians["bare insert"]
            print(f"{kind:11} {name:12} {median:6.2f} s (min {min(times[name]):.2f})  ratio {ratio:.2f}")


def empty(kind: str, folder: str, name: str) -> AbstractContextManager[str]:
    """The address of a database without tables."""
    if kind == "sqlite":
        return nullcontext(f"sqlite:///{folder}/{name}.db")
    return schema_of_its_own(os.environ["NEWSLETTER_TEST_PG"])


def bare_insert(source: store.Engine, url: str) -> float:
    """Seconds for inserting every row of `source` into new tables at `url`."""
    with store.reading(source) as tx:
        rows = {
            table: [row._asdict() for row in tx.execute(select(table))]
            for table in tables.metadata.sorted_tables
        }
    target = connection.connect(url, create=True)

    def write() -> None:
        with store.writing(target) as tx:
            for table, values in rows.items():
                if values:  # there are no issues yet
                    tx.execute(insert(table), values)

    with store.writing(target) as tx:
        tables.metadata.create_all(tx)
    seconds = timed(write)
    target.dispose()
    return seconds


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
