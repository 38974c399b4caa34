"""How often may anybody ask: per mailbox, host and network."""

import ipaddress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from newsletter import caps


@pytest.mark.parametrize(
    ("address", "host", "network"),
    [
        ("192.0.2.0", "192.0.2.0/32", "192.0.2.0/24"),
        ("192.0.2.255", "192.0.2.255/32", "192.0.2.0/24"),
        ("192.0.3.0", "192.0.3.0/32", "192.0.3.0/24"),
        (" 192.0.2.1\n", "192.0.2.1/32", "192.0.2.0/24"),
        ("::ffff:192.0.2.1", "192.0.2.1/32", "192.0.2.0/24"),
        ("::FFFF:C000:0201", "192.0.2.1/32", "192.0.2.0/24"),
        ("2001:db8::", "2001:db8::/64", "2001:db8::/48"),
        ("2001:db8::ffff:ffff:ffff:ffff", "2001:db8::/64", "2001:db8::/48"),
        ("2001:db8:0:1::", "2001:db8:0:1::/64", "2001:db8::/48"),
        ("2001:db8:0:ffff::1", "2001:db8:0:ffff::/64", "2001:db8::/48"),
        ("2001:db8:1::", "2001:db8:1::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        # What stands for all of IPv4 behind a translator is counted as IPv4 (RFC 6052).
        ("64:ff9b::192.0.2.1", "192.0.2.1/32", "192.0.2.0/24"),
    ],
)
def test_an_address_counts_as_a_host_of_a_network(address: str, host: str, network: str) -> None:
    assert caps.origin(address) == (host, network)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "192.0.2.1:80",
        "[::1]",
        "192.0.2.1, 192.0.2.2",
        "0x7f.1",
        "01.2.3.4",
        "2130706433",
        "1" * 9999,
        "\0",
    ],
)
def test_what_is_no_address_counts_as_nowhere(text: str) -> None:
    assert caps.origin(text) == ("", "")


@given(some.ip_addresses())
def test_every_address_is_in_its_host_and_that_in_its_network(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    host, network = map(ipaddress.ip_network, caps.origin(str(address)))

    assert host.subnet_of(network)  # type: ignore[arg-type]
    assert address in host or host.version == 4


@given(some.text(max_size=50))
def test_no_text_is_a_mistake(text: str) -> None:
    host, network = caps.origin(text)

    assert bool(host) == bool(network)


@pytest.mark.parametrize(
    ("from_host", "from_network", "may"),
    [(0, 0, True), (9, 19, True), (10, 10, False), (9, 20, False), (0, 20, False), (99, 99, False)],
)
def test_an_hour_takes_ten_asks_of_a_host_and_twenty_of_a_network(
    from_host: int, from_network: int, *, may: bool
) -> None:
    def asked(*, host: str = "", network: str = "") -> int:
        return {"a host": from_host, "": from_network}[host]

    assert caps.may_ask(asked, "a host", "a network") is may


def test_of_nowhere_nothing_is_counted() -> None:
    assert caps.may_ask(lambda **_: 1000, "", "")


@pytest.mark.parametrize(("day", "month", "may"), [(0, 0, True), (0, 2, True), (1, 1, False), (0, 3, False)])
def test_a_mailbox_takes_a_letter_a_day_and_three_a_month(day: int, month: int, *, may: bool) -> None:
    counted = {timedelta(days=1): day, timedelta(days=30): month}

    assert caps.may_write(counted.__getitem__) is may


@pytest.mark.parametrize(
    ("taken", "own", "may"),
    [(499, 0, True), (500, 0, False), (249, 1, True), (250, 1, False), (24, 19, True)],
)
def test_the_more_of_its_own_a_network_has_the_more_it_leaves_free(
    taken: int, own: int, *, may: bool
) -> None:
    assert caps.has_room(taken, own=own, of=500) is may


def taken_by(networks: int) -> int:
    """How many of 500 letters networks take which together leave as little as they can."""
    own = [0] * networks
    for most in range(caps.ASKS_PER_NETWORK, 0, -1):
        for n in range(networks):
            while own[n] < most and caps.has_room(sum(own), own=own[n], of=500):
                own[n] += 1
            if not caps.has_room(sum(own), own=most - 1, of=500):
                break
    return sum(own)


def test_a_quiet_hour_takes_all_that_one_network_may_ask() -> None:
    assert taken_by(1) == caps.ASKS_PER_NETWORK


@pytest.mark.parametrize(("networks", "left"), [(25, 300), (250, 50), (300, 1)])
def test_few_networks_never_take_the_whole_hour(networks: int, left: int) -> None:
    assert 500 - taken_by(networks) >= left
