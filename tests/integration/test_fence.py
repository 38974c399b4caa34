"""A database that was restored from a backup is found out; then nothing goes before an operator's word."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine, delete, text, update

from newsletter import store
from newsletter.errors import StoreError
from newsletter.fence import Fence
from newsletter.model import DeliveryStatus, Edition, IssueStatus, NoticeKind, Slot, SlotState
from newsletter.store import deliveries, fences, issues, notices, periods, tables
from tests.builders import NOW
from tests.delivering import Delivering, delivering, names

ZONES = {"weekly": "Europe/Berlin"}


@pytest.fixture
def fence(database: Engine, tmp_path: Path) -> Fence:
    return Fence(database, tmp_path / "newsletter.fence")


def rise(fence: Fence) -> int:
    with store.writing(fence.database) as tx:
        number = fence.rise(tx)
    fence.keep(number)
    return number


def restore(fence: Fence, number: int) -> None:
    """Let the database be one of an earlier day."""
    with store.writing(fence.database) as tx:
        tx.execute(update(tables.fences).values(number=number))


def test_a_new_machine_takes_the_number_of_the_database(fence: Fence) -> None:
    assert [rise(fence), rise(fence)] == [1, 2]
    assert fence.path.read_text() == "2\n"
    fence.path.unlink()

    assert fence.restored() == ""
    assert rise(fence) == 3
    assert fence.path.read_text() == "3\n"


def test_a_database_that_is_behind_its_file_was_restored(fence: Fence) -> None:
    rise(fence)
    rise(fence)
    restore(fence, 1)

    said = fence.restored()
    assert "newsletter.fence says 2, the database 1" in said
    assert said.endswith("look at newsletter status, then run: newsletter schedule resume")


def test_a_file_that_is_behind_its_database_is_that_of_a_process_that_died_before_it_wrote(
    fence: Fence,
) -> None:
    rise(fence)
    with store.writing(fence.database) as tx:
        fence.rise(tx)

    assert fence.restored() == ""


def test_the_number_that_came_later_stays_whoever_writes_last(fence: Fence) -> None:
    with store.writing(fence.database) as tx:
        first = fence.rise(tx)
    rise(fence)

    fence.keep(first)

    assert fence.path.read_text() == "2\n"


def test_an_operators_word_is_said_once_for_all_machines(fence: Fence, tmp_path: Path) -> None:
    other = Fence(fence.database, tmp_path / "other.fence")
    rise(fence)
    rise(other)
    restore(fence, 0)

    fence.accept(zones=ZONES, now=NOW)

    assert (fence.restored(), other.restored()) == ("", "")
    assert fence.accept(zones=ZONES, now=NOW) == 0
    with store.reading(fence.database) as tx:
        assert [one.kind for _, one, _ in notices.due(tx, now=NOW)] == [NoticeKind.SKIPPED]


@pytest.mark.parametrize("text", ["", "many", "12\n13"])
def test_a_file_that_holds_no_number_is_told_and_nothing_is_guessed(fence: Fence, text: str) -> None:
    fence.path.write_text(text)

    with pytest.raises(StoreError, match=r"newsletter\.fence: not the number .* delete the file"):
        fence.restored()


def test_nothing_goes_where_the_file_cannot_be_written(database: Engine, tmp_path: Path) -> None:
    way = delivering(database, names(1))
    way.fence = Fence(database, tmp_path / "none" / "newsletter.fence")
    way.enqueue()

    with pytest.raises(StoreError, match="set fence_file"):
        way.run()

    assert way.statuses() == {"reader000@example.org": DeliveryStatus.PENDING}


def test_a_run_lets_the_number_rise_at_its_start_and_its_end(fence: Fence) -> None:
    way = delivering(fence.database, names(2))
    way.fence = fence
    way.enqueue()

    way.run()

    with store.reading(fence.database) as tx:
        assert fences.read(tx).number >= 2
        assert fence.path.read_text() == f"{fences.read(tx).number}\nweekly 1\n"


def test_a_number_of_an_issue_that_readers_may_have_is_given_to_no_other(fence: Fence) -> None:
    with store.writing(fence.database) as tx:
        for day in (1, 2, 3):
            issues.change(tx, draft(tx, day), status=IssueStatus.SENT)
    rise(fence)
    with store.writing(fence.database) as tx:
        tx.execute(delete(tables.issues).where(tables.issues.c.number > 1))
    restore(fence, 0)

    fence.accept(zones=ZONES, now=NOW)

    with store.writing(fence.database) as tx:
        assert draft(tx, 4).number == 4
        assert [one.status for one in issues.every(tx)][1:3] == [IssueStatus.CANCELLED] * 2


def draft(tx: store.Connection, day: int) -> Edition:
    return issues.add(tx, list="weekly", on=date(2026, 1, day), since=None, now=NOW)


def test_what_was_to_go_when_the_backup_was_made_is_unknown_and_what_goes_later_is_not(fence: Fence) -> None:
    way = delivering(fence.database, names(3))
    way.enqueue()
    later(way, "reader002@example.org")
    rise(fence)
    restore(fence, 0)

    assert fence.accept(zones={}, now=way.now) == 2

    assert sorted(way.statuses().values()) == [DeliveryStatus.PENDING, *[DeliveryStatus.UNKNOWN] * 2]
    assert "restored from a backup" in way.causes()["reader000@example.org"]


def later(way: Delivering, address: str) -> None:
    """Let the mail of that reader be due in an hour."""
    with store.writing(way.database) as tx:
        rows = deliveries.listed(tx, way.edition.id, [*DeliveryStatus])
        row = next(one for one in rows if one.address == address)
        due = {"not_before": way.now + timedelta(hours=1)}
        tx.execute(update(tables.deliveries).where(tables.deliveries.c.id == row.id).values(**due))


def test_issues_that_may_have_gone_are_missed_and_those_to_come_stay(fence: Fence) -> None:
    past, coming = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    rise(fence)
    with store.writing(fence.database) as tx:
        for at in (past, coming):
            periods.begin(tx, "weekly", Slot(f"{at:%H}", at, at), SlotState.DRAFTED, now=past)
        periods.set_rule(tx, "weekly", "every week", now=past)
    restore(fence, 0)

    fence.accept(zones=ZONES, now=NOW)

    with store.reading(fence.database) as tx:
        last, first = periods.latest(tx, list="weekly", most=2)
        (_, notice, _), *_ = notices.due(tx, now=NOW)
    assert (first.state, last.state) == (SlotState.MISSED, SlotState.DRAFTED)
    assert "it may have gone" in first.note
    assert "(08 was being made when the backup was) is not made up for by itself" in notice.text


def test_what_was_due_before_an_operators_word_is_not_due_after_it(fence: Fence) -> None:
    rise(fence)
    with store.writing(fence.database) as tx:
        periods.set_rule(tx, "weekly", "every week", now=NOW - timedelta(days=3))
    restore(fence, 0)

    fence.accept(zones=ZONES, now=NOW)

    with store.reading(fence.database) as tx:
        assert periods.since(tx, "weekly", "every week") == NOW


def test_a_process_whose_transaction_is_lost_leaves_no_number_in_the_file(fence: Fence) -> None:
    rise(fence)
    with contextlib.suppress(ZeroDivisionError), store.writing(fence.database) as tx:
        fence.rise(tx)
        raise ZeroDivisionError

    assert fence.path.read_text() == "1\n"
    assert rise(fence) == 2


def test_two_that_both_found_that_it_never_rose_do_not_wait_for_each_other(fence: Fence) -> None:
    if fence.database.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    both_looked = Barrier(2)

    def found_none(_: object) -> int:
        with store.writing(fence.database) as tx:
            tx.execute(update(tables.fences).values(number=tables.fences.c.number + 1))
            both_looked.wait(timeout=10)
            return fence.rise(tx)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(found_none, range(2))) == [1, 2]


def test_threads_that_rise_at_once_leave_the_highest_number_in_both(fence: Fence) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = sorted(pool.map(lambda _: rise(fence), range(40)))

    assert numbers == [*range(1, 41)]
    assert fence.path.read_text() == "40\n"
    assert [one.name for one in fence.path.parent.glob("newsletter.fence*")] == ["newsletter.fence"]


def test_what_one_machine_finds_out_holds_the_others_until_an_operators_word(
    fence: Fence, tmp_path: Path
) -> None:
    """The number may have caught up by then with what the others know."""
    other, new = Fence(fence.database, tmp_path / "b.fence"), Fence(fence.database, tmp_path / "c.fence")
    rise(other)
    for _ in range(5):
        rise(fence)
    restore(fence, 2)
    assert other.restored() == ""

    assert "says 6, the database 2" in fence.restored()

    assert ["a machine says 6" in one.restored() for one in (other, new)] == [True, True]
    with pytest.raises(StoreError, match=r"nothing goes: .* schedule resume"):
        rise(other)
    new.accept(zones=ZONES, now=NOW)
    assert [one.restored() for one in (fence, other, new)] == ["", "", ""]


def test_what_was_found_out_where_the_number_never_rose_holds_others_too(
    fence: Fence, tmp_path: Path
) -> None:
    fence.path.write_text("7\n")

    fence.restored()

    assert "a machine says 7" in Fence(fence.database, tmp_path / "other.fence").restored()


ROSE, DOUBLED = fences.Place("1/5", 3), fences.Place("1/5", 3, doubled=True)


@pytest.mark.parametrize(
    ("rose", "here", "is_elsewhere"),
    [
        pytest.param(ROSE, ROSE, False, id="the same server"),
        pytest.param(ROSE, fences.Place("1/5", 4), True, id="a standby that may lack something"),
        pytest.param(DOUBLED, fences.Place("1/5", 4), False, id="a standby that had everything"),
        pytest.param(DOUBLED, fences.Place("1/5", 2), True, id="a backup from before"),
        pytest.param(DOUBLED, fences.Place("2/5", 3), True, id="another server"),
        pytest.param(DOUBLED, fences.Place("1/6", 3), True, id="another database of the server"),
        pytest.param(DOUBLED, fences.Place("1/5", 0), False, id="a server that only follows"),
        pytest.param(fences.Place(), ROSE, False, id="nobody knows where it rose"),
        pytest.param(ROSE, fences.Place(), False, id="a server that does not say"),
    ],
)
def test_a_server_that_may_have_forgotten_something_is_told_from_others(
    rose: fences.Place, here: fences.Place, *, is_elsewhere: bool
) -> None:
    assert fences.Fence(1, 0, rose, here).is_elsewhere is is_elsewhere


def from_elsewhere(fence: Fence, *, doubled: bool) -> None:
    """Let the number have risen on the server before another one took over."""
    rise(fence)
    with store.writing(fence.database) as tx:
        before = {"timeline": tables.fences.c.timeline - 1, "doubled": doubled}
        tx.execute(update(tables.fences).values(**before))


@pytest.fixture
def remote(postgresql_url: str, tmp_path: Path) -> Iterator[Fence]:
    database = store.open_store(postgresql_url)
    yield Fence(database, tmp_path / "newsletter.fence")
    database.dispose()


def test_another_server_that_took_over_is_found_out_by_a_machine_without_a_file(
    remote: Fence, tmp_path: Path
) -> None:
    new = Fence(remote.database, tmp_path / "new.fence")
    from_elsewhere(remote, doubled=False)

    assert new.restored().startswith("another server has taken over")
    for _ in range(2):  # nor does it settle there by itself
        with pytest.raises(StoreError, match="another server has taken over"):
            rise(new)
    new.accept(zones=ZONES, now=NOW)
    assert (remote.restored(), new.restored()) == ("", "")


def test_a_server_that_has_everything_takes_over_without_a_word(remote: Fence) -> None:
    from_elsewhere(remote, doubled=True)

    assert remote.restored() == ""
    assert rise(remote) == 2
    with store.reading(remote.database) as tx:
        found = fences.read(tx)
    assert found.rose == found.here


def test_a_server_that_does_not_tell_where_it_is_counts_as_the_same(
    postgresql_url: str, tmp_path: Path
) -> None:
    """As one that tells nobody but those who run it."""
    database = store.open_store(f"{postgresql_url}%2Cpg_catalog")
    denied = "BEGIN RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege'; END"
    its = "pg_control_system() RETURNS TABLE (system_identifier bigint) LANGUAGE plpgsql"
    with store.writing(database) as tx:
        tx.execute(text(f"CREATE FUNCTION {its} AS $${denied}$$"))

    fence = Fence(database, tmp_path / "newsletter.fence")
    assert [rise(fence), rise(fence), fence.restored()] == [1, 2, ""]
    with store.reading(database) as tx:
        assert fences.read(tx).here == fences.Place()
    database.dispose()


def test_a_run_that_lost_its_connection_sends_nothing_from_a_server_that_took_over(
    postgresql_url: str, remote: Fence, tmp_path: Path
) -> None:
    mine = store.open_store(f"{postgresql_url}&application_name=lost")
    way = delivering(mine, names(3))
    way.fence = Fence(mine, tmp_path / "newsletter.fence")
    way.enqueue()
    ledger = way.ledger()
    ledger.join()
    assert len(ledger.claim(1)) == 1

    from_elsewhere(remote, doubled=False)
    with store.writing(remote.database) as tx:
        tx.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lost'")
        )

    with pytest.raises(StoreError, match="nothing goes: another server has taken over"):
        ledger.claim(1)
    mine.dispose()
