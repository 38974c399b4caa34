"""How many connections a server is asked for, and how long it is left alone."""

from newsletter.backends.smtp.pressure import Pressure


def pressure(most: int = 20) -> Pressure:
    return Pressure(most, pause_s=1.0, most_pause_s=300.0)


def test_one_more_connection_for_each_mail_that_was_taken_up_to_the_most() -> None:
    asked = pressure(4)
    wanted = [asked.wanted]

    for _ in range(5):
        asked.took()
        wanted.append(asked.wanted)

    assert wanted == [1, 2, 3, 4, 4, 4]


def test_a_complaint_halves_the_most_and_mails_that_are_taken_raise_it_slowly() -> None:
    asked = pressure()
    for _ in range(30):
        asked.took()

    asked.complained(now=0.0, chance=1.0)
    halved = asked.wanted
    for _ in range(200):
        asked.took()

    assert (halved, asked.wanted) == (10, 12)


def test_pauses_double_with_each_complaint_in_a_row_and_begin_anew_after_a_mail() -> None:
    asked = pressure()

    pauses = [asked.complained(now=400.0 * turn, chance=1.0) for turn in range(1, 13)]
    asked.took()

    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert asked.paused_until == 12 * 400.0 + 300
    assert asked.complained(now=9000.0, chance=1.0) == 1.0
    assert asked.wanted == 1


def test_a_server_that_goes_away_from_all_connections_has_complained_once() -> None:
    asked = pressure()
    for _ in range(20):
        asked.took()

    pauses = [asked.complained(now=100.0 + part, chance=1.0) for part in (0, 0.25, 0.5)]

    assert pauses == [1.0, 0.75, 0.5]
    assert (asked.wanted, asked.paused_until) == (10, 101.0)


def test_chance_shortens_a_pause_by_half_at_the_most() -> None:
    assert pressure().complained(now=0.0, chance=0.0) == 0.5


def test_the_fifth_deferral_in_a_row_stops_new_mails_for_a_while() -> None:
    asked = pressure()
    asked.deferred(now=10.0, chance=1.0)
    asked.took()

    pauses = [asked.deferred(now=10.0 * turn, chance=1.0) for turn in range(1, 7)]

    assert pauses == [0, 0, 0, 0, 1, 2]
    assert asked.hushed_until == 62.0
