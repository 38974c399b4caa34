"""An operator's word about an issue on its way: pause, resume, cancel, and what becomes of unknown mails."""

from collections.abc import Collection, Iterable
from datetime import datetime

from newsletter import store
from newsletter.deliver import postfix_log
from newsletter.errors import Conflict, NotFound
from newsletter.message import delivery_key
from newsletter.model import DeliveryStatus, Edition, IssueStatus
from newsletter.store import deliveries, issues, sendings, workers
from newsletter.store.sendings import State

_FROM: dict[State, tuple[State, ...]] = {
    State.PAUSED: (State.RUNNING,),
    State.RUNNING: (State.PAUSED, State.STOPPED, State.FINISHED),
    State.CANCELLED: (State.FREEZING, State.RUNNING, State.PAUSED, State.STOPPED),
}


def steer(database: store.Engine, edition: Edition, to: State, *, now: datetime) -> tuple[bool, int]:
    """Whether the issue has just been brought to that state, and how many of its mails will not go now.

    Whoever delivers it hears of it within a second. Raises: NotFound; Conflict where it does not go from the
    state that it is in.
    """
    with store.writing(database, durable=True) as tx:
        # Not between the claim of a row and its word, nor in another order than those who deliver.
        workers.hold_all(tx)
        if sendings.of(tx, edition.id) is None:
            raise NotFound(f"{edition.name} was never sent; send it with: newsletter send {edition.name}")
        state = sendings.hold(tx, edition.id)
        if state is to:
            return False, 0
        if state not in _FROM[to]:
            raise Conflict(f"{edition.name} is {state}; it cannot become {to}; see: newsletter status")
        sendings.turn(tx, edition.id, to, finished_at=now if to is State.CANCELLED else None)
        if to is not State.CANCELLED:
            return True, 0
        issues.change(tx, edition, status=IssueStatus.SENT)
        return True, deliveries.cancel(tx, edition.id, now=now)


def settle(
    database: store.Engine,
    edition: Edition,
    *,
    resend: bool,
    addresses: Collection[str] = (),
    failed: bool = False,
    now: datetime,
) -> int:
    """How many deliveries are settled: they are to go again, byte for byte the same, or count as sent.

    Those that are unknown; failed: or those that failed. addresses: of these readers only, () for all.
    """
    of = DeliveryStatus.FAILED if failed else DeliveryStatus.UNKNOWN
    to = DeliveryStatus.PENDING if resend else DeliveryStatus.SENT
    cause = "an operator lets it go again" if resend else "an operator takes it for sent"
    wanted = {address.lower() for address in addresses}
    with store.writing(database, durable=True) as tx:
        _hold(tx, edition)
        rows = deliveries.listed(tx, edition.id, [of])
        chosen = [row.id for row in rows if not wanted or row.address.lower() in wanted]
        settled = deliveries.settle(tx, chosen, to, of=of, cause=cause, now=now)
        if settled and resend:
            _reopen(tx, edition)
        return settled


def reconcile(
    database: store.Engine, edition: Edition, log: Iterable[str], *, now: datetime
) -> tuple[int, int]:
    """How many unknown deliveries a Postfix log shows as taken, and how many it does not.

    Those that it does not show are to go again. Raises: Conflict for a log that does not show every mail of
    the issue that the server said it took: it is another server's, or does not cover the whole time.
    """
    with store.reading(database) as tx:
        unknown = deliveries.keys(tx, edition.id, DeliveryStatus.UNKNOWN)
        answered = deliveries.keys(tx, edition.id, DeliveryStatus.SENT, answered=True)
    names = {
        delivery_key(edition.list, edition.number, key): number
        for number, key in (unknown | answered).items()
    }
    shown = {names[name] for name in postfix_log.taken(log) if name in names}
    if lacking := len(answered.keys() - shown):
        problem = f"this log lacks {lacking:,} of {len(answered):,} mails of {edition.name} that were taken"
        raise Conflict(f"{problem}; give the log of the server they went to, for the whole time")
    if not answered and not shown:
        raise Conflict(f"this log shows no mail of {edition.name}; give that of the server they went to")
    taken = shown & unknown.keys()
    with store.writing(database, durable=True) as tx:
        _hold(tx, edition)
        sent = deliveries.settle(
            tx,
            sorted(taken),
            DeliveryStatus.SENT,
            of=DeliveryStatus.UNKNOWN,
            cause="the log of the server shows it",
            now=now,
        )
        again = deliveries.settle(
            tx,
            sorted(set(unknown) - taken),
            DeliveryStatus.PENDING,
            of=DeliveryStatus.UNKNOWN,
            cause="the log of the server does not show it",
            now=now,
        )
        if again:
            _reopen(tx, edition)
    return sent, again


def _hold(tx: store.Connection, edition: Edition) -> None:
    """Nobody finds the issue finished, nor has a late word on a row, before `tx` ends."""
    workers.hold_all(tx)
    if sendings.of(tx, edition.id):
        sendings.hold(tx, edition.id)


def _reopen(tx: store.Connection, edition: Edition) -> None:
    sending = sendings.of(tx, edition.id)
    if sending and sending.state is State.FINISHED:
        sendings.turn(tx, edition.id, State.RUNNING)
        issues.change(tx, edition, status=IssueStatus.SENDING)
