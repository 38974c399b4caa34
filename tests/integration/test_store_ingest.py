"""Taking digests in, on both databases: every paper once, whatever happens in between."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, select

from newsletter import store
from newsletter.errors import StoreError
from newsletter.model import Ingested, Link, LinkKind, Mark, Paper, Repair
from newsletter.store import digests, papers, tables
from tests.builders import NOW, digest, paper
from tests.stored import content, corpus, dump, ingest, many, titles


class StoppedError(Exception):
    """What a test raises in the middle of a run."""


LATER = NOW + timedelta(days=1)
WHOLE = paper(
    "Sieves: Fine Sand",
    "We are 2× faster.",
    url="https://arxiv.org/abs/2402.00001",
    authors=("Ada Example", "Ben Example"),
    arxiv_id="2402.00001",
    links=(Link(LinkKind.CODE, "https://github.com/example/sieves"),),
    published=date(2024, 2, 3),
    upvotes=7,
    repairs=(Repair(33, "2times", "2×"),),
    version=2,
    doi="10.1000/sieves",
    ai_summary="Fast sieves.",
    keywords=("sand",),
    categories=("cs.LG",),
    marks=(Mark.CUT,),
)


def test_a_paper_comes_back_as_it_was_read(database: Engine) -> None:
    ingest(database, digest(WHOLE))

    with store.reading(database) as tx:
        assert papers.load(tx, [1]) == {1: WHOLE}


def test_what_a_digest_came_to_is_counted(database: Engine) -> None:
    richer = replace(WHOLE, upvotes=9)
    ingest(database, digest(WHOLE, paper("Old")))

    result = ingest(database, digest(richer, paper("Old"), paper("New"), paper("new!"), source="b"))

    assert result == Ingested("b", "hf-page", None, 4, added=1, updated=1, known=2, known_before=False)


def test_where_and_when_a_paper_was_seen_is_kept(database: Engine) -> None:
    ingest(database, digest(paper(upvotes=3, position=4), date=date(2026, 1, 5), date_text="Jan 5"))
    ingest(database, digest(paper(upvotes=5, position=2), source="feed.xml"), now=LATER)

    with store.reading(database) as tx:
        seen = select(tables.digests, tables.sightings).join_from(tables.digests, tables.sightings)
        rows = tx.execute(seen.order_by(tables.digests.c.id)).all()
    assert [
        (row.source, row.date, row.date_text, row.read_at, row.position, row.upvotes) for row in rows
    ] == [
        ("page.txt", date(2026, 1, 5), "Jan 5", NOW, 4, 3),
        ("feed.xml", None, "", LATER, 2, 5),
    ]


def test_a_second_run_adds_and_changes_nothing(database: Engine) -> None:
    first = many(1200)
    ingest(database, first)
    before = dump(database)

    again = ingest(database, first, now=LATER)

    assert (again.added, again.updated, again.known, again.known_before) == (0, 0, 1200, True)
    assert dump(database) == before


def test_the_same_papers_from_elsewhere_change_no_paper(database: Engine) -> None:
    twice = paper("Twice", keywords=("sand", "sand"), arxiv_id="2401.09999")
    ingest(database, digest(*many(30).papers, twice))
    before = dump(database)

    again = ingest(database, digest(*many(30).papers, twice, source="copy.txt"), now=LATER)

    assert (again.added, again.updated, again.known) == (0, 0, 31)
    assert dump(database)["papers"] == before["papers"]
    assert dump(database)["paper_keys"] == before["paper_keys"]


def test_a_run_that_stopped_in_the_middle_is_finished_by_the_next(database: Engine, tmp_path: Path) -> None:
    def stop(done: int) -> None:
        if done >= 800:
            raise StoppedError

    with pytest.raises(StoppedError):
        ingest(database, many(1200), progress=stop, part=400)
    assert len(titles(database)) == 800
    assert content(database)["unfinished"] == [1]

    result = ingest(database, many(1200), part=400)

    assert (result.added, result.known) == (400, 800)
    straight = store.open_store(f"sqlite:///{tmp_path}/straight.db")
    ingest(straight, many(1200), part=400)
    assert content(database) == content(straight)
    straight.dispose()


KILLED = """
import sys
from newsletter import store
from tests.stored import ingest, many

def told(done):
    print(done, flush=True)

