"""What a PostgreSQL server says, as an operator reads it: what it is, and what to do; never a password."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import text

from newsletter import store
from newsletter.errors import StoreError
from newsletter.store import advice, connection
from tests import clusters
from tests.clusters import Cluster

# Who may log in how; the last line lets those of the tests in.
_HBA = """\
host all barred all reject
host all secret all scram-sha-256
host all all all trust
local all barred reject
local all secret scram-sha-256
local all all trust
"""
_ROLES = """
CREATE ROLE secret LOGIN PASSWORD 'right'; CREATE ROLE barred LOGIN; CREATE ROLE nobody;
CREATE ROLE few LOGIN CONNECTION LIMIT 0; CREATE ROLE poor LOGIN;
CREATE ROLE slow LOGIN; ALTER ROLE slow SET statement_timeout = 50;
CREATE ROLE idle LOGIN; ALTER ROLE idle SET idle_in_transaction_session_timeout = 50;
REVOKE CREATE ON SCHEMA public FROM PUBLIC
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with clusters.cluster(host="127.0.0.1", fsync="off", max_connections="12") as made:
        (made.folder / "data" / "pg_hba.conf").write_text(_HBA)
        made.ask("SELECT pg_reload_conf()")
        for statement in filter(str.strip, _ROLES.split(";")):
            made.ask(statement)
        store.open_store(made.url).dispose()
        yield made


def url(server: Cluster, user: str, name: str = "news", *, more: str = "") -> str:
    host = quote(str(server.folder), safe="")
    return f"postgresql://{user}@/{name}?host={host}&port={server.port}{more}"


def said(url: str, statement: str = "SELECT 1", *, patience_s: float | None = None) -> str:
    """What is told of a statement."""
    database = connection.connect(url, create=False)
    try:
        with (
            pytest.raises(StoreError) as caught,
            store.writing(database, patience_s=patience_s) as tx,
        ):
            tx.execute(text(statement))
    finally:
        database.dispose()
    told = str(caught.value)
    assert "\n" not in told
    assert "geheim" not in told
    return told


@pytest.mark.parametrize(
    ("user", "name", "step"),
    [
        ("secret:geheim", "news", "put the right user and password into database_url"),
        ("secret", "news", "put the password into database_url, or a file that passfile= names"),
        ("ghost:geheim", "news", "make it on the server (createuser), or name another user in database_url"),
        ("poor:geheim", "other", "make it on the server (createdb), or name another one in database_url"),
        ("barred:geheim", "news", "let pg_hba.conf of the server allow this user from this machine"),
        ("nobody", "news", "let a superuser say: ALTER ROLE … LOGIN"),
        ("few", "news", "raise max_connections of the server (or the limit of the role or database)"),
    ],
)
def test_who_is_not_let_in_is_told_why(server: Cluster, user: str, name: str, step: str) -> None:
    assert step in said(url(server, user, name))


