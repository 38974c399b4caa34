"""Questions to a real name server on this machine."""

from collections.abc import Iterator

import pytest

from newsletter.diagnosis.answers import Answer
from newsletter.errors import ConfigError
from newsletter.resolving import Resolver
from tests.names import BROKEN, SILENT, NameServer, text

LONG = "v=DKIM1; k=rsa; p=" + "M" * 800
ZONE = {
    "uni.edu TXT": ['"v=spf1 include:_spf.uni.edu" " -all"', '"other"'],
    "_spf.uni.edu TXT": text("v=spf1 redirect=_more.uni.edu"),
    "_more.uni.edu TXT": text("v=spf1 ip4:192.0.2.1 -all"),
    "s1._domainkey.uni.edu TXT": text(LONG),
    "_dmarc.uni.edu TXT": text("v=DMARC1; p=none"),
    "uni.edu MX": ["10 mx.uni.edu."],
    "mx.uni.edu A": ["93.184.216.34"],
    "mx.uni.edu AAAA": ["2606:2800:220:1::1"],
    "34.216.184.93.in-addr.arpa PTR": ["mx.uni.edu."],
    "broken.edu TXT": BROKEN,
    "silent.edu TXT": SILENT,
    "loop.edu TXT": text("v=spf1 include:loop.edu -all"),
}


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    with NameServer(ZONE) as server:
        yield server


@pytest.fixture
def resolver(names: NameServer) -> Resolver:
    return Resolver(names.address, timeout_s=1)


def test_a_record_in_several_strings_is_one_text(resolver: Resolver) -> None:
    assert resolver.texts("uni.edu").records == ("other", "v=spf1 include:_spf.uni.edu -all")


def test_a_long_record_comes_whole_by_tcp(resolver: Resolver) -> None:
    assert resolver.texts("s1._domainkey.uni.edu").records == (LONG,)


def test_a_name_without_records_is_an_answer(resolver: Resolver) -> None:
    assert resolver.texts("nothing.edu") == Answer()
    assert resolver.mails("mx.uni.edu") == Answer()


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("broken.edu", "the name server has no answer (SERVFAIL or REFUSED): the zone may be broken"),
        ("silent.edu", "no name server answered in time"),
        ("a..edu", "a..edu cannot be asked for"),
        ("x" * 70 + ".edu", f"{'x' * 70}.edu cannot be asked for"),
    ],
)
def test_who_cannot_be_asked_is_told_in_words(resolver: Resolver, name: str, trouble: str) -> None:
    assert resolver.texts(name) == Answer(trouble=trouble)


def test_spf_is_followed_to_its_end(resolver: Resolver) -> None:
    assert [*resolver.spf("uni.edu")] == ["uni.edu", "_spf.uni.edu", "_more.uni.edu"]


def test_a_loop_of_spf_is_asked_once(names: NameServer, resolver: Resolver) -> None:
    names.asked.clear()

    assert [*resolver.spf("loop.edu")] == ["loop.edu"]
    assert names.asked == ["loop.edu TXT"]


def test_a_policy_is_looked_for_up_to_the_last_domain(resolver: Resolver) -> None:
    found = resolver.dmarc("a.news.uni.edu")

    assert {name: len(answer.records) for name, answer in found.items()} == {
        "a.news.uni.edu": 0,
        "news.uni.edu": 0,
        "uni.edu": 1,
    }


def test_an_address_is_followed_to_its_name_and_back(resolver: Resolver) -> None:
    found = resolver.reverse("93.184.216.34", ours=True)

    assert found.names.records == ("mx.uni.edu.",)
    assert found.forward["mx.uni.edu."].records == ("93.184.216.34", "2606:2800:220:1::1")


def test_a_server_that_knows_the_world_is_believed(resolver: Resolver) -> None:
    assert resolver.trouble() == ""


@pytest.mark.parametrize(
    ("zone", "trouble"),
    [
        (
            {"com NS": ()},
            "the name server knows no names of the public internet; name another one with --dns",
        ),
        ({"com NS": SILENT}, "no name server answered in time"),
    ],
)
def test_a_server_of_a_closed_network_is_not_believed(zone: dict[str, str], trouble: str) -> None:
    with NameServer(zone) as closed:
        assert Resolver(closed.address, timeout_s=0.5).trouble() == trouble


@pytest.mark.parametrize("server", ["dns.example.org", "192.0.2.1:x", "192.0.2.300", "[::1]:99999", ":53"])
def test_what_is_no_address_of_a_server_is_refused(server: str) -> None:
    with pytest.raises(ConfigError, match="not the address of a name server"):
        Resolver(server)


@pytest.mark.parametrize("server", ["192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353"])
def test_an_address_may_have_a_port(server: str) -> None:
    Resolver(server)
