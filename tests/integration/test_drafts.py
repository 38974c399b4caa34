"""Drafts and what they come from: nothing is lost, nothing comes twice, and what is approved stays."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select, update

from newsletter import drafts, store
from newsletter.drafts import Draft
from newsletter.errors import Ambiguous, Conflict, NotFound, StoreError
from newsletter.model import Edit, Edition, EditKind, IssueStatus, MailingList, Paper
from newsletter.store import edits, issues, tables
from tests.builders import NOW, digest, mailing_list, paper, theme
from tests.stored import dump, ingest, many

ON = date(2026, 1, 6)
WEEKLY = mailing_list(
    themes=(theme("kv-cache", {"KV cache": 4.0}), theme("speech", {"speech": 4.0})), trending_limit=100
)


def cached(n: int, **values: object) -> Paper:
    """A paper of the theme kv-cache that nobody wrote."""
    return paper(f"KV Cache {n}", f"We store {n} in a KV cache.", arxiv_id=f"2601.{n:05}", **values)


@pytest.fixture
def second(database_url: str, database: Engine) -> Iterator[Engine]:
    """Another process's way to the same store."""
    opened = store.open_store(database_url)
    yield opened
    opened.dispose()


def drafted(database: Engine, list: MailingList = WEEKLY, **values: object) -> Draft:
    given: dict[str, object] = {"on": ON, "since": None, "now": NOW, **values}
    edition, _ = drafts.draft(database, list, **given)  # type: ignore[arg-type]
    return look(database, edition, list)


def look(database: Engine, edition: Edition, list: MailingList = WEEKLY, **values: object) -> Draft:
    return drafts.look(database, edition, list=list, **values)  # type: ignore[arg-type]


def approved(database: Engine, list: MailingList = WEEKLY, **values: object) -> Draft:
    draft = drafted(database, list, **values)
    edition, _ = drafts.approve(database, draft, now=NOW)
    return look(database, edition, list)


def edited(database: Engine, edition: Edition, kind: EditKind, of: str = "", **values: object) -> Draft:
    edit = Edit(kind, of, who="ada", **values)  # type: ignore[arg-type]
    drafts.edit(database, edition, edit, list=WEEKLY, now=NOW)
    return look(database, edition)


def held(draft: Draft) -> list[str]:
    return [pick.paper.title for section in draft.issue.sections for pick in section.picks]


def papers_of(draft: Draft) -> tuple[Paper, ...]:
    """What a draft is chosen from."""
    assert draft.chosen
    return draft.chosen.papers


def read(draft: Draft) -> list[str]:
    return [paper.title for paper in papers_of(draft)]


# What a draft is chosen from


def test_a_draft_considers_every_whole_digest_and_is_made_once(database: Engine) -> None:
    ingest(database, digest(cached(1)), digest(cached(2), source="b.txt"))

    first, new = drafts.draft(database, WEEKLY, on=ON, since=None, now=NOW)
    again, anew = drafts.draft(database, WEEKLY, on=None, since=None, now=NOW + timedelta(days=1))

    assert (first.name, first.status, first.date) == ("weekly/1", IssueStatus.DRAFT, ON)
    assert (again, new, anew) == (first, True, False)
    assert read(look(database, first)) == ["KV Cache 1", "KV Cache 2"]


def test_without_anything_new_there_is_no_draft(database: Engine) -> None:
    with pytest.raises(NotFound, match="nothing new for weekly: every whole digest is used up; run: newsl"):
        drafted(database)

    assert dump(database)["issues"] == []


def test_a_digest_that_is_not_in_to_its_end_waits(database: Engine) -> None:
    ingest(database, digest(cached(1)), digest(cached(2), source="b.txt"))
    with store.writing(database) as tx:
        tx.execute(update(tables.digests).where(tables.digests.c.source == "b.txt").values(taken=0))
    first = drafted(database)
    drafts.approve(database, first, now=NOW)

    ingest(database, digest(cached(2), source="b.txt"))

    assert read(first) == ["KV Cache 1"]
    assert read(drafted(database)) == ["KV Cache 2"]


