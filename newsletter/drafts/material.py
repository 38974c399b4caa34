"""Which papers a draft is chosen from.

They are the papers of the digests that it considers, less those that an earlier issue of the list carried,
and with those that an editor pinned. Considered are digests that were taken to their end and that no approved
issue of the list has used up: a week without an issue loses nothing, nor does a digest that comes in between
drafting and approving. Reads the store and changes nothing in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from newsletter import identity
from newsletter.model import Edit, Edition, EditKind, MailingList, Paper
from newsletter.store import Connection, edits, issues, papers
from newsletter.store.edits import Logged


@dataclass(frozen=True, slots=True)
class Carried:
    """A paper that is left out, because that issue of the list carried it."""

    title: str
    number: int


@dataclass(frozen=True, slots=True)
class Material:
    """What a draft is chosen from. papers: by their numbers; considered: those that were not pinned besides.

    edits: the overrides, then those that editors made and did not undo, by names that the papers have now.
    names: what the papers of edits are called now, by what they were called then.
    """

    papers: Mapping[int, Paper]
    considered: frozenset[int]
    carried: tuple[Carried, ...]
    edits: tuple[Edit, ...]
    names: Mapping[str, str]
    examples: tuple[Paper, ...]

    def named(self, logged: Logged) -> Logged:
        """The same edit, its paper by the name that it has now."""
        return replace(logged, edit=_renamed(logged.edit, self.names))


def read(
    tx: Connection,
    edition: Edition,
    list: MailingList,
    overrides: Sequence[Edit] = (),
    *,
    edited: bool = True,
) -> Material:
    """What an issue of the store is chosen from. overrides: edits that the configuration holds.

    edited: whether the edits of the store count.
    """
    seen = papers.of_issue(tx, edition)
    before = issues.carried(tx, edition)
    held = [one.edit for one in edits.of(tx, edition) if edited and one.undone_at is None]
    meant = _meant(tx, held)
    pinned = {meant[edit.paper] for edit in held if edit.kind is EditKind.PIN and edit.paper in meant}
    left = {number: paper for number, paper in seen.items() if number not in before or number in pinned}
    known = papers.load(tx, set(meant.values()))
    beside = {number: known[number] for number in sorted(pinned - left.keys())}
    names = {key: identity.keys(known[number])[0] for key, number in meant.items()}
    return Material(
        papers=left | beside,
        considered=frozenset(left),
        carried=tuple(
            Carried(paper.title, before[number]) for number, paper in seen.items() if number not in left
        ),
        edits=(*overrides, *(_renamed(edit, names) for edit in held)),
        names=names,
        examples=_examples(tx, list),
    )


def _renamed(edit: Edit, names: Mapping[str, str]) -> Edit:
    return replace(edit, paper=names.get(edit.paper, edit.paper))


def _meant(tx: Connection, held: Iterable[Edit]) -> dict[str, int]:
    """The paper that each edit is about: it may have got other names, and may have been joined to another."""
    holders = papers.holders(tx, {edit.paper for edit in held if edit.paper})
    return {key: numbers[0] for key, numbers in holders.items()}


def _examples(tx: Connection, list: MailingList) -> tuple[Paper, ...]:
    keys = {f"arxiv:{id}" for theme in list.themes for id in theme.like}
    numbers = {number for holding in papers.holders(tx, keys).values() for number in holding}
    return tuple(papers.load(tx, numbers).values())
