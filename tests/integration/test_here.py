"""Containers of one machine: each counts its own processes, and none takes another's for gone."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from newsletter.store import here
from newsletter.store.here import Place
from tests.lacking import needs_rooms

# Says where it is, stays until it is told about another place, and says whether that one is gone.
_CODE = """
import dataclasses, json, sys
from newsletter.store import here
print(json.dumps(dataclasses.asdict(here.place())), flush=True)
print(json.dumps(here.is_known_to_be_gone(here.Place(**json.loads(sys.stdin.readline())))))
"""
# Another name for a process than any that runs: numbers end at 2^22 (proc(5), pid_max).
_NOBODY = 2**22 + 1


def container() -> subprocess.Popen[str]:
    """A process with a room of numbers of its own, on this machine and under its name."""
    needs_rooms()
    return subprocess.Popen(
        ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", sys.executable, "-c", _CODE],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def placed(process: subprocess.Popen[str]) -> Place:
    assert process.stdout
    return Place(**json.loads(process.stdout.readline()))


def test_a_process_of_another_container_is_never_known_to_be_gone() -> None:
    with container() as one, container() as other:
        places = placed(one), placed(other)
        # Its number runs in neither of the two; in its own room one may say so.
        unknown, known = (replace(place, pid=_NOBODY) for place in places)
        said = [
            json.loads(process.communicate(json.dumps(vars_of(asked)))[0])
            for process, asked in ((one, known), (other, known))
        ]

    assert places[0].host == places[1].host == here.place().host
    assert places[0].pid == places[1].pid == 1
    assert len({place.machine for place in (*places, here.place())}) == 3
    assert said == [False, True]
    assert not here.is_known_to_be_gone(unknown)


def vars_of(place: Place) -> dict[str, object]:
    return {"host": place.host, "pid": place.pid, "machine": place.machine}


def test_a_process_that_was_killed_and_that_nobody_reaps_is_gone() -> None:
    process = subprocess.Popen(["sleep", "60"])
    place = replace(here.place(), pid=process.pid)
    assert not here.is_known_to_be_gone(place)

    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and its number is still there

    assert here.is_known_to_be_gone(place)
    process.wait()


def test_a_name_of_a_process_that_looks_like_its_state_is_no_state(tmp_path: Path) -> None:
    program = tmp_path / "a) Z (b"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "60"]) as process:
        assert not here.is_known_to_be_gone(replace(here.place(), pid=process.pid))
        process.kill()