def test_a_week_without_an_issue_loses_nothing(database: Engine) -> None:
    ingest(database, digest(cached(1)))
    approved(database)
    ingest(database, digest(cached(2), source="b.txt"))
    ingest(database, digest(cached(3), source="c.txt"))

    assert read(drafted(database)) == ["KV Cache 2", "KV Cache 3"]


def test_what_comes_between_drafting_and_approving_is_in_the_next_issue(database: Engine) -> None:
    ingest(database, digest(cached(1)))
    draft = drafted(database)
    ingest(database, digest(cached(2), source="b.txt"))

    drafts.approve(database, draft, now=NOW)

    assert held(look(database, draft.edition)) == ["KV Cache 1"]
    assert read(drafted(database)) == ["KV Cache 2"]


def test_a_draft_takes_in_what_has_come_since_and_keeps_its_edits(database: Engine) -> None:
    ingest(database, digest(cached(1)))
    draft = drafted(database)
    edited(database, draft.edition, EditKind.NOTE, text="Good morning.")
    ingest(database, digest(cached(2), source="b.txt"))

    draft = drafted(database)

    assert (read(draft), draft.issue.note) == (["KV Cache 1", "KV Cache 2"], "Good morning.")


def test_a_paper_that_an_issue_carried_is_left_out_even_in_a_new_version(database: Engine) -> None:
    ingest(database, digest(cached(1)))
    approved(database)
    ingest(database, digest(cached(1, version=2), cached(2), source="b.txt"))

    draft = drafted(database)

    assert read(draft) == ["KV Cache 2"]
    assert [(one.title, one.number) for one in draft.carried] == [("KV Cache 1", 1)]


def test_a_paper_that_found_no_place_may_come_again(database: Engine) -> None:
    small = replace(WEEKLY, trending_limit=0, themes=(theme("kv-cache", {"KV cache": 4.0}, limit=1),))
    ingest(database, digest(cached(1, upvotes=9), cached(2, upvotes=1)))
    assert held(approved(database, small)) == ["KV Cache 1"]
    ingest(database, digest(cached(2), source="b.txt"))

    assert held(drafted(database, small)) == ["KV Cache 2"]


def test_lists_remember_apart(database: Engine) -> None:
    ingest(database, digest(cached(1)))
    approved(database)

    other = drafted(database, replace(WEEKLY, slug="monthly"))

    assert (other.edition.name, read(other)) == ("monthly/1", ["KV Cache 1"])


def test_a_cancelled_issue_uses_nothing_up_and_its_number_is_not_given_again(database: Engine) -> None:
    ingest(database, digest(cached(1)))
    draft = approved(database)

    cancelled, now = drafts.cancel(database, draft.edition)

    assert (cancelled.status, now) == (IssueStatus.CANCELLED, True)
    assert drafts.cancel(database, draft.edition)[1] is False
    again = drafted(database)
    assert (again.edition.name, read(again)) == ("weekly/2", ["KV Cache 1"])


def test_what_was_read_before_a_day_is_passed_over_for_good(database: Engine) -> None:
    ingest(database, digest(cached(1)), now=NOW - timedelta(days=30))
    ingest(database, digest(cached(2), source="b.txt"))

    assert held(approved(database, since=ON - timedelta(days=7))) == ["KV Cache 2"]

    with pytest.raises(NotFound, match="nothing new"):
        drafted(database)


def test_a_paper_counts_as_it_stood_in_the_digests_considered(database: Engine) -> None:
    ingest(database, digest(cached(1, upvotes=90, position=1)), now=NOW - timedelta(days=30))
    ingest(database, digest(cached(1, upvotes=5, position=4), source="b.txt"))
    ingest(database, digest(cached(1, upvotes=7, position=8), source="c.txt"))

    [found] = papers_of(drafted(database, since=ON - timedelta(days=7)))

    assert (found.position, found.upvotes, found.seen_in) == (4, 7, ("b.txt", "c.txt"))


def test_examples_of_a_theme_are_found_in_the_store(database: Engine) -> None:
    like = replace(WEEKLY, themes=(theme("kv-cache", {"cache": 4.0}, like=("2601.00001",)),))
    ingest(database, digest(cached(1)))
    with store.reading(database) as tx:
        edition = issues.every(tx)
        found = drafts.material.read(tx, Edition(0, "weekly", 1, ON, IssueStatus.DRAFT, NOW), like)

    assert (edition, [one.arxiv_id for one in found.examples]) == ((), ["2601.00001"])


