"""From asking to leaving: every step is a consent, written down, and leaving needs none."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from newsletter.errors import StoreError
from newsletter.model import Cadence, Choice, SuppressionReason, Way
from newsletter.store import tables
from newsletter.subscribe import Answer, Joined, Kind
from tests.people import ADA, WORDING, Readers
from tests.stored import dump

SOME = Choice(("kv-cache",), Cadence.MONTHLY, "Europe/Rome")


@pytest.fixture
def readers(database: Engine) -> Readers:
    return Readers(database)


def test_whoever_asks_is_on_the_list_after_their_yes(readers: Readers) -> None:
    readers.ask(choice=SOME)
    assert readers.status() == ""

    [letter] = readers.letters()
    assert (letter.kind, letter.address, letter.list, letter.choice) == (Kind.CONFIRM, ADA, "weekly", SOME)
    assert readers.status() == "unconfirmed"

    assert readers.confirm(letter) is Answer.CONFIRMED
    assert (readers.status(), readers.of()["weekly"].choice) == ("confirmed", SOME)
    said = [(one.act, one.way, one.wording, one.list) for one in readers.log()]
    assert said == [("asked", "web", WORDING, "weekly"), ("confirmed", "web", WORDING, "weekly")]


def test_a_yes_twice_is_one_yes(readers: Readers) -> None:
    letter = readers.letter()
    readers.confirm(letter)
    before = dump(readers.database)

    assert readers.confirm(letter) is Answer.CONFIRMED
    assert dump(readers.database) == before


def test_the_yes_to_an_old_letter_is_answered_with_a_new_one(readers: Readers) -> None:
    letter = readers.letter()
    readers.later(days=7, seconds=1)

    assert readers.confirm(letter) is Answer.EXPIRED
    assert readers.status() == "unconfirmed"
    assert readers.confirm(readers.letter()) is Answer.CONFIRMED


def test_a_yes_after_the_clock_went_back_counts(readers: Readers) -> None:
    letter = readers.letter()
    readers.later(days=-400)

    assert readers.confirm(letter) is Answer.CONFIRMED


def test_of_two_letters_the_yes_to_either_counts_and_the_other_changes_nothing(readers: Readers) -> None:
    first = readers.letter()
    readers.later(hours=25)
    readers.ask(choice=SOME)
    [second] = readers.letters()

    assert readers.confirm(second) is Answer.CONFIRMED
    assert readers.confirm(first) is Answer.CONFIRMED
    assert readers.of()["weekly"].choice == SOME


def test_whoever_is_on_the_list_is_told_how_to_change_it(readers: Readers) -> None:
    key = readers.joined().key
    readers.later(days=1, seconds=1)

    letter = readers.letter()

    assert (letter.kind, letter.key) == (Kind.KNOWN, key)
    assert readers.acts() == ["asked", "confirmed"]


def test_leaving_takes_effect_once(readers: Readers) -> None:
    key = readers.joined().key

    assert readers.leave(key) == ("weekly",)
    assert readers.leave(key) == ()
    assert readers.status() == "unsubscribed"
    assert [(one.act, one.way) for one in readers.log()][2:] == [("left", "one-click")]


def test_leaving_one_list_keeps_the_others_and_leaving_everything_none(readers: Readers) -> None:
    key = readers.joined().key
    readers.later(days=1, seconds=1)
    readers.joined(list="daily")

    readers.leave(key)
    assert (readers.status(), readers.status(list="daily")) == ("unsubscribed", "confirmed")
    assert readers.leave(key, everything=True) == ("daily",)


def test_letters_on_their_way_do_nothing_after_leaving(readers: Readers) -> None:
    key = readers.joined().key
    readers.leave(key)
    readers.later(days=2)
    letter = readers.letter()
    readers.leave(key)

    assert readers.confirm(letter) is Answer.GONE
    assert readers.status() == "unsubscribed"


def test_a_used_letter_does_not_bring_back_who_left(readers: Readers) -> None:
    letter = readers.letter()
    readers.confirm(letter)
    readers.leave(readers.of()["weekly"].key)

    assert readers.confirm(letter) is Answer.GONE
    assert readers.status() == "unsubscribed"


def test_whoever_left_comes_back_by_asking_and_saying_yes(readers: Readers) -> None:
    readers.leave(readers.joined().key)
    readers.later(days=2)

    letter = readers.letter()
    assert readers.status() == "unsubscribed"
    assert readers.confirm(letter) is Answer.CONFIRMED
    assert readers.of()["weekly"].left_at is None


def test_an_operator_adds_with_the_consent_that_they_bring(readers: Readers) -> None:
    assert readers.add() is Joined.ADDED
    assert readers.add() is Joined.KNOWN
    assert [(one.act, one.way, one.wording) for one in readers.log()] == [("added", "operator", "on paper")]


@pytest.mark.parametrize("leave", ["left", "removed"])
def test_a_reader_who_left_is_not_added_again(readers: Readers, leave: str) -> None:
    readers.add()
    if leave == "left":
        readers.leave(readers.of()["weekly"].key)
    else:
        assert readers.remove() == ("weekly",)

    assert readers.add() is Joined.LEFT
    assert readers.status() == "unsubscribed"
    assert readers.acts() == ["added", leave]


def test_adding_one_who_asked_makes_their_letter_do_nothing_more(readers: Readers) -> None:
    letter = readers.letter()
    readers.add()
    readers.leave(readers.of()["weekly"].key)

    assert readers.confirm(letter) is Answer.GONE


def test_choosing_is_for_those_on_the_list_and_written_down_once(readers: Readers) -> None:
    key = readers.joined().key

    assert readers.choose(key, SOME) == readers.choose(key, SOME) == readers.of()["weekly"]
    assert readers.of()["weekly"].choice == SOME
    assert readers.acts() == ["asked", "confirmed", "chose"]
    readers.leave(key)
    assert readers.choose(key, Choice()) is None


@pytest.mark.parametrize("reason", [SuppressionReason.BOUNCE, SuppressionReason.COMPLAINT])
def test_an_address_that_must_not_be_written_to_gets_no_letter_and_is_not_added(
    readers: Readers, reason: SuppressionReason
) -> None:
    assert readers.suppress(reason=reason)
    readers.ask()

    assert readers.letters() == ()
    assert readers.add() is Joined.SUPPRESSED
    assert (readers.rows("subscribers"), readers.rows("subscriptions")) == (0, 0)


def test_a_yes_shows_that_the_mailbox_is_there_and_that_is_written_down(readers: Readers) -> None:
    letter = readers.letter()
    readers.suppress()

    assert readers.confirm(letter) is Answer.CONFIRMED
    assert readers.acts() == ["asked", "suppressed", "lifted", "confirmed"]
    assert not readers.lift()


@pytest.mark.parametrize("first", ["bounce", "complaint"])
def test_a_complaint_stands_against_a_yes_whatever_was_before(readers: Readers, first: str) -> None:
    letter = readers.letter()
    readers.suppress(reason=SuppressionReason(first))
    readers.suppress(reason=SuppressionReason.COMPLAINT)
    readers.suppress(reason=SuppressionReason.BOUNCE)

    assert readers.confirm(letter) is Answer.GONE
    assert readers.status() == "unconfirmed"


def test_a_lifted_address_may_ask_again(readers: Readers) -> None:
    readers.suppress()
    assert readers.lift()
    assert not readers.lift()

    assert readers.confirm(readers.letter()) is Answer.CONFIRMED


def test_whoever_was_forgotten_may_ask_as_a_stranger_does(readers: Readers) -> None:
    readers.joined()
    readers.erase()
    readers.now += timedelta(hours=25)
    assert readers.add() is Joined.SUPPRESSED

    assert readers.confirm(readers.letter()) is Answer.CONFIRMED
    assert readers.acts() == ["asked", "lifted", "confirmed"]


def test_of_whoever_is_erased_nothing_is_left_but_a_hash(readers: Readers) -> None:
    key = readers.joined("Ada.Nine+x@example.org").key
    readers.ask("ADA.NINE+X@example.org", list="daily")

    assert readers.erase("ada.nine+x@example.org")

    left = repr(dump(readers.database)).lower()
    assert "ada.nine" not in left
    assert key.hex() not in left
    assert readers.leave(key) == ()
    assert readers.add("ada.nine+x@example.org") is Joined.SUPPRESSED


def test_with_an_address_goes_what_it_is_with_a_plus_and_not_the_other_way_round(readers: Readers) -> None:
    for address in (ADA, "ada+a@example.org", "ada+b@example.org", "adam@example.org"):
        readers.add(address)
    readers.ask("ada+c@example.org")

    assert readers.erase("ada+a@example.org")
    assert readers.status() == readers.status("ada+b@example.org") == "confirmed"
    assert readers.erase()
    assert "ada@" not in repr(dump(readers.database))
    assert "ada+" not in repr(dump(readers.database))
    assert readers.add("ada+b@example.org") is Joined.SUPPRESSED
    assert readers.status("adam@example.org") == "confirmed"


def test_erasing_twice_or_one_who_was_never_here_is_no_mistake(readers: Readers) -> None:
    assert not readers.erase()
    assert not readers.erase()
    assert readers.add() is Joined.SUPPRESSED


def test_a_letter_whose_owner_was_forgotten_does_not_bring_the_address_back(readers: Readers) -> None:
    letter = readers.letter()
    readers.erase()
    before = dump(readers.database)

    readers.put_back(letter)
    assert dump(readers.database) == before
    assert readers.confirm(letter) is Answer.GONE


def test_an_address_in_letters_of_its_own_is_one_in_every_spelling(readers: Readers) -> None:
    readers.suppress("a@faß.de", SuppressionReason.COMPLAINT)

    assert readers.add("A@xn--fa-hia.de") is Joined.SUPPRESSED
    assert readers.lift("a@FAß.de")
    assert readers.add("a@faß.de") is Joined.ADDED
    assert readers.add("A@XN--FA-HIA.DE") is Joined.KNOWN


def test_nothing_shows_an_address_or_a_key(readers: Readers) -> None:
    letter = readers.letter()
    found = readers.of()["weekly"]

    for shown in (repr(letter), repr(found)):
        assert "ada" not in shown
        assert repr(letter.key) not in shown
        assert repr(found.key) not in shown


def test_a_failed_statement_does_not_tell_whom_it_was_about(readers: Readers) -> None:
    with readers.database.begin() as tx:
        tx.exec_driver_sql("DROP TABLE suppressions")

    with pytest.raises(StoreError) as caught:
        readers.suppress("grace@example.org")

    assert "grace" not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize("salts", [0, 2])
def test_a_database_whose_salt_is_lost_is_told_in_a_line(readers: Readers, salts: int) -> None:
    with readers.database.begin() as tx:
        tx.exec_driver_sql("DELETE FROM salts")
        for n in range(salts):
            tx.execute(tables.salts.insert().values(salt=str(n)))

    with pytest.raises(StoreError, match=r"salts?.*; restore that table from a backup"):
        readers.ask()


def test_the_time_zone_of_each_moment_is_kept(readers: Readers) -> None:
    found = readers.joined()

    assert found.confirmed_at == found.created_at == readers.now
    assert found.created_at.utcoffset() == timedelta(0)
    assert readers.log()[0].way is Way.WEB
