#!/usr/bin/env python3
"""How long `newsletter render` takes from a cold start, beside the official mjml compiling the same MJML.

usage: python tests/benchmarks/render_cold_start.py [DIGEST] [--mjml COMMAND] [--runs N]

DIGEST: the bundled sample where none is given. COMMAND: the official mjml (npm install mjml), by default
"npx --no-install mjml". Both start as whole processes, in turn, after one
run each that is not counted; the medians and their ratio are printed,
and the most memory that newsletter held.
"""

import argparse
import os
import shlex
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from newsletter import app, config, mjml
from newsletter.config import Settings
from newsletter.model import Issue


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("digest", nargs="?", type=Path)
    arguments.add_argument("--mjml", default="npx --no-install mjml")
    arguments.add_argument("--runs", type=int, default=7)
    given = arguments.parse_args()
    digests = [given.digest.resolve()] if given.digest else []
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "issue.mjml")
        source.write_text(mjml_of_the_issue(digests), encoding="utf-8")
        ours = [sys.executable, "-m", "newsletter", "render", *map(str, digests), "--out", f"{folder}/issue"]
        theirs = [*shlex.split(given.mjml), str(source), "-o", f"{folder}/official.html"]
        times: dict[str, list[float]] = {"newsletter render": [], "mjml": []}
        memory = 0
        timed(ours)
        timed(theirs)
        for _ in range(given.runs):
            seconds, used = timed(ours)
            times["newsletter render"].append(seconds)
            memory = max(memory, used)
            times["mjml"].append(timed(theirs)[0])
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        spread = f"{min(times[name]):.2f} to {max(times[name]):.2f}"
        print(f"{name:18} {median:.2f} s (median of {given.runs}, {spread})")
    print(f"ratio              {medians['newsletter render'] / medians['mjml']:.2f}")
    print(f"peak memory        {memory / 1024:.0f} MB")


def mjml_of_the_issue(digests: Sequence[Path]) -> str:
    """The MJML that newsletter itself would compile for an issue of these digests."""
    settings = config.load(None)
    chosen = config.mailing_list(settings)
    issue = app.draft(app.read_digests(digests, settings), list=chosen, on=app.utcnow().date())
    return mjml_of(issue, settings)


def mjml_of(issue: Issue, settings: Settings) -> str:
    """The MJML that newsletter itself compiles for the issue."""
    sources: list[str] = []
    compile_mjml = mjml.to_html
    mjml.to_html = lambda source, *, css: (
        sources.append(mjml.prepare(source)),
        compile_mjml(source, css=css),
    )[1]
    try:
        links = config.preview_links(settings, issue.list.slug, str(issue.date))
        app.render(issue, app.load_look(issue.list.look, settings), links)
    finally:
        mjml.to_html = compile_mjml
    return sources[0]


def timed(command: Sequence[str]) -> tuple[float, int]:
    """Seconds of wall time, and the most KiB of memory, of a whole process."""
    started = time.perf_counter()
    # Python keeps compiled modules between runs unless a variable forbids it; an installed program has them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = os.posix_spawnp(
        command[0], command, environment, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    )
    _, status, usage = os.wait4(process, 0)
    if status:
        sys.exit(f"{shlex.join(command)}: exit status {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - started, usage.ru_maxrss


if __name__ == "__main__":
    main()