# Edits


def test_an_edit_is_kept_with_who_and_when_and_made_once(database: Engine) -> None:
    ingest(database, digest(cached(1), cached(2)))
    edition = drafted(database).edition
    edited(database, edition, EditKind.DROP, "cache 1")
    edited(database, edition, EditKind.DROP, "2601.00001")

    [logged] = look(database, edition).edits

    assert logged.edit == Edit(EditKind.DROP, "arxiv:2601.00001", who="ada", at=NOW)
    assert (logged.title, logged.undone_at) == ("KV Cache 1", None)


def test_undoing_keeps_what_was_done(database: Engine) -> None:
    ingest(database, digest(cached(1)))
    edition = drafted(database).edition
    edited(database, edition, EditKind.NOTE, text="One.")
    edited(database, edition, EditKind.NOTE, text="Two.")

    undone = drafts.undo(database, edition, who="bo", now=NOW)

    draft = look(database, edition)
    assert (undone.edit.text, draft.issue.note) == ("Two.", "One.")
    assert [(one.undone_at, one.undone_by) for one in draft.edits] == [(None, None), (NOW, "bo")]
    drafts.undo(database, edition, who="bo", now=NOW)
    with pytest.raises(NotFound, match="nothing to undo in weekly/1"):
        drafts.undo(database, edition, who="bo", now=NOW)


def test_any_paper_of_the_store_can_be_pinned_also_one_carried_before(database: Engine) -> None:
    ingest(database, digest(cached(1)))
    approved(database)
    ingest(database, digest(cached(2), source="b.txt"))
    edition = drafted(database).edition

    draft = edited(database, edition, EditKind.PIN, "https://arxiv.org/abs/2601.00001v3")

    assert read(draft) == ["KV Cache 2", "KV Cache 1"]
    drafts.approve(database, draft, now=NOW)
    assert look(database, edition).issue.read == 2


@pytest.mark.parametrize(
    ("text", "kind", "error", "message"),
    [
        ("Otter", EditKind.PIN, NotFound, "no paper 'Otter' in the store; name its arXiv id, DOI or words"),
        (" ", EditKind.PIN, NotFound, "no paper ' ' in the store"),
        (
            "KV",
            EditKind.DROP,
            Ambiguous,
            r"'KV' could be 2 papers: “KV Cache 1” \(2601.00001\); “KV Cache 2”",
        ),
        ("Paper Number 3", EditKind.MOVE, Conflict, "is not among the papers of weekly/2; only pin takes it"),
    ],
)
def test_a_paper_that_cannot_be_meant_is_told(
    database: Engine, text: str, kind: EditKind, error: type[Exception], message: str
) -> None:
    ingest(database, many(3, source="old.txt"))
    approved(database)
    ingest(database, digest(cached(1), cached(2)))
    edition = drafted(database).edition

    with pytest.raises(error, match=message):
        edited(database, edition, kind, text)


def test_a_section_that_the_list_has_not_is_told(database: Engine) -> None:
    ingest(database, digest(cached(1)))

    with pytest.raises(NotFound, match="no section 'speach' in weekly; sections: kv-cache, speech, trending"):
        edited(database, drafted(database).edition, EditKind.PIN, "2601.00001", section="speach")


def test_an_edit_holds_when_its_paper_turns_out_to_be_another(database: Engine) -> None:
    ingest(database, digest(replace(cached(1), arxiv_id=None)))
    edition = drafted(database).edition
    edited(database, edition, EditKind.DROP, "KV Cache 1")

    ingest(database, digest(cached(1), source="b.txt"))

    draft = look(database, edition)
    assert [one.edit.paper for one in draft.edits] == ["arxiv:2601.00001"]
    assert (held(draft), draft.unused) == ([], ())


# Approving


def test_what_is_approved_stays_whatever_comes_after(database: Engine) -> None:
    ingest(database, digest(cached(1, upvotes=3)))
    draft = drafted(database)
    drafts.approve(database, draft, now=NOW)

    ingest(database, digest(replace(cached(1), abstract="Another.", version=9), source="b.txt"))

    frozen = look(database, draft.edition, replace(WEEKLY, title="Another", themes=()))
    assert frozen.issue == draft.issue
    assert look(database, draft.edition).edition.id == draft.edition.id


