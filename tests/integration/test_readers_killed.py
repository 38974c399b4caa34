"""Killed at any step, what becomes of a reader has happened or has not; nothing is in between."""

import subprocess
import sys
from pathlib import Path

# Each verb runs in a child that is killed before its first statement, then before its second, and so on, the
# commit included, until one comes to its end. Prints for each verb whether it died several times, how many of
# those left a trace, and how the readers stand once it has ended. Tidying is several transactions, as readers
# wait for each: what it did not come to, the next one does, and whoever stays is as before all the time.
DYING = """
import itertools, os, signal, sys

from sqlalchemy import event

from newsletter import store
from newsletter.model import Choice
from tests.people import ADA, Readers
from tests.stored import dump

url = sys.argv[1]
here = store.open_store(url)


def opened(do):
    return do(Readers(here))


def dying(verb, at):
    steps = itertools.count()

    def step(*_):
        if next(steps) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    if (child := os.fork()) == 0:
        # Connections of its own: those of before are its parent's.
        database = store.open_store(url)
        for name in ("before_cursor_execute", "commit"):
            event.listen(database, name, step)
        verb(Readers(database))
        os._exit(0)
    return os.waitpid(child, 0)[1]


def confirm(readers):
    readers.confirm(letter)


def choose(readers):
    readers.choose(key, Choice(("kv-cache",)))


def leave(readers):
    readers.leave(key, everything=True)


def put_back(readers):
    readers.put_back(second)


def again(readers):
    readers.later(days=2)
    readers.letters()


def tidy(readers):
    readers.later(days=400)
    readers.tidy()


def everything(readers):
    return dump(readers.database)


def who_stays(readers):
    return readers.status(), readers.acts()


def dies(name, verb, look=everything):
    before, deaths, traces = opened(look), 0, 0
    while ended := dying(verb, deaths):
        assert ended == signal.SIGKILL, ended
        deaths += 1
        traces += opened(look) != before
    status, acts = opened(lambda readers: (readers.status(), readers.acts()))
    print(name, deaths > 2, traces, status or "nowhere", *acts)


dies("ask", lambda readers: readers.ask())
letter = opened(lambda readers: readers.letters()[0])
dies("confirm", confirm)
key = opened(lambda readers: readers.of()["weekly"].key)
dies("choose", choose)
opened(lambda readers: readers.add(list="daily"))
dies("leave", leave)
opened(lambda readers: (readers.later(days=2), readers.ask()))
dies("due", again)
dies("suppress", lambda readers: readers.suppress())
dies("lift", lambda readers: readers.lift())
dies("add", lambda readers: readers.add("bob@example.org"))
dies("remove", lambda readers: readers.remove("bob@example.org"))
second = opened(lambda readers: readers.letter("eve@example.org"))
dies("put_back", put_back)
dies("tidy", tidy, look=who_stays)
print("known", *sorted(row[1] for row in opened(everything)["subscribers"]))
dies("erase", lambda readers: readers.erase())
"""


def test_dying_before_any_statement_leaves_what_was_before(database_url: str) -> None:
    command = [sys.executable, "-c", DYING, database_url]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=300)

    log = "added left left"
    said = "asked confirmed chose"
    assert done.stdout.splitlines() == [
        "ask True 0 nowhere",
        "confirm True 0 confirmed asked confirmed",
        f"choose True 0 confirmed {said}",
        f"leave True 0 unsubscribed {said} {log}",
        f"due True 0 unsubscribed {said} {log} asked",
        f"suppress True 0 unsubscribed {said} {log} asked suppressed",
        f"lift True 0 unsubscribed {said} {log} asked suppressed lifted",
        *(f"{verb} True 0 unsubscribed {said} {log} asked suppressed lifted" for verb in LATER),
        "known ada@example.org bob@example.org",
        "erase True 0 nowhere",
    ], done.stderr


LATER = ("add", "remove", "put_back", "tidy")
