"""What keeps the schedule, turn by turn, with a clock that the tests turn."""

import gc

import pytest

from newsletter import deliver, store
from newsletter.deliver import Terms
from newsletter.errors import StoreError
from newsletter.model import Event, IssueStatus, Way
from newsletter.pace import Pace
from newsletter.store import leaving_file, sendings
from newsletter.store.leaving_file import Leaving
from newsletter.store.sendings import State
from tests.delivering import RETRY
from tests.published import publish
from tests.readers import subscription
from tests.running import Keeping, keeping

__all__ = ["keeping"]


def test_a_slot_becomes_an_issue_that_each_reader_gets_once(keeping: Keeping) -> None:
    keeping.later(hours=1)
    for _ in range(3):
        keeping.daemon.step()
        keeping.daemon.deliver()

    told = [
        "period.begun",
        "sources.read",
        "issue.drafted",
        "issue.approved",
        "issue.going",
        "issue.enqueued",
    ]
    told += ["delivery.started", "delivery.ended", "issue.sent"]
    assert [name for name in keeping.told() if name != "delivery.progress"] == told
    assert keeping.mails() == 2
    assert keeping.daemon.vitals.mails == 2


def test_the_end_of_a_delivery_is_told_with_what_became_of_it(keeping: Keeping) -> None:
    keeping.later(hours=1)
    keeping.daemon.step()
    [ended] = keeping.daemon.deliver()

    seconds = ended.values["seconds"]
    values = {"list": "weekly", "issue": 1, "sent": 2, "state": "finished", "seconds": seconds}
    assert ended == Event("delivery.ended", {**values, "recipients": 2, "have_it": 2})


def test_two_daemons_make_one_issue_of_a_slot(keeping: Keeping) -> None:
    other = keeping.another()
    keeping.later(hours=1)
    for daemon in (keeping.daemon, other) * 2:
        daemon.step()
        daemon.deliver()

    assert keeping.told().count("period.begun") == 1
    assert keeping.mails() == 2


def test_an_hour_without_a_slot_says_nothing_and_does_nothing(keeping: Keeping) -> None:
    keeping.later(hours=-12)
    for _ in range(120):
        keeping.later(seconds=30)
        keeping.daemon.step()
        assert keeping.daemon.deliver() == ()
        keeping.daemon.post()

    assert keeping.told() == []
    assert keeping.daemon.vitals.durations()[0][0] == 121


def test_a_database_that_is_away_is_told_once_and_tried_again(keeping: Keeping) -> None:
    keeping.newsroom.trouble = StoreError("newsletter.db: the database does not answer")
    for _ in range(3):
        assert keeping.daemon.step() == ()
    keeping.newsroom.trouble = None
    keeping.daemon.step()

    assert keeping.events == [
        Event("trouble", {"what": "step", "why": "newsletter.db: the database does not answer"}, "warning"),
        Event("trouble.over", {"what": "step"}),
    ]


def test_a_fault_of_the_program_is_named_without_what_it_was_about(keeping: Keeping) -> None:
    keeping.newsroom.trouble = LookupError("ada@example.net")
    assert keeping.daemon.step() == ()

    [event] = keeping.events
    assert event.level == "error"
    assert str(event.values["why"]).startswith("LookupError at keeping.py:")
    assert "ada" not in str(event)


def test_a_step_that_fails_makes_the_last_one_no_younger(keeping: Keeping) -> None:
    before = keeping.daemon.vitals.stepped_at
    keeping.newsroom.trouble = StoreError("away")
    keeping.later(minutes=5)
    keeping.daemon.step()

    assert keeping.daemon.vitals.stepped_at == before


def test_an_issue_that_cannot_go_rests_longer_each_time_and_goes_at_last(keeping: Keeping) -> None:
    keeping.later(hours=1)
    keeping.daemon.step()
    tries = []
    rooms = keeping.daemon.rooms
    keeping.daemon.rooms = keeping.another(settings=keeping.configured(delivery={})).rooms
    for minute in range(12):
        before = len(keeping.daemon.due())
        tries += [minute] * before
        keeping.daemon.deliver()
        keeping.later(minutes=1)
    keeping.daemon.rooms = rooms
    keeping.later(minutes=15)
    keeping.daemon.deliver()

    assert tries == [0, 1, 3, 8]
    assert keeping.told()[6:] == ["trouble", "delivery.started", "delivery.ended", "trouble.over"]
    assert keeping.mails() == 2


