"""What a machine lacks for a test: it is skipped there, but where everything was installed it fails."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import NoReturn

import pytest


def lacking(what: str) -> NoReturn:
    """End the test for what this machine lacks; NEWSLETTER_TEST_MACHINE=1: nothing may be lacking."""
    if os.environ.get("NEWSLETTER_TEST_MACHINE"):
        pytest.fail(what)
    pytest.skip(what)


def needs_root(programs: Sequence[str] = (), *, what: str) -> None:
    """End the test where this user is not root, or one of the programs is not there."""
    missing = [name for name in programs if not shutil.which(name)]
    if os.geteuid() or missing:
        lacking(f"{what}: run as root, with {', '.join(missing or programs)}")


def needs_rooms() -> None:
    """End the test where no process can have a room of processes and of mounts of its own."""
    needs_root(["unshare"], what="for processes in a room of their own")
    command = ["unshare", "--mount", "--uts", "--pid", "--fork", "--mount-proc", "true"]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("this machine makes no rooms for processes")