@pytest.mark.parametrize(
    ("address", "step"),
    [
        ("postgresql://ada:geheim@127.0.0.1:1/news", "listen_addresses and port of the server say where"),
        ("postgresql://ada:geheim@nowhere.invalid/news", "see that the name of the server in database_url"),
        ("postgresql://ada@nowhere.invalid/news?password=geheim", "see that the name of the server"),
        ("postgresql://ada:geheim@/news?host=/nowhere", "see that the server runs and that database_url is"),
        ("postgresql://ada:geheim@127.0.0.1/news?sslmode=sometimes", "write sslmode=require, verify-ca or"),
        ("postgresql://ada:geheim@127.0.0.1/news?sslrootcrt=x", "correct what follows the ? in database_url"),
        ("postgresql://ada:ge@heim@127.0.0.1/news", "write @ and / in a password as %40 and %2F"),
        ("postgresql://ada:geheim@one:1,two:x/news", "not an address of the form postgresql://"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_without_its_password(address: str, step: str) -> None:
    with pytest.raises(StoreError) as caught:
        store.open_store(address)

    told = str(caught.value)
    assert step in told
    assert "geheim" not in told
    assert "heim@" not in told


def test_a_server_without_ssl_that_was_asked_for_it_is_told(server: Cluster) -> None:
    remote = f"postgresql://poor@{server.host}:{server.port}/news?sslmode=require"

    assert "let the server use SSL, or set another sslmode" in said(remote)


def test_a_server_that_never_answers_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgresql://ada:geheim@127.0.0.1:{silent.getsockname()[1]}/news?connect_timeout=2"

        assert "see that the server runs, and that no firewall is between" in said(address)


@pytest.mark.parametrize(
    ("user", "statement", "step"),
    [
        ("slow", "SELECT pg_sleep(9)", "ALTER ROLE … SET statement_timeout = 0"),
        ("poor", "CREATE TABLE mine (id INTEGER)", "GRANT USAGE, CREATE ON SCHEMA"),
        ("poor", "SELECT * FROM papers", "let a superuser of the server grant it to this role"),
        ("poor", "SET TRANSACTION READ ONLY; UPDATE papers SET title = ''", ""),
        ("postgres", "SELECT * FROM nothing", "run: newsletter db check"),
        ("postgres", "SET TRANSACTION READ ONLY; CREATE TABLE a ()", "with target_session_attrs=read-write"),
        ("postgres", "EXECUTE _pg3_0", "a pooler such as PgBouncer has to be in session mode"),
        ("postgres", "SELECT pg_terminate_backend(pg_backend_pid())", "the server stops or starts"),
        ("postgres", "SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(9)", "somebody ended it on"),
    ],
)
def test_what_a_statement_came_to_is_told(server: Cluster, user: str, statement: str, step: str) -> None:
    assert step in said(url(server, user), statement)


def test_a_transaction_that_stood_still_is_told(server: Cluster) -> None:
    database = connection.connect(url(server, "idle"), create=False)

    def stand_still() -> None:
        with store.writing(database) as tx:
            time.sleep(0.3)
            tx.execute(text("SELECT 1"))

    with pytest.raises(StoreError, match="stood still for too long") as caught:
        stand_still()
    assert caught.value.cut_off
    database.dispose()


def test_a_transaction_that_waits_for_too_long_is_told(server: Cluster) -> None:
    database = connection.connect(url(server, "postgres"), create=False)
    with store.writing(database) as tx:
        tx.execute(text("LOCK TABLE papers"))
        told = said(url(server, "postgres"), "LOCK TABLE papers", patience_s=0.1)

    assert "another process has been writing for long; try again after it" in told
    database.dispose()


def test_two_that_wait_for_each_other_are_told(server: Cluster) -> None:
    database, both = (
        connection.connect(url(server, "postgres"), create=False),
        threading.Barrier(2, timeout=9),
    )
    told: list[str] = []

    def lock(first: str, second: str) -> None:
        try:
            with store.writing(database) as tx:
                tx.execute(text(f"LOCK TABLE {first}"))
                both.wait()
                tx.execute(text(f"LOCK TABLE {second}"))
        except StoreError as error:
            told.append(str(error))

    threads = [
        threading.Thread(target=lock, args=names) for names in (("edits", "rules"), ("rules", "edits"))
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert [("this one gave way; run the command again" in one) for one in told] == [True]
    database.dispose()


def test_a_server_with_no_connection_left_is_told(server: Cluster) -> None:
    database = connection.connect(url(server, "poor"), create=False)
    with ExitStack() as held:

        def hold_all() -> None:
            with connection.told(database):
                for _ in range(13):
                    held.enter_context(database.connect())

        with pytest.raises(StoreError, match="raise max_connections of the server"):
            hold_all()
    database.dispose()


@pytest.mark.parametrize(
    ("words", "code", "step"),
    [
        (
            'could not extend file "base/1/2": No space left on device',
            "53100",
            "free some space on the server",
        ),
        ("out of memory DETAIL: Failed on request of size 1", "53200", "the server has too little memory"),
        ('prepared statement "_pg3_0" already exists', "42P05", "pool_mode = session"),
        ("cannot execute UPDATE in a read-only transaction", "25006", "target_session_attrs=read-write"),
        ("could not serialize access", "40001", "run the command again"),
        ("the database system is starting up", "57P03", "what is still to do goes on when it is there"),
        ("could not read block 7: Input/output error", "58030", "look at the disk and the log of the server"),
        ("invalid page in block 7 of relation base/1/2", "XX001", "restore it from a backup"),
        ("FATAL: the database system is starting up", None, "the server stops or starts"),
        ("FATAL: sorry, too many clients already", None, "raise max_connections"),
        ("FATAL: remaining connection slots are reserved for roles with SUPERUSER", None, "max_connections"),
        ("session is read-only", None, "target_session_attrs=read-write"),
        ("SSL error: certificate verify failed", None, "sslrootcert=FILE"),
        ('root certificate file "/home/ada/.postgresql/root.crt" does not exist', None, "sslrootcert=FILE"),
        (
            'server certificate for "a" does not match host name "b"',
            None,
            "name the server as its certificate",
        ),
        ('FATAL: no pg_hba.conf entry for host "::1", SSL off', None, "let pg_hba.conf of the server allow"),
        ("FATAL: unsupported startup parameter: options", None, "ignore_startup_parameters"),
        ("FATAL: no more connections allowed (max_client_conn)", None, "raise max_connections"),
    ],
)
def test_what_cannot_be_made_here_is_known_by_its_words(words: str, code: str | None, step: str) -> None:
    assert step in advice.step(words, code)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
@pytest.mark.parametrize(
    "form",
    [
        "{scheme}://poor@127.0.0.1:1,127.0.0.1:{port}/news?target_session_attrs=read-write",
        "{scheme}://poor@/news?host=127.0.0.1:1&host=127.0.0.1:{port}&target_session_attrs=read-write",
        "{scheme}://poor@/news?host=127.0.0.1,127.0.0.1&port=1,{port}&sslmode=prefer",
        "{scheme}://poor:x@127.0.0.1:{port}/news?passfile=/nowhere&options=-csearch_path%3Dpublic",
    ],
)
def test_an_address_may_name_several_servers(server: Cluster, scheme: str, form: str) -> None:
    database = connection.connect(form.format(scheme=scheme, port=server.port), create=False)

    with store.reading(database) as tx:
        assert tx.scalar(text("SELECT current_user")) == "poor"
    database.dispose()


def test_a_password_may_be_in_a_file(server: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "pass"
    file.write_text("*:*:*:secret:right\n")
    file.chmod(0o600)
    database = connection.connect(url(server, "secret", more=f"&passfile={file}"), create=False)

    with store.reading(database) as tx:
        assert tx.scalar(text("SELECT current_user")) == "secret"
    database.dispose()


def test_a_server_gives_up_a_machine_that_vanished_before_others_lose_patience(server: Cluster) -> None:
    database = store.open_store(server.remote_url)
    with store.reading(database) as tx:
        asked = [tx.scalar(text(f"SHOW tcp_keepalives_{name}")) for name in ("idle", "interval", "count")]
        shown = tx.scalar(text("SHOW tcp_user_timeout"))
    database.dispose()

    idle, interval, count = (int(str(one).removesuffix("s")) for one in asked)
    assert idle + interval * count <= 25 < connection.PATIENCE_S
    assert shown == "25000"
