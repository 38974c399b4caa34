"""Whatever happens in whatever order, a reader is where a few plain rules say, and the log says why."""

import os
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine

from newsletter import caps
from newsletter.model import Choice, SuppressionReason
from newsletter.store import tables
from newsletter.subscribe import Answer, Due, Joined, Kind
from tests.people import Readers
from tests.stored import dump

# Two spellings and two mailboxes of one person, and somebody else.
PEOPLE = ("ada@example.org", "ada+news@example.org", "bob@example.net")
LISTS = ("weekly", "daily")
CHOICES = (Choice(), Choice(("kv-cache",)))
CAPS = caps.LETTERS_PER_MAILBOX
people, lists, choices = map(some.sampled_from, (PEOPLE, LISTS, CHOICES))
reasons = some.sampled_from(SuppressionReason)


def mailbox(person: str) -> str:
    return person.replace("+news", "")


class Model(RuleBasedStateMachine):
    """What the rules say, beside the store. status: by person and list."""

    database: Engine

    def __init__(self) -> None:
        super().__init__()
        with self.database.begin() as tx:
            for table in reversed(tables.metadata.sorted_tables):
                if table.name != "salts":
                    tx.execute(table.delete())
        self.readers = Readers(self.database)
        self.status: dict[tuple[str, str], str] = {}
        self.asked: list[tuple[str, str, datetime]] = []
        self.sent: list[tuple[str, datetime]] = []
        self.letters: list[tuple[str, Due, datetime]] = []
        self.used: set[bytes] = set()
        self.forgotten: list[Due] = []
        self.suppressed: dict[str, SuppressionReason] = {}
        self.lines: dict[str, list[str]] = {}
        self.left_keys: list[tuple[str, str, bytes]] = []

    def line(self, person: str, act: str) -> None:
        self.lines.setdefault(person, []).append(act)

    def use(self, person: str, slug: str) -> None:
        mine = [due for whose, due, _ in self.letters if (whose, due.list) == (person, slug)]
        self.used.update(due.key for due in mine)

    @rule(person=people, slug=lists, choice=choices, loud=some.booleans())
    def ask(self, person: str, slug: str, choice: Choice, *, loud: bool) -> None:
        self.readers.ask(person.upper() if loud else person, list=slug, choice=choice)
        self.asked.append((person, slug, self.readers.now))

    @rule()
    def due(self) -> None:
        now, found = self.readers.now, [*self.readers.letters()]
        for person, slug, at in self.asked:
            times = [then for whose, then in self.sent if whose == mailbox(person)]
            may = [sum(then > now - span for then in times) < most for span, most in CAPS]
            if now - at > caps.PATIENCE or self.closed(person) or not all(may):
                continue
            letter = found.pop(0)
            known = self.status.get((person, slug)) == "confirmed"
            assert (letter.list, letter.address.lower()) == (slug, person)
            assert letter.kind is (Kind.KNOWN if known else Kind.CONFIRM)
            self.sent.append((mailbox(person), now))
            if not known:
                self.letters.append((person, letter, now))
                self.status.setdefault((person, slug), "unconfirmed")
                self.line(person, "asked")
        assert not found
        self.asked = []

    def closed(self, person: str) -> bool:
        """Whether not even a letter goes there; whoever was forgotten is a stranger again."""
        return self.suppressed.get(person, SuppressionReason.ERASED) is not SuppressionReason.ERASED

    @rule(turn=some.integers(0, 99))
    def confirm(self, turn: int) -> None:
        if not self.letters:
            return
        person, letter, at = self.letters[turn % len(self.letters)]
        place, answer = (person, letter.list), self.readers.confirm(letter)
        if letter.key in self.used:
            assert (answer is Answer.CONFIRMED) == (self.status[place] == "confirmed")
        elif self.readers.now - at > caps.LINK_LIFE:
            assert answer is Answer.EXPIRED
        elif self.suppressed.get(person) is SuppressionReason.COMPLAINT:
            assert answer is Answer.GONE
        else:
            assert answer is Answer.CONFIRMED
            if self.suppressed.pop(person, None):
                self.line(person, "lifted")
            assert self.readers.of(person)[letter.list].choice == letter.choice
            self.status[place] = "confirmed"
            self.line(person, "confirmed")
            self.use(*place)

    @rule(turn=some.integers(0, 99))
    def confirm_what_is_forgotten(self, turn: int) -> None:
        if self.forgotten:
            letter = self.forgotten[turn % len(self.forgotten)]
            assert self.readers.confirm(letter) is Answer.GONE

    @rule(person=people, slug=lists, everything=some.booleans())
    def leave(self, person: str, slug: str, *, everything: bool) -> None:
        if not (found := self.readers.of(person).get(slug)):
            return
        self.left_keys.append((person, slug, found.key))
        left = self.readers.leave(found.key, everything=everything)
        assert left == self.ended(person, None if everything else slug, "left")

    @rule(turn=some.integers(0, 99))
    def leave_by_an_old_link(self, turn: int) -> None:
        if self.left_keys:
            person, slug, key = self.left_keys[turn % len(self.left_keys)]
            found = self.readers.of(person).get(slug)
            left = self.readers.leave(key)
            assert left == (self.ended(person, slug, "left") if found and found.key == key else ())

    @rule(person=people, slug=some.none() | lists)
    def remove(self, person: str, slug: str | None) -> None:
        assert self.readers.remove(person, list=slug) == self.ended(person, slug, "removed")

    def ended(self, person: str, slug: str | None, act: str) -> tuple[str, ...]:
        places = [place for place in sorted(self.status) if place[0] == person and slug in (None, place[1])]
        for place in places:
            self.use(*place)
        ended = [place for place in places if self.status[place] != "unsubscribed"]
        for place in ended:
            self.status[place] = "unsubscribed"
            self.line(person, act)
        return tuple(place[1] for place in ended)

    @rule(person=people, slug=lists)
    def add(self, person: str, slug: str) -> None:
        place, came = (person, slug), self.readers.add(person, list=slug)
        before = self.status.get(place)
        if person in self.suppressed:
            assert came is Joined.SUPPRESSED
        elif before in {"confirmed", "unsubscribed"}:
            assert came is (Joined.KNOWN if before == "confirmed" else Joined.LEFT)
        else:
            assert came is Joined.ADDED
            self.status[place] = "confirmed"
            self.use(*place)
            self.line(person, "added")

    @rule(person=people, slug=lists, choice=choices)
    def choose(self, person: str, slug: str, choice: Choice) -> None:
        if found := self.readers.of(person).get(slug):
            on = self.status[person, slug] == "confirmed"
            assert (self.readers.choose(found.key, choice) is not None) == on
            if on and found.choice != choice:
                self.line(person, "chose")

    @rule(person=people, reason=reasons)
    def suppress(self, person: str, reason: SuppressionReason) -> None:
        fresh = self.readers.suppress(person, reason)
        assert fresh == (person not in self.suppressed)
        gravity = list(SuppressionReason)
        self.suppressed[person] = max(reason, self.suppressed.get(person, reason), key=gravity.index)
        if fresh and any(place[0] == person for place in self.status):
            self.line(person, "suppressed")

    @rule(person=people)
    def lift(self, person: str) -> None:
        was = self.suppressed.pop(person, None)
        assert self.readers.lift(person) == (was is not None)
        if was and any(place[0] == person for place in self.status):
            self.line(person, "lifted")

    @rule(person=people)
    def erase(self, person: str) -> None:
        same = {one for one in PEOPLE if person in (one, mailbox(one))}
        known = {place[0] for place in self.status} & same
        asked = {one[0] for one in self.asked} & same
        assert self.readers.erase(person) == bool(known | asked)
        self.status = {place: what for place, what in self.status.items() if place[0] not in same}
        self.asked = [one for one in self.asked if one[0] not in same]
        self.forgotten += [due for whose, due, _ in self.letters if whose in same]
        self.letters = [letter for letter in self.letters if letter[0] not in same]
        for one in known | {person}:
            self.lines.pop(one, None)
            self.suppressed[one] = SuppressionReason.ERASED
        assert person not in repr(dump(self.database)).lower()

    @rule(span=some.sampled_from([timedelta(minutes=61), timedelta(hours=25), timedelta(days=8)]))
    def wait(self, span: timedelta) -> None:
        self.readers.now += span

    @invariant()
    def everybody_is_where_the_rules_say(self) -> None:
        found = {(p, slug): str(one.status) for p in PEOPLE for slug, one in self.readers.of(p).items()}
        assert found == self.status

    @invariant()
    def the_log_says_how_they_came_there(self) -> None:
        assert {person: self.readers.acts(person) for person in PEOPLE if self.readers.acts(person)} == {
            person: lines for person, lines in self.lines.items() if lines
        }

    @invariant()
    def nobody_is_on_a_list_without_a_yes_after_they_left(self) -> None:
        for person, slug in self.status:
            acts = [one.act for one in self.readers.log(person) if one.list == slug]
            last = next((act for act in reversed(acts) if act not in {"asked", "chose"}), None)
            assert (self.status[person, slug] == "confirmed") == (last in {"confirmed", "added"})


def test_readers_are_where_a_few_plain_rules_say(database: Engine) -> None:
    machine = type("Here", (Model,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=int(os.environ.get("NEWSLETTER_TEST_RUNS", "15")),
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=[*HealthCheck],
        ),
    )
