"""Links of readers: each good for one purpose on one list, and none that we did not make."""

import hmac
import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from newsletter import links
from newsletter.errors import LinkError
from newsletter.links import Keys, Purpose
from tests.builders import NOW

KEY = bytes(range(16))
KEYS = Keys((b"the first secret of this installation",))
# How base 32 is written here.
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def token(purpose: Purpose = Purpose.UNSUBSCRIBE, *, list: str = "weekly", keys: Keys = KEYS) -> str:
    return links.sign(KEY, purpose, list=list, keys=keys)


def accepted(text: str, purpose: Purpose = Purpose.UNSUBSCRIBE, *, list: str = "weekly") -> bool:
    try:
        return links.verify(text, purpose, list=list, keys=KEYS) == KEY
    except LinkError:
        return False


@given(some.binary(min_size=16, max_size=16), some.sampled_from(Purpose))
def test_a_token_gives_back_the_key_it_was_made_of(key: bytes, purpose: Purpose) -> None:
    made = links.sign(key, purpose, list="weekly", keys=KEYS)

    assert links.verify(made, purpose, list="weekly", keys=KEYS) == key
    assert len(made) == links.TOKEN_LENGTH


def test_a_token_is_good_for_one_purpose_on_one_list() -> None:
    places = [*itertools.product(Purpose, ["weekly", "weekly-2", "w", "daily"])]

    good = {
        (made, tried)
        for made, tried in itertools.product(places, places)
        if accepted(token(made[0], list=made[1]), tried[0], list=tried[1])
    }

    assert good == {(place, place) for place in places}


def test_no_purpose_and_list_run_into_each_other() -> None:
    """The signature of one text never stands for two pairs, wherever a slug begins."""
    purposes = [purpose.value for purpose in Purpose]

    assert not any("\0" in purpose for purpose in purposes)
    assert not accepted(token(Purpose.FORM, list="weekly"), Purpose.CONFIRM, list="form")


def bits_flipped(text: str) -> Iterator[str]:
    """Each token that differs in one bit of what the characters stand for."""
    for place, bit in itertools.product(range(len(text)), range(5)):
        other = LETTERS[LETTERS.index(text[place]) ^ (1 << bit)]
        yield text[:place] + other + text[place + 1 :]


def test_no_bit_of_a_token_can_be_changed() -> None:
    changed = [*bits_flipped(token())]

    assert len(changed) == 260
    assert not [one for one in changed if accepted(one)]


def test_of_the_spellings_of_the_last_character_one_is_ours() -> None:
    text = token()

    assert [last for last in LETTERS if accepted(text[:-1] + last)] == [text[-1]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        token()[:-1],
        token() + "a",
        token() + "====",
        token()[:-4] + "====",
        token()[:-1] + "\0",
        "\0" * links.TOKEN_LENGTH,
        token()[:-1] + "\u0662",
        token()[:-1] + "ı",
        token()[:-1] + "ß",
        "\u212a" * links.TOKEN_LENGTH,
        "\ud800" * links.TOKEN_LENGTH,
        " " + token()[:-1],
        token()[:-1] + "\n",
        "2" * 10_000,
        "8" * links.TOKEN_LENGTH,
        "preview",
    ],
    ids=repr,
)
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(LinkError, match="this link is not"):
        links.verify(text, Purpose.UNSUBSCRIBE, list="weekly", keys=KEYS)


@given(some.text(max_size=80) | some.text(LETTERS + "ıſK=", min_size=52, max_size=52))
def test_no_text_is_taken_for_a_token(text: str) -> None:
    assert not accepted(text)


def test_a_mail_server_may_write_the_token_in_capitals() -> None:
    assert accepted(token().upper())
    assert accepted(token().capitalize())


def test_a_letter_that_only_looks_like_one_of_ours_is_refused() -> None:
    """Some letters become ASCII in capitals; a token has one spelling in each case."""
    with_i = next(made for n in range(99) if "i" in (made := token(list=f"l{n}")))
    with_s = next(made for n in range(99) if "s" in (made := token(list=f"l{n}")))

    assert len(with_i.replace("i", "ı").upper()) == len(with_s.replace("s", "ſ").upper()) == len(with_i)
    for n, text in itertools.product(range(99), (with_i.replace("i", "ı"), with_s.replace("s", "ſ"))):
        assert not accepted(text, list=f"l{n}")


def test_a_token_names_nobody_and_is_the_same_each_time() -> None:
    assert token() == token()
    assert token().isascii()
    assert token() == token().lower()
    assert set(token()) <= set(LETTERS)


