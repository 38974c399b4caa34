"""`newsletter send` to a relay in a mood: what the program says of each reader is what the server did.

NEWSLETTER_TEST_READERS=100000 for the long run.
"""

import os
from collections import Counter
from pathlib import Path

from tests.ledger_server import Ledger, Ways, serving
from tests.sendable import ISSUE, Post, answer, prepare, states
from tests.verdict import judged

READERS = int(os.environ.get("NEWSLETTER_TEST_READERS", "2000"))
# Moments, so that a test does not wait for what is put off.
SOON = [0.0001]


def sent_to_the_end(folder: Path, ledger: Ledger, url: str) -> Post:
    """An issue, sent until nobody is put off any more."""
    post = prepare(folder / "post", READERS, port=ledger.port, url=url, small=True, retry_minutes=SOON)
    for _ in range(100):
        said = answer(post.start("send", ISSUE, "--json"), timeout_s=600 + READERS / 50)
        if not said["deferred"] + said["pending"]:
            return post
    raise AssertionError(said)


def by_state(post: Post) -> Counter[str]:
    return Counter({state: len(addresses) for state, addresses in states(post).items()})


def test_what_is_said_to_be_sent_is_what_the_server_took(tmp_path: Path, database_url: str) -> None:
    with serving(tmp_path, Ways(mood=(30, 10), seed=7)) as ledger:
        post = sent_to_the_end(tmp_path, ledger, database_url)
        kept = states(post)

        assert ledger.recipients() == dict.fromkeys(kept["sent"], 1)
        assert set(kept) == {"sent", "failed"}
        assert kept["sent"] | kept["failed"] == set(post.addresses)
        assert by_state(post).total() == READERS
        # One try in ten is refused, and three in ten lead to another one.
        assert READERS * 0.08 < len(kept["failed"]) < READERS * 0.21


def test_who_was_served_without_an_answer_is_unknown_and_not_served_again(
    tmp_path: Path, database_url: str
) -> None:
    with serving(tmp_path, Ways(drop_one_in=100)) as ledger:
        post = sent_to_the_end(tmp_path, ledger, database_url)
        verdict = judged(post, ledger)
        dropped = {entry.recipient for entry in ledger.entries() if entry.state == "dropped"}

        assert (verdict.faults, verdict.open) == (0, {}), verdict
        assert verdict.unknown == dropped
        assert len(dropped) == READERS // 100


def test_a_relay_that_ends_connections_serves_everybody_once(tmp_path: Path, database_url: str) -> None:
    with serving(tmp_path, Ways(most=7)) as ledger:
        post = sent_to_the_end(tmp_path, ledger, database_url)

        assert ledger.recipients() == dict.fromkeys(post.addresses, 1)
        assert by_state(post) == {"sent": READERS}
