"""A million readers on one PostgreSQL: python -m tests.benchmarks.million [--readers N] [--out FILE].

Writing down who gets an issue (`deliver.enqueue`), in rows a second. Then the life of a row as a run has
it, without mails: claimed among 500, `sending` and `sent` in rounds of 20, by 1, 2 and 4 processes for some
seconds each, and the memory of each. Then what a claim takes while 0, 50 and 95 of a hundred rows are done,
also beside a transaction that has been open all the time (as of pg_dump), and of a domain with few readers.
Then sizes on disk. Last what is sent, mails and all, to a relay that takes no time: claiming and recording
has to be twice as fast.

The server waits for its disk (fsync), and its autovacuum is as it comes. Needs: PostgreSQL's programs, cc.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from newsletter import deliver, store
from newsletter.deliver import Ledger, Terms
from newsletter.model import Edition, Outcome, Phase, Verdict
from newsletter.pace import Pace, Retry
from newsletter.store import clock, deliveries, issues
from tests import sendable
from tests.benchmarks import cluster, workers

CLAIM, ROUND = 500, 20
# Goals: rows a second that are written down; rows claimed and recorded, over mails sent.
ENQUEUED, TIMES_SENT = 50_000, 2.0
_LIFE_S = 10.0
_FIRST = 1_000
_RARE = "rare.example"
_SUBSCRIBERS = """
    INSERT INTO subscribers (id, address, folded, canonical, created_at)
    SELECT number, address, address, address, now() FROM (
        SELECT number, 'reader' || number || '@' || CASE
            WHEN number % 1000 = 7 THEN 'rare.example'
            WHEN number % 10 < 4 THEN 'large.example'
            ELSE 'domain' || number % 997 || '.example'
        END AS address
        FROM generate_series({first}, {last}) AS number
    ) AS made
"""
_SUBSCRIPTIONS = """
    INSERT INTO subscriptions
        (subscriber_id, list_slug, key, status, themes, cadence, timezone, created_at, confirmed_at)
    SELECT number, 'weekly', md5(number::text), one.status, one.themes, one.cadence, one.timezone,
        now(), now()
    FROM generate_series({first}, {last}) AS number, (SELECT * FROM subscriptions LIMIT 1) AS one
"""
# What the life of rows leaves behind, without the worker: each of its three writings.
_LIVED = (
    "UPDATE deliveries SET worker_id = 1, leased_until = now() WHERE {these}",
    "UPDATE deliveries SET status = 'sending', at = now() WHERE {these}",
    "UPDATE deliveries SET status = 'sent', worker_id = NULL, leased_until = NULL WHERE {these}",
)
_SIZES = """
    SELECT pg_table_size('deliveries'), pg_indexes_size('deliveries'), n_tup_upd, n_tup_hot_upd, n_dead_tup,
        autovacuum_count
    FROM pg_stat_user_tables WHERE relname = 'deliveries'
"""
_OPEN = "BEGIN ISOLATION LEVEL REPEATABLE READ"


def fill(server: cluster.Cluster, readers: int) -> None:
    """Readers of the list, as many as are wanted."""
    for statement in (_SUBSCRIBERS, _SUBSCRIPTIONS):
        server.ask(statement.format(first=_FIRST, last=_FIRST + readers - 1))
    server.ask("VACUUM ANALYZE")


def edition(database: store.Engine) -> Edition:
    """The issue."""
    with store.reading(database) as tx:
        found = issues.numbered(tx, list="weekly", number=1)
    assert found
    return found


def enqueued(server: cluster.Cluster, database: store.Engine, readers: int) -> dict[str, float]:
    """Rows a second that are written down, and microseconds of the server's processors for each."""
    before, began = server.cpu_s(), time.perf_counter()
    deliver.enqueue(
        database,
        edition(database),
        sender="digest@news.example.org",
        pattern=lambda issue, at: b"a mail",
        now=datetime.now(UTC),
        progress=lambda rows: None,
    )
    took = time.perf_counter() - began
    return {"rows/s": readers / took, "server us": (server.cpu_s() - before) / readers * 1e6}


def live(url: str, seconds: float) -> dict[str, Any]:
    """Rows that this process brought from pending to sent in that time, and what that took."""
    database = store.open_store(url, create=False)
    terms = Terms(Pace(), Retry((timedelta(minutes=1),), timedelta(hours=1)))
    ledger = Ledger(database, edition(database), terms, clock.of(database, lambda: datetime.now(UTC)))
    ledger.join()
    taken = Outcome(Verdict.ACCEPTED, Phase.BODY, 250, "2.0.0", "queued")
    until, rows, claims, before = time.monotonic() + seconds, 0, list[float](), time.process_time()
    while time.monotonic() < until:
        began = time.perf_counter()
        found = [due.claimed for due in ledger.claim(CLAIM)]
        claims.append((time.perf_counter() - began) * 1000)
        done: list[Any] = []
        for at in range(0, len(found) + ROUND, ROUND):
            ends = found[at : at + ROUND]
            word = ledger.commit(done, ends, found[at + ROUND : at + 2 * ROUND])
            done = [(one, taken) for one in ends if one.id in word.ends]
        rows += len(found)
    spent = time.process_time() - before
    ledger.leave()
    ledger.close()
    database.dispose()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"rows": rows, "claims": claims, "cpu": spent, "mb": most / 1024}


