"""What processes used of processors and memory, as Linux counts it under /proc."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Seconds of processors that the process and its children used, those that were waited for too."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        alive = [int(one) for one in children.read_text().split()]
    except OSError:
        alive = []
    return sum(map(int, fields[11:15])) / _TICKS + sum(map(cpu_s, alive))


def peak_mb(pid: int) -> float:
    """The most memory that the process had so far, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
