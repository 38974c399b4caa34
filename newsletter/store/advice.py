"""What an operator can do about what a database says.

PostgreSQL has a code for everything but a connection that does not come about: of that, and of SQLite, there
are only words. Decides nothing: it reads what was said.
"""

from collections.abc import Mapping

_WAIT = "another process has been writing for long; try again after it"
_WRITABLE = "make the file and its folder writable for this user, or set database_url"
_STANDBY = (
    "this server takes no writes: name the one that does in database_url, or all of them, with "
    "target_session_attrs=read-write"
)
_FULL = (
    "end what is not needed, raise max_connections of the server (or the limit of the role or database), or "
    "run a pooler in session mode before it"
)
_POOLER = "a pooler such as PgBouncer has to be in session mode: pool_mode = session"
_SERVER = "see that the server runs and that database_url is right"
_STARTS = "the server stops or starts; what is still to do goes on when it is there"

# By the beginning of PostgreSQL's code, the longer one first. Source: its documentation, appendix A.
_BY_CODE: Mapping[str, str] = {
    "25006": _STANDBY,
    "25P03": "the transaction stood still for too long, as when a machine sleeps; run the command again",
    "26000": _POOLER,
    "42P05": _POOLER,
    "40P01": "two transactions waited for each other, and this one gave way; run the command again",
    "40": "run the command again",
    "42501": "let a superuser of the server grant it to this role (see README, Moving to PostgreSQL)",
    "42P01": "run: newsletter db check",
    "42703": "run: newsletter db check",
    "53100": "free some space on the server, then run the command again; what was complete is kept",
    "53200": "the server has too little memory: lower its work_mem or max_connections, or give it more",
    "53300": _FULL,
    "55P03": _WAIT,
    "57014": "raise the limit for this role: ALTER ROLE … SET statement_timeout = 0; then run it again",
    "57P": _STARTS,
    "58": "look at the disk and the log of the server",
    "22021": "the database is not in UTF-8; run: newsletter db check",
    "22P05": "the database is not in UTF-8; run: newsletter db check",
    "XX001": "the database is damaged; restore it from a backup",
    "XX002": "an index is damaged; run REINDEX for it",
}
# By a part of the message, the first one that is in it.
_BY_WORDS: Mapping[str, str] = {
    # Of SQLite.
    "database is locked": _WAIT,
    "disk is full": "free some space and run the command again; what was complete is kept",
    "readonly": _WRITABLE,
    "unable to open": _WRITABLE,
    "not a database": "name a database that newsletter made, or a new file, in database_url",
    "malformed": "the file is damaged; restore it from a backup",
    "disk I/O error": "look at the disk, then run: newsletter db check",
    # Of a connection to PostgreSQL. The messages of pg_hba.conf speak of SSL too, and so come first.
    "pg_hba.conf rejects": "let pg_hba.conf of the server allow this user from this machine and reload it",
    "no pg_hba.conf entry": (
        "let pg_hba.conf of the server allow this user from this machine and reload it; where it says "
        '"no encryption", set sslmode=require'
    ),
    "password authentication failed": "put the right user and password into database_url",
    "no password supplied": "put the password into database_url, or a file that passfile= names",
    'authentication failed for user "': "put the right user into database_url, or change pg_hba.conf",
    "is not permitted to log in": "let a superuser say: ALTER ROLE … LOGIN",
    "permission denied for database": "let a superuser say: GRANT CONNECT ON DATABASE … TO …",
    "too many connections for": _FULL,
    "too many clients already": _FULL,
    "connection slots are reserved": _FULL,
    "no more connections allowed": _FULL,
    "session is read-only": _STANDBY,
    "session is not read-only": "no server of database_url is a standby; drop target_session_attrs",
    "server is in hot standby mode": _STANDBY,
    "does not support SSL": "let the server use SSL, or set another sslmode in database_url",
    "certificate verify failed": "name the file of the authority that signed it: sslrootcert=FILE",
    "root certificate file": "name the file of the authority that signed the server's: sslrootcert=FILE",
    "server certificate for": "name the server as its certificate does, or set sslmode=verify-ca",
    "sslmode value": "write sslmode=require, verify-ca or verify-full",
    "starting up": _STARTS,
    "shutting down": _STARTS,
    "in recovery mode": _STARTS,
    "not yet accepting connections": _STARTS,
    "unsupported startup parameter": f"{_POOLER}, and its ignore_startup_parameters has to name that one",
    "prepared statement": _POOLER,
    "failed to resolve host": "see that the name of the server in database_url is right",
    "could not translate host name": "see that the name of the server in database_url is right",
    "timeout expired": "see that the server runs, and that no firewall is between; its port has to be open",
    "Connection refused": f"{_SERVER}; listen_addresses and port of the server say where it answers",
    "invalid connection option": "correct what follows the ? in database_url",
    "bad value for": "correct what follows the ? in database_url",
    # Of others.
    "permission denied": "give this user the right to it, or set database_url",
    "connection": _SERVER,
}
# Of a message such as: role "ada" does not exist.
_MISSING = {
    "role": "make it on the server (createuser), or name another user in database_url",
    "database": "make it on the server (createdb), or name another one in database_url",
}


def step(said: str, code: str | None) -> str:
    """The next step for a message of a database, "" where none is known.

    code: of PostgreSQL; None where it has none.
    """
    if code == "57014" and "user request" in said:
        return "somebody ended it on the server; run the command again"
    if code == "42501" and "for schema" in said:
        return "let a superuser say: GRANT USAGE, CREATE ON SCHEMA … TO …, with the schema and the user of it"
    codes = sorted(_BY_CODE, key=len, reverse=True)
    by_code = next((_BY_CODE[one] for one in codes if (code or "").startswith(one)), "")
    return by_code or _missing(said) or next((tip for part, tip in _BY_WORDS.items() if part in said), "")


def _missing(said: str) -> str:
    kinds = (kind for kind in _MISSING if f'FATAL: {kind} "' in said and "does not exist" in said)
    return next((_MISSING[kind] for kind in kinds), "")
