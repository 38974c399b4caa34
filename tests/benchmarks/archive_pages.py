"""How long pages of a large archive take: the first time in a process, and from then on.

usage: python -m tests.benchmarks.archive_pages [--issues 500] [--page PAGE]

Publishes the same issue so often, made of PAGE (else of the bundled sample), in a new SQLite database, or in
a schema of its own on the server that NEWSLETTER_TEST_PG names. Where NEWSLETTER_TEST_CHROMIUM names a
browser, tells too how long the script of the search takes for all titles.
"""

import argparse
import gzip
import os
import tempfile
import time
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

from newsletter import app, config, store
from newsletter.archive import Document, Site
from tests.browser import OPTIONS
from tests.published import TODAY, publish, site
from tests.stored import schema_of_its_own

PATHS = ("weekly/", "weekly/7/", "weekly/themes/kv-cache/", "weekly/search/", "weekly/atom.xml", "")
# From one letter typed to the screen drawn anew.
TYPED = """text => new Promise(done => {
  const field = document.getElementById('q'), start = performance.now();
  field.value = text;
  field.dispatchEvent(new Event('input'));
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=500)
    parser.add_argument("--page", type=Path)
    asked = parser.parse_args()
    settings = config.load(None)
    digests = app.read_digests([asked.page] if asked.page else [], settings)
    issue = app.draft(digests, list=config.mailing_list(settings), on=TODAY)
    server = os.environ.get("NEWSLETTER_TEST_PG")
    with (
        tempfile.TemporaryDirectory() as folder,
        schema_of_its_own(server) if server else nullcontext(f"sqlite:///{folder}/archive.db") as url,
    ):
        database = store.open_store(url)
        for number in range(asked.issues):
            publish(database, issue, on=TODAY - timedelta(days=number))
        print(f"{database.dialect.name}, {asked.issues} issues")
        for path in PATHS:
            made = site(database)
            cold, warm = (seconds(made, path) for _ in range(2))
            print(f"/{path:26} first {cold * 1000:7.1f} ms, again {warm * 1000:6.1f} ms, {size(made, path)}")
        asking = seconds(made, "weekly/search/", "kv cache"), seconds(made, "weekly/search/", "cache kv")
        print(f"?q= first {asking[0] * 1000:.1f} ms, again {asking[1] * 1000:.1f} ms")
        if browser := os.environ.get("NEWSLETTER_TEST_CHROMIUM"):
            in_browser(site(database, as_files=True), Path(folder), browser)
        database.dispose()


def seconds(made: Site, path: str, question: str = "") -> float:
    start = time.perf_counter()
    made.at(path, today=TODAY, question=question)
    return time.perf_counter() - start


def size(made: Site, path: str) -> str:
    found = made.at(path, today=TODAY)
    assert isinstance(found, Document)
    return f"{len(found.body) / 1000:.0f} KB, {len(gzip.compress(found.body)) / 1000:.0f} KB as gzip"


def in_browser(made: Site, folder: Path, browser: str) -> None:
    from playwright.sync_api import sync_playwright

    for name in ("weekly/search/index.html", "assets/search.js", "assets/site.css"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        found = made.document(name.removesuffix("index.html"), today=TODAY)
        (folder / name).write_bytes(found.body)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=browser, args=list(OPTIONS))
        page = started.new_page(viewport={"width": 390, "height": 844})
        page.goto((folder / "weekly/search/index.html").as_uri())
        print(f"in Chromium, of {page.locator('main li').count()} titles:")
        for text in ("k", "kv", "kv cache", "nothing", ""):
            print(f"  {text!r}: {page.evaluate(TYPED, text):.0f} ms, {page.locator('#found').text_content()}")
        started.close()


if __name__ == "__main__":
    main()
