"""What deliveries look like to a person at a terminal and to another program.

The JSON shapes here are a contract: other programs rely on their names. Reads and writes nothing itself.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from newsletter.dispatch import Sent, Standing
from newsletter.model import Delivery, Edition, Issue
from newsletter.report import Rows, counted
from newsletter.store.here import Place
from newsletter.store.processes import Process, Role
from newsletter.store.sendings import State
from newsletter.store.workers import Worker

# What a run counts, in the order that it is told.
COUNTED = ("sent", "deferred", "failed", "unknown", "skipped")


def sent_json(edition: Edition, sent: Sent) -> dict[str, Any]:
    """How the whole issue stands after a run. seconds: of this run."""
    tally = sent.tally
    return {
        "issue": edition.name,
        "recipients": tally["recipients"],
        **{name: tally[name] for name in COUNTED},
        "pending": tally["pending"],
        "state": sent.ended.state,
        "reason": sent.ended.reason,
        "next_at": _moment(sent.ended.due),
        "seconds": round(sent.seconds, 3),
    }


def sent_text(edition: Edition, sent: Sent) -> str:
    """How the whole issue stands after a run, in a line."""
    tally, run = sent.tally, sent.ended.progress
    rate = f", {run.sent / sent.seconds:,.0f} a second" if run.sent and sent.seconds > 1 else ""
    others = [f"{tally[name]:,} {name}" for name in (*COUNTED[1:], "pending") if tally[name]]
    of = f"{edition.name}: sent {tally['sent']:,} of {counted(tally['recipients'], 'reader')}"
    now = f" ({run.sent:,} in {sent.seconds:.1f} s{rate})"
    return f"{of}{now}{'; ' if others else ''}{', '.join(others)}"


def next_steps(edition: Edition, sent: Sent, *, now: datetime) -> list[str]:
    """What an operator may do about what did not go, each in a line."""
    tally, ended, name = sent.tally, sent.ended, edition.name
    steps = []
    if ended.reason:
        steps.append(f"stopped: {ended.reason}")
    elif ended.state is State.CANCELLED:
        steps.append("an operator cancelled it: what had not gone does not go any more")
    elif ended.state is State.PAUSED:
        steps.append(f"an operator paused it; let it go on with: newsletter deliveries resume {name}")
    if tally["sending"]:
        steps.append(f"another process is about to end {counted(tally['sending'], 'mail')}")
    if tally["unknown"]:
        steps.append(
            f"{counted(tally['unknown'], 'mail')} may have arrived, since no answer came after the end; "
            f"see: newsletter deliveries list {name}"
        )
    if tally["pending"] or tally["deferred"]:
        at = f" after {ended.due:%Y-%m-%d %H:%M} UTC" if ended.due and ended.due > now else ""
        left = counted(tally["pending"] + tally["deferred"], "reader")
        waits = tally["deferred"] or (ended.due and ended.due > now)
        stays = " (with --wait it stays for them)" if waits else ""
        steps.append(f"{left} left; go on{at} with: newsletter send {name}{stays}")
    if tally["failed"]:
        steps.append(f"what failed, and why: newsletter deliveries list {name}")
    return steps


def expected_json(edition: Edition, readers: Mapping[tuple[str, ...], int]) -> dict[str, Any]:
    """Who would get an issue, by what they chose."""
    return {
        "issue": edition.name,
        "recipients": sum(readers.values()),
        "choices": [{"themes": [*themes], "readers": number} for themes, number in readers.items()],
    }


def expected_table(
    edition: Edition, readers: Mapping[tuple[str, ...], int], shown: Mapping[tuple[str, ...], Issue | None]
) -> Rows:
    """Who would get an issue. shown: the issue as each choice makes it, None where nothing of it is left."""
    rows = []
    for themes, number in sorted(readers.items(), key=lambda item: (-item[1], item[0])):
        issue = shown[themes]
        papers = sum(len(section.picks) for section in issue.sections) if issue else 0
        what = ", ".join(themes) or "the whole issue"
        rows.append((what, f"{number:,}", f"{papers:,}" if issue else "no mail: nothing of these themes"))
    title = f"{edition.name} would go to {counted(sum(readers.values()), 'reader')}"
    return Rows(("chosen", "readers", "papers"), tuple(rows), title)


def deliveries_json(edition: Edition, rows: Sequence[Delivery]) -> dict[str, Any]:
    """Deliveries with their addresses."""
    return {
        "issue": edition.name,
        "deliveries": [
            {
                "address": row.address,
                "status": row.status,
                "attempts": row.attempts,
                "at": _moment(row.at),
                "cause": row.cause,
            }
            for row in rows
        ],
    }


def deliveries_table(rows: Sequence[Delivery]) -> Rows:
    """Deliveries with their addresses."""
    cells = tuple(
        (row.address, str(row.status), str(row.attempts), f"{row.at:%Y-%m-%d %H:%M}", row.cause)
        for row in rows
    )
    return Rows(("address", "status", "tries", "at (UTC)", "cause"), cells)


def standing_json(
    standing: Sequence[Standing],
    workers: Sequence[tuple[Worker, bool]],
    processes: Sequence[Process],
    *,
    letters: int,
    held: str,
) -> dict[str, Any]:
    """How everything stands that is due or under way.

    letters: that wait for the mail server. held: why nothing goes before an operator's word, else "".
    """
    return {
        "held": held,
        "issues": [
            {
                "issue": one.edition.name,
                "status": one.edition.status,
                "state": one.sending.state if one.sending else None,
                "reason": one.sending.reason if one.sending else "",
                "next_at": _moment(one.due),
                **one.tally,
            }
            for one in standing
        ],
        "workers": [
            {"id": one.id, **_place_json(one.place), "seen_at": _moment(one.seen_at), "gone": gone}
            for one, gone in workers
        ],
        "processes": [_process_json(one, workers) for one in processes],
        "letters": letters,
    }


def _process_json(one: Process, workers: Sequence[tuple[Worker, bool]]) -> dict[str, Any]:
    return {
        "id": one.id,
        **_place_json(one.place),
        "role": one.role,
        "leads": one.leads and not one.gone,
        "version": one.version,
        "started_at": _moment(one.started_at),
        "seen_at": _moment(one.seen_at),
        "gone": one.gone,
        "issues": _issues(one.place, workers),
    }


def _place_json(place: Place) -> dict[str, Any]:
    return {"host": place.host, "pid": place.pid}


def standing_table(standing: Sequence[Standing], *, at_work: bool, now: datetime) -> Rows:
    """How each issue stands, with what is to be done about it. at_work: whether anybody delivers."""
    return Rows(
        ("issue", "date", "readers", "sent", "left", "unknown", "failed", "how it stands"),
        tuple(
            (
                one.edition.name,
                str(one.edition.date),
                *_numbers(one.tally),
                _how(one, at_work=at_work, now=now),
            )
            for one in standing
        ),
    )


def processes_table(
    processes: Sequence[Process], workers: Sequence[tuple[Worker, bool]], *, now: datetime
) -> Rows:
    """The processes that are there, and those that deliver by hand, with their last sign of life."""
    known = {one.place for one in processes}
    by_hand = {one.place: (one, gone) for one, gone in workers if one.place not in known}
    cells = [
        (
            *_place(one.place),
            _what(one),
            one.version,
            *_life(one.started_at, one.seen_at, gone=one.gone, now=now),
            _delivers(one.place, workers),
        )
        for one in processes
    ]
    for place, (one, gone) in by_hand.items():
        life = _life(one.started_at, one.seen_at, gone=gone, now=now)
        cells.append((*_place(place), "by hand", "", *life, _delivers(place, workers)))
    headings = ("host", "process", "what", "version", "since (UTC)", "last sign of life", "delivers")
    return Rows(headings, tuple(cells))


def _place(place: Place) -> tuple[str, str]:
    return place.host, str(place.pid)


def _what(one: Process) -> str:
    if one.role is Role.WORKER:
        return "worker"
    if one.gone:
        return "run"
    return "run, leads" if one.leads else "run, stands by"


def _life(since: datetime, seen: datetime, *, gone: bool, now: datetime) -> tuple[str, str]:
    ago = max(0, int((now - seen).total_seconds()))
    return f"{since:%Y-%m-%d %H:%M}", f"gone, {_when(seen, now)} UTC" if gone else f"{ago} s ago"


def _delivers(place: Place, workers: Sequence[tuple[Worker, bool]]) -> str:
    issues = _issues(place, workers)
    return counted(issues, "issue") if issues else "–"


def _issues(place: Place, workers: Sequence[tuple[Worker, bool]]) -> int:
    """How many issues a process is at: it is a worker of its own at each."""
    return sum(one.place == place and not gone for one, gone in workers)


def _numbers(tally: Mapping[str, int]) -> tuple[str, ...]:
    left = tally["pending"] + tally["deferred"] + tally["sending"]
    numbers = (tally["recipients"], tally["sent"], left, tally["unknown"], tally["failed"])
    return tuple(f"{number:,}" if number else "–" for number in numbers)


def _how(one: Standing, *, at_work: bool, now: datetime) -> str:
    name, sending = one.edition.name, one.sending
    if sending is None:
        return {
            "draft": f"a draft; newsletter issues approve {one.edition.list}",
            "approved": f"ready; newsletter send {name}",
        }.get(one.edition.status, str(one.edition.status))
    match sending.state:
        case State.STOPPED:
            return f"stopped: {sending.reason}; then: newsletter send {name}"
        case State.PAUSED:
            return f"paused; newsletter deliveries resume {name}"
        case State.FREEZING:
            then = "" if at_work else f"; go on with: newsletter send {name}"
            return f"its readers are being written down{then}"
        case State.RUNNING if one.due and one.due > now:
            then = "" if at_work else f"; then: newsletter send {name}"
            return f"waits until {_when(one.due, now)} UTC{_awaited(one.tally)}{then}"
        case State.RUNNING:
            return "under way" if at_work else f"halfway; go on with: newsletter send {name}"
    unsettled = one.tally["unknown"]
    return f"{sending.state}; newsletter deliveries list {name}" if unsettled else str(sending.state)


def _awaited(tally: Mapping[str, int]) -> str:
    """What an issue waits for whose next mail may not go yet; nothing is said where it may be either."""
    if tally["pending"] and tally["deferred"]:
        return ""
    return " for what was put off" if tally["deferred"] else " for the hour of its next readers"


def _when(moment: datetime, now: datetime) -> str:
    """The moment in UTC, with its day where that is another one than now's."""
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{moment:%Y-%m-%d %H:%M}"


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
