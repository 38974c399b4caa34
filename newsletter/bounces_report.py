"""What came back, as a person at a terminal and another program see it.

The JSON shapes here are a contract: other programs rely on their names. Reads and writes nothing itself. An
address is shown only where the caller asks for each bounce by itself.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from newsletter import recipients
from newsletter.report import Rows

if TYPE_CHECKING:  # it takes as long to load as a whole render, which needs none
    from newsletter.mailroom import Taken
    from newsletter.store.bounces import Kept

# Refusals by policy in one run that are no accident any more.
_ALARM = 10


def taken_text(taken: "Taken") -> str:
    """What mails came to, in a line."""
    text = f"left: {taken.left}, ignored: {_counted(taken.ignored)}, not ours: {taken.not_ours}"
    return f"{text}, reports: {_counted(taken.reports)}" if taken.reports else text


def taken_json(taken: "Taken") -> dict[str, Any]:
    """What mails came to."""
    return {
        "left": taken.left,
        "ignored": {str(reason): count for reason, count in sorted(taken.ignored.items())},
        "not_ours": taken.not_ours,
        "reports": {str(came): count for came, count in sorted(taken.reports.items())},
    }


def alarm(reports: Mapping[Any, int]) -> str:
    """What to say where many servers want no mail of ours, "" where that is not so."""
    refused = reports.get("policy", 0)
    if refused < _ALARM:
        return ""
    return (
        f"warning: {refused:,} mails were refused for what they are or where they come from. No reader is "
        "held off for it; look at SPF, DKIM and DMARC of your domain, and at newsletter bounces list --kind "
        "policy"
    )


def came_table(found: Sequence["Kept"], *, each: bool) -> Rows:
    """What came back, one a row. each: whether every row is one mail of one reader."""
    if each:
        mails = tuple(
            (_when(one), recipients.shown(one.address), one.list, str(one.issue or ""), *_what(one))
            for one in found
        )
        return Rows(("when (UTC)", "address", "list", "issue", "kind", "code", "said"), mails)
    cells = tuple((f"{one.number:,}", *_what(one), _when(one)) for one in found)
    return Rows(("mails", "kind", "code", "said", "last (UTC)"), cells)


def came_json(found: Sequence["Kept"], *, each: bool) -> list[dict[str, Any]]:
    """What came back. each: whether every one is one mail of one reader."""
    return [
        {"kind": one.kind, "code": one.code, "enhanced": one.enhanced, "text": one.text}
        | (
            {"at": one.last.isoformat(), "address": one.address, "list": one.list, "issue": one.issue}
            if each
            else {"number": one.number, "last": one.last.isoformat()}
        )
        for one in found
    ]


def _counted(counts: Mapping[Any, int]) -> str:
    why = ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()))
    return f"{sum(counts.values())}{f' ({why})' * bool(why)}"


def _what(one: "Kept") -> tuple[str, str, str]:
    code = " ".join(filter(None, (str(one.code or ""), one.enhanced)))
    return one.kind.value, code, one.text


def _when(one: "Kept") -> str:
    return f"{one.last:%Y-%m-%d %H:%M}Z"
