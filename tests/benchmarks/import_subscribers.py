#!/usr/bin/env python3
"""How long it takes to import people, beside `.import` of the sqlite3 program, and how much memory.

usage: PYTHONPATH=. python tests/benchmarks/import_subscribers.py [--rows N] [--runs N] [--postgresql]

Makes tables of N people (a million) and of a tenth of them, in no order. Each run imports both into new
stores, in a process of its own, and gives the file to sqlite3: once into one table with the indexes of
subscribers, and once, as three tables of the rows that came of it, into the store's own tables with all of
their indexes. Then it counts and exports. Printed are seconds of time and of processor, the ratio of each,
and the peak of memory.
"""

import argparse
import csv
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.stored import schema_of_its_own

TABLES = ("subscribers", "subscriptions", "consents")
ONE_TABLE = """\
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE people (address TEXT, themes TEXT, cadence TEXT);
CREATE UNIQUE INDEX folded ON people (address);
CREATE INDEX canonical ON people (address COLLATE NOCASE);
"""


class Cost(NamedTuple):
    seconds: float
    processor: float
    megabytes: float


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--runs", type=int, default=1)
    arguments.add_argument("--postgresql", action="store_true")
    given = arguments.parse_args()
    if not shutil.which("sqlite3"):
        sys.exit("sqlite3 is not here; install it: apt-get install sqlite3")
    for _ in range(given.runs):
        with tempfile.TemporaryDirectory() as folder:
            one_run(Path(folder), given.rows)
            if given.postgresql:
                with schema_of_its_own(os.environ["NEWSLETTER_TEST_PG"]) as url:
                    measure("PostgreSQL", url, Path(folder), given.rows)


def one_run(folder: Path, rows: int) -> None:
    for number in (rows // 10, rows):
        make(folder / f"{number}.csv", number)
    measure("SQLite", f"sqlite:///{folder}/small.db", folder, rows // 10)
    ours = measure("SQLite", f"sqlite:///{folder}/ours.db", folder, rows)
    one = program(folder / "one.db", f"{ONE_TABLE}.import --csv --skip 1 {folder}/{rows}.csv people\n")
    told("sqlite3 .import, one table", one, ours)
    for name in TABLES:
        write = f".headers off\n.mode csv\n.output {folder}/{name}.csv\nSELECT * FROM {name};\n"
        program(folder / "ours.db", write)
    script = [f"{line};" for line in schema(folder / "ours.db")]
    script += [f".import --csv {folder}/{name}.csv {name}" for name in TABLES]
    told("sqlite3 .import, three tables", program(folder / "three.db", "\n".join(script)), ours)


def make(path: Path, rows: int) -> None:
    """A table of so many people in no order, at three thousand servers."""
    some = random.Random(rows)  # noqa: S311  the same table each time
    few = ["gmail.com", "outlook.com", "qq.com"]
    many = [f"dept{n}.college{n % 70}.edu" for n in range(3000)]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["address", "themes", "cadence"])
        for number in range(rows):
            domain = some.choice(few if number % 3 else many)
            theme, cadence = ("kv-cache" if number % 5 == 0 else ""), ("monthly" if number % 7 == 0 else "")
            writer.writerow([f"{some.getrandbits(40):x}.{number}@{domain}", theme, cadence])


def schema(database: Path) -> list[str]:
    """What makes the tables of people, and their indexes."""
    with sqlite3.connect(database) as connection:
        found = connection.execute(
            "SELECT sql, tbl_name FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
        )
        texts = [sql for sql, name in found if name in TABLES]
    connection.close()
    return ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", *texts]


def measure(kind: str, url: str, folder: Path, rows: int) -> Cost:
    """What importing that many costs; counting and exporting them are told beside it."""
    table = str(folder / f"{rows}.csv")
    ours = command(url, folder, "import", table, "--consent", "a benchmark")
    told(f"{kind}, import of {rows:,}", ours)
    told(
        f"{kind}, import again",
        command(url, folder, "import", table, "--again", "--consent", "once more"),
        ours,
    )
    told(f"{kind}, stats", command(url, folder, "stats"))
    told(f"{kind}, list --like", command(url, folder, "list", "--like", "nobody@"))
    told(f"{kind}, export", command(url, folder, "export", "--out", str(folder / "out.csv")))
    return ours


def command(url: str, folder: Path, *arguments: str) -> Cost:
    environment = os.environ | {"NEWSLETTER__DATABASE_URL": url, "PYTHONPATH": str(Path.cwd())}
    whole = [sys.executable, "-m", "newsletter", "subscribers", *arguments]
    return cost(whole, folder, environment=environment)


def program(database: Path, script: str) -> Cost:
    return cost(["sqlite3", str(database)], database.parent, stdin=script)


def cost(
    whole: list[str], folder: Path, *, environment: dict[str, str] | None = None, stdin: str = ""
) -> Cost:
    """What a process costs, which is started by one that is small, since memory is inherited."""
    started = time.perf_counter()
    process = subprocess.Popen(
        whole, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert process.stdin
    process.stdin.write(stdin)
    process.stdin.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{whole[:5]} ended with {process.returncode}")
    return Cost(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def told(what: str, one: Cost, ours: Cost | None = None) -> None:
    ratio = (
        f"  import / this: {ours.seconds / one.seconds:5.2f}, {ours.processor / one.processor:5.2f}"
        if ours
        else ""
    )
    shown = f"{one.seconds:7.2f} s {one.processor:7.2f} s of processor {one.megabytes:6.0f} MB{ratio}"
    print(f"{what:32}{shown}", flush=True)


if __name__ == "__main__":
    main()
