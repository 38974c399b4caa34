"""How long readers who leave wait while an issue goes out: `python -m tests.benchmarks.web_beside_send`.

Two `newsletter send` deliver one issue to 10,000 readers at a server that answers after 20 ms, on the
database that `newsletter web --processes 2` serves; one reader leaves each 50 ms, at their own time whether
or not the one before was answered: first alone, then beside the send. Goal: p99 of 500 ms, no reader in the
file, none mailed twice. SQLite in a file, or NEWSLETTER_TEST_PG.
"""

import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from newsletter import store
from tests.benchmarks.web_leaving import EVERY_S, measured
from tests.ledger_server import Ways, serving
from tests.sendable import ISSUE, answer, prepare
from tests.site import Site, running, settings
from tests.stored import schema_of_its_own

SECONDS = 15.0


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{folder}/newsletter.db"
        if server := os.environ.get("NEWSLETTER_TEST_PG"):
            url = opened.enter_context(schema_of_its_own(server))
        ledger = opened.enter_context(serving(folder, Ways(delay_s=0.02)))
        post = prepare(folder / "post", count, port=ledger.port, url=url, small=True, connections=8)
        site = Site(store.open_store(url), settings(folder))
        opened.callback(site.database.dispose)
        leavers = [site.join(f"leaver{n}@example.org") for n in range(int(2 * SECONDS / EVERY_S) + 1)]
        _, port = opened.enter_context(running(folder, "--processes", "2", config=f'database_url = "{url}"'))
        print(f"{site.database.dialect.name}, load {os.getloadavg()[0]:.1f}", flush=True)
        paths = iter([site.link("unsubscribe", one) for one in leavers])
        print("alone:", measured(port, paths, SECONDS), flush=True)
        began = time.perf_counter()
        senders = [post.start("send", ISSUE, "--json") for _ in range(2)]
        print("beside the send:", measured(port, paths, SECONDS), flush=True)
        sent = [answer(sender)["sent"] for sender in senders]
        print(
            f"sent: {sent} within {time.perf_counter() - began:.0f} s, {len(ledger.entries()):,} mails taken"
        )
        print(f"most to one reader: {max(ledger.recipients().values())}")
        waiting = folder / "newsletter.leaving"
        print(f"{len(waiting.read_bytes().splitlines()) if waiting.exists() else 0} wait in the file")


if __name__ == "__main__":
    main()
