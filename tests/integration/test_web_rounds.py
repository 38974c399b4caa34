"""What is done while the site runs: it goes on, whatever goes wrong, and says so once."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine

from newsletter.errors import BackendUnavailable, StoreError
from newsletter.model import Choice, SubscriptionStatus, Way
from newsletter.store import leaving_file
from newsletter.store.leaving_file import Leaving
from newsletter.web import rounds
from newsletter.web.rounds import Job
from tests.site import ADDRESS, Site, settings


@pytest.fixture
def site(database: Engine, tmp_path: Path) -> Site:
    return Site(database, settings(tmp_path))


def test_a_letter_answers_an_ask_and_who_left_is_taken_in(site: Site) -> None:
    sent: list[str] = []
    left = site.join("bob@example.com")
    leaving_file.append(site.settings.leaving_file, Leaving(left.key, Way.WEB, site.now))
    site.people.ask("weekly", ADDRESS, Choice(), origin="")

    for job in rounds.jobs(site.people, send=lambda mail, sender, recipient: sent.append(recipient)):
        rounds.turn(job, at=0.0)

    assert sent == [ADDRESS]
    found = site.subscription("bob@example.com")
    assert found
    assert found.status is SubscriptionStatus.UNSUBSCRIBED


def test_without_a_server_for_mail_asks_wait_and_the_rest_is_done(site: Site) -> None:
    assert [job.what for job in rounds.jobs(site.people, send=None)] == ["taking in who left", "tidying"]


def test_a_letter_waits_while_the_server_is_down_which_is_asked_once_a_minute(site: Site) -> None:
    tries: list[bool] = []

    def send(mail: bytes, sender: str, recipient: str) -> None:
        tries.append(len(tries) < 2)
        if tries[-1]:
            raise BackendUnavailable("the server is down")

    site.people.ask("weekly", ADDRESS, Choice(), origin="")
    job = rounds.jobs(site.people, send=send)[0]
    for second in range(130):
        rounds.turn(job, at=float(second))

    assert tries == [True, True, False]


def test_who_left_is_taken_in_every_two_seconds_whatever_went_wrong(site: Site) -> None:
    """Whoever sends from another machine sees nothing of the file."""
    left = site.join("bob@example.com")
    [job] = [one for one in rounds.jobs(site.people, send=None) if one.what == "taking in who left"]
    site.settings.leaving_file.mkdir()
    rounds.turn(job, at=0.0)
    site.settings.leaving_file.rmdir()
    leaving_file.append(site.settings.leaving_file, Leaving(left.key, Way.WEB, site.now))
    rounds.turn(job, at=2.0)

    found = site.subscription("bob@example.com")
    assert found
    assert found.status is SubscriptionStatus.UNSUBSCRIBED


def test_trouble_is_told_once_until_it_changes_or_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    troubles = iter([StoreError("disk full"), StoreError("disk full"), StoreError("locked"), None, None])

    def do() -> None:
        trouble = next(troubles)
        if trouble:
            raise trouble

    job = Job("tidying", 1.0, do)
    for minute in range(5):
        rounds.turn(job, at=60.0 * minute)

    assert capsys.readouterr().err.splitlines() == [
        "warning: tidying: disk full",
        "warning: tidying: locked",
        "warning: tidying: works again",
    ]


def test_a_fault_ends_neither_the_thread_nor_the_other_jobs(capsys: pytest.CaptureFixture[str]) -> None:
    stopped = threading.Event()
    turns: list[int] = []

    def fault() -> None:
        raise LookupError(ADDRESS)

    def count() -> None:
        turns.append(1)
        if len(turns) == 3:
            stopped.set()

    rounds.run([Job("a", 0.0, fault), Job("b", 0.0, count)], stopped, pause_s=0.001)

    assert len(turns) == 3
    told = capsys.readouterr().err
    assert told.startswith("warning: a: LookupError")
    assert told.count("\n") == 1
    assert ADDRESS not in told
