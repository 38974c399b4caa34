"""The guard: which addresses are of the public Internet, and what is no address at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import FetchError
from newsletter.fetch import guard
from newsletter.fetch.guard import STRICT, Policy

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "198.18.0.1",
    "198.19.255.255",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "192.31.196.1",
    "192.52.193.1",
    "192.175.48.1",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "::7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "2001:0:53aa:64c:0:fbff:80ff:fffe",
    "2001:db8::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "100::1",
    "5f00::1",
    "3fff::1",
    "::ffff:0:127.0.0.1",
    "4000::1",
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "93.184.216.34",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_of_the_public_internet_is_refused(address: str) -> None:
    assert guard.refusal(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_let_through(address: str) -> None:
    assert guard.refusal(address) is None


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_ipv6_form_that_leads_to_it(address: object) -> None:
    assert (guard.refusal(f"::ffff:{address}") is None) == (guard.refusal(str(address)) is None)
    assert guard.refusal(f"64:ff9b::{address}")
    assert guard.refusal(f"::{address}")


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(
        FetchError, match=r"^mixed\.test: leads to 10\.0\.0\.1, a private or reserved address; "
    ):
        guard.checked(["8.8.8.8", "10.0.0.1"], "mixed.test", 443, STRICT)


def test_a_name_without_an_address_is_refused() -> None:
    with pytest.raises(
        FetchError, match=r"^none\.test: this name has no address; check its spelling and the connection$"
    ):
        guard.checked([], "none.test", 443, STRICT)


def test_an_endpoint_of_a_test_opens_exactly_that_address_and_port() -> None:
    policy = Policy(endpoints=frozenset({("127.0.0.1", 8080)}))

    assert guard.checked(["127.0.0.1"], "a.test", 8080, policy) == ("127.0.0.1",)
    for address, port in [("127.0.0.1", 80), ("127.0.0.2", 8080), ("8.8.8.8", 8080)]:
        with pytest.raises(FetchError):
            guard.checked([address], "a.test", port, policy)


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("file:///etc/passwd", "only addresses that begin with http:// or https://"),
        ("ftp://a.example/x", "only addresses that begin with http:// or https://"),
        ("gopher://127.0.0.1:80/_", "only addresses that begin with http:// or https://"),
        ("https:///nothing", "only addresses that begin with http:// or https://"),
        ("https://a.example:8443/", "port 8443 is not read; a digest stands on port 80 or 443"),
        ("https://a.example:22/", "port 22 is not read"),
        ("https://a.example:0/", "port 0 is not read"),
        ("https://a.example:99999/", "this is not an address"),
        ("https://[::1/", "this is not an address"),
        ("https://me:secret@a.example/", "a user name or password is not read"),
        ("https://127.0.0.1\\@good.test/", "no blank, backslash or control character"),
        ("https://a.example/x\r\nHost: b", "no blank, backslash or control character"),
        ("https://a.example/ x", "no blank, backslash or control character"),
        ("\thttps://a.example/", "no blank, backslash or control character"),
    ],
)
def test_what_is_no_address_of_a_web_page_is_refused_before_anybody_is_asked(
    address: str, problem: str
) -> None:
    with pytest.raises(FetchError) as caught:
        guard.check(address, STRICT)

    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (
            "https://me:pass@a.example/x?token=s3cret&date=2026-01-06#f",
            "https://a.example/x?token=…&date=2026-01-06",
        ),
        ("https://a.example/x", "https://a.example/x"),
        ("https://a.example/x?s3cret", "https://a.example/x?s3cret=…"),
        ("http://[::1", "http://[::1"),
    ],
)
def test_a_message_shows_an_address_without_its_secrets(address: str, shown: str) -> None:
    assert guard.shown(address) == shown


@given(st.text())
def test_any_text_is_shown_on_one_line(text: str) -> None:
    assert len(guard.shown(f"https://a.example/{text}").splitlines()) == 1
