"""Killed at any step, a verb leaves what was before, and the next run goes on from there."""

import subprocess
import sys
from pathlib import Path

# Each verb runs in a child that is killed before its first statement, then before its second, and so on, the
# commit included, until one comes to its end. Prints for each verb its deaths, those that left a trace, and
# how the issue stands.
DYING = """
import itertools, os, signal, sys

from sqlalchemy import event

from newsletter import drafts, store
from newsletter.model import Edit, EditKind
from tests.builders import NOW, digest, mailing_list, paper
from tests.stored import dump, ingest

url, weekly = sys.argv[1], mailing_list()


def draft(database):
    drafts.draft(database, weekly, on=None, since=None, now=NOW)


def edit(database):
    pin = Edit(EditKind.PIN, "A Paper", who="ada")
    drafts.edit(database, drafts.find(database, "weekly"), pin, list=weekly, now=NOW)


def approve(database):
    drafts.approve(database, drafts.look(database, drafts.find(database, "weekly"), list=weekly), now=NOW)


def cancel(database):
    drafts.cancel(database, drafts.find(database, "weekly/1"))


def opened(do):
    database = store.open_store(url)
    found = do(database)
    database.dispose()
    return found


def dying(verb, at):
    steps = itertools.count()

    def step(*_):
        if next(steps) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def run(database):
        for name in ("before_cursor_execute", "commit"):
            event.listen(database, name, step)
        verb(database)

    if (child := os.fork()) == 0:
        opened(run)
        os._exit(0)
    return os.waitpid(child, 0)[1]


opened(lambda database: ingest(database, digest(paper())))
for verb in (draft, edit, approve, cancel):
    before, deaths, traces = opened(dump), 0, 0
    while ended := dying(verb, deaths):
        assert ended == signal.SIGKILL
        deaths += 1
        traces += opened(dump) != before
    [issue], carried = (opened(dump)[table] for table in ("issues", "issue_papers"))
    print(verb.__name__, deaths > 5, traces, issue[4], len(carried), issue[8] is not None)
"""


def test_dying_before_any_statement_leaves_what_was_before(database_url: str) -> None:
    command = [sys.executable, "-c", DYING, database_url]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=300)

    assert done.stdout.splitlines() == [
        "draft True 0 draft 0 False",
        "edit True 0 draft 0 False",
        "approve True 0 approved 1 True",
        "cancel True 0 cancelled 1 True",
    ], done.stderr
