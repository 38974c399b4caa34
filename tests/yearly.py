"""A list with any number of readers and a year of weekly issues, written straight into the tables.

For looking at numbers, and for measuring how long counting them takes: python -m tests.yearly FOLDER
[READERS] [ISSUES] makes a folder with a configuration and a database.
"""

import json
import math
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, text

from newsletter import frozen, store
from newsletter.store import tables
from tests.looks import busy_issue

THEMES = ("kv-cache", "parallelism", "diffusion-efficiency")
CHOICES = ((), (), (), (), ("kv-cache",), ("kv-cache", "parallelism"), ("diffusion-efficiency",))
# How often a reader leaves in a week, and how many weeks the list has gone on.
_LEAVES = 0.002
_AT_ONCE = 20_000
_CONFIG = """\
database_url = "{url}"
[lists.weekly]
title = "Paper Weekly"
"""
_LEDGER = """
INSERT INTO deliveries (issue_id, subscription_id, mailbox, domain, status, attempts, not_before, at, code,
                        enhanced, cause)
SELECT :issue, s.id, r.canonical, 'example.org',
       CASE WHEN (s.id * 7 + :issue) % 997 = 0 THEN 'failed' ELSE 'sent' END, 1, :at, :at,
       CASE WHEN (s.id * 7 + :issue) % 997 = 0 THEN 550 ELSE 250 END,
       CASE WHEN (s.id * 7 + :issue) % 997 = 0 THEN '5.1.1' ELSE '2.0.0' END,
       CASE WHEN (s.id * 7 + :issue) % 997 = 0 THEN 'no such user' ELSE 'Ok' END
FROM subscriptions AS s JOIN subscribers AS r ON r.id = s.subscriber_id
WHERE s.confirmed_at < :at AND (s.left_at IS NULL OR s.left_at > :at)
ORDER BY s.id
"""


def make(database: Engine, *, readers: int, issues: int, now: datetime) -> None:
    """Fill an empty store: readers who came and left over these weeks, and what became of each issue."""
    dice = random.Random(7)  # noqa: S311 - the same for everybody
    first = now - timedelta(weeks=issues)
    with store.writing(database) as tx:
        tx.execute(insert(tables.wordings), [{"id": 1, "text": "Yes."}])
        people = _people(dice, readers, first, now)
        while some := [one for _, one in zip(range(_AT_ONCE), people, strict=False)]:
            tx.execute(insert(tables.subscribers), [one[0] for one in some])
            tx.execute(insert(tables.subscriptions), [one[1] for one in some])
            tx.execute(insert(tables.consents), [line for one in some for line in one[2]])
    for number in range(1, issues + 1):
        _issue(database, dice, number, first + timedelta(weeks=number - 1, hours=1))


def _people(
    dice: random.Random, readers: int, first: datetime, now: datetime
) -> Iterator[tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]]:
    weeks = (now - first).days / 7
    for number in range(1, readers + 1):
        # More come as time goes on; half were there before.
        came = first + timedelta(weeks=max(-1, weeks * math.sqrt(dice.random()) if number % 2 else -1))
        stays = dice.expovariate(_LEAVES)
        left = came + timedelta(weeks=stays) if came + timedelta(weeks=stays) < now else None
        themes = CHOICES[dice.randrange(len(CHOICES))]
        address = f"reader{number:08}@example.org"
        person = {"id": number, "address": address, "folded": address, "canonical": address}
        subscription = {
            "id": number,
            "subscriber_id": number,
            "list_slug": "weekly",
            "key": f"{number:032x}",
            "status": "unsubscribed" if left else "confirmed",
            "themes": themes,
            "cadence": "monthly" if number % 10 == 0 else "issue",
            "timezone": "",
            "created_at": came,
            "confirmed_at": came,
            "left_at": left,
        }
        said = {"subscriber_id": number, "list_slug": "weekly", "wording_id": 1}
        lines = [{**said, "act": "confirmed", "way": "web", "at": came}]
        lines += [{**said, "act": "left", "way": "one-click", "at": left}] * bool(left)
        yield person | {"created_at": came}, subscription, lines


def _issue(database: Engine, dice: random.Random, number: int, at: datetime) -> None:
    counts = {
        theme: max(0, round(6 + 3 * place + 3 * math.sin(number / 5 + place) + dice.gauss(0, 1.5)))
        for place, theme in enumerate(THEMES)
    }
    row = {"id": number, "list_slug": "weekly", "number": number, "date": at.date(), "status": "sent"}
    row |= {"created_at": at, "approved_at": at, "theme_counts": counts}
    row["content"] = frozen.as_data(busy_issue()) if number == 1 else {"list": {"title": "Paper Weekly"}}
    with store.writing(database) as tx:
        tx.execute(insert(tables.issues), [row])
        sending = {"issue_id": number, "state": "finished", "reason": "", "sender": "a@example.org"}
        end = at + timedelta(minutes=20)
        tx.execute(insert(tables.sendings), [{**sending, "started_at": at, "finished_at": end}])
        moment = tables.deliveries.c.at.type
        query = text(_LEDGER).bindparams(issue=number)
        query = query.bindparams(*[_bound("at", at + timedelta(minutes=18), moment)])
        tx.execute(query)
        subscriber = dice.randrange(1, 50)
        bounce = {"issue_id": number, "code": 550, "enhanced": "5.1.1", "text": "gone"}
        kinds = ("hard", "hard", "soft", "policy", "complaint")
        rows = [
            {"token": f"{number}.{n}", "subscriber_id": subscriber + n, "kind": dice.choice(kinds), **bounce}
            for n in range(dice.randrange(0, 12))
        ]
        for one in rows:
            tx.execute(insert(tables.bounces), [{**one, "at": at + timedelta(hours=5)}])


def _bound(name: str, value: datetime, kind: Any) -> Any:
    from sqlalchemy import bindparam

    return bindparam(name, value, type_=kind)


def main(folder: str, readers: str = "3000", issues: str = "52", url: str = "") -> None:
    """Make the folder."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    url = url or f"sqlite:///{place.resolve()}/newsletter.db"
    (place / "config.toml").write_text(_CONFIG.format(url=url), encoding="utf-8")
    database = store.open_store(url)
    make(database, readers=int(readers), issues=int(issues), now=datetime.now(UTC))
    database.dispose()
    sys.stdout.write(json.dumps({"folder": folder, "readers": int(readers), "issues": int(issues)}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
