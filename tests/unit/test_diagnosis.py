"""How a configuration, a look, a database, a machine and a server stand, and what receivers would say."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from newsletter.diagnosis import Check, Group, Level, complaints, machine, rules, server, setup, templates
from newsletter.diagnosis.machine import Leavers, Place, Store
from newsletter.diagnosis.rules import Met
from newsletter.diagnosis.server import Session
from newsletter.diagnosis.setup import Sender, Setup
from newsletter.diagnosis.templates import Rendered

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
GOOD = Setup(
    base_url="https://news.uni.edu",
    keys=1,
    leave_address="leave@uni.edu",
    bounce_address="bounce@uni.edu",
    senders=(Sender("weekly", "digest@uni.edu", "digest@uni.edu", "1 Main Street"),),
    backend="smtp",
    folder="outbox",
    smtp_host="smtp.uni.edu",
)


def found(checks: Callable[..., object], *values: object, **named: object) -> dict[str, Level]:
    """What is not in order, by its name."""
    return {check.name: check.level for check in checks(*values, **named) if check.level is not Level.OK}  # type: ignore[attr-defined]


def test_nothing_is_said_against_a_whole_configuration() -> None:
    assert found(setup.checks, GOOD) == {}


@pytest.mark.parametrize(
    ("change", "name", "level"),
    [
        ({"keys": 0}, "secret_keys", Level.PROBLEM),
        ({"base_url": "https://news.example.org"}, "base_url", Level.PROBLEM),
        ({"base_url": "http://localhost:8080"}, "base_url", Level.PROBLEM),
        ({"leave_address": ""}, "leave_address", Level.WARNING),
        ({"bounce_address": ""}, "bounce_address", Level.WARNING),
        ({"smtp_host": ""}, "smtp.host", Level.PROBLEM),
        ({"smtp_host": "", "backend": "eml"}, "delivery.backend", Level.WARNING),
        ({"senders": (Sender("a", "x@b.example.com", "", "Here"),)}, "sender of a", Level.PROBLEM),
        ({"senders": (Sender("a", "x@b.edu", "", ""),)}, "postal address of a", Level.WARNING),
        ({"exposed": ("config.toml",)}, "config.toml", Level.WARNING),
    ],
)
def test_each_gap_of_a_configuration_is_found_alone(
    change: dict[str, object], name: str, level: Level
) -> None:
    assert found(setup.checks, replace(GOOD, **change)) == {name: level}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "example"),
    [
        *[(host, True) for host in ("example.org", "news.example.org", "a.test", "x.invalid", "localhost")],
        *[(host, False) for host in ("myexample.org", "example.edu", "test.edu", "example.org.edu")],
    ],
)
def test_what_is_kept_for_examples_is_known(host: str, *, example: bool) -> None:
    assert setup.is_example(host) is example


@pytest.mark.parametrize(("number", "said"), [(1, "1 error that"), (2, "2 errors that")])
def test_one_error_of_a_look_is_told_as_one(number: int, said: str) -> None:
    check = next(templates.checks(Rendered("a", "default", errors=number, way_out=True)))

    assert said in check.said


@pytest.mark.parametrize(
    ("rendered", "expected"),
    [
        (Rendered("a", "default", mail_bytes=70_000, way_out=True), {}),
        (Rendered("a", "default", warnings=2, way_out=True), {"look of a": Level.WARNING}),
        (Rendered("a", "default", errors=1, way_out=True), {"look of a": Level.PROBLEM}),
        (Rendered("a", "default"), {"way out of a": Level.PROBLEM}),
        (Rendered("a", "default", trouble="default/issue.mjml.j2, line 3: no"), {"look of a": Level.PROBLEM}),
    ],
)
def test_a_look_is_in_order_when_its_mail_can_go(rendered: Rendered, expected: dict[str, Level]) -> None:
    assert found(templates.checks, rendered) == expected


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        (Store("a.db"), {}),
        (Store("a.db", missing=True), {"opens": Level.WARNING}),
        (Store("", trouble="a.db: not a database"), {"opens": Level.PROBLEM}),
        (Store("a.db", damage=("row 3 missing", "row 4 missing")), {"is whole": Level.PROBLEM}),
        (Store("a.db", refuses="a.db: readonly"), {"can be written": Level.PROBLEM}),
        (Store("a.db", kind="tmpfs"), {"file system": Level.PROBLEM}),
        (Store("a.db", kind="ext4", log_bytes=4_000_000), {}),
        (Store("a.db", log_bytes=300_000_000), {"write-ahead log": Level.WARNING}),
    ],
)
def test_a_database_is_in_order_when_it_keeps_what_it_is_given(
    store: Store, expected: dict[str, Level]
) -> None:
    assert found(machine.store_checks, store) == expected


@pytest.mark.parametrize(("apart", "level"), [(1, None), (-30, Level.WARNING), (3600, Level.PROBLEM)])
def test_a_clock_goes_with_that_of_the_database(apart: int, level: Level | None) -> None:
    store = Store("pg", clock=NOW + timedelta(seconds=apart), asked_at=NOW)

    assert found(machine.clock_checks, NOW, store) == ({"clock": level} if level else {})


def test_a_clock_behind_says_so() -> None:
    store = Store("pg", clock=NOW + timedelta(seconds=90), asked_at=NOW)

    [check] = machine.clock_checks(NOW, store)
    assert check.said == "90 s behind the clock of the database's server"


@pytest.mark.parametrize("year", [1970, 2000, 2123])
def test_a_year_that_cannot_be_is_a_problem(year: int) -> None:
    assert found(machine.clock_checks, NOW.replace(year=year), Store("a.db")) == {"clock": Level.PROBLEM}


@pytest.mark.parametrize(
    ("check", "level"),
    [
        (machine.place_check(Place("mails", "out", free=50_000_000)), Level.PROBLEM),
        (machine.place_check(Place("mails", "out", free=500_000_000)), Level.WARNING),
        (machine.place_check(Place("mails", "out", free=5_000_000_000)), Level.OK),
        (machine.place_check(Place("mails", "out", trouble="not writable")), Level.PROBLEM),
        (machine.zone_check(()), Level.OK),
        (machine.zone_check(("Europe/Berlin",)), Level.PROBLEM),
        (machine.leavers_check(Leavers("a")), Level.OK),
        (machine.leavers_check(Leavers("a", waiting=120)), Level.WARNING),
        (machine.leavers_check(Leavers("a", network="nfs4")), Level.WARNING),
        (machine.leavers_check(Leavers("a", trouble="it is no file")), Level.PROBLEM),
    ],
)
def test_a_machine_is_in_order(check: Check, level: Level) -> None:
    assert (check.level, bool(check.step)) == (level, level is not Level.OK)


@pytest.mark.parametrize(
    ("sent", "reported", "level"),
    [
        (0, 0, Level.SKIPPED),
        (100, 100, Level.SKIPPED),
        (10_000, 9, Level.SKIPPED),
        (10_000, 10, Level.WARNING),
        (10_000, 30, Level.PROBLEM),
    ],
)
def test_complaints_stay_below_what_receivers_bear(sent: int, reported: int, level: Level) -> None:
    assert complaints.check(sent, reported).level is level


SESSION = Session(
    "smtp.uni.edu:587",
    reached=True,
    secured=True,
    logged_in=True,
    tls="TLSv1.3",
    days_left=60,
    features={"PIPELINING": "", "SIZE": "10000000", "DSN": ""},
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        ({"reached": False, "trouble": "refuses"}, {"connection": Level.PROBLEM}),
        ({"secured": False, "trouble": "no STARTTLS"}, {"TLS": Level.PROBLEM}),
        ({"secured": None, "days_left": None}, {"TLS": Level.SKIPPED}),
        ({"logged_in": False, "trouble": "535"}, {"login": Level.PROBLEM}),
        ({"logged_in": None}, {}),
        ({"days_left": 13}, {"certificate": Level.WARNING}),
        ({"features": {"SIZE": "10000000"}}, {"PIPELINING": Level.WARNING}),
        ({"features": {"PIPELINING": "", "SIZE": "60000"}}, {"SIZE": Level.PROBLEM}),
        ({"features": {"PIPELINING": "", "SIZE": ""}}, {}),
        ({"features": {"PIPELINING": "", "SIZE": "²"}}, {}),
    ],
)
def test_a_server_is_in_order_when_mails_can_go(change: dict[str, object], expected: object) -> None:
    assert found(server.checks, replace(SESSION, **change), largest=70_000) == expected  # type: ignore[arg-type]


def check(topic: str, level: Level) -> Check:
    return Check(level, Group.DNS, topic, topic.upper(), "said")


def test_a_rule_is_met_when_all_that_it_asks_about_is() -> None:
    checks = [check("spf", Level.OK), check("dkim", Level.OK), check("dkim", Level.PROBLEM)]
    checks += [check("dmarc", Level.SKIPPED), check("dmarc", Level.OK), check("tls", Level.WARNING)]

    met = {topic: one.met for one in rules.judged(checks) for topic in one.rule.topics}
    assert met == {
        "spf": Met.YES,
        "dkim": Met.NO,
        "dmarc": Met.UNKNOWN,
        "alignment": Met.UNKNOWN,
        "ptr": Met.UNKNOWN,
        "tls": Met.YES,
        "one-click": Met.UNKNOWN,
        "footer": Met.UNKNOWN,
        "complaints": Met.UNKNOWN,
    }


def test_a_rule_that_is_not_met_says_why() -> None:
    [dkim] = [one for one in rules.judged([check("dkim", Level.PROBLEM)]) if one.met is Met.NO]

    assert dkim.because == "DKIM: said"


@pytest.mark.parametrize(("readers", "all_hold"), [(4999, False), (5000, True)])
def test_the_rules_of_bulk_senders_hold_from_five_thousand_readers_on(readers: int, all_hold: bool) -> None:
    assert rules.reach(readers).endswith("each of these rules holds for you.") is all_hold
