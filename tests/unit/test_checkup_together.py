"""Questions asked at one time: none keeps the others from being told."""

from collections.abc import Sequence
from threading import Event

import pytest

from newsletter.checkup import together
from newsletter.checkup.together import Job
from newsletter.diagnosis import Check, Group, Level

FINE = Check(Level.OK, Group.DNS, "", "fine", "yes")
OTHER = Check(Level.OK, Group.SERVER, "", "other", "yes")


def test_one_that_never_ends_is_told_and_the_others_are_there() -> None:
    never = Event()

    def wait() -> Sequence[Check]:
        never.wait(20)
        return []

    found = together.asked([Job(Group.SERVER, wait), Job(Group.DNS, lambda: [FINE])], patience_s=0.2)
    never.set()
    assert [(check.group, check.level) for check in found] == [
        (Group.SERVER, Level.WARNING),
        (Group.DNS, Level.OK),
    ]


def test_answers_keep_the_order_of_the_questions() -> None:
    first = Event()

    def last() -> Sequence[Check]:
        first.wait(20)
        return [OTHER]

    def soon() -> Sequence[Check]:
        first.set()
        return [FINE, FINE]

    told: list[tuple[int, int]] = []
    found = together.asked(
        [Job(Group.SERVER, last), Job(Group.DNS, soon)], progress=lambda *done: told.append(done)
    )
    assert (found, told) == ([OTHER, FINE, FINE], [(1, 2), (2, 2)])


def test_a_fault_of_the_program_is_not_hidden() -> None:
    def fail() -> Sequence[Check]:
        raise LookupError("a fault")

    with pytest.raises(LookupError, match="a fault"):
        together.asked([Job(Group.DNS, fail)])
