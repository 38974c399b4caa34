"""The process that keeps the schedule: steps and notices on a clock, deliveries, the site and its own status.

On PostgreSQL several may run: one of them leads, and the others stand by, deliver, and serve the site. How a
signal ends it, and reads its configuration again, is as of `staying`.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from newsletter import app, config
from newsletter.config import Settings
from newsletter.daemon import journal, outlook, rooms, words
from newsletter.daemon.clockwork import Clockwork
from newsletter.daemon.keeping import Daemon
from newsletter.daemon.leading import Leading
from newsletter.daemon.staying import Ground, Staying
from newsletter.daemon.words import Ending
from newsletter.store.processes import Role

_STEP = "step"


def run(path: Path | None) -> int:
    """The exit status, once the process was told to end: 0, and 1 where it had to end at once.

    path: of the configuration. Raises: ConfigError for a configuration without a schedule, or a place to
    listen that cannot be had; StoreError where the database cannot be opened at the start.
    """
    with words.heard() as heard:
        settings = app.load_settings(path)
        rooms.scheduled(settings)
        with (
            journal.opened(settings.run.log, clock=app.utcnow) as log,
            app.open_store(settings, honour=True) as database,
        ):
            clock = app.clock_of(database)
            opened = rooms.opened(settings, database, clock=clock, site=settings.run.web)
            leading = Leading(database, log.tell, lively=True)
            daemon = Daemon(opened, clock=clock, tell=log.tell, leading=leading)
            return _Run(daemon, leading, Ground(database, log, heard, path, clock)).run()


class _Run(Staying):
    role = Role.RUN
    fixed = ("run.web", "run.status_host", "run.status_port", "web.host", "web.port", "database_url")

    def __init__(self, daemon: Daemon, leading: Leading, ground: Ground) -> None:
        self._daemon = daemon
        self._leading = leading
        self._clockwork = Clockwork({_STEP: self._step, "notices": daemon.post}, clock=app.utcnow)
        super().__init__(daemon, ground)

    def settings(self) -> Settings:
        return self._daemon.rooms.settings

    def take(self, settings: Settings) -> None:
        before = self._daemon.rooms
        site = before.site is not None
        self._daemon.rooms = rooms.opened(settings, before.database, clock=self.ground.clock, site=site)

    def open(self, places: ExitStack) -> Sequence[Ending]:
        """Listen where the settings say."""
        settings = self.settings()
        if settings.run.status_port:
            from newsletter.daemon.status import Status

            status = Status(self._daemon, host=settings.run.status_host, port=settings.run.status_port)
            places.callback(status.stop)
            status.start()
            self.say("status.listening", at=status.address)
        if not settings.run.web:
            return [self._clockwork]
        from newsletter.daemon.site import Site

        site = Site(lambda: self._daemon.rooms, host=settings.web.host, port=settings.web.port)
        places.callback(site.close)
        site.start()
        self.say("site.listening", at=site.address, public=settings.base_url)
        if not settings.smtp.host:
            self.say("letters.wait", level="warning", why="smtp.host is not set, so no letter can go")
        return [self._clockwork, site]

    def begin(self) -> None:
        self._clockwork.start()

    def stop(self) -> None:
        self._clockwork.stop()
        # Before deliveries end, which takes a while: somebody else may lead meanwhile.
        self._leading.end()

    def wake(self) -> None:
        super().wake()
        if not self._leading.leads:
            self._clockwork.soon(_STEP)

    def looked(self) -> None:
        if self._clockwork.set_right():
            self.say("clock.put_back", level="warning", now=f"{self.ground.clock():%Y-%m-%dT%H:%M:%SZ}")

    def leads(self) -> bool:
        return self._leading.leads

    def tell_what_comes(self) -> None:
        settings = self.settings()
        for event in outlook.coming(rooms.scheduled(settings), now=self.ground.clock()):
            self.ground.log.tell(event)
        for slug in settings.lists:
            for why in config.lacking(settings, slug):
                self.say("schedule.lacks", level="warning", list=slug, why=why)

    def _step(self) -> None:
        self._daemon.step()
        self.couriers.wake()
