"""How well the time of an ask tells whether its address is known: python -m tests.timing_of_asks [PAIRS].

Asks for a known and an unknown address take turns, in changing order, each time for an address that nobody
asked for before. Prints the area under the ROC curve: 0.5 tells nothing, and from 0.55 on is a leak.
"""

import random
import sys
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from newsletter import store
from tests.people import Readers


def auc(known: Sequence[float], unknown: Sequence[float]) -> float:
    """How often a known address takes longer than an unknown one; half of what is equal."""
    ordered = sorted(unknown)
    below = sum(bisect_left(ordered, one) + bisect_right(ordered, one) for one in known)
    return below / 2 / len(known) / len(unknown)


def measured(readers: Readers, pairs: int) -> tuple[list[float], list[float]]:
    """Seconds of each ask for an address that is on the list, and of each for one that is not."""
    chance = random.Random(5)  # noqa: S311  an order, not a secret
    readers.letters_per_hour = 10 * pairs
    for n in range(pairs):
        readers.add(f"known{n:05}@example.org")
    times: tuple[list[float], list[float]] = ([], [])
    for n in range(pairs):
        turns = [(0, f"known{n:05}@example.org"), (1, f"other{n:05}@example.org")]
        chance.shuffle(turns)
        for which, address in turns:
            began = time.perf_counter()
            readers.ask(address)
            times[which].append(time.perf_counter() - began)
    return times


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as folder:
        database = store.open_store(f"sqlite:///{folder}/newsletter.db")
        known, unknown = measured(Readers(database), pairs)
        database.dispose()
    medians = [sorted(times)[pairs // 2] * 1000 for times in (known, unknown)]
    print(f"AUC {auc(known, unknown):.3f}; medians {medians[0]:.2f} and {medians[1]:.2f} ms; {pairs} pairs")


if __name__ == "__main__":
    main()
