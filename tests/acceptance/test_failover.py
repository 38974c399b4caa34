"""A standby takes over from a PostgreSQL server that crashes in the midst of a send: nobody is mailed twice.

Judged by the file of a mail server that writes each mail down before it answers. A standby that had to have
everything before anybody was told lets the senders go on; one that may lack something has them stop.
"""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from newsletter import app
from tests.clusters import Cluster, both, cluster, standby
from tests.ledger_server import Ledger, Ways, serving
from tests.sendable import ISSUE, Post, answer, prepare, states
from tests.verdict import judged
from tests.working import until_taken

READERS = 600
# As Postfix writes of each mail that it takes.
_LOG = (
    "Nov 29 10:00:01 mx postfix/cleanup[77]: {id}: message-id=<{name}>\n"
    "Nov 29 10:00:01 mx postfix/qmgr[9]: {id}: from=<a@b.example>, size=5001, nrcpt=1 (queue active)\n"
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Two servers, a relay, and an issue that two machines deliver, each from a folder of its own."""

    primary: Cluster
    standby: Cluster
    ledger: Ledger
    posts: tuple[Post, Post]

    def start(self) -> list["subprocess.Popen[str]"]:
        """Both machines, once a quarter of the mails has gone."""
        senders = [post.start("send", ISSUE, "--json") for post in self.posts]
        until_taken(self.ledger, READERS // 4)
        return senders

    def take_over(self) -> None:
        """Let the primary crash, and the standby be the primary."""
        self.primary.stop("immediate")
        self.standby.promote()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as until:
        ledger = until.enter_context(serving(tmp_path, Ways(delay_s=0.02)))
        primary = until.enter_context(cluster(wal_keep_size="64MB"))
        other = until.enter_context(standby(primary))
        url = both(primary, other)
        given = {"port": ledger.port, "url": url, "connections": 2, "lease_s": 5.0}
        first = prepare(tmp_path / "first", READERS, small=True, **given)  # type: ignore[arg-type]
        second = Post(tmp_path / "second", url, first.addresses)
        second.folder.mkdir()
        for name in ("config.toml", "looks"):
            (second.folder / name).symlink_to(first.folder / name)
        yield Scene(primary, other, ledger, (first, second))


def test_a_standby_that_has_everything_lets_the_senders_go_on(scene: Scene) -> None:
    scene.primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
    scene.primary.ask("SELECT pg_reload_conf()")

    senders = scene.start()
    scene.take_over()
    for sender in senders:
        answer(sender)
    verdict = judged(scene.posts[0], scene.ledger)

    assert (verdict.faults, verdict.open, verdict.unknown) == (0, {}, set()), verdict


def test_a_standby_that_fell_behind_sends_nothing_before_an_operators_word(scene: Scene) -> None:
    senders = scene.start()
    scene.standby.ask("ALTER SYSTEM SET primary_conninfo = ''")
    scene.standby.ask("SELECT pg_reload_conf()")
    until_taken(scene.ledger, len(scene.ledger.entries()) + READERS // 4)
    scene.take_over()
    said = [sender.communicate(timeout=120)[1] for sender in senders]

    forgotten = len(scene.ledger.entries()) - len(states(scene.posts[0])["sent"])
    print(f"{forgotten} mails went of which the standby knows nothing")
    assert forgotten > 0
    assert ["schedule resume" in text for text in said] == [True, True], said
    assert "schedule resume" in scene.posts[1].run("send", ISSUE).stderr
    before = len(scene.ledger.entries())
    unknown = _accept(scene.posts[1])
    for post in scene.posts:
        answer(post.start("send", ISSUE, "--json"))
    assert (unknown >= forgotten, len(scene.ledger.entries())) == (True, before)

    log = ("deliveries", "resolve", ISSUE, "--log", str(_written(scene)))
    assert scene.posts[0].run(*log).returncode == 0
    answer(scene.posts[0].start("send", ISSUE, "--json"))
    assert states(scene.posts[0]) == {"sent": set(scene.posts[0].addresses)}
    assert scene.ledger.recipients() == dict.fromkeys(scene.posts[0].addresses, 1)


def _accept(post: Post) -> int:
    with app.open_dispatch(app.load_settings(post.folder / "config.toml")) as dispatch:
        return dispatch.accept()


def _written(scene: Scene) -> Path:
    """The log of the mail server, as Postfix would write it."""
    log = scene.posts[0].folder / "mail.log"
    mails = enumerate(scene.ledger.entries())
    log.write_text("".join(_LOG.format(id=f"{at:08X}", name=one.message_id) for at, one in mails))
    return log
