"""The whole site under whatever may be sent: within the application, and through a real connection."""

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from newsletter import links, store
from newsletter.links import Purpose
from newsletter.web import guarding
from tests import fuzz_of_site, fuzzed_connections
from tests.fuzz_of_site import MAY_CHANGE
from tests.site import LISTS, Site, keys, running, settings
from tests.stored import dump

# By hand there are more: NEWSLETTER_TEST_RUNS=10000.
REQUESTS = max(2000, int(os.environ.get("NEWSLETTER_TEST_RUNS", "0")))


def test_whatever_is_asked_no_answer_is_a_fault_and_nothing_changes_but_by_a_form() -> None:
    report = fuzz_of_site.run(range(REQUESTS))

    assert report.faults == []
    assert {*report.effects} == {"", *MAY_CHANGE}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of a running site, and its folder."""
    folder = tmp_path_factory.mktemp("site")
    with running(folder) as (_, port):
        yield port, folder


def test_whatever_comes_over_a_connection_every_answer_has_the_headers(process: tuple[int, Path]) -> None:
    port, folder = process
    answers = [head for number in range(300) for head in fuzzed_connections.answers(port, number)]

    assert len(answers) > 300
    for head in answers:
        assert 200 <= int(head.split()[1]) < 500, head
        assert f"\r\ncontent-security-policy: {guarding.PAGE_POLICY}\r\n" in head.lower() + "\r\n"
        assert "\r\nx-content-type-options: nosniff\r\n" in head.lower() + "\r\n"
    told = (folder / "stderr").read_text()
    assert told.splitlines()[1:] == []


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(store.open_store(f"sqlite:///{tmp_path}/newsletter.db"), settings(tmp_path))
    yield made
    made.database.dispose()


PAGES = ("confirm", "preferences", "unsubscribe", "preferences/{}/erase", "preferences/{}/data.json")


def foreign_tokens(key: bytes) -> Iterator[tuple[str, str, str]]:
    """Where a token may be tried, and what it is for: every one of a key, and some that nobody signed."""
    for slug, purpose in product([*LISTS, "gone"], Purpose):
        token = links.sign(key, purpose, list=slug, keys=keys())
        yield from ((at, f"{slug}/{purpose}", token) for at in [*LISTS, "gone"])
        other = keys("another-secret-0123456789-abcdefghijkl")
        yield slug, "", links.sign(key, purpose, list=slug, keys=other)
    token = links.sign(key, Purpose.UNSUBSCRIBE, list="weekly", keys=keys())
    for at in range(links.TOKEN_LENGTH):
        yield "weekly", "", token[:at] + ("a" if token[at] != "a" else "b") + token[at + 1 :]


def test_a_token_opens_the_page_it_is_for_and_no_other(site: Site) -> None:
    reader, tried = site.join(), 0
    before = dump(site.database)

    for (slug, own, token), page, method in product(foreign_tokens(reader.key), PAGES, ["GET", "POST"]):
        if own != f"{slug}/{page.partition('/')[0]}":
            path = f"/{slug}/{page if '{}' in page else page + '/{}'}".format(token)
            form = {"List-Unsubscribe": "Every-List", "theme": "llm-serving"}
            answer = site.client.request(method, path, data=form)
            assert answer.status_code in {404, 405}
            assert "ada" not in answer.text
            tried += 1

    assert tried > 1000
    assert dump(site.database) == before
