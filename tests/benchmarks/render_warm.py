#!/usr/bin/env python3
"""How long a running newsletter takes for one more mail of 15 papers, beside the official mjml, warm as well.

usage: python tests/benchmarks/render_warm.py [DIGEST] [--mjml FOLDER] [--rounds N]

DIGEST: the bundled sample where none is given; it needs 15 papers. FOLDER: where `npm install mjml` was run,
by default the working directory. The official mjml is the peer because it is what most such mails are made
with. It compiles the same MJML and inlines the same stylesheet; we fill the templates before, and make the
text and the bytes of the mail besides. Both work in a process that has done the same before, in turn, round
after round; the medians and their ratios are printed. Exits with 1 where a render takes 100 ms or more.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from render_cold_start import mjml_of

from newsletter import app, config, sources
from newsletter.model import Issue, MailingList

PAPERS = 15
# Times of each in one round, and before the first that counts: node compiles what it has run often.
TIMES, WARMING = 9, 30
# Milliseconds, on the machine that it runs on.
GOAL = 100.0

# Prints the milliseconds of each time. Version 4 answers at once, version 5 with a promise.
PEER = f"""
const loaded = require("mjml"), compile = loaded.default || loaded;
const source = require("fs").readFileSync(process.argv[1], "utf8");
(async () => {{
  for (let at = 0; at < {WARMING + TIMES}; at++) {{
    const started = process.hrtime.bigint();
    await compile(source);
    if (at >= {WARMING}) console.log(Number(process.hrtime.bigint() - started) / 1e6);
  }}
}})();
"""


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("digest", nargs="?", type=Path)
    arguments.add_argument("--mjml", type=Path, default=Path.cwd())
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    data = given.digest.read_bytes() if given.digest else sample()
    settings = config.load(None)
    list_ = replace(config.mailing_list(settings), limit=PAPERS)
    look = app.load_look(list_.look, settings)
    issue = issue_of(data, list_)
    links = config.preview_links(settings, list_.slug, str(issue.date))

    def render() -> None:
        app.render(issue, look, links)

    def whole() -> None:
        app.render(issue_of(data, list_), look, links)

    times: dict[str, list[float]] = {"issue to mail": [], "digest to mail": [], "official mjml": []}
    timed(render, WARMING)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "issue.mjml")
        styles = f'<mj-style inline="inline">{look.files["inline.css"]}</mj-style></mj-head>'
        text = mjml_of(issue, settings).replace("</mj-head>", styles, 1)
        source.write_text(text, encoding="utf-8")
        for _ in range(given.rounds):
            times["issue to mail"] += timed(render, TIMES)
            times["digest to mail"] += timed(whole, TIMES)
            times["official mjml"] += peer(source, given.mjml)
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        ratio = f"{median / medians['official mjml']:.2f} of mjml"
        print(f"{name:15} {median:6.1f} ms   {ratio}   ({min(times[name]):.1f} to {max(times[name]):.1f})")
    return int(medians["issue to mail"] >= GOAL)


def sample() -> bytes:
    return files("newsletter").joinpath("sample", "daily-papers.txt").read_bytes()


def issue_of(data: bytes, list_: MailingList) -> Issue:
    return app.draft([sources.parse(data, "page")], list=list_, on=app.utcnow().date())


def timed(work: Callable[[], None], times: int) -> list[float]:
    """The milliseconds of each time."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - started))
    return taken


def peer(source: Path, folder: Path) -> list[float]:
    done = subprocess.run(
        ["node", "-e", PEER, str(source)], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"node: {done.stderr.strip()[-500:]}\nrun npm install mjml in {folder}, or name --mjml")
    return [float(line) for line in done.stdout.split()]


if __name__ == "__main__":
    sys.exit(main())