def lives(server: cluster.Cluster, count: int) -> dict[str, float]:
    """Rows a second that so many processes bring from pending to sent together."""
    command = [sys.executable, "-m", "tests.benchmarks.million", "--live", server.url()]
    before = server.cpu_s()
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    said = [json.loads(one.communicate(timeout=120)[0]) for one in running]
    rows = sum(one["rows"] for one in said)
    claims = sorted(took for one in said for took in one["claims"])
    return {
        "rows/s": rows / _LIFE_S,
        "worker us": sum(one["cpu"] for one in said) / rows * 1e6,
        "server us": (server.cpu_s() - before) / rows * 1e6,
        "claim ms": claims[len(claims) // 2],
        "MB": max(one["mb"] for one in said),
    }


def claims(database: store.Engine, *, only: str = "") -> float:
    """Milliseconds that a claim of 500 takes, the median of five; nothing stays claimed."""
    took = []
    for _ in range(5):
        with store.writing(database) as tx:
            now = clock.of(database, lambda: datetime.now(UTC))()
            began = time.perf_counter()
            deliveries.claim(
                tx, 1, worker=0, until=now + timedelta(minutes=1), most=CLAIM, now=now, only=only
            )
            took.append((time.perf_counter() - began) * 1000)
            tx.rollback()
    return sorted(took)[2]


def aged(server: cluster.Cluster, database: store.Engine, readers: int) -> dict[str, float]:
    """Milliseconds of a claim while more and more is done."""
    found = {"0 %": claims(database), "0 %, few": claims(database, only=_RARE)}
    _go_on(server, 0, readers // 2)
    found["50 %"] = claims(database)
    with psycopg.connect(server.url().replace("+psycopg", "")) as old:
        old.execute(_OPEN)
        old.execute("SELECT count(*) FROM workers")
        _go_on(server, readers // 2, readers * 95 // 100)
        found["95 %, beside an old transaction"] = claims(database)
    found |= {"95 %": claims(database), "95 %, few": claims(database, only=_RARE)}
    return found


def _go_on(server: cluster.Cluster, begin: int, end: int) -> None:
    for start in range(begin, end, 20_000):
        # Some of them were sent before.
        these = f"id > {start} AND id <= {min(start + 20_000, end)} AND status <> 'sent'"
        for statement in _LIVED:
            server.ask(statement.format(these=these))


def sizes(server: cluster.Cluster, readers: int) -> dict[str, float]:
    """Bytes on disk of each row, and what became of its writings."""
    table, indexes, updated, hot, dead, vacuumed = server.ask(_SIZES)[0]
    return {
        "table": table / readers,
        "indexes": indexes / readers,
        "in place": hot / max(updated, 1),
        "dead rows": dead,
        "autovacuums": vacuumed,
    }


def sent(counts: Sequence[int], mails: int) -> dict[str, dict[str, float]]:
    """Mails a second to a relay that takes no time, by so many processes."""
    with workers.bench(mails, network_ms=0) as ready:
        return {f"x{count}": ready.ours(count, relay="c-sink") for count in counts}


def measured(readers: int, counts: Sequence[int], mails: int) -> dict[str, Any]:
    """The report."""
    report: dict[str, Any] = {"readers": readers, "load before": os.getloadavg()}
    with tempfile.TemporaryDirectory(prefix="million-") as name, cluster.running() as server:
        sendable.prepare(Path(name), 1, port=1, url=server.url(), choosy=0)
        fill(server, readers)
        database = store.open_store(server.url())
        _tell(report, "enqueued", enqueued(server, database, readers))
        _tell(report, "sizes before", sizes(server, readers))
        for count in counts:
            _tell(report, f"claimed and recorded x{count}", lives(server, count))
        _tell(report, "claim ms", aged(server, database, readers))
        _tell(report, "sizes after", sizes(server, readers))
        database.dispose()
    for name, found in sent(counts, mails).items():
        _tell(report, f"sent {name}", found)
    return report | {"load after": os.getloadavg()}


def _tell(report: dict[str, Any], name: str, found: dict[str, float]) -> None:
    report[name] = {key: round(value, 2) for key, value in found.items()}
    print(f"{name}: {report[name]}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--readers", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--mails", type=int, default=12_000, help="that are sent at the end")
    parser.add_argument("--live", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help="where the report goes as JSON; default: to stdout")
    given = parser.parse_args()
    if given.live:
        print(json.dumps(live(given.live, _LIFE_S)))
        return
    text = json.dumps(measured(given.readers, given.workers, given.mails), indent=1)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
