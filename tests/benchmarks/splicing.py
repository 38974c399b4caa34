#!/usr/bin/env python3
"""How long a mail takes that is spliced for its reader, beside one that is made for that reader alone.

usage: python -m tests.benchmarks.splicing [--rounds N]

Both give the same bytes, which is checked. The slow way is `message.compose` of what is rendered already: an
EmailMessage with its headers and quoted-printable bodies, as most programs make one for each reader. A mail
of about 70 KB; both in turn, round after round, in time of the processor; the medians and their ratio are
printed. Exits with 1 where the ratio is above 1/900.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable

from newsletter.wire import WireTemplate
from tests.looks import LOOKS, busy_issue, load
from tests.spliced import Setup, randomly

GOAL = 1 / 900
# Mails of each in one round.
SPLICED, MADE = 2000, 10


def setup() -> Setup:
    """An issue whose mail has about 70 KB."""
    return Setup(busy_issue(), load(next(folder for folder in LOOKS if folder.name == "default")))


def timed(work: Callable[[int], object], times: int) -> float:
    """The microseconds of each time."""
    started = time.process_time()
    for at in range(times):
        work(at)
    return (time.process_time() - started) / times * 1e6


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--rounds", type=int, default=7)
    rounds = arguments.parse_args().rounds
    made, rng = setup(), randomly(1)
    keys = [rng.randbytes(16) for _ in range(SPLICED)]
    readers = [made.reader(f"reader{at}@example.net", key) for at, key in enumerate(keys)]
    print(f"rendered, composed and checked: {timed(lambda _: made.pattern(), 5) / 1e3:.0f} ms")
    pattern = made.pattern()
    print(f"a template of it: {timed(lambda _: WireTemplate.of(pattern), 20) / 1e3:.2f} ms")
    template, rendered = WireTemplate.of(pattern), made.rendered(keys[0])
    if template.splice(readers[0]) != made.composed("reader0@example.net", keys[0], rendered):
        sys.exit("the spliced mail is not the one that is made")
    fast, slow = [], []
    for _ in range(rounds):
        fast.append(timed(lambda at: template.splice(readers[at]), SPLICED))
        slow.append(timed(lambda at: made.composed("reader0@example.net", keys[0], rendered), MADE))
    one, other = statistics.median(fast), statistics.median(slow)
    print(
        f"{len(pattern) / 1e3:.0f} KB: spliced {one:.1f} µs   made {other / 1e3:.1f} ms   1/{other / one:.0f}"
    )
    return int(one / other > GOAL)


if __name__ == "__main__":
    sys.exit(main())
