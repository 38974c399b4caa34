"""Who gets an issue is written down before its first mail: each mailbox once, and nobody else."""

import pytest
from sqlalchemy import Engine

from newsletter import deliver, store
from newsletter.errors import Conflict
from newsletter.model import Cadence, Choice, Issue, IssueStatus, SuppressionReason, Way
from newsletter.recipients import recipient
from newsletter.store import sendings
from newsletter.store.sendings import State
from newsletter.subscribe import choose, erase, suppress
from tests.builders import NOW
from tests.delivering import PENDING, SKIPPED, Delivering, closed, delivering, names
from tests.published import publish
from tests.readers import reader

__all__ = ["closed"]

EVERY, MONTHLY = Choice(), Choice(cadence=Cadence.MONTHLY)


def test_the_confirmed_readers_of_the_list_are_written_down(database: Engine) -> None:
    issue = delivering(database, ["ada@example.org", "bob@example.org"])
    reader(database, "eve@example.org", list="daily")
    issue.leaves("bob@example.org")

    assert issue.enqueue().state is State.RUNNING
    assert issue.statuses() == {"ada@example.org": PENDING}


def test_one_who_wants_a_recap_of_the_month_gets_no_single_issue(database: Engine) -> None:
    issue = delivering(database, ["ada@example.org"], choice=Choice(cadence=Cadence.MONTHLY))
    reader(database, "bob@example.org")

    issue.enqueue()

    assert [*issue.statuses()] == ["bob@example.org"]


def test_a_recap_goes_to_those_who_want_no_more_and_to_nobody_else(database: Engine) -> None:
    reader(database, "bob@example.org")
    reader(database, "ada@example.org", Choice(cadence=Cadence.MONTHLY))
    reader(database, "kv@example.org", Choice(("kv-cache",), Cadence.MONTHLY))
    reader(database, "none@example.org", Choice(("agents",), Cadence.MONTHLY))
    recap = Delivering(database, publish(database, status=IssueStatus.APPROVED, recap="2025-12"))

    assert deliver.expected(database, recap.edition) == {(): 1, ("agents",): 1, ("kv-cache",): 1}
    recap.enqueue()
    assert recap.statuses() == {
        "ada@example.org": PENDING,
        "kv@example.org": PENDING,
        "none@example.org": SKIPPED,
    }


@pytest.mark.parametrize(("before", "after"), [(EVERY, MONTHLY), (MONTHLY, EVERY)])
def test_what_a_reader_wants_when_it_is_written_down_is_what_comes(
    database: Engine, before: Choice, after: Choice
) -> None:
    ada = reader(database, "ada@example.org", before)
    issue, recap = (
        Delivering(database, publish(database, status=IssueStatus.APPROVED, recap=month))
        for month in ("", "2025-12")
    )
    (first, second) = (issue, recap) if before == EVERY else (recap, issue)
    first.enqueue()
    choose(database, ada.key, after, way=Way.WEB, now=NOW)

    second.enqueue()
    first.enqueue()

    # The one of the old choice, which was on its way, and what is written down after it by the new one.
    assert (issue.statuses(), recap.statuses()) == ({"ada@example.org": PENDING},) * 2


def test_a_recap_is_not_spent_on_nobody(database: Engine) -> None:
    reader(database, "bob@example.org")
    recap = Delivering(database, publish(database, status=IssueStatus.APPROVED, recap="2025-12"))

    with pytest.raises(Conflict, match="weekly has no confirmed reader who wants a recap of each month"):
        recap.enqueue()


def test_an_issue_is_not_spent_on_nobody(database: Engine) -> None:
    issue = delivering(database)

    with pytest.raises(Conflict, match="weekly has no confirmed reader who wants each issue"):
        issue.enqueue()
    reader(database, "late@example.org")

    issue.enqueue()
    assert issue.statuses() == {"late@example.org": PENDING}


def test_a_mailbox_with_several_addresses_gets_one_mail(database: Engine) -> None:
    issue = delivering(database, ["ada@example.org", "ada+papers@example.org", "Ada+x@Example.org"])

    issue.enqueue()

    assert issue.statuses() == {"ada@example.org": PENDING}


def test_writing_down_again_adds_nobody(database: Engine) -> None:
    issue = delivering(database, ["ada@example.org"])
    issue.enqueue()
    reader(database, "late@example.org")

    issue.enqueue()

    assert [*issue.statuses()] == ["ada@example.org"]


def test_each_choice_is_rendered_once_and_none_for_nothing(database: Engine) -> None:
    issue = delivering(database, names(3))
    reader(database, "kv@example.org", Choice(("kv-cache",)))
    reader(database, "kv2@example.org", Choice(("kv-cache", "agents")))
    reader(database, "none@example.org", Choice(("agents",)))
    seen: list[list[str]] = []

    def pattern(issue: Issue) -> bytes:
        seen.append([section.theme for section in issue.sections])
        return b"a mail"

    issue.enqueue(pattern)

    assert sorted(map(len, seen))[0] == 1
    assert ["kv-cache"] in seen
    assert len(seen) == 2
    assert issue.statuses()["none@example.org"] is SKIPPED
    assert issue.causes()["none@example.org"] == "the issue has nothing of the chosen themes"


def test_a_process_that_died_before_the_readers_were_written_down_forgets_nobody(database: Engine) -> None:
    issue = delivering(database, names(3))

    def dies(readers: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver.enqueue(
            database,
            issue.edition,
            sender="a@b.example",
            pattern=lambda one, began: b"x",
            now=NOW,
            progress=dies,
        )
    assert issue.state() is State.FREEZING

    assert issue.enqueue().state is State.RUNNING
    assert issue.statuses() == dict.fromkeys(names(3), PENDING)


def test_a_pattern_that_fails_leaves_an_issue_that_may_be_sent_later(database: Engine) -> None:
    issue = delivering(database, names(1))

    def fails(issue: Issue) -> bytes:
        raise Conflict("a look that cannot be")

    with pytest.raises(Conflict):
        issue.enqueue(fails)

    assert issue.enqueue().state is State.RUNNING
    assert issue.statuses() == dict.fromkeys(names(1), PENDING)


@pytest.mark.parametrize("status", [IssueStatus.DRAFT, IssueStatus.CANCELLED])
def test_only_an_approved_issue_goes_to_readers(database: Engine, status: IssueStatus) -> None:
    issue = Delivering(database, publish(database, status=status))

    with pytest.raises(Conflict, match=f"weekly/1 is {status}, and only an approved issue goes to readers"):
        issue.enqueue()


def test_what_readers_get_is_frozen(database: Engine) -> None:
    issue = delivering(database, names(1))
    issue.enqueue(lambda one: b"as it was")

    issue.enqueue(lambda one: b"as it would be now")

    with store.reading(database) as tx:
        assert sendings.pattern(tx, 1) == b"as it was"


def test_one_who_is_forgotten_or_suppressed_meanwhile_gets_nothing(database: Engine) -> None:
    issue = delivering(database, names(3))
    issue.enqueue()
    erase(database, recipient(names(3)[0]), now=NOW)
    reason = SuppressionReason.COMPLAINT
    suppress(database, recipient(names(3)[1]), reason=reason, way=Way.REPORT, now=NOW)

    _, carrier = issue.run()

    assert carrier.addresses == [names(3)[2]]
    assert issue.statuses()[names(3)[1]] is SKIPPED
    assert names(3)[0] not in issue.statuses()
