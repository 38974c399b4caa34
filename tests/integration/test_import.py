"""Entering whole tables of people: who comes in, who does not, and what is left when it dies."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from newsletter import recipients, roster_file, store, subscribe
from newsletter.model import Cadence, Choice, SuppressionReason, Way
from newsletter.roster import LeftOut, rows
from newsletter.store import tables
from newsletter.subscribe import Hearer, Imported, Order
from tests.builders import NOW

ROOT = Path(__file__).parents[2]
THEMES = ("kv-cache", "parallelism", "diffusion-efficiency")
LATER = NOW + timedelta(hours=1)
ADA = recipients.recipient("ada@example.com")
# Deaths of an import; by hand there are more: NEWSLETTER_TEST_RUNS=20.
KILLS = int(os.environ.get("NEWSLETTER_TEST_RUNS", "5"))


def table(folder: Path, *lines: str, name: str = "people.csv") -> str:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def take(
    database: Engine,
    path: str,
    *,
    heard: list[LeftOut] | None = None,
    rehearse: bool = False,
    **values: object,
) -> Imported:
    fields: dict[str, object] = {"list": "weekly", "themes": THEMES, "wording": "The sheet.", "now": LATER}
    order = Order(**fields | values)  # type: ignore[arg-type]
    told = [] if heard is None else heard
    with roster_file.opened(path) as opened:
        do = subscribe.rehearse if rehearse else subscribe.bring
        return do(database, opened, order, Hearer(told.extend, lambda done, lines: None))


def add(database: Engine, choice: Choice) -> None:
    """Ada, on the list."""
    subscribe.add(database, ADA, choice, list="weekly", wording="By mail.", way=Way.OPERATOR, now=NOW)


def on(database: Engine, list: str = "weekly") -> dict[str, tuple[str, Choice]]:
    with subscribe.every(database, subscribe.Which(list)) as found:
        return {one.subscriber.address: (one.status, one.choice) for one in found}


def number(database: Engine, of: str) -> int:
    with store.reading(database) as tx:
        return tx.scalar(select(func.count()).select_from(tables.metadata.tables[of])) or 0


def test_people_come_in_with_what_they_chose_and_a_line_in_the_log(database: Engine, tmp_path: Path) -> None:
    lines = [
        "email,themes,cadence,confirmed_at",
        "Ada@example.com,kv-cache,monthly,2025-03-01",
        "b@example.com,,,",
    ]

    done = take(database, table(tmp_path, *lines))

    assert (done.counts, done.lines) == ({"added": 2}, 3)
    ada = subscribe.person(database, ADA)
    assert ada.subscriptions[0].choice == Choice(("kv-cache",), Cadence.MONTHLY)
    assert ada.subscriptions[0].confirmed_at == datetime(2025, 3, 1, tzinfo=UTC)
    assert [(one.act, one.way, one.wording, one.at) for one in ada.consents] == [
        ("added", "import", "The sheet.", LATER)
    ]
    assert on(database)["b@example.com"] == ("confirmed", Choice())


def test_who_is_there_keeps_what_they_chose(database: Engine, tmp_path: Path) -> None:
    add(database, Choice(("parallelism",)))

    done = take(database, table(tmp_path, "email,themes", "ADA@example.com,kv-cache"))

    assert (done.counts, on(database)) == (
        {"known": 1},
        {"ada@example.com": ("confirmed", Choice(("parallelism",)))},
    )


def test_who_left_or_must_not_be_written_to_does_not_come_back(database: Engine, tmp_path: Path) -> None:
    add(database, Choice())
    subscribe.remove(database, ADA, list="weekly", now=NOW)
    gone = [recipients.recipient(f"{name}@example.com") for name in ("bob", "carl", "dora")]
    for who, reason in zip(gone, SuppressionReason, strict=True):
        subscribe.suppress(database, who, reason=reason, way=Way.REPORT, now=NOW)
    heard: list[LeftOut] = []

    lines = ["email", "Ada@example.com", "BOB@example.com", "carl@example.com", "dora@example.com"]
    done = take(database, table(tmp_path, *lines), heard=heard)

    assert done.counts == {"left": 1, "suppressed": 3}
    assert on(database)["ada@example.com"][0] == "unsubscribed"
    assert (number(database, "subscribers"), [one.line for one in heard]) == (1, [2, 3, 4, 5])


def test_who_asked_and_never_said_yes_is_entered(database: Engine, tmp_path: Path) -> None:
    subscribe.ask(
        database, ADA, Choice(), list="weekly", origin="", wording="Yes.", letters_per_hour=9, now=NOW
    )
    subscribe.due(database, lists=["weekly"], letters_per_hour=9, most=9, now=NOW)

    done = take(database, table(tmp_path, "email,themes", "ada@example.com,kv-cache"))

    assert done.counts == {"added": 1}
    assert on(database) == {"ada@example.com": ("confirmed", Choice(("kv-cache",)))}


def test_an_address_that_comes_twice_is_told_also_far_below(
    database: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PART_LINES", 25)
    lines = ["email", *(f"a{n}@example.com" for n in range(60)), "A1@example.com", "a1@EXAMPLE.com"]
    path = table(tmp_path, *lines)

    rehearsed = take(database, path, rehearse=True)

    assert take(database, path).counts == rehearsed.counts == {"added": 60, "again": 2}


def test_a_rehearsal_tells_the_same_and_changes_nothing(database: Engine, tmp_path: Path) -> None:
    add(database, Choice())
    path = table(tmp_path, "email", "ada@example.com", "new@example.com", "NEW@example.com", "nobody")
    told: list[LeftOut] = []
    heard: list[LeftOut] = []

    rehearsed = take(database, path, rehearse=True, heard=told)
    assert (number(database, "imports"), number(database, "subscribers")) == (0, 1)

    assert (take(database, path, heard=heard).counts, heard) == (rehearsed.counts, told)


def test_a_table_that_is_in_changes_nothing_until_it_is_read_again(database: Engine, tmp_path: Path) -> None:
    path = table(tmp_path, "email", "ada@example.com")
    take(database, path)
    subscribe.remove(database, ADA, list="weekly", now=NOW)

    day = LATER + timedelta(days=1)
    assert take(database, path, now=day).done_before == LATER
    assert take(database, path, now=day, anew=True).counts == {"left": 1}
    assert take(database, path, now=day, list="daily").counts == {"added": 1}


def test_nobody_who_is_forgotten_comes_back(database: Engine, tmp_path: Path) -> None:
    path = table(tmp_path, "email", "Ada@example.com")
    take(database, path, wording="Ada@example.com said so.")
    subscribe.erase(database, ADA, now=NOW)

    done = take(database, path, anew=True)

    assert (done.counts, on(database)) == ({"suppressed": 1}, {})


def test_two_at_the_same_table_enter_each_once(database_url: str, tmp_path: Path) -> None:
    store.open_store(database_url).dispose()
    path = table(tmp_path, "email", *(f"a{n}@example.com" for n in range(4000)))

    ended = [one.wait(60) for one in [start(database_url, path, 500) for _ in range(3)]]

    assert ended == [0, 0, 0]
    check(database_url, 4000)


DYING = """
import sys
from newsletter.roster import rows
rows.PART_LINES = int(sys.argv[1])
sys.argv[0:2] = ["newsletter"]
from newsletter.cli import main
main()
"""


def start(url: str, path: str, part: int, *more: str) -> subprocess.Popen[bytes]:
    """An import in a process of its own, which reads parts of so many lines."""
    command = [sys.executable, "-c", DYING, str(part), "subscribers", "import", path]
    command += ["--consent", "The sheet.", *more]
    environment = os.environ | {"NEWSLETTER__DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    folder = Path(path).parent
    return subprocess.Popen(
        command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def check(url: str, people: int) -> None:
    """Every person is in exactly once, with one line in the log."""
    database = store.open_store(url)
    with store.reading(database) as tx:
        counts = [
            tx.scalar(select(func.count(func.distinct(column)))) for column in (tables.subscribers.c.folded,)
        ]
        counts += [
            tx.scalar(select(func.count()).select_from(one))
            for one in (tables.subscribers, tables.subscriptions, tables.consents)
        ]
        [done] = tx.execute(select(tables.imports.c.counts, tables.imports.c.finished_at)).all()
    database.dispose()
    assert (counts, done.counts, done.finished_at is not None) == ([people] * 4, {"added": people}, True)


def killed(url: str, path: str, moments: Sequence[float], *more: str) -> int:
    """How many of the imports died, each after so many seconds."""
    died = 0
    for moment in moments:
        process = start(url, path, 250, *more)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        died += process.wait() == -signal.SIGKILL
    return died


def shuffled(number: int) -> Iterable[str]:
    found = [f"reader{n}@example.com" for n in range(number)]
    random.Random(1).shuffle(found)  # noqa: S311  any order will do
    return found


def test_killed_at_any_moment_it_goes_on_and_enters_each_once(database_url: str, tmp_path: Path) -> None:
    store.open_store(database_url).dispose()
    path = table(tmp_path, "email", *shuffled(30_000))
    moments = [random.Random(n).uniform(0.9, 1.6) for n in range(KILLS)]  # noqa: S311  any will do

    died = killed(database_url, path, moments)
    process = start(database_url, path, 5000)

    assert (process.wait(60), died > 0) == (0, True)
    check(database_url, 30_000)


def test_the_report_of_an_import_that_died_has_each_row_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/newsletter.db"
    lines = [line for one in shuffled(8000) for line in (one, f"nobody {one[:-12]}")]
    path, report = table(tmp_path, "email", *lines), str(tmp_path / "left-out.csv")

    killed(url, path, [1.0, 1.2, 1.1, 1.3], "--report", report)
    start(url, path, 5000, "--report", report).wait(60)

    told = [line.split(",")[0] for line in Path(report).read_text().splitlines()[1:]]
    assert told == [f'"{number}"' for number in range(3, 16_002, 2)]
