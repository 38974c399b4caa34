"""The process that keeps the schedule: `newsletter run`, and `newsletter tick` for one step of it.

`keeping` does one turn after the other and `hearing` tells how an issue goes; `clockwork` calls them on
APScheduler's clock and `couriers` in threads, `running` is the process with its signals, `ticking` the one
without. `rooms` opens what a configuration names, `site` is the site of readers within the process, `status`
answers who watches it, `vitals` is what it knows of itself, `outlook` says what comes next, and `journal` is
its log. `units` writes what systemd needs.
"""

from newsletter.daemon.journal import Journal
from newsletter.daemon.keeping import Daemon
from newsletter.daemon.rooms import Rooms
from newsletter.daemon.running import run
from newsletter.daemon.ticking import tick

__all__ = ["Daemon", "Journal", "Rooms", "run", "tick"]