def test_content_of_a_form_that_nobody_knows_is_told(database: Engine) -> None:
    ingest(database, digest(cached(1)))
    edition = approved(database).edition
    with store.writing(database) as tx:
        issues.change(tx, edition, content={"headline": "Another form"})

    with pytest.raises(StoreError, match="weekly/1: its content is not in a form that this version knows"):
        look(database, edition)


def test_approving_twice_changes_nothing(database: Engine) -> None:
    ingest(database, digest(cached(1)))
    draft = drafted(database)
    first, now = drafts.approve(database, draft, now=NOW)
    before = dump(database)

    assert now
    assert drafts.approve(database, draft, now=NOW + timedelta(days=1)) == (first, False)
    assert dump(database) == before


def test_a_draft_that_changed_after_it_was_looked_at_is_not_approved(database: Engine) -> None:
    ingest(database, digest(cached(1)))
    draft = drafted(database)
    edited(database, draft.edition, EditKind.NOTE, text="Late.")

    with pytest.raises(
        Conflict, match="was changed while it was being approved; look at it with: newsletter"
    ):
        drafts.approve(database, draft, now=NOW)

    assert drafts.find(database, "weekly").status is IssueStatus.DRAFT


def test_what_is_read_in_one_transaction_is_of_one_moment(database: Engine, second: Engine) -> None:
    ingest(database, digest(cached(1)))
    edition = drafted(database).edition

    with store.reading(database) as tx:
        before = edits.of(tx, edition)
        edited(second, edition, EditKind.NOTE, text="Late.")
        assert edits.of(tx, edition) == before

    assert look(database, edition).issue.note == "Late."


def test_a_paper_that_turns_out_to_have_been_carried_since_is_looked_at_again(database: Engine) -> None:
    old = paper("Old Title", "A KV cache.", doi="10.1000/1")
    ingest(database, digest(old), digest(cached(1), source="b.txt"))
    with store.writing(database) as tx:
        tx.execute(update(tables.digests).where(tables.digests.c.source == "page.txt").values(taken=0))
    approved(database)
    ingest(database, digest(old))
    draft = drafted(database)
    ingest(database, digest(cached(1, doi="10.1000/1"), source="c.txt"))

    with pytest.raises(Conflict, match="was changed while it was being approved"):
        drafts.approve(database, draft, now=NOW)

    assert [one.number for one in look(database, draft.edition).carried] == [1]


def test_a_paper_that_was_joined_to_another_since_is_looked_at_again(database: Engine) -> None:
    ingest(database, digest(cached(1), paper("Old Title", doi="10.1000/1")))
    draft = drafted(database)
    ingest(database, digest(cached(1, doi="10.1000/1"), source="b.txt"))

    with pytest.raises(Conflict, match="was changed while it was being approved"):
        drafts.approve(database, draft, now=NOW)

    assert drafts.approve(database, look(database, draft.edition), now=NOW)[1]


@pytest.mark.parametrize("status", [*issues.FINAL, IssueStatus.CANCELLED])
def test_only_a_draft_is_edited(database: Engine, status: IssueStatus) -> None:
    ingest(database, digest(cached(1)))
    edition = drafted(database).edition
    with store.writing(database) as tx:
        issues.change(tx, edition, status=status)

    with pytest.raises(Conflict, match=f"weekly/1 is {status}, and only a draft can be edited; "):
        edited(database, edition, EditKind.NOTE, text="Late.")
    with pytest.raises(Conflict, match="only a draft can be edited"):
        drafts.undo(database, edition, who="ada", now=NOW)


@pytest.mark.parametrize("status", [IssueStatus.SENDING, IssueStatus.SENT])
def test_what_readers_have_is_not_taken_back(database: Engine, status: IssueStatus) -> None:
    ingest(database, digest(cached(1)))
    edition = drafted(database).edition
    with store.writing(database) as tx:
        issues.change(tx, edition, status=status)

    with pytest.raises(Conflict, match=f"weekly/1 is {status}: readers have it"):
        drafts.cancel(database, edition)


