"""How the program starts, as a process of its own."""

import subprocess
import sys


def test_once_the_program_is_loaded_garbage_is_collected_again() -> None:
    code = "import gc, newsletter.__main__; print(gc.isenabled(), gc.get_freeze_count() > 10_000)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "True True\n"
