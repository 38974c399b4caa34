"""A site looked over before its first issue, and whenever something is wrong.

Owns what is looked at, and in which order: what waits for others does so at one time. Decides nothing
(`diagnosis` does), repairs nothing, and sends no mail. What cannot be looked at is told, and stops nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from newsletter import config, message
from newsletter.checkup import database, machine, network, together
from newsletter.config import Settings
from newsletter.diagnosis import Check, Group, Level, dkim, rules, setup, templates
from newsletter.diagnosis.rules import Judged
from newsletter.diagnosis.setup import Sender, Setup
from newsletter.resolving import Resolver


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found. readers: those who said yes, None where the store does not tell."""

    checks: tuple[Check, ...]
    rules: tuple[Judged, ...]
    readers: int | None

    def count(self, level: Level) -> int:
        """How many checks have that level."""
        return sum(check.level is level for check in self.checks)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be looked over. file: of the settings, None for the built-in ones. slug: of one list.

    resolver: None to ask nothing of the network. clock: what tells the time.
    """

    settings: Settings
    file: Path | None
    slug: str | None
    resolver: Resolver | None
    clock: Callable[[], datetime]


def examine(
    asked: Request,
    looks: Sequence[templates.Rendered],
    *,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Examined:
    """What is found. looks: what rendering the look of each list came to.

    progress: told how many questions to the network are answered, and of how many.
    Raises: NotFound for a list that nobody knows.
    """
    senders = senders_of(asked.settings, asked.slug)
    keys = machine.keys(asked.settings)
    checks = [*setup.checks(_setup(asked, senders)), *_of_keys(keys)]
    for look in looks:
        checks += templates.checks(look)
    found = database.look(asked.settings, asked.slug, clock=asked.clock)
    checks += database.checks(found)
    checks += machine.checks(asked.settings, found.store, now=asked.clock())
    largest = max([found.largest, *(look.mail_bytes for look in looks)])
    if asked.resolver is None:
        checks += network.skipped(Group.SITE, Group.SERVER, Group.DNS, why="--no-network")
    else:
        jobs = network.jobs(asked.settings, senders, keys, asked.resolver, largest=largest, clock=asked.clock)
        checks += together.asked([*jobs], progress=progress)
    order = list(Group)
    ordered = tuple(sorted(checks, key=lambda check: order.index(check.group)))
    return Examined(ordered, rules.judged(ordered), found.readers)


def senders_of(settings: Settings, slug: str | None) -> tuple[Sender, ...]:
    """Who the lists come from, or the one list. Raises: NotFound."""
    if slug is not None:
        config.mailing_list(settings, slug)
    return tuple(
        Sender(
            name,
            message.mailbox(one.sender).addr_spec,
            message.mailbox(one.reply_to or one.sender).addr_spec,
            one.postal_address,
        )
        for name, one in settings.lists.items()
        if slug in (None, name)
    )


def _setup(asked: Request, senders: tuple[Sender, ...]) -> Setup:
    settings = asked.settings
    return Setup(
        base_url=settings.base_url,
        keys=len(settings.secret_keys),
        leave_address=settings.leave_address,
        bounce_address=settings.bounce_address,
        senders=senders,
        backend=settings.delivery.backend,
        folder=str(settings.delivery.folder),
        smtp_host=settings.smtp.host,
        exposed=machine.exposed(settings, asked.file),
    )


def _of_keys(keys: Sequence[dkim.Key]) -> Iterator[Check]:
    yield from map(dkim.file_check, keys)
    if unsigned := dkim.signing_check(keys):
        yield unsigned
