"""A million random tokens, of which none may open anything: python -m tests.benchmarks.guesses."""

import random
import time

from newsletter import links
from newsletter.errors import LinkError
from newsletter.links import Keys, Purpose

GUESSES = 1_000_000
KEYS = Keys((b"the first secret of this installation", b"a second one, as after a rotation"))


def opened(text: str) -> bool:
    try:
        links.verify(text, Purpose.UNSUBSCRIBE, list="weekly", keys=KEYS)
    except LinkError:
        return False
    return True


def main() -> None:
    chance = random.Random(11)
    began = time.perf_counter()
    # Four bits of the last character are nothing, or no guess would be looked at in full.
    guesses = ("".join(chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=51)) for _ in range(GUESSES))
    hits = sum(opened(guess + chance.choice("aq")) for guess in guesses)
    print(f"{hits} hits of {GUESSES:,} guesses in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
