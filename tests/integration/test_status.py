"""How the process is, for whoever watches it: the real listener over a real store."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from newsletter import store
from newsletter.daemon.status import Status
from newsletter.model import Notice, NoticeKind, Slot, SlotState
from newsletter.store import notices, periods
from tests.running import Keeping, keeping

__all__ = ["keeping"]


@contextmanager
def watching(keeping: Keeping) -> Iterator[httpx.Client]:
    status = Status(keeping.daemon, host="127.0.0.1", port=0)
    status.start()
    try:
        with httpx.Client(base_url=status.address) as client:
            yield client
    finally:
        status.stop()


def metrics(keeping: Keeping) -> dict[str, Any]:
    """The value of each metric, by its name and labels."""
    with watching(keeping) as client:
        shown = client.get("/metrics").text
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(shown)
        for sample in family.samples
    }


def test_what_is_under_way_missed_and_waiting_can_be_read(keeping: Keeping) -> None:
    keeping.later(hours=1)
    keeping.daemon.step()
    [edition] = keeping.daemon.due()
    keeping.daemon.rooms.dispatch.enqueue(edition, progress=lambda readers: None)
    with store.writing(keeping.database) as tx:
        slot = Slot("2026-01-02", keeping.now, keeping.now.replace(tzinfo=None))
        periods.begin(tx, "weekly", slot, SlotState.MISSED, now=keeping.now)
        notices.add(tx, Notice("a", NoticeKind.ALERT, "weekly", "s", "t"), now=keeping.now)
    found = metrics(keeping)

    assert found["newsletter_deliveries weekly/1 pending"] == 2
    assert found["newsletter_sending weekly/1 running"] == 1
    assert found["newsletter_periods_missed_total weekly"] == 1
    assert found["newsletter_notices_waiting"] == 1
    assert found["newsletter_issues weekly sending"] == 1


def test_mails_and_steps_of_the_process_are_counted(keeping: Keeping) -> None:
    keeping.later(hours=1)
    keeping.daemon.step()
    keeping.daemon.deliver()
    keeping.later(seconds=20)
    found = metrics(keeping)

    assert found["newsletter_mails_sent_total"] == 2
    assert found["newsletter_step_duration_seconds_count"] == 2
    assert found["newsletter_step_duration_seconds_bucket 0.1"] == 2
    assert found["newsletter_last_step_age_seconds"] == 20
    assert found["newsletter_issues weekly sent"] == 1


def test_rows_are_not_counted_anew_for_each_watcher(keeping: Keeping) -> None:
    def waiting() -> Any:
        keeping.later(seconds=10)
        families = text_string_to_metric_families(client.get("/metrics").text)
        return [one.samples[0].value for one in families if one.name == "newsletter_notices_waiting"]

    with watching(keeping) as client:
        assert waiting() == [0]
        with store.writing(keeping.database) as tx:
            notices.add(tx, Notice("a", NoticeKind.ALERT, "weekly", "s", "t"), now=keeping.now)
        assert [waiting(), waiting()] == [[0], [1]]


def test_no_metric_names_a_reader(keeping: Keeping) -> None:
    keeping.later(hours=1)
    keeping.daemon.step()
    keeping.daemon.deliver()

    with watching(keeping) as client:
        shown = client.get("/metrics").text
    assert "@" not in shown
    assert "example" not in shown


@pytest.mark.parametrize(("minutes", "status"), [(4, 200), (6, 503)])
def test_it_is_well_while_there_are_steps(keeping: Keeping, minutes: int, status: int) -> None:
    keeping.later(minutes=minutes)

    with watching(keeping) as client:
        answer = client.get("/healthz")
    assert answer.status_code == status
    assert len(answer.text.splitlines()) == 1


def test_a_database_that_does_not_answer_is_told_and_the_process_still_counts(keeping: Keeping) -> None:
    with keeping.database.begin() as tx:
        tx.execute(text("DROP TABLE periods"))

    with watching(keeping) as client:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (503, "the database does not answer\n")
    found = metrics(keeping)
    assert found["newsletter_database_up"] == 0
    assert found["newsletter_step_duration_seconds_count"] == 1


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 404), ("POST", "/metrics", 501)])
def test_there_is_nothing_else(keeping: Keeping, method: str, path: str, status: int) -> None:
    with watching(keeping) as client:
        assert client.request(method, path).status_code == status
        assert client.head("/healthz").content == b""
