"""The program, for tests that kill it at each of its steps in turn."""

import sys

_PROGRAM = """
import imaplib, itertools, os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from newsletter.__main__ import main

steps = itertools.count()
at = int(sys.argv.pop(1))

def step(*_):
    if next(steps) == at:
        os.kill(os.getpid(), signal.SIGKILL)

def stepped(owner, name):
    call = getattr(owner, name)
    setattr(owner, name, lambda *given: (step(), call(*given), step())[1])

for name in ("before_cursor_execute", "commit"):
    event.listen(Engine, name, step)
stepped(Path, "rename")
stepped(imaplib.IMAP4, "uid")
main()
"""


def command(at: int, *arguments: str) -> list[str]:
    """The program, killed at its step of that number: a statement, a commit, a renaming, a command of IMAP.

    Of a renaming and a command of IMAP, the moment before and the one after are each a step.
    """
    return [sys.executable, "-c", _PROGRAM, str(at), *arguments]