def test_a_clock_that_is_put_back_lets_no_issue_rest_for_long(keeping: Keeping) -> None:
    keeping.later(hours=1)
    keeping.daemon.step()
    keeping.daemon.rooms = keeping.another(settings=keeping.configured(delivery={})).rooms
    keeping.daemon.deliver()
    keeping.later(hours=1)
    keeping.daemon.deliver()
    assert keeping.daemon.due() == ()

    keeping.later(minutes=-30)
    assert len(keeping.daemon.due()) == 1


def test_a_site_that_is_held_sends_nothing_and_says_why_once(keeping: Keeping) -> None:
    keeping.later(hours=1)
    keeping.daemon.step()
    keeping.told()
    keeping.newsroom.why_held = "the database was restored; run: newsletter schedule resume"
    for _ in range(3):
        assert keeping.daemon.deliver() == ()
    held = keeping.told()
    keeping.newsroom.why_held = ""
    keeping.daemon.deliver()

    assert held == ["schedule.held"]
    assert keeping.told()[0] == "schedule.resumed"
    assert keeping.mails() == 2


@pytest.mark.parametrize("state", [State.PAUSED, State.CANCELLED])
def test_an_issue_that_somebody_halted_stays_so(keeping: Keeping, state: State) -> None:
    keeping.later(hours=1)
    keeping.daemon.step()
    [edition] = keeping.daemon.due()
    keeping.daemon.rooms.dispatch.enqueue(edition, progress=lambda readers: None)
    keeping.daemon.rooms.dispatch.steer(edition, state)

    assert keeping.daemon.deliver() == ()
    assert keeping.mails() == 0


def test_a_tick_leaves_an_issue_to_who_is_at_it_until_that_one_is_gone(keeping: Keeping) -> None:
    keeping.later(hours=1)
    keeping.daemon.step()
    [edition] = keeping.daemon.due()
    keeping.daemon.rooms.dispatch.enqueue(edition, progress=lambda readers: None)
    tick = keeping.another(alone=True)
    ledger = deliver.Ledger(keeping.database, edition, Terms(Pace(), RETRY), keeping.clock)
    ledger.join()
    assert len(ledger.claim(10)) == 2
    ledger.close()

    keeping.told()
    assert tick.deliver() == ()
    assert keeping.told() == ["delivery.busy"]
    keeping.later(seconds=61)
    tick.deliver()
    assert keeping.mails() == 2


def test_readers_that_somebody_writes_down_are_left_to_it_for_a_minute(keeping: Keeping) -> None:
    edition = publish(keeping.database, status=IssueStatus.APPROVED)
    with store.writing(keeping.database) as tx:
        sendings.begin(tx, edition.id, sender="digest@news.example.org", now=keeping.now)

    keeping.later(seconds=59)
    assert keeping.daemon.due() == ()
    keeping.later(seconds=1)
    keeping.daemon.deliver()
    assert keeping.mails() == 2


def test_one_that_was_told_to_stop_begins_nothing(keeping: Keeping) -> None:
    keeping.later(hours=1)
    keeping.daemon.step()
    keeping.told()
    keeping.daemon.stop()

    assert (keeping.daemon.step(), keeping.daemon.deliver()) == ((), ())
    assert (keeping.told(), keeping.mails()) == ([], 0)


def test_one_that_has_to_end_at_once_leaves_what_was_not_sent(keeping: Keeping) -> None:
    keeping.later(hours=1)
    keeping.daemon.step()
    keeping.daemon.hurried = True
    with pytest.raises(KeyboardInterrupt):
        keeping.daemon.deliver()

    keeping.another().deliver()
    assert keeping.mails() == 2


def test_what_left_while_nothing_could_be_written_is_taken_off_before_an_issue_goes(
    keeping: Keeping,
) -> None:
    keeping.later(hours=1)
    keeping.daemon.step()
    ada = subscription(keeping.database, "ada@example.net")
    assert ada
    leaving_file.append(keeping.settings.leaving_file, Leaving(ada.key, Way.WEB, keeping.now))
    keeping.daemon.deliver()

    assert keeping.mails() == 1


def test_steps_leave_nothing_in_memory(keeping: Keeping) -> None:
    keeping.later(hours=-12)

    def objects_after(steps: int) -> int:
        for _ in range(steps):
            keeping.later(seconds=30)
            keeping.daemon.step()
            keeping.daemon.deliver()
        gc.collect()
        return len(gc.get_objects())

    # In the first hour what is done now and then is done for the first time, and loads what it needs.
    first = objects_after(120)
    assert objects_after(60) - first < 60