def test_a_cancelled_or_empty_draft_is_not_approved(database: Engine) -> None:
    ingest(database, digest(cached(1)))
    empty = drafted(database, replace(WEEKLY, trending_limit=0, themes=()))
    with pytest.raises(Conflict, match="weekly/1 holds no paper; pin one, or refresh it: newsletter draft w"):
        drafts.approve(database, empty, now=NOW)
    drafts.cancel(database, empty.edition)

    with pytest.raises(Conflict, match="weekly/1 is cancelled; make the next: newsletter draft weekly"):
        drafts.approve(database, empty, now=NOW)


def test_dying_while_approving_leaves_the_draft(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    ingest(database, digest(cached(1)))
    draft = drafted(database)
    before = dump(database)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(issues, "change", die)
        with pytest.raises(KeyboardInterrupt):
            drafts.approve(database, draft, now=NOW)

    assert dump(database) == before
    assert drafts.approve(database, draft, now=NOW)[1]


def test_papers_that_turn_out_to_be_one_stay_carried(database: Engine) -> None:
    ingest(database, digest(replace(cached(1), arxiv_id=None, title="Old Title"), cached(2)))
    approved(database)

    # The record that has the id, the DOI and the old title in common joins them.
    ingest(database, digest(cached(1, doi="10.1000/1"), source="b.txt"))
    ingest(database, digest(replace(cached(1, doi="10.1000/1"), title="Old Title"), source="c.txt"))

    with store.reading(database) as tx:
        carried = tx.execute(select(tables.issue_papers.c.paper_id)).scalars().all()
        known = set(tx.scalars(select(tables.papers.c.id)))
    assert (len(carried), set(carried) <= known, len(known)) == (2, True, 2)


# Two rows of one paper, until a record with the names of both joins them.
HALVES = (
    paper("Attic", "A KV cache.", arxiv_id="2601.00001"),
    paper("Larder", "A KV cache.", doi="10.1000/1"),
)
WHOLE = replace(HALVES[0], doi="10.1000/1", version=2)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("carried", HALVES, ids=lambda half: half.title)
def test_of_two_rows_that_are_one_paper_the_memory_is_kept(
    database: Engine, first: int, carried: Paper
) -> None:
    ingest(database, digest(HALVES[first]), digest(HALVES[1 - first], source="b.txt"))
    [other] = {half.title for half in HALVES} - {carried.title}
    edition = drafted(database).edition
    drafts.approve(database, edited(database, edition, EditKind.DROP, other), now=NOW)

    later = (WHOLE, *HALVES, replace(HALVES[0], title="Loft", version=3))
    ingest(database, *(digest(one, source=f"{at}.txt") for at, one in enumerate(later)))

    draft = drafted(database)
    assert (held(draft), [one.number for one in draft.carried]) == ([], [1])


@pytest.mark.parametrize("about", HALVES, ids=lambda half: half.title)
@pytest.mark.parametrize(("kind", "left"), [(EditKind.PIN, ["pinned"]), (EditKind.DROP, [])])
def test_of_two_rows_that_are_one_paper_the_edit_holds(
    database: Engine, about: Paper, kind: EditKind, left: list[str]
) -> None:
    ingest(database, digest(HALVES[1]), digest(HALVES[0], source="b.txt"))
    edited(database, drafted(database).edition, kind, about.title)
    ingest(database, digest(WHOLE, source="c.txt"))

    draft = drafted(database)

    assert [pick.edit for section in draft.issue.sections for pick in section.picks] == left
    assert draft.unused == ()


# Two at once


def at_once(*jobs: object) -> list[object]:
    """What each job gives, or the error that it raises; they start together."""
    gate = threading.Barrier(len(jobs))

    def run(job: object) -> object:
        gate.wait()
        try:
            return job()  # type: ignore[operator]
        except (Conflict, StoreError) as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_two_who_draft_at_once_get_one_draft(database: Engine, second: Engine) -> None:
    ingest(database, digest(cached(1)))

    def draft(at: Engine) -> tuple[Edition, bool]:
        return drafts.draft(at, WEEKLY, on=ON, since=None, now=NOW)

    found: Sequence[object] = at_once(*(lambda at=at: draft(at) for at in (database, second) * 3))

    assert sorted(new for _, new in found) == [False] * 5 + [True]  # type: ignore[misc, has-type]
    assert [row[2] for row in dump(database)["issues"]] == [1]


def test_two_who_approve_at_once_approve_one_issue(database: Engine, second: Engine) -> None:
    ingest(database, digest(cached(1)))
    draft = drafted(database)

    found = at_once(*(lambda at=at: drafts.approve(at, draft, now=NOW) for at in (database, second) * 3))

    assert sorted(now for _, now in found) == [False] * 5 + [True]  # type: ignore[misc, has-type]
    assert len(dump(database)["issue_papers"]) == 1


def test_an_edit_and_an_approval_at_once_are_both_told_what_happened(
    database: Engine, second: Engine
) -> None:
    ingest(database, digest(cached(1)))
    draft = drafted(database)

    done = at_once(
        lambda: drafts.approve(database, draft, now=NOW),
        lambda: edited(second, draft.edition, EditKind.NOTE, text="Late."),
    )

    assert sum(isinstance(one, Conflict) for one in done) == 1
    now = look(database, draft.edition)
    assert (now.issue.note == "Late.") == isinstance(done[0], Conflict)


# A year


def test_a_year_of_weeks_carries_every_paper_once_and_in_order(database: Engine) -> None:
    carried: list[str] = []
    for week in range(52):
        again = [cached(week - 1)] if week else []
        ingest(database, digest(*again, cached(week), cached(100 + week), source=f"{week}.txt"))
        if week % 7 == 3:
            continue  # a week without an issue
        carried += held(approved(database, on=ON + timedelta(weeks=week)))

    assert len(carried) == len(set(carried)) == 104
    with store.reading(database) as tx:
        numbers = [one.number for one in issues.every(tx, list="weekly")]
    assert numbers == list(range(1, 46))


def test_trends_compare_with_the_mean_of_earlier_issues(database: Engine) -> None:
    for week in range(3):
        ingest(database, digest(*(cached(10 * week + n) for n in range(week + 1)), source=f"{week}.txt"))
        approved(database)
    ingest(database, digest(cached(90), paper("On Speech"), source="now.txt"))

    found = drafted(database).issue.trends

    assert [(one.theme, one.count, one.mean, one.issues) for one in found] == [
        ("kv-cache", 1, 2.0, 3),
        ("speech", 1, 0.0, 3),
    ]


def test_new_terms_are_those_of_no_paper_seen_before(database: Engine) -> None:
    ingest(database, many(1100, source="old.txt"), now=NOW - timedelta(days=30))
    both = [paper(f"Otter {n}", "GRPO-λ learns as DAPO2 does.", arxiv_id=f"2602.0000{n}") for n in (1, 2)]
    ingest(database, digest(paper("DAPO2 Begins"), source="before.txt"), now=NOW - timedelta(days=20))
    ingest(database, digest(*both, source="now.txt"))

    draft = drafted(database, since=ON - timedelta(days=7))
    drafts.approve(database, draft, now=NOW)

    assert draft.issue.new_terms == ("GRPO-λ",)
    assert look(database, draft.edition).issue.new_terms == ("GRPO-λ",)


def test_terms_found_before_hold_while_the_same_papers_are_considered(database: Engine) -> None:
    ingest(database, many(1100, source="old.txt"), now=NOW - timedelta(days=30))
    both = [paper(f"Otter {n}", "GRPO-λ learns as DAPO2 does.", arxiv_id=f"2602.0000{n}") for n in (1, 2)]
    ingest(database, digest(*both, source="now.txt"))
    found = drafted(database, since=ON - timedelta(days=7))
    told = replace(found, issue=replace(found.issue, new_terms=("said before",)))

    edited(database, found.edition, EditKind.NOTE, text="Good morning.")
    again = look(database, found.edition, before=told)
    ingest(database, digest(paper("Badger", "QLoRA-9 digs."), source="later.txt"))
    drafted(database)
    anew = look(database, found.edition, before=told)

    assert (again.issue.note, again.issue.new_terms) == ("Good morning.", ("said before",))
    assert "GRPO-λ" in anew.issue.new_terms
