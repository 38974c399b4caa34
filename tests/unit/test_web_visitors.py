"""Where a request comes from, and for which page, whatever its headers and its path make up."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.web import visitors

TRUSTED = visitors.networks(["127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["198.51.100.1"], "192.0.2.7"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["203.0.113.9, 198.51.100.1, 10.1.2.3"], "198.51.100.1"),
        ("127.0.0.1", ["203.0.113.9, 10.1.2.3, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["10.9.9.9, 10.1.2.3"], "10.9.9.9"),
        ("127.0.0.1", ["203.0.113.9, unknown, 10.1.2.3"], "10.1.2.3"),
        ("127.0.0.1", ["203.0.113.9, "], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("2001:db8:1::1", ["[2001:db8:2::5]:4711"], "2001:db8:2::5"),
        ("2001:db8:1::1", ["2001:db8:2::5"], "2001:db8:2::5"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:192.0.2.7", ["198.51.100.1"], "192.0.2.7"),
        ("fe80::1%eth0", [], "fe80::1"),
        ("", ["198.51.100.1"], ""),
        ("testclient", ["198.51.100.1"], ""),
        ("127.0.0.1", [", ".join(["10.0.0.1"] * 100_000)], "10.0.0.1"),
    ],
)
def test_a_visitor_is_the_last_one_whom_a_trusted_server_saw(
    peer: str, forwarded: list[str], found: str
) -> None:
    assert visitors.origin(peer, forwarded, TRUSTED) == found


@given(st.lists(st.text(max_size=40), max_size=5))
def test_what_a_visitor_makes_up_is_never_believed(made_up: list[str]) -> None:
    added = [*made_up, "198.51.100.1"]

    assert visitors.origin("192.0.2.7", made_up, TRUSTED) == "192.0.2.7"
    assert visitors.origin("127.0.0.1", added, TRUSTED) == "198.51.100.1"


@given(st.text(max_size=40), st.lists(st.text(max_size=60), max_size=5))
def test_a_visitor_is_an_address_or_nobody(peer: str, forwarded: list[str]) -> None:
    found = visitors.origin(peer, forwarded, TRUSTED)

    assert found == "" or str(ipaddress.ip_address(found)) == found


@pytest.mark.parametrize(
    ("path", "prefix", "place"),
    [
        ("/weekly/subscribe", "", "/weekly/subscribe"),
        ("/papers/weekly/subscribe", "/papers", "/weekly/subscribe"),
        ("/weekly/subscribe", "/papers", "/weekly/subscribe"),
        ("/papers", "/papers", "/"),
        ("/papers/", "/papers", "/"),
        ("/papersque/weekly/", "/papers", "/papersque/weekly/"),
        ("/papers/nothing", "/papers", "/nothing"),
        ("/a/b/weekly/", "/a/b", "/weekly/"),
        # A list that is called as the path of the site, with the path taken off and not.
        ("/weekly/subscribe", "/weekly", "/weekly/subscribe"),
        ("/weekly/weekly/subscribe", "/weekly", "/weekly/subscribe"),
        ("/weekly/assets/site.css", "/weekly", "/assets/site.css"),
        ("/weekly/7/", "/weekly", "/weekly/7/"),
    ],
)
def test_a_page_is_found_whether_or_not_a_server_in_front_takes_the_path_of_the_site_off(
    path: str, prefix: str, place: str
) -> None:
    assert visitors.place(path, prefix=prefix, names={"weekly", "assets", "healthz"}) == place
