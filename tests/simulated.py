"""The process that keeps the schedule, with a clock that somebody else moves on.

python -m tests.simulated FOLDER: for each line on standard input, a moment in ISO form, the daemon does what
it does at that moment: a step, all deliveries that are due, the notices. Then it answers with a line of JSON.
"""

import json
import sys
from datetime import datetime
from pathlib import Path

from newsletter import app
from newsletter.daemon import Daemon, rooms
from newsletter.model import Event


def main() -> None:
    settings = app.load_settings(Path(sys.argv[1]) / "config.toml")
    now = [datetime.fromisoformat(sys.stdin.readline().strip())]
    events: list[Event] = []
    with app.open_store(settings, honour=True) as database:
        opened = rooms.opened(settings, database, clock=lambda: now[0])
        daemon = Daemon(opened, clock=lambda: now[0], tell=events.append)
        while True:
            daemon.step()
            while daemon.deliver():
                daemon.step()
            daemon.post()
            print(json.dumps([[one.name, dict(one.values)] for one in events]), flush=True)
            events.clear()
            line = sys.stdin.readline().strip()
            if not line:
                return
            now[0] = datetime.fromisoformat(line)


if __name__ == "__main__":
    main()
