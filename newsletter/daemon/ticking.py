"""One step with its deliveries, for a clock outside, such as cron or a timer of systemd.

Two at once do no harm: each period has one issue, and each reader one mail of it. An issue that another
process is at is left to it; whatever is left of it then, the next one takes up. Where another process leads
the schedule, that makes the step.
"""

from collections.abc import Callable
from datetime import datetime

from newsletter import app
from newsletter.config import Settings
from newsletter.daemon import journal, rooms
from newsletter.daemon.keeping import Daemon
from newsletter.daemon.leading import Leading
from newsletter.model import Event


def tick(
    settings: Settings,
    *,
    clock: Callable[[], datetime] | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> tuple[Event, ...]:
    """What happened in one step, and in sending what was due then; each is told on stderr as it happens.

    stopping: whether mails under way are to end, and nothing more to begin. Raises: ConfigError where no list
    has a schedule; StoreError where the database cannot be opened.
    """
    rooms.scheduled(settings)
    told: list[Event] = []
    with (
        journal.opened(settings.run.log, clock=clock or app.utcnow) as log,
        app.open_store(settings, honour=True) as database,
    ):

        def tell(event: Event) -> None:
            told.append(event)
            log.tell(event)

        time = clock or app.clock_of(database)
        opened = rooms.opened(settings, database, clock=time)
        leading = Leading(database, tell, leads="", stands_by="schedule.led_by_another")
        daemon = Daemon(opened, clock=time, tell=tell, alone=True, ending=stopping, leading=leading)
        daemon.step()
        daemon.post()
        # A large issue takes hours, in which others may lead.
        leading.end()
        daemon.deliver()
    return tuple(told)
