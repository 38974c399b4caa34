"""The processes that stay: `newsletter run` keeps the schedule, `newsletter worker` delivers.

`deliveries` sends what is due, `keeping` makes steps beside it, one turn after the other, and `hearing` tells
how an issue goes; `clockwork` calls them on APScheduler's clock and `couriers` in threads, which `waking`
wakes. `staying` is what both processes share, with `words` of signals and a `presence` that others see;
`running` and `working` are the two, and `ticking` is one step without. `leading` says which of several keeps
the schedule. `rooms` opens what a configuration names, `outbound` is what of that deliveries need, `site` is
the site of readers within the process, `status` answers who watches it, `vitals` is what it knows of itself,
`outlook` says what comes next, and `journal` is its log. `units` writes what systemd needs.
"""

from newsletter.daemon.journal import Journal
from newsletter.daemon.keeping import Daemon
from newsletter.daemon.rooms import Rooms
from newsletter.daemon.running import run
from newsletter.daemon.ticking import tick
from newsletter.daemon.working import work

__all__ = ["Daemon", "Journal", "Rooms", "run", "tick", "work"]
