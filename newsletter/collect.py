"""Taking digests into the store: every paper once, and where it was seen.

Owns the order of effects and the transactions; `identity` says which records are one paper.

A digest is taken in parts, each in a transaction of its own that also keeps how far it came. Whoever dies
between two of them leaves whole parts, and whoever reads the digest next goes on after the last: no record is
taken twice. A digest that was taken to its end is left alone, so reading it again changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from newsletter import identity, store
from newsletter.model import Digest, Ingested, Paper
from newsletter.store import digests, papers

# Papers in one transaction: few enough that another writer waits a tenth of a second, and enough that a
# commit costs little of it.
PART = 500


@dataclass(frozen=True, slots=True)
class _Known:
    """One paper after a part was read: the records in it, and the rows that it had before.

    rows: the numbers of stored papers that are this one, oldest first; none for a new paper.
    """

    paper: Paper
    rows: tuple[int, ...]
    records: tuple[int, ...]
    changed: bool


def ingest(
    database: store.Engine,
    digest: Digest,
    *,
    now: datetime,
    progress: Callable[[int], None],
    part: int = PART,
) -> Ingested:
    """What taking the digest in came to. progress: told how many of its papers are safe in the store.

    Raises: StoreError; then what was safe stays so, and another run goes on from there.
    """
    digest = digests.storable(digest)
    fingerprint = digests.fingerprint(digest)
    counts: Counter[str] = Counter()
    with store.reading(database) as tx:
        found = digests.find(tx, fingerprint)
    done = known_before = found is not None and found[1] == len(digest.papers)
    while not done:
        with store.writing(database) as tx:
            papers.hold(tx)
            # Asked again each time: another process may be taking the same digest.
            found = digests.find(tx, fingerprint)
            number, start = found or (digests.add(tx, digest, fingerprint, now=now), 0)
            records = digest.papers[start : start + part]
            counts += _take(tx, number, records, now=now)
            taken = start + len(records)
            digests.advance(tx, number, to=taken)
        progress(taken)
        done = taken == len(digest.papers)
    return Ingested(
        source=digest.source,
        format=digest.format,
        date=digest.date,
        papers=len(digest.papers),
        added=counts["added"],
        updated=counts["updated"],
        known=len(digest.papers) - counts["added"] - counts["updated"],
        known_before=known_before,
    )


def _take(tx: store.Connection, digest_id: int, part: Sequence[Paper], *, now: datetime) -> Counter[str]:
    names = [papers.names(paper) for paper in part]
    holders = papers.holders(tx, {name for of_one in names for name in of_one})
    stored = papers.load(tx, {number for numbers in holders.values() for number in numbers})
    whole = list(_laid_together(stored, holders, part, names))
    new = [known for known in whole if not known.rows]
    numbers = iter(papers.add(tx, [known.paper for known in new], now=now))
    for known in whole:
        for gone in known.rows[1:]:
            papers.join(tx, gone, into=known.rows[0])
    changed = {known.rows[0]: known.paper for known in whole if known.rows and known.changed}
    papers.change(tx, changed, now=now)
    by_number = {known.rows[0] if known.rows else next(numbers): known for known in whole}
    papers.name(tx, _new_names(by_number, holders, names))
    digests.see(tx, digest_id, {number: part[known.records[0]] for number, known in by_number.items()})
    return Counter(added=len(new), updated=len(changed))


def _laid_together(
    stored: Mapping[int, Paper],
    holders: Mapping[str, Sequence[int]],
    part: Sequence[Paper],
    names: Sequence[Sequence[str]],
) -> Iterator[_Known]:
    """Every paper of the part once, with what the store knew of it."""
    names_of: dict[int, list[str]] = {number: [] for number in stored}
    for name, numbers in holders.items():
        for number in numbers:
            names_of[number].append(name)
    rows = list(stored)
    everything = [*stored.values(), *part]
    roots = identity.groups([paper.arxiv_id for paper in everything], [*names_of.values(), *names])
    members: dict[int, list[int]] = {}
    for at, root in enumerate(roots):
        members.setdefault(root, []).append(at)
    for places in members.values():
        if places[-1] < len(rows):
            continue  # a stored paper that shares a title with one of the part, and is another
        # The first with itself too, as it will be when it is read again: what it says twice is kept once.
        paper = reduce(identity.merged, (everything[at] for at in places), everything[places[0]])
        of_it = tuple(rows[at] for at in places if at < len(rows))
        changed = not of_it or len(of_it) > 1 or not papers.same_row(paper, stored[of_it[0]])
        records = tuple(at - len(rows) for at in places if at >= len(rows))
        yield _Known(paper, of_it, records, changed)


def _new_names(
    by_number: Mapping[int, _Known], holders: Mapping[str, Sequence[int]], names: Sequence[Sequence[str]]
) -> Iterator[tuple[str, int]]:
    """The names of the part that its papers were not known by yet, with the number of the paper."""
    held = Counter({name: len(numbers) for name, numbers in holders.items()})
    for number, known in by_number.items():
        for name in dict.fromkeys(name for at in known.records for name in names[at]):
            if set(known.rows).isdisjoint(holders.get(name, ())) and held[name] < identity.NAMESAKES:
                held[name] += 1
                yield name, number