ingest(store.open_store(sys.argv[1]), many(4000), progress=told, part=100)
"""


def test_a_run_that_was_killed_is_finished_by_the_next(database_url: str) -> None:
    command = [sys.executable, "-c", KILLED, database_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
        for _ in range(7):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)

    database = store.open_store(database_url)
    left = len(titles(database))
    result = ingest(database, many(4000))

    assert 700 <= left < 4000
    assert left % 100 == 0
    assert (result.added, result.known) == (4000 - left, left)
    assert sorted(titles(database)) == sorted(each.title for each in many(4000).papers)
    assert content(database)["unfinished"] == []
    database.dispose()


def test_a_paper_twice_in_one_digest_is_one_paper_seen_once(database: Engine) -> None:
    first, again = paper("Larder", position=3), paper("larder.", position=9, arxiv_id="2401.00001")

    result = ingest(database, digest(first, paper("Other", position=5), again), part=2)

    assert (result.added, result.updated, result.known) == (2, 1, 0)
    assert [row[:2] for row in content(database)["seen"]] == [("page.txt", 3), ("page.txt", 5)]


def test_a_paper_is_known_again_by_a_title_it_no_longer_has(database: Engine) -> None:
    ingest(
        database,
        digest(paper("Caching", arxiv_id="2402.00001", version=1)),
        digest(paper("Storing", arxiv_id="2402.00001", version=2), source="b"),
    )

    result = ingest(database, digest(paper("storing!"), source="c"))

    assert (result.added, titles(database)) == (0, ["Caching"])


def test_a_new_version_brings_its_abstract(database: Engine) -> None:
    ingest(database, digest(paper(abstract="Old.", arxiv_id="2402.00001", version=1)))

    result = ingest(
        database, digest(paper(abstract="New.", arxiv_id="2402.00001", version=2), source="b"), now=LATER
    )

    with store.reading(database) as tx:
        row = tx.execute(select(tables.papers)).one()
    assert (result.updated, row.abstract, row.version) == (1, "New.", 2)
    assert (row.first_seen_at, row.updated_at) == (NOW, LATER)


def test_two_ids_under_one_title_are_two_papers(database: Engine) -> None:
    one, other = paper("Same", arxiv_id="2505.17997"), paper("Same", arxiv_id="2506.03038")
    ingest(database, digest(one), digest(other, source="b"))

    result = ingest(database, digest(one, other, paper("same"), source="c"))

    assert (result.added, titles(database)) == (0, ["Same", "Same"])


def test_a_record_that_two_stored_papers_have_in_common_makes_them_one(database: Engine) -> None:
    ingest(
        database,
        digest(paper("Early Title", ai_summary="Said early.")),
        digest(paper("Late Title", arxiv_id="2402.00001"), paper("Other"), source="b"),
    )

    result = ingest(database, digest(paper("Early Title", arxiv_id="2402.00001"), source="c"))
    again = ingest(database, digest(paper("late title"), paper("Early title"), source="d"))

    assert (result.added, result.updated, again.added) == (0, 1, 0)
    assert titles(database) == ["Early Title", "Other"]
    with store.reading(database) as tx:
        joined = papers.load(tx, [1])[1]
    assert (joined.arxiv_id, joined.ai_summary) == ("2402.00001", "Said early.")
    seen = [source for source, _, title, _ in content(database)["seen"] if title == "Early Title"]
    assert seen == ["b", "c", "d", "page.txt"]


def test_a_title_of_many_papers_is_kept_for_the_first_of_them_only(database: Engine) -> None:
    untitled = [paper("Untitled", arxiv_id=f"2401.{n:05}") for n in range(40)]

    result = ingest(database, digest(*untitled), part=3)

    assert result.added == 40
    assert sum(key == "title:untitled" for key, _ in content(database)["keys"]) == 8


def test_a_digest_without_papers_is_known_again(database: Engine) -> None:
    assert not ingest(database, digest()).known_before
    assert ingest(database, digest()).known_before


def test_the_fingerprint_of_a_digest_stays_what_it_is_in_stores_that_exist() -> None:
    known = digest(WHOLE, paper(position=2, line=40), date=date(2026, 1, 5), date_text="Jan 5")
    moved = digest(replace(WHOLE, line=7), paper(position=9), date=date(2026, 1, 5), date_text="Jan 5")

    assert digests.fingerprint(known) == digests.fingerprint(moved) == FINGERPRINT
    assert digests.fingerprint(replace(known, source="b")) != FINGERPRINT


FINGERPRINT = "e5975e85dee126022b8f737b872819642265fcdce609615cbb845b2e46fb4d57"
HOSTILE = [
    paper("NUL\0 in a title", "and \0 in its abstract", authors=("A\0B",)),
    paper("Half a pair \ud83d, and the other \ude00", "\udcff"),
    paper("Both halves \ud83d\ude00 are one", arxiv_id="2401.00001"),
    paper("Emoji 😀 𝔸 ﷽ é", "'; DROP TABLE papers; --"),
    paper("Long", "word " * 400_000, arxiv_id="2401.00002"),
    paper("T" * 100_000, url="https://example.org/" + "u" * 10_000),
    paper("字" * 30_000),
    paper("Counted", upvotes=10**30, version=10**12, position=10**11),
    paper("", "", url=""),
    paper("\0", "\0"),
]


def test_any_text_is_taken_and_known_again(database: Engine) -> None:
    first = digest(*HOSTILE, source="\udcff\0.txt", date_text="\0")
    ingest(database, first)
    before = dump(database)

    assert ingest(database, first, now=LATER).known_before
    assert ingest(database, replace(first, source="b"), now=LATER).updated == 0
    assert dump(database)["papers"] == before["papers"]
    assert titles(database)[:4] == [
        "NUL in a title",
        "Half a pair \ufffd, and the other \ufffd",
        "Both halves 😀 are one",
        "Emoji 😀 𝔸 ﷽ é",
    ]


def test_two_processes_at_once_add_every_paper_once(database_url: str) -> None:
    code = KILLED.replace("many(4000)", "many(1500, source=sys.argv[2])")
    commands = [[sys.executable, "-c", code, database_url, source] for source in ("a", "b", "b")]
    root = Path(__file__).parents[2]

    with ThreadPoolExecutor() as pool:
        runs = list(
            pool.map(lambda command: subprocess.run(command, cwd=root, capture_output=True), commands)
        )

    assert [run.stderr.decode() for run in runs] == ["", "", ""]
    database = store.open_store(database_url)
    assert sorted(titles(database)) == sorted(each.title for each in many(1500).papers)
    assert content(database)["digests"] == ["a", "b"]
    assert len(content(database)["seen"]) == 3000
    database.dispose()


@pytest.mark.parametrize("pages", [30, 60, 90, 110])
def test_a_full_disk_leaves_whole_parts_and_the_next_run_finishes(tmp_path: Path, pages: int) -> None:
    database = store.open_store(f"sqlite:///{tmp_path}/newsletter.db")
    database.dispose()

    def limit(connection: object, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(database, "connect", limit)
    with pytest.raises(StoreError, match="database or disk is full; free some space and run the command"):
        ingest(database, many(1200), part=100)
    event.remove(database, "connect", limit)
    database.dispose()

    assert len(titles(database)) % 100 == 0
    assert len(titles(database)) == len(content(database)["seen"])
    ingest(database, many(1200), part=100)
    assert len(titles(database)) == 1200
    database.dispose()


records = st.builds(
    paper,
    st.sampled_from(["Alpha", "alpha!", "Beta", "Gamma"]),
    st.sampled_from(["", "Words.", "More words."]),
    arxiv_id=st.sampled_from([None, "2402.00001", "2402.00002"]),
    doi=st.sampled_from([None, None, "10.1/x"]),
    version=st.sampled_from([None, 1, 2]),
    upvotes=st.sampled_from([None, 1, 2]),
    keywords=st.lists(st.sampled_from("ab"), max_size=2).map(tuple),
)
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@given(st.lists(records, max_size=7), st.lists(records, min_size=1, max_size=7), st.integers(0, 3))
def test_wherever_a_run_stops_doing_it_again_gives_the_same(
    database: Engine, before: list[Paper], during: list[Paper], parts: int
) -> None:
    def stop(done: int) -> None:
        if done >= 2 * (parts + 1):
            raise StoppedError

    def outcome(*, stopped: bool) -> dict[str, object]:
        with store.writing(database) as tx:
            tx.execute(delete(tables.papers))
            tx.execute(delete(tables.digests))
        ingest(database, digest(*before, source="a"))
        if stopped:
            with contextlib.suppress(StoppedError):
                ingest(database, digest(*during), progress=stop, part=2)
        ingest(database, digest(*during), part=2)
        return content(database)

    assert outcome(stopped=True) == outcome(stopped=False)


def test_the_second_run_over_a_real_corpus_adds_nothing(database: Engine) -> None:
    inputs = os.environ.get("NEWSLETTER_REAL_INPUTS")
    if not inputs:
        pytest.skip("set NEWSLETTER_REAL_INPUTS to the folder of real pages")
    whole = corpus(Path(inputs).parent / "corpus" / "hf_daily_api_2024-05_2026-08.jsonl.xz")

    started = time.perf_counter()
    first = ingest(database, whole)
    between = time.perf_counter()
    before = dump(database)
    again = time.perf_counter()
    second = ingest(database, whole, now=LATER)

    ended = time.perf_counter()
    print(f"{database.dialect.name}: {between - started:.2f} s, again {ended - again:.2f} s")
    assert first.added + first.updated + first.known == first.papers == 9877
    assert (second.added, second.updated, second.known) == (0, 0, 9877)
    assert dump(database) == before
