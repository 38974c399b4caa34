"""Making a draft, and looking at an issue of the store."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime
from typing import Any

from newsletter import frozen, links, publish, store, trends
from newsletter.drafts import material
from newsletter.drafts.material import Carried, Material
from newsletter.errors import NotFound, StoreError
from newsletter.model import Edit, Edition, Issue, IssueStatus, MailingList, Paper, Pick, Section
from newsletter.selection import Selection
from newsletter.store import digests, edits, issues, papers
from newsletter.store.edits import Logged

# What an approval rests on: whatever changes it makes another issue.
Basis = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue of the store, with what explains it.

    overrides: the edits of the configuration that a draft follows.
    chosen: how a draft comes to its sections; None once it is frozen. numbers: of its papers in the store.
    counts: the members of each theme among the papers considered. carried: what is left out, having been in
    an earlier issue.
    """

    edition: Edition
    issue: Issue
    edits: tuple[Logged, ...]
    overrides: tuple[Edit, ...] = ()
    chosen: Selection | None = None
    carried: tuple[Carried, ...] = ()
    numbers: Mapping[Paper, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    basis: Basis = ()

    def considers(self, papers: Iterable[Paper], basis: Basis) -> bool:
        """Whether it is made of those papers, and follows from all of that but its edits."""
        return self.numbers.keys() >= set(papers) and self.basis[:-1] == basis[:-1]

    def since(self, moment: datetime) -> tuple[Logged, ...]:
        """What editors did to it, or undid, after that moment."""
        return tuple(one for one in self.edits if max(filter(None, (one.edit.at, one.undone_at))) > moment)

    @property
    def unused(self) -> tuple[Edit, ...]:
        """The editors' changes that come to nothing; those of the configuration may outlive their papers."""
        return tuple(edit for edit in self.chosen.unused if edit.at is not None) if self.chosen else ()


def draft(
    database: store.Engine,
    list: MailingList,
    *,
    on: Date | None,
    since: Date | None,
    now: datetime,
    widen: bool = False,
) -> tuple[Edition, bool]:
    """The open draft of the list, and whether it is new; digests that have come since are in it.

    on: its date, None for today's, and for leaving that of a draft that is there. since: what was read before
    that day is passed over. widen: whether it looks through the digests of the issue before once more, for
    papers that no issue carried. Edits stay. Running it again changes nothing but for what has come.
    Raises: NotFound where there is nothing to choose from; then there is no draft either.
    """
    with store.writing(database) as tx:
        issues.hold(tx)
        found = issues.open_draft(tx, list=list.slug)
        edition = found or issues.add(tx, list=list.slug, on=on or now.date(), since=since, now=now)
        edition = issues.change(tx, edition, date=on or edition.date, since=since or edition.since)
        numbers = issues.unused_digests(tx, edition)
        if not numbers and found is None:
            raise NotFound(
                f"nothing new for {list.slug}: every whole digest is used up; run: newsletter ingest DIGEST…"
            )
        issues.consider(tx, edition, [*issues.last_digests(tx, edition), *numbers] if widen else numbers)
    return edition, found is None


def find(database: store.Engine, name: str, *, or_approved: bool = False) -> Edition:
    """The issue of that name: a list's slug for its open draft, or slug/number. Raises: NotFound.

    or_approved: whether a list without a draft stands for its last issue, where that is approved. A recap
    is meant by its number alone.
    """
    slug, _, number = digests.storable(name).partition("/")
    with store.reading(database) as tx:
        if number.isascii() and number.isdigit() and len(number) < 10:
            edition = issues.numbered(tx, list=slug, number=int(number))
        else:
            edition = issues.open_draft(tx, list=slug) if not number else None
        known = issues.every(tx, list=slug)
    own = [one for one in known if not one.recap]
    if edition is None and or_approved and name == slug and own and own[-1].status is IssueStatus.APPROVED:
        return own[-1]
    if edition is None and (number or not slug):
        last = f"the last is {known[-1].name}" if known else "newsletter issues lists them"
        raise NotFound(f"no issue {name!r}; {last}")
    if edition is None:
        last = f", or name an issue such as {known[-1].name}" if known else ""
        raise NotFound(f"no open draft of {slug}; run: newsletter draft {slug}{last}")
    return edition


def look(
    database: store.Engine,
    edition: Edition,
    *,
    list: MailingList | None,
    overrides: Sequence[Edit] = (),
    terms: bool = True,
    tell: publish.Tell | None = None,
    before: Draft | None = None,
) -> Draft:
    """What is in an issue. list, overrides: what a draft follows; what is frozen is as it was.

    terms: whether new terms are looked for, which reads the text of every earlier paper. before: what was in
    it when it was last looked at; its terms hold as long as the issue considers the same papers.
    Raises: NotFound for a draft whose list is no longer there; StoreError for content that cannot be read.
    """
    with store.reading(database) as tx:
        logged = edits.of(tx, edition)
        if (kept := issues.content(tx, edition)) is not None:
            return Draft(edition, thawed(kept, edition), logged)
        if list is None:
            raise NotFound(
                f"no list {edition.list!r}; {edition.name} needs [lists.{edition.list}] in config.toml"
            )
        found = material.read(tx, edition, list, overrides)
        logged = tuple(found.named(one) for one in logged)
        history = issues.theme_counts(tx, edition, most=trends.HISTORY)
        considered = [found.papers[number] for number in found.considered]
        basis = basis_of(tx, edition)
        if before is not None and before.considers(considered, basis):
            new_terms = before.issue.new_terms
        else:
            new_terms = trends.new_terms(considered, papers.texts_before(tx, edition)) if terms else ()
    chosen = _choose(found, list, edition)
    counts = _members(chosen, considered)
    issue = publish.issue(
        chosen,
        list=list,
        on=edition.date,
        note=publish.note(found.edits),
        trends=trends.trends(list.themes, counts, history),
        new_terms=new_terms,
        tell=tell,
    )
    numbers = {paper: number for number, paper in found.papers.items()}
    return Draft(
        edition=edition,
        issue=issue,
        edits=logged,
        overrides=(*overrides,),
        chosen=chosen,
        carried=found.carried,
        numbers=numbers,
        counts=counts,
        basis=basis,
    )


def alone(database: store.Engine, edition: Edition, *, list: MailingList) -> tuple[Section, ...]:
    """The sections that the themes alone would make of an issue's material, whatever was edited.

    Those of a recap follow from other issues, and nobody edits them.
    """
    if edition.recap:
        return look(database, edition, list=list).issue.sections
    with store.reading(database) as tx:
        found = material.read(tx, edition, list, edited=False)
    return _choose(found, list, edition).sections


def fingerprint(draft: Draft) -> bytes:
    """Eight bytes that stand for what readers would get: others where that is another issue."""
    issue = draft.issue
    said = (
        (issue.date.isoformat(), issue.headline, issue.intro, issue.note, issue.new_terms, issue.trends),
        [
            (section.theme, section.title, [_seen(pick) for pick in section.picks])
            for section in issue.sections
        ],
    )
    return hashlib.sha256(repr(said).encode("utf-8", "backslashreplace")).digest()[: links.SEEN_BYTES]


def basis_of(tx: store.Connection, edition: Edition) -> Basis:
    """What the content of a draft follows from, apart from what is known of its papers."""
    logged = tuple((one.id, one.undone_at) for one in edits.of(tx, edition))
    # Not only the earlier issues: a paper of the draft may turn out to be one that they carried.
    carried = tuple(sorted(issues.carried(tx, edition).items()))
    considered, earlier = issues.considered(tx, edition), issues.earlier(tx, edition)
    return edition.date, edition.since, considered, earlier, carried, logged


def _seen(pick: Pick) -> tuple[object, ...]:
    """What a reader sees of a paper: not its votes or its rank, which change from hour to hour."""
    paper = pick.paper
    shown = (paper.title, paper.authors, paper.url, paper.arxiv_id, paper.links)
    return (*shown, pick.also, pick.one_liner, pick.figures, pick.told_by)


def thawed(kept: Mapping[str, Any], edition: Edition) -> Issue:
    """The content of an issue as it was frozen. Raises: StoreError for a form that is not known."""
    try:
        return frozen.from_data(kept)
    except (LookupError, TypeError, ValueError) as error:
        raise StoreError(
            f"{edition.name}: its content is not in a form that this version knows ({error}); "
            "install the newsletter that approved it, or a newer one"
        ) from error


def _choose(found: Material, list: MailingList, edition: Edition) -> Selection:
    return publish.choose(
        found.papers.values(), list=list, on=edition.date, edits=found.edits, examples=found.examples
    )


def _members(chosen: Selection, considered: Iterable[Paper]) -> dict[str, int]:
    """How many of the papers belong to each theme, whatever the limits of its section."""
    counted = set(considered)
    rows = [row for paper, row in zip(chosen.papers, chosen.matches, strict=True) if paper in counted]
    members = Counter(match.theme for row in rows for match in row if match.member)
    return {match.theme: members[match.theme] for row in rows[:1] for match in row}
