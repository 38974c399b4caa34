"""Writing down who gets an issue, and the mails that it is made of, before the first of them goes.

A process that dies in the midst leaves an issue that is `freezing`: no mail of it goes, and doing it again
goes on from there. Once it is `running`, neither its audience nor its mails change, whatever becomes of
lists, templates and settings.
"""

import json
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from newsletter import frozen, publish, schedule, store
from newsletter.errors import Conflict, NewsletterError
from newsletter.model import Cadence, Edition, Issue, IssueStatus
from newsletter.store import audience, issues, sendings
from newsletter.store.sendings import Sending, State

# Subscriptions that are looked at in one transaction: a tenth of a second in which nobody else writes.
_A_PART = 20_000

# Makes the mail of an issue with marks at what is each reader's own.
Pattern = Callable[[Issue, datetime], bytes]


def enqueue(
    database: store.Engine,
    edition: Edition,
    *,
    sender: str,
    pattern: Pattern,
    now: datetime,
    progress: Callable[[int], None],
    local: datetime | None = None,
) -> Sending:
    """The sending of the issue, with its audience written down; doing it again adds nothing.

    sender: the bare address that it comes from. progress: is told how many readers were written down.
    local: the time, naive, that the clock of each reader who chose a time zone shows before their mail goes;
    None for no such time.
    Raises: Conflict for an issue that is not approved, or has no reader; what `pattern` raises; StoreError.
    """
    _require_readers(database, edition)
    issue = content(database, edition)
    with store.writing(database, durable=True) as tx:
        # Somebody may have cancelled it since it was looked at; nobody does once it is on its way.
        issues.hold(tx)
        found = issues.numbered(tx, list=edition.list, number=edition.number)
        _require_approved(found or edition)
        sending = sendings.begin(tx, edition.id, sender=sender, now=now)
    if sending.state is not State.FREEZING:
        return sending

    def make(shown: Issue) -> bytes:
        return pattern(shown, sending.started_at)

    _add_patterns(database, edition, issue, make)
    _add_readers(database, edition, local=local, now=now, progress=progress)
    # Somebody may have chosen meanwhile what no pattern was known for.
    while _add_patterns(database, edition, issue, make):
        _add_readers(database, edition, local=local, now=now, progress=progress)
    with store.writing(database, durable=True) as tx:
        # An operator may have cancelled it meanwhile, or another process have come to the end before.
        if sendings.hold(tx, edition.id) is State.FREEZING:
            sendings.turn(tx, edition.id, State.RUNNING)
            issues.change(tx, edition, status=IssueStatus.SENDING)
        return sendings.of(tx, edition.id) or sending


def content(database: store.Engine, edition: Edition) -> Issue:
    """The issue as it was approved. Raises: NewsletterError for one whose content is not kept."""
    with store.reading(database) as tx:
        values = issues.content(tx, edition)
    if values is None:
        raise NewsletterError(f"{edition.name}: its content is not in the store; restore it from a backup")
    return frozen.from_data(values)


def expected(database: store.Engine, edition: Edition) -> Mapping[tuple[str, ...], int]:
    """How many readers would get each choice of themes, () for the whole issue; before it is sent."""
    with store.reading(database) as tx:
        found = _choices(tx, edition)
    return {tuple(json.loads(themes)): readers for themes, readers in found.items()}


def _require_readers(database: store.Engine, edition: Edition) -> None:
    """Raises Conflict where the issue does not go to readers, or nobody would get it."""
    _require_approved(edition)
    with store.reading(database) as tx:
        if sendings.of(tx, edition.id) is None and not _choices(tx, edition):
            # Written down now, the issue would be past those who come.
            wanted = "a recap of each month" if edition.recap else "each issue"
            problem = f"{edition.list} has no confirmed reader who wants {wanted}"
            raise Conflict(f"{problem}; see: newsletter subscribers list --list {edition.list}")


def _require_approved(edition: Edition) -> None:
    if edition.status not in issues.FINAL:
        problem = f"{edition.name} is {edition.status}, and only an approved issue goes to readers"
        raise Conflict(f"{problem}; run: newsletter issues approve {edition.list}")


def _choices(tx: store.Connection, edition: Edition) -> Mapping[str, int]:
    return sendings.choices(tx, edition.id, list=edition.list, cadence=_cadence(edition))


def _cadence(edition: Edition) -> Cadence:
    """Whom an issue is for: nobody gets a recap beside the issues that it sums up."""
    return Cadence.MONTHLY if edition.recap else Cadence.ISSUE


def _add_patterns(
    database: store.Engine, edition: Edition, issue: Issue, pattern: Callable[[Issue], bytes]
) -> bool:
    """Make a pattern for each choice that has none yet, and whether there was any."""
    with store.reading(database) as tx:
        choices = [*_choices(tx, edition)]
    made: dict[tuple[str, ...], int | None] = {}
    for themes in choices:
        chosen = publish.themed(issue, json.loads(themes))
        shown = tuple(section.theme for section in chosen.sections) if chosen else ()
        mail = pattern(chosen) if chosen and shown not in made else None
        with store.writing(database) as tx:
            if mail is not None:
                made[shown] = sendings.add_pattern(tx, edition.id, mail)
            sendings.choose(tx, edition.id, themes, made.get(shown))
    return bool(choices)


def _add_readers(
    database: store.Engine,
    edition: Edition,
    *,
    local: datetime | None,
    now: datetime,
    progress: Callable[[int], None],
) -> None:
    with store.reading(database) as tx:
        last = audience.last_reader(tx, list=edition.list)
    added = 0
    for start in range(0, last, _A_PART):
        with store.writing(database, durable=True) as tx:
            if sendings.hold(tx, edition.id) is not State.FREEZING:
                return
            between = (start, min(start + _A_PART, last))
            later: dict[datetime, list[str]] = {}
            if local:
                zones = audience.zones(tx, list=edition.list, cadence=_cadence(edition), between=between)
                later = _later(local, zones, now=now)
            added += audience.add_audience(
                tx,
                edition.id,
                list=edition.list,
                cadence=_cadence(edition),
                between=between,
                later=later,
                now=now,
            )
        progress(added)


def _later(local: datetime, zones: Iterable[str], *, now: datetime) -> dict[datetime, list[str]]:
    """The moments after now at which clocks show that time, each with its zones; none for what is no zone."""
    found: dict[datetime, list[str]] = {}
    for zone in zoneinfo.available_timezones().intersection(zones):
        moment = schedule.instant(local, zoneinfo.ZoneInfo(zone))
        if moment > now:
            found.setdefault(moment, []).append(zone)
    return found
