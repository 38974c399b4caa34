"""What a look over a site takes from the store and the machine."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, insert, select

from newsletter import checkup, config, store, surroundings
from newsletter.checkup import database as looking
from newsletter.checkup import network
from newsletter.config import SmtpSettings
from newsletter.diagnosis import Group, Level
from newsletter.model import BounceKind, Issue
from newsletter.resolving import Resolver
from newsletter.store import sendings, tables
from tests.builders import NOW
from tests.delivering import delivering, names
from tests.names import NameServer
from tests.readers import reader


def test_the_largest_mail_of_the_last_issue_is_known(database: Engine) -> None:
    def pattern(issue: Issue) -> bytes:
        return b"a mail" * 1000

    with store.reading(database) as tx:
        assert sendings.largest(tx) == 0
    delivering(database, names(2)).enqueue(pattern)

    with store.reading(database) as tx:
        assert sendings.largest(tx) == 6000


def test_mails_that_were_sent_and_complaints_are_counted(database: Engine, database_url: str) -> None:
    issue = delivering(database, names(3))
    issue.enqueue()
    issue.run()
    with store.writing(database) as tx:
        whose = tx.scalars(select(tables.subscribers.c.id)).first()
        row = {"token": "t", "subscriber_id": whose, "kind": BounceKind.COMPLAINT, "at": NOW}
        tx.execute(insert(tables.bounces).values(row | {"code": 0, "enhanced": "", "text": ""}))
    settings = config.Settings(database_url=SecretStr(database_url))

    recent, later = (
        looking.look(settings, None, clock=lambda days=days: NOW + timedelta(days=days)) for days in (1, 60)
    )
    assert ((recent.sent, recent.complaints), later.sent) == ((3, 1), 0)


def test_readers_of_the_list_that_is_looked_at_are_counted(database: Engine, database_url: str) -> None:
    delivering(database, names(3))
    reader(database, "eve@example.org", list="daily")
    settings = config.Settings(database_url=SecretStr(database_url))

    counted = [looking.look(settings, slug, clock=lambda: NOW).readers for slug in ("weekly", "daily", None)]
    assert counted == [3, 1, 4]


def test_each_address_of_the_server_is_asked_for_its_name() -> None:
    addresses = ["93.184.216.34", "93.184.216.35"]
    zone = {
        "mx.uni.edu A": addresses,
        "34.216.184.93.in-addr.arpa PTR": ["mx.uni.edu."],
        "35.216.184.93.in-addr.arpa PTR": ["other.uni.edu."],
    }
    settings = config.Settings(smtp=SmtpSettings(host="mx.uni.edu"))
    senders = checkup.senders_of(settings, None)
    with NameServer(zone) as server:
        resolver = Resolver(server.address)
        asked = network.jobs(settings, senders, (), resolver, largest=0, clock=lambda: NOW)
        found = [check for job in asked if job.group is Group.DNS for check in job.ask()]

    assert {check.name: check.level for check in found if check.topic == "ptr"} == {
        "PTR of 93.184.216.34": Level.OK,
        "PTR of 93.184.216.35": Level.SKIPPED,
    }


@pytest.mark.parametrize("url", ["sqlite:////nosuch/newsletter.db", "postgresql://a:s3cret@127.0.0.1:1/a"])
def test_a_database_that_cannot_be_opened_is_told_without_its_password(url: str) -> None:
    found = looking.look(config.Settings(database_url=SecretStr(url)), None, clock=lambda: NOW)

    assert (bool(found.store.trouble), found.readers) == (True, None)
    assert "s3cret" not in found.store.trouble


def test_a_database_that_takes_no_writes_is_told(database: Engine, database_url: str) -> None:
    settings = config.Settings(database_url=SecretStr(database_url))
    with store.writing(database):
        refused = looking.look(settings, None, clock=lambda: NOW, patience_s=0.1).store.refuses

    assert bool(refused) is (database.dialect.name == "sqlite")


def test_a_folder_that_is_not_there_is_looked_at_where_it_would_be(tmp_path: Path) -> None:
    seen = surroundings.place("mails", tmp_path / "a" / "b")

    assert (seen.trouble, seen.free > 0) == ("", True)
    assert not (tmp_path / "a").exists()


def test_a_file_in_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").touch()

    assert (
        surroundings.place("mails", tmp_path / "out" / "mails").trouble == f"{tmp_path / 'out'} is no folder"
    )


@pytest.mark.parametrize(
    ("kind", "trouble"),
    [("none", ""), ("file", ""), *[(kind, "it is no file") for kind in ("folder", "link", "pipe")]],
)
def test_the_file_of_leavers_is_a_file_or_not_there(tmp_path: Path, kind: str, trouble: str) -> None:
    path = tmp_path / "newsletter.leaving"
    make = {
        "file": path.touch,
        "folder": path.mkdir,
        "link": lambda: path.symlink_to("x"),
        "pipe": lambda: os.mkfifo(path),
    }
    make.get(kind, lambda: None)()

    assert surroundings.leavers(path, network="").trouble == trouble


def test_only_files_that_others_can_read_are_exposed(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("open", "closed", "none")]
    for path, mode in zip(paths, (0o644, 0o640), strict=False):
        path.touch()
        path.chmod(mode)

    assert surroundings.exposed(paths) == (str(paths[0]),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no private key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "is no private key in PEM"),
        (b"\xff" * 200_000, "is no private key in PEM"),
    ],
)
def test_what_is_no_key_is_told_without_its_content(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "key.pem").write_bytes(content)

    trouble = surroundings.signing_key("uni.edu", "s1", tmp_path / "key.pem").trouble
    assert said in trouble
    assert "AAAA" not in trouble


def test_a_missing_key_is_told_with_the_way_to_make_one(tmp_path: Path) -> None:
    trouble = surroundings.signing_key("uni.edu", "s1", tmp_path / "key.pem").trouble

    assert trouble.startswith(f"{tmp_path / 'key.pem'}: No such file or directory; correct key_file")