def test_a_link_of_an_older_key_goes_on_working() -> None:
    old, new = b"an old secret that was shown to many", b"a new secret that nobody knows by now"
    text = token(keys=Keys((old,)))

    assert links.verify(text, Purpose.UNSUBSCRIBE, list="weekly", keys=Keys((new, old))) == KEY
    assert token(keys=Keys((new, old))) == token(keys=Keys((new,)))
    with pytest.raises(LinkError, match="not one of ours"):
        links.verify(text, Purpose.UNSUBSCRIBE, list="weekly", keys=Keys((new,)))


def test_every_secret_is_tried_and_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def counted(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", counted)
    keys = Keys(tuple(f"secret number {n} of this installation".encode() for n in range(4)))
    links.verify(token(keys=keys), Purpose.UNSUBSCRIBE, list="weekly", keys=keys)

    assert len(compared) == 4


def test_nobody_guesses_a_token() -> None:
    """The million is in tests/benchmarks/guesses.py."""
    chance = random.Random(7)  # noqa: S311  guesses, not secrets

    hits = [text for _ in range(20_000) if accepted(text := "".join(chance.choices(LETTERS, k=52)))]

    assert not hits


def test_keys_are_never_shown() -> None:
    assert repr(KEYS) == "Keys()"


def form_age(made: timedelta, *, list: str = "weekly") -> timedelta:
    text = links.form_token(list="weekly", keys=KEYS, now=NOW - made)
    return links.form_age(text, list=list, keys=KEYS, now=NOW)


@pytest.mark.parametrize(
    "age", [timedelta(0), timedelta(seconds=2), timedelta(days=400), timedelta(hours=-1)], ids=str
)
def test_a_form_tells_its_age_also_where_the_clock_went_back(age: timedelta) -> None:
    assert form_age(age) == age


def test_a_form_of_another_list_or_of_another_site_is_refused() -> None:
    with pytest.raises(LinkError):
        form_age(timedelta(minutes=1), list="daily")
    with pytest.raises(LinkError):
        links.form_age("a" * 52, list="weekly", keys=KEYS, now=NOW)


def test_a_form_token_opens_nobodys_page() -> None:
    text = links.form_token(list="weekly", keys=KEYS, now=NOW)

    for purpose in set(Purpose) - {Purpose.FORM}:
        with pytest.raises(LinkError):
            links.verify(text, purpose, list="weekly", keys=KEYS)


def test_the_links_of_a_reader_hold_no_more_than_tokens() -> None:
    found = links.of_reader(
        KEY, site="https://a.example", list="weekly", issue="7", keys=KEYS, leave_address="leave@a.example"
    )

    assert found.web == "https://a.example/weekly/7/"
    assert found.preferences == f"https://a.example/weekly/preferences/{token(Purpose.PREFERENCES)}"
    assert found.unsubscribe == f"https://a.example/weekly/unsubscribe/{token()}"
    assert found.unsubscribe_mail == f"mailto:leave+{token()}@a.example?subject=unsubscribe"


def test_the_name_before_the_at_fits_with_the_longest_leave_address() -> None:
    """RFC 5321 §4.5.3.1.1: at most 64 characters."""
    name = links.leaving_mail("elevenchars@a.example", token()).removeprefix("mailto:").partition("@")[0]

    assert len(name) == 64
    assert links.leaving_mail("", token()) == ""


def test_an_address_for_reports_names_its_delivery_and_fits_before_the_at() -> None:
    address = links.reports_to("bounce12345@news.example.org", 7, list="weekly", keys=KEYS)

    local, _, domain = address.partition("@")
    assert (len(local) <= 64, domain) == (True, "news.example.org")
    assert links.reported(local.partition("+")[2].upper(), list="weekly", keys=KEYS) == 7
    with pytest.raises(LinkError):
        links.reported(local.partition("+")[2], list="daily", keys=KEYS)


def test_a_link_that_approves_says_which_draft_it_is_about_and_when_it_was_made() -> None:
    at = datetime(2026, 11, 24, 8, 0, 0, 1, tzinfo=UTC)
    about = links.Approval(7, b"12345678", at)

    token = links.approval_token(about, list="weekly", keys=KEYS)

    assert links.approval(token, list="weekly", keys=KEYS) == links.Approval(
        7, b"12345678", datetime(2026, 11, 24, 8, 0, 1, tzinfo=UTC)
    )
    with pytest.raises(LinkError):
        links.approval(token, list="serving", keys=KEYS)
