"""The tables of the store.

Owns their columns, types and keys. The migrations say how a database comes to them; a test holds both equal.
Lists are JSON: they are read and written whole, with their paper. Reads and writes nothing itself.
"""

from newsletter.store.tables.common import UtcDateTime, metadata
from newsletter.store.tables.deliveries import (
    SPARED,
    bounces,
    deliveries,
    fences,
    paces,
    pattern_choices,
    patterns,
    sendings,
    workers,
)
from newsletter.store.tables.machines import processes
from newsletter.store.tables.papers import (
    digests,
    edits,
    issue_digests,
    issue_papers,
    issues,
    paper_keys,
    papers,
    sightings,
)
from newsletter.store.tables.people import (
    asks,
    consents,
    imports,
    opt_ins,
    salts,
    subscribers,
    subscriptions,
    suppressions,
    wordings,
)
from newsletter.store.tables.schedule import moments, notices, periods, rules

__all__ = [
    "SPARED",
    "UtcDateTime",
    "asks",
    "bounces",
    "consents",
    "deliveries",
    "digests",
    "edits",
    "fences",
    "imports",
    "issue_digests",
    "issue_papers",
    "issues",
    "metadata",
    "moments",
    "notices",
    "opt_ins",
    "paces",
    "paper_keys",
    "papers",
    "pattern_choices",
    "patterns",
    "periods",
    "processes",
    "rules",
    "salts",
    "sendings",
    "sightings",
    "subscribers",
    "subscriptions",
    "suppressions",
    "wordings",
    "workers",
]
