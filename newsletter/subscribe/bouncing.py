"""What follows from a mail that came back: it is counted, and an address that is gone is written to no more.

Owns that policy. HARD: the address is suppressed at once, but not for a mail from before its reader last said
yes. SOFT: it is suppressed when the last three mails came back whose fate is known, over thirty days at most;
one that stayed begins the count anew, whichever order the reports come in. POLICY: counted and never held
against a reader, since it tells about who sends. COMPLAINT: the reader leaves the list, and is written to no
more where the token of a delivery proves it. A leave link is no such proof: whoever a mail was forwarded to
has it, and may take the reader off that list as by the link itself, and no further. Each mail counts once for
each kind, so that a report may be read as often as it comes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from newsletter import store
from newsletter.model import Act, Bounce, BounceKind, Outcome, SuppressionReason, Way
from newsletter.outcomes import reports
from newsletter.outcomes.reports import Notice, Report, Says
from newsletter.store import bounces, subscriptions
from newsletter.store.bounces import Fate, Mailed
from newsletter.subscribe import leaving, suppressing

# Mails in a row that come back softly before nothing more goes there, and the time in which they went.
SOFT_LIMIT = 3
SOFT_SPAN = timedelta(days=30)
# Mails whose reports may still come stand before those that are judged: a daily list has five of them, and a
# relay gives up after five days.
_FATES = 100
_COUNTS_AGAINST = frozenset((BounceKind.HARD, BounceKind.SOFT))


class Came(StrEnum):
    """What a report came to."""

    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"
    COMPLAINT = "complaint"
    DELAYED = "delayed"  # nothing follows
    ARRIVED = "delivered"
    AGAIN = "known already"  # it was counted before
    GONE = "of nobody"  # its reader is forgotten
    UNCLEAR = "unclear"  # it does not say for certain whom it is about


def of_outcome(
    outcome: Outcome, kind: BounceKind, *, delivery: int, subscriber: int, issue: int, now: datetime
) -> Bounce:
    """The bounce that a refusal during the session is. kind: what the outcome says about the address."""
    token = _token(kind, str(delivery))
    return Bounce(token, subscriber, issue, kind, now, outcome.code, outcome.enhanced, outcome.text)


def record(tx: store.Connection, came: Iterable[Bounce], *, now: datetime) -> frozenset[str]:
    """The tokens of those that are new; each is counted, and what follows from it is done.

    Of a subscriber who is forgotten nothing is kept. A transaction that writes deliveries as well calls it
    before, since it takes the readers' turns in their order: else two of them may wait for each other.
    """
    whole = [*came]
    addresses = bounces.folded(tx, {one.subscriber for one in whole})
    for folded in sorted({*addresses.values()}):
        subscriptions.hold(tx, folded)
    # Again: somebody may have been forgotten before they were held.
    addresses = bounces.folded(tx, addresses)
    new = [one for one in whole if one.subscriber in addresses and bounces.add(tx, one, now=now)]
    for one in new:
        if reason := _reason(tx, one):
            folded = addresses[one.subscriber]
            suppressing.hold_off(tx, folded, reason=reason, way=Way.REPORT, now=now)
    return frozenset(one.token for one in new)


def settle(database: store.Engine, report: Report, *, delivery: int, now: datetime) -> Came:
    """What a report about that delivery came to; the second time nothing changes. Raises: StoreError."""
    with store.writing(database, durable=True) as tx:
        found = bounces.mailed(tx, delivery)
        if found is None:
            return Came.GONE
        notice = reports.about(report, found.folded)
        if notice is None:
            return Came.UNCLEAR
        came = _settled(tx, found, notice, now)
        # Whatever it says of the mail, a server had taken it.
        bounces.was_taken(tx, found.id)
        return came


def complain(database: store.Engine, key: bytes, *, number: str, now: datetime) -> Came:
    """What a complaint that only a leave link proves came to; the second time nothing changes.

    The reader of that subscription leaves its list; other lists still write to them. number: what tells it
    from other complaints of theirs. Raises: StoreError.
    """
    with store.writing(database, durable=True) as tx:
        found = subscriptions.by_key(tx, key)
        if found is None:
            return Came.GONE
        token = _token(BounceKind.COMPLAINT, key.hex(), number)
        bounce = Bounce(token, found.subscriber.id, None, BounceKind.COMPLAINT, now)
        return _complained(tx, bounce, key, now)


def came_back(
    database: store.Engine, *, since: datetime, kind: BounceKind | None, each: bool, most: int
) -> tuple[Sequence[bounces.Kept], int]:
    """What came back since then, and how many rows there are in all. Raises: StoreError.

    each: whether every row is one mail with its reader's address, the newest first; else those that are alike
    are one row, the most frequent first.
    """
    with store.reading(database) as tx:
        find = bounces.each if each else bounces.alike
        return find(tx, since=since, kind=kind, most=most)


def is_worn_out(fates: Sequence[Fate], *, since: datetime | None) -> bool:
    """Whether an address came back softly so often that nothing more is to go there.

    fates: of its mails, the newest first. since: a mail from before that moment says nothing any more. Those
    after the last that came back may still do so, and a refusal by policy tells nothing of the address.
    """
    judged = [fate for fate in fates if not fate.kinds or fate.kinds & _COUNTS_AGAINST]
    first = next((at for at, fate in enumerate(judged) if fate.kinds), len(judged))
    last = judged[first : first + SOFT_LIMIT]
    if len(last) < SOFT_LIMIT or not all(fate.kinds for fate in last):
        return False
    return last[0].at - last[-1].at <= SOFT_SPAN and (since is None or last[-1].at >= since)


def _settled(tx: store.Connection, found: Mailed, notice: Notice, now: datetime) -> Came:
    if notice.says is Says.DELAYED:
        return Came.DELAYED
    if notice.says is Says.ARRIVED:
        return Came.ARRIVED
    if notice.meaning is None:
        token = _token(BounceKind.COMPLAINT, str(found.id))
        bounce = Bounce(token, found.subscriber, found.issue, BounceKind.COMPLAINT, found.at)
        return _complained(tx, bounce, found.key, now)
    told = notice.meaning
    token = _token(told.kind, str(found.id))
    bounce = Bounce(
        token, found.subscriber, found.issue, told.kind, found.at, told.code, told.enhanced, told.text
    )
    return Came(told.kind.value) if record(tx, [bounce], now=now) else Came.AGAIN


def _complained(tx: store.Connection, bounce: Bounce, key: bytes, now: datetime) -> Came:
    if not record(tx, [bounce], now=now):
        return Came.AGAIN
    if subscription := subscriptions.by_key(tx, key):
        leaving.end(tx, subscription, act=Act.LEFT, way=Way.REPORT, now=now)
    return Came.COMPLAINT


def _reason(tx: store.Connection, bounce: Bounce) -> SuppressionReason | None:
    """Why the address is not to be written to any more, None where it may be."""
    if bounce.kind is BounceKind.COMPLAINT:
        # Without an issue no delivery proves it.
        return None if bounce.issue is None else SuppressionReason.COMPLAINT
    if bounce.kind is BounceKind.POLICY:
        return None
    alive_at = bounces.alive_at(tx, bounce.subscriber)
    if bounce.kind is BounceKind.HARD:
        gone = alive_at is None or bounce.mailed_at >= alive_at
    else:
        gone = is_worn_out(bounces.fates(tx, bounce.subscriber, most=_FATES), since=alive_at)
    return SuppressionReason.BOUNCE if gone else None


def _token(kind: BounceKind, *about: str) -> str:
    """What tells one bounce from others: of one mail each kind counts once, however often it is reported."""
    return sha256("\0".join((kind, *about)).encode()).hexdigest()
