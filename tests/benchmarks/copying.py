"""How long `newsletter db copy` takes, and how much memory, beside other ways to bring the same rows over.

python -m tests.benchmarks.copying --readers 1000000 --server postgresql://postgres@/postgres?host=/tmp
The issue is half sent. The others: `sqlite3` CSV piped into `psql` COPY, and pgloader, where they are there;
both are given tables with all keys and indexes, as ours is.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import text

from newsletter import store
from newsletter.store import copying, tables
from tests.builders import NOW
from tests.sendable import prepare
from tests.stored import schema_of_its_own

_LEDGER = """
INSERT INTO deliveries (issue_id, subscription_id, mailbox, domain, pattern_id, status, attempts, not_before,
    worker_id, leased_until, at, code, enhanced, cause)
SELECT 1, s.id, r.folded, 'example.org', NULL, CASE WHEN s.id % 2 THEN 'sent' ELSE 'pending' END, s.id % 2,
    :now, NULL, NULL, :now, CASE WHEN s.id % 2 THEN 250 ELSE 0 END, '', ''
FROM subscriptions AS s JOIN subscribers AS r ON r.id = s.subscriber_id
"""


def made(folder: Path, readers: int) -> Path:
    """An SQLite store with that many readers and an issue that is half sent."""
    post = prepare(folder, readers, port=1, small=True)
    database = store.open_store(post.url)
    with store.writing(database) as tx:
        tx.execute(text(_LEDGER), {"now": f"{NOW:%Y-%m-%d %H:%M:%S}.000000"})
    database.dispose()
    return folder / "newsletter.db"


def measured(command: list[str], **given: object) -> tuple[float, float, float]:
    """Seconds, those of the processor, and the most memory in MB, of a command and what it started."""
    began = time.monotonic()
    process = subprocess.Popen(command, **given)  # type: ignore[call-overload]
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, (command, status)
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def ours(file: Path, url: str) -> tuple[float, float, float]:
    """`newsletter db copy`."""
    env = os.environ | {"NEWSLETTER__DATABASE_URL": url}
    command = [sys.executable, "-m", "newsletter", "db", "copy", str(file), "--json"]
    found = measured(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run([*command[:-2], "--undo", str(file)], env=env, check=True, stdout=subprocess.DEVNULL)
    return found


def psql(file: Path, url: str) -> tuple[float, float, float]:
    """CSV of `sqlite3`, table by table, into COPY of `psql`, in one transaction."""
    parts = ["(echo 'BEGIN; DELETE FROM salts;'"]
    for table in tables.metadata.sorted_tables:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        parts.append(f"echo 'COPY {table.name} FROM STDIN WITH (FORMAT csv);'")
        query = f"SELECT {names} FROM {table.name}"  # noqa: S608
        parts.append(f"sqlite3 -csv -newline '\n' {file} '{query}'; echo '\\.'")
    url = url.replace("+psycopg", "", 1)
    script = "; ".join(parts) + f"; echo 'COMMIT;') | PGTZ=UTC psql -q -v ON_ERROR_STOP=1 '{url}'"
    return measured(["bash", "-c", script])


def pgloader(file: Path, url: str) -> tuple[float, float, float]:
    """pgloader, told to take the rows only. Its target has a search_path of its own."""
    address, path = urlsplit(url), parse_qs(urlsplit(url).query)
    schema = path["options"][0].partition("=")[2]
    load = file.with_suffix(".load")
    load.write_text(
        f"LOAD DATABASE FROM sqlite://{file}\n"
        f"INTO postgresql://{address.username}@unix:{path['host'][0]}:5432{address.path}\n"
        "WITH data only, truncate, reset sequences, drop indexes, disable triggers\n"
        f"SET search_path to '{schema}';\n"
    )
    return measured(["pgloader", "--quiet", str(load)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=100_000)
    parser.add_argument("--server", required=True)
    parser.add_argument("--file", type=Path, help="An SQLite store that was made before.")
    given = parser.parse_args()
    ways: dict[str, Callable[[Path, str], tuple[float, float, float]]] = {"newsletter db copy": ours}
    ways |= {"sqlite3 | psql": psql} if shutil.which("sqlite3") else {}
    ways |= {"pgloader": pgloader} if shutil.which("pgloader") else {}
    with tempfile.TemporaryDirectory() as folder:
        file = given.file or made(Path(folder), given.readers)
        database = store.open_store(f"sqlite:///{file}")
        rows = copying.rows_of(database)
        database.dispose()
        for name, way in ways.items():
            with schema_of_its_own(given.server) as url:
                store.open_store(url).dispose()
                seconds, processor, most = way(file, url)
                opened = store.open_store(url)
                with store.reading(opened) as tx:
                    came = tx.scalar(text("SELECT count(*) FROM deliveries"))
                opened.dispose()
            cost = {
                "s": round(seconds, 1),
                "processor s": round(processor, 1),
                "deliveries": came,
                "a second": int(rows / seconds),
                "MB": int(most),
            }
            print(json.dumps({"way": name, "rows": rows, **cost}), flush=True)


if __name__ == "__main__":
    main()
