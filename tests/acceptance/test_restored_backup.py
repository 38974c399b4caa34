"""Yesterday's backup, restored in the midst of a send: nobody is mailed twice, and nobody is forgotten.

Judged by the file of a server that writes down each mail before it answers.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from newsletter import app
from newsletter.dispatch import Dispatch
from tests.ledger_server import Ledger, Ways, serving
from tests.sendable import ISSUE, Post, answer, prepare, states

READERS = 400
# As Postfix writes of each mail that it takes.
_LOG = (
    "Nov 29 10:00:01 mx postfix/cleanup[77]: {id}: message-id=<{name}>\n"
    "Nov 29 10:00:01 mx postfix/qmgr[9]: {id}: from=<a@b.example>, size=5001, nrcpt=1 (queue active)\n"
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with serving(tmp_path, Ways(delay_s=0.02)) as server:
        yield server


@pytest.fixture
def post(tmp_path: Path, ledger: Ledger) -> Post:
    return prepare(tmp_path / "post", READERS, port=ledger.port, small=True, connections=4)


def copy(source: Path, target: Path) -> None:
    """The database as SQLite's own backup copies it, in the midst of whatever is written."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def restore(post: Post, backup: Path) -> None:
    for rest in ("newsletter.db", "newsletter.db-wal", "newsletter.db-shm"):
        (post.folder / rest).unlink(missing_ok=True)
    shutil.copy(backup, post.folder / "newsletter.db")


def written(post: Post, ledger: Ledger) -> Path:
    """The log of the server, as Postfix would write it."""
    log = post.folder / "mail.log"
    mails = enumerate(ledger.entries())
    log.write_text("".join(_LOG.format(id=f"{at:08X}", name=one.message_id) for at, one in mails))
    return log


def accept(post: Post) -> int:
    with app.open_dispatch(app.load_settings(post.folder / "config.toml")) as dispatch:
        found: int = Dispatch.accept(dispatch)
        return found


@pytest.fixture
def restored(post: Post, ledger: Ledger, tmp_path: Path) -> int:
    """How many mails had gone when the backup was made. Everybody has the issue when it is restored."""
    sender = post.start("send", ISSUE, "--json")
    while (gone := len(ledger.path.read_bytes().splitlines())) < READERS // 4:
        assert sender.poll() is None
        time.sleep(0.005)
    copy(post.folder / "newsletter.db", tmp_path / "backup.db")
    assert answer(sender)["sent"] == READERS
    restore(post, tmp_path / "backup.db")
    return gone


def test_after_a_restored_backup_nothing_goes_until_somebody_says_so(
    post: Post, ledger: Ledger, restored: int
) -> None:
    done = post.run("send", ISSUE)
    shown = post.run("status")

    assert done.returncode == 1
    assert "restored from a backup" in done.stderr
    assert "newsletter schedule resume" in done.stderr
    assert "restored from a backup" in shown.stderr
    assert len(ledger.entries()) == READERS


@pytest.mark.parametrize("how", ["by the log", "by an operator"])
def test_what_may_have_gone_is_settled_and_every_reader_has_it_once(
    post: Post, ledger: Ledger, restored: int, how: str
) -> None:
    unknown = accept(post)
    assert 0 < unknown <= READERS - restored + 4 * 4
    assert post.send()["sent"] == READERS - unknown
    log = written(post, ledger)

    given = ["--log", str(log)] if how == "by the log" else ["--assume-sent"]
    settled = post.run("deliveries", "resolve", ISSUE, *given)

    assert settled.returncode == 0, settled.stderr
    post.send()
    assert states(post) == {"sent": set(post.addresses)}
    assert set(ledger.recipients().values()) == {1}
    assert len(ledger.recipients()) == READERS


def test_a_reader_whom_the_log_does_not_show_gets_it_after_all(
    post: Post, ledger: Ledger, tmp_path: Path
) -> None:
    """The issue had stopped half way when the machine was lost."""
    sender = post.start("send", ISSUE, "--json")
    while len(ledger.path.read_bytes().splitlines()) < READERS // 4:
        time.sleep(0.005)
    copy(post.folder / "newsletter.db", tmp_path / "backup.db")
    time.sleep(0.2)
    sender.terminate()
    assert answer(sender)["sent"] < READERS
    restore(post, tmp_path / "backup.db")
    accept(post)
    log = written(post, ledger)

    assert post.run("deliveries", "resolve", ISSUE, "--log", str(log)).returncode == 0
    post.send()

    assert states(post) == {"sent": set(post.addresses)}
    assert set(ledger.recipients().values()) == {1}
