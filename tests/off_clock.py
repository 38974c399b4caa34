"""The program on a machine whose clock is wrong, though it goes on evenly.

python -m tests.off_clock SECONDS COMMAND…: that much ahead, or behind where it is less than nothing.
"""

import sys
import time
from datetime import UTC, datetime, timedelta

from newsletter import app
from newsletter.cli import main


def set_off(seconds: float) -> None:
    """Have this process's clock show another time."""
    right = time.time
    time.time = lambda: right() + seconds
    app.utcnow = lambda: datetime.now(UTC) + timedelta(seconds=seconds)


if __name__ == "__main__":
    set_off(float(sys.argv.pop(1)))
    main()
