"""Which mails a Postfix log shows as taken."""

import pytest

from newsletter.deliver import postfix_log

NAMED = "Nov 29 10:00:01 mx postfix/cleanup[77]: {id}: message-id=<{name}@news.example.org>\n"
QUEUED = "Nov 29 10:00:01 mx postfix/qmgr[9]: {id}: from=<a@b.example>, size=60001, nrcpt=1 (queue active)\n"


def lines(*mails: tuple[str, str, bool]) -> list[str]:
    made = []
    for queue_id, name, queued in mails:
        made.append(NAMED.format(id=queue_id, name=name))
        made += [QUEUED.format(id=queue_id)] * queued
    return made


def test_a_mail_is_taken_once_it_is_in_the_queue() -> None:
    log = lines(("4F1", "a" * 20, True), ("4F2", "b" * 20, False), ("4F3", "c" * 20, True))

    assert [*postfix_log.taken(log)] == ["a" * 20, "c" * 20]


def test_a_mail_that_is_tried_again_by_its_server_counts_once() -> None:
    log = [*lines(("4F1", "a" * 20, True)), QUEUED.format(id="4F1")]

    assert [*postfix_log.taken(log)] == ["a" * 20]


def test_a_second_instance_and_newer_stamps_are_read_too() -> None:
    log = [
        line.replace("Nov 29 10:00:01", "2026-11-29T10:00:01.1+00:00")
        for line in lines(("4zK9q", "d" * 20, True))
    ]
    log = [line.replace("postfix/", "postfix-out/") for line in log]

    assert [*postfix_log.taken(log)] == ["d" * 20]


@pytest.mark.parametrize("noise", ["", "\x00\xff", "postfix/cleanup[1]: x", "postfix/qmgr[1]: 4F9: removed"])
def test_other_lines_say_nothing(noise: str) -> None:
    assert [*postfix_log.taken([noise])] == []
