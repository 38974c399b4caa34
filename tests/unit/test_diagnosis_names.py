"""What records of the name system mean: SPF, DKIM, DMARC, MX and PTR."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.diagnosis import Level, dkim, dmarc, hosts, spf
from newsletter.diagnosis.answers import Answer
from newsletter.diagnosis.dkim import Key
from newsletter.diagnosis.hosts import Reverse

DOMAIN = "news.example.edu"
NONE = Answer()
TIMEOUT = Answer(trouble="no name server answered in time")
KEY = Key(DOMAIN, "news1", "rsa", ("MIIBspki==", "MIIBpkcs"))


def answered(**records: str) -> dict[str, Answer]:
    """One TXT record for each name, written with _ for a dot."""
    return {name.replace("_", "."): Answer((record,)) for name, record in records.items()}


def spf_of(record: str, **others: str) -> tuple[Level, str]:
    found = spf.check(DOMAIN, {DOMAIN: Answer((record,))} | answered(**others))
    return found.level, found.said


@pytest.mark.parametrize(
    ("record", "level", "said"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", Level.OK, "one record, 0 of 10 lookups, ends in -all"),
        ("v=spf1 a mx/24 a:x.example ~all", Level.OK, "one record, 3 of 10 lookups, ends in ~all"),
        ("V=SPF1 MX -ALL", Level.OK, "one record, 1 of 10 lookups, ends in -all"),
        ("v=spf1 exists:%{i}.x.example -all", Level.OK, "one record, 1 of 10 lookups, ends in -all"),
        ("v=spf1 exp=why.example -all", Level.OK, "one record, 0 of 10 lookups, ends in -all"),
        ("v=spf1 mx +all", Level.PROBLEM, "ends in +all: it lets everybody send in your name"),
        ("v=spf1 mx all", Level.PROBLEM, "ends in +all: it lets everybody send in your name"),
        ("v=spf1 mx ?all", Level.WARNING, "ends in ?all: it says nothing about other servers"),
        ("v=spf1 mx", Level.WARNING, "has no end: it says nothing about other servers"),
        ("v=spf1 ip:192.0.2.1 -all", Level.PROBLEM, f"broken: {DOMAIN} has 'ip', which is no word of SPF"),
        (f"v=spf1 include:{DOMAIN} -all", Level.PROBLEM, f"broken: {DOMAIN} leads back to {DOMAIN}"),
    ],
)
def test_an_spf_record_is_read(record: str, level: Level, said: str) -> None:
    assert spf_of(record) == (level, said)


def test_lookups_of_what_is_taken_in_count_too() -> None:
    ten = "v=spf1 " + " ".join(f"a:{number}.example" for number in range(9)) + " ?all"

    assert spf_of("v=spf1 include:p.example -all", p_example=ten) == (
        Level.OK,
        "one record, 10 of 10 lookups, ends in -all",
    )
    assert spf_of("v=spf1 mx include:p.example -all", p_example=ten) == (
        Level.PROBLEM,
        "asks for 11 lookups, and receivers stop at 10",
    )


def test_a_record_ends_as_that_which_it_redirects_to() -> None:
    assert spf_of("v=spf1 redirect=p.example", p_example="v=spf1 mx ~all") == (
        Level.OK,
        "one record, 2 of 10 lookups, ends in ~all",
    )


def test_a_redirect_behind_all_counts_for_nothing() -> None:
    assert spf_of("v=spf1 -all redirect=nowhere.example")[0] is Level.OK
    assert spf.leads_to("v=spf1 -all redirect=nowhere.example") == ()


def test_taking_in_a_domain_without_spf_breaks_a_record() -> None:
    found = spf.check(
        DOMAIN, answered(news_example_edu="v=spf1 include:p.example -all") | {"p.example": NONE}
    )

    assert (found.level, found.said) == (
        Level.PROBLEM,
        f"broken: {DOMAIN} takes in p.example, which has no SPF record",
    )


@pytest.mark.parametrize(
    ("answer", "level"),
    [
        (NONE, Level.PROBLEM),
        (Answer(("v=spf10 -all", "google-site-verification=x")), Level.PROBLEM),
        (Answer(("v=spf1 -all", "v=spf1 mx -all")), Level.PROBLEM),
        (Answer(("v=spf1 -all", "other text")), Level.OK),
        (TIMEOUT, Level.SKIPPED),
    ],
)
def test_a_domain_has_exactly_one_spf_record(answer: Answer, level: Level) -> None:
    assert spf.check(DOMAIN, {DOMAIN: answer}).level is level


def test_what_could_not_be_followed_is_not_called_broken() -> None:
    answers = answered(news_example_edu="v=spf1 include:p.example -all") | {"p.example": TIMEOUT}

    found = spf.check(DOMAIN, answers)
    assert (found.level, found.said) == (
        Level.SKIPPED,
        "could not be followed: p.example: no name server answered in time",
    )


@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=60))
def test_no_record_stops_a_check(texts: list[str], one: str) -> None:
    answer = Answer((*texts, f"v=spf1 {one}", f"v=DMARC1;{one}"))

    spf.leads_to(f"v=spf1 {one}")
    spf.check(DOMAIN, {DOMAIN: answer})
    dkim.record_check(KEY, answer)
    dmarc.check(DOMAIN, {DOMAIN: answer})
    dmarc.alignment_check(DOMAIN, signing=[one], envelope=one, answers={DOMAIN: answer})


@pytest.mark.parametrize(
    ("answer", "level", "said"),
    [
        (Answer(("v=DKIM1; k=rsa; p=MIIBspki==",)), Level.OK, "the key of key_file"),
        (Answer(("p=MII Bpkcs",)), Level.OK, "the key of key_file"),
        (
            Answer(("v=DKIM1; p=MIIBother",)),
            Level.PROBLEM,
            "not the public key of key_file: no signature is valid",
        ),
        (Answer(("v=DKIM1; k=ed25519; p=MIIBspki",)), Level.PROBLEM, None),
        (Answer(("v=DKIM1; p=",)), Level.PROBLEM, "the key is revoked: its p= is empty"),
        (Answer(("hello",)), Level.PROBLEM, "what stands there is no DKIM record"),
        (Answer(("v=DKIM1; t=s:y; p=MIIBpkcs",)), Level.WARNING, None),
        (Answer(("p=MIIBpkcs", "p=MIIBspki")), Level.PROBLEM, "2 records: receivers may take the wrong one"),
        (NONE, Level.PROBLEM, "no record: receivers cannot check your signatures"),
        (TIMEOUT, Level.SKIPPED, None),
    ],
)
def test_a_dkim_record_is_that_of_the_key(answer: Answer, level: Level, said: str | None) -> None:
    found = dkim.record_check(KEY, answer)

    assert (found.level, found.said) == (level, said or found.said)


def test_a_missing_dkim_record_is_shown_as_it_has_to_be() -> None:
    step = dkim.record_check(Key(DOMAIN, "s", "rsa", ("M" * 300,)), NONE).step

    strings = step.removeprefix("publish there as TXT: ").split('" "')
    assert [len(one.strip('"')) for one in strings] == [255, 300 + len("v=DKIM1; k=rsa; p=") - 255]


@pytest.mark.parametrize(
    ("answers", "level", "said"),
    [
        ({DOMAIN: "v=DMARC1; p=reject"}, Level.OK, "p=reject"),
        ({"example.edu": "v=DMARC1;p=reject"}, Level.OK, "p=reject, of example.edu"),
        ({"example.edu": "v=DMARC1; p=reject; sp=quarantine"}, Level.OK, "p=quarantine, of example.edu"),
        ({DOMAIN: "v=DMARC1; p=none"}, Level.OK, "p=none: it is there, and asks for nothing against forgers"),
        (
            {DOMAIN: "v=DMARC1; p=maybe"},
            Level.PROBLEM,
            "its policy p=maybe is none of none, quarantine, reject",
        ),
        ({DOMAIN: "v=DMARC1"}, Level.PROBLEM, "its policy p= is none of none, quarantine, reject"),
        ({DOMAIN: "v=dmarc1; p=none"}, Level.PROBLEM, None),
        ({}, Level.PROBLEM, "no record: Gmail, Yahoo and Microsoft refuse bulk mail without one"),
    ],
)
def test_a_dmarc_policy_is_that_of_the_nearest_domain(
    answers: dict[str, str], level: Level, said: str | None
) -> None:
    found = dmarc.check(DOMAIN, {name: Answer((record,)) for name, record in answers.items()})

    assert (found.level, found.said) == (level, said or found.said)


def test_a_policy_that_could_not_be_looked_up_is_not_called_missing() -> None:
    assert dmarc.check(DOMAIN, {DOMAIN: TIMEOUT}).level is Level.SKIPPED


def test_the_walk_for_a_policy_ends_above_the_top_level() -> None:
    assert dmarc.asked_of("a.b.example.edu") == ("a.b.example.edu", "b.example.edu", "example.edu")
    assert len(dmarc.asked_of(".".join("abcdefghijkl") + ".edu")) == 7


@pytest.mark.parametrize(
    ("signing", "envelope", "record", "level"),
    [
        ([DOMAIN], DOMAIN, "v=DMARC1; p=none", Level.OK),
        (["example.edu"], "bounces.other.example", "v=DMARC1; p=none", Level.OK),
        (["mail.example.edu"], "b.example.edu", "v=DMARC1; p=none", Level.OK),
        (["example.edu"], "other.test", "v=DMARC1; p=none; adkim=s", Level.PROBLEM),
        ([], "other.test", "v=DMARC1; p=none", Level.PROBLEM),
        ([], "example.edu", "v=DMARC1; p=none; aspf=s", Level.PROBLEM),
        (["other.test"], DOMAIN, "v=DMARC1; p=none", Level.WARNING),
        (["evilexample.edu"], "notexample.edu", "v=DMARC1; p=none", Level.PROBLEM),
    ],
)
def test_a_mail_passes_for_its_domains_own(
    signing: list[str], envelope: str, record: str, level: Level
) -> None:
    answers = {DOMAIN: NONE, "example.edu": Answer((record,))}

    found = dmarc.alignment_check(DOMAIN, signing=signing, envelope=envelope, answers=answers)
    assert found.level is level


@pytest.mark.parametrize(
    ("mx", "addresses", "level"),
    [
        (Answer(("10 mx.example.edu.",)), NONE, Level.OK),
        (Answer(("0 .",)), NONE, Level.PROBLEM),
        (NONE, Answer(("192.0.2.1",)), Level.WARNING),
        (NONE, NONE, Level.PROBLEM),
        (TIMEOUT, NONE, Level.SKIPPED),
        (NONE, TIMEOUT, Level.SKIPPED),
    ],
)
def test_mails_come_back_where_a_server_takes_them(mx: Answer, addresses: Answer, level: Level) -> None:
    assert hosts.mailbox_check(DOMAIN, ["answers"], mx, addresses).level is level


ADDRESS = "93.184.216.34"
NAMED = Answer(("mx.example.edu.",))


@pytest.mark.parametrize(
    ("reverse", "level"),
    [
        (Reverse(ADDRESS, True, NAMED, {"mx.example.edu.": Answer((ADDRESS,))}), Level.OK),
        (Reverse(ADDRESS, True, NAMED, {"mx.example.edu.": Answer(("93.184.216.35",))}), Level.PROBLEM),
        (Reverse(ADDRESS, True), Level.PROBLEM),
        (Reverse(ADDRESS, False), Level.SKIPPED),
        (Reverse(ADDRESS, True, TIMEOUT), Level.SKIPPED),
        (Reverse("10.0.0.7", True), Level.SKIPPED),
    ],
)
def test_an_address_has_a_name_that_leads_back(reverse: Reverse, level: Level) -> None:
    assert hosts.reverse_check(reverse).level is level
