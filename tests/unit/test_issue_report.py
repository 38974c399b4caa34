"""What an editor is shown of an issue: its sections, who changed what, and what that changed."""

from dataclasses import replace
from datetime import date

from newsletter import issue_report, publish
from newsletter.drafts import Draft
from newsletter.model import Edit, Edition, EditKind, IssueStatus, Section, Trend
from newsletter.store.edits import Logged
from tests.builders import NOW, issue, mailing_list, paper, pick, theme

EDITION = Edition(7, "weekly", 7, date(2026, 1, 6), IssueStatus.DRAFT, NOW)
OTTER, NEWT = paper("Otter", arxiv_id="2601.00001"), paper("Newt", arxiv_id="2601.00002")


def section(*picks: object, title: str = "Speech") -> Section:
    return Section(title.lower(), title, "", tuple(picks))  # type: ignore[arg-type]


def draft(*sections: Section, note: str = "", **values: object) -> Draft:
    given: dict[str, object] = {"edits": (), **values}
    return Draft(EDITION, issue(*sections, note=note), **given)  # type: ignore[arg-type]


def logged(kind: EditKind, of: str = "", *, title: str = "", undone: bool = False) -> Logged:
    edit = Edit(kind, of, text="" if of else title, who="ada", at=NOW)
    done = {"undone_at": NOW, "undone_by": "bo"} if undone else {}
    return Logged(1, edit, title if of else "", **done)  # type: ignore[arg-type]


def test_a_paper_is_shown_with_who_put_it_there() -> None:
    ours = draft(
        section(pick(paper=OTTER, edit="pinned"), pick(paper=NEWT, edit="moved"), pick("Eel")),
        edits=(logged(EditKind.PIN, "arxiv:2601.00001"),),
        overrides=(Edit(EditKind.MOVE, "https://arxiv.org/abs/2601.00002v3", who="config"),),
    )

    rows = issue_report.section_table(ours.issue.sections[0], ours).cells

    assert [(row[3], row[-1]) for row in rows] == [
        ("Otter", "pinned by ada, 2026-01-06 09:30Z"),
        ("Newt", "moved by config"),
        ("Eel", ""),
    ]


def test_a_diff_tells_what_came_in_went_out_and_moved_and_who_did_it() -> None:
    alone = [section(pick(paper=NEWT), pick("Eel"), pick("Ray"))]
    ours = draft(
        section(pick(paper=OTTER, edit="pinned"), pick("Eel")),
        section(pick("Ray"), title="Trending"),
        edits=(logged(EditKind.PIN, "arxiv:2601.00001"), logged(EditKind.DROP, "arxiv:2601.00002")),
    )

    by = "ada, 2026-01-06 09:30Z"
    assert issue_report.diff_table(alone, ours).cells == (
        ("in", "Otter", "", "Speech, place 1", by),
        ("moved", "Ray", "Speech, place 3", "Trending, place 1", ""),
        ("out", "Newt", "Speech, place 1", "", by),
    )


def test_an_edit_that_was_undone_is_nobodys_change() -> None:
    ours = draft(section(pick("Eel")), note="Tea?", edits=(logged(EditKind.NOTE, title="Tea?", undone=True),))

    assert issue_report.diff_table([section(pick("Eel"))], ours).cells == (("note", "Tea?", "", "", ""),)
    assert issue_report.edits_table(ours).cells == (
        ("2026-01-06 09:30Z", "ada", "noted", "Tea?", "", "2026-01-06 09:30Z, bo"),
    )


def test_an_edit_just_made_is_told_with_its_place() -> None:
    ours = [section(pick("Eel"), pick(paper=OTTER))]

    def told(kind: EditKind, title: str = "", text: str = "") -> str:
        return issue_report.edited_text(Edit(kind, text=text), title, ours)

    assert told(EditKind.PIN, "Otter") == "pinned “Otter”; it stands under Speech, place 2"
    assert told(EditKind.DROP, "Newt") == "dropped “Newt”"
    assert told(EditKind.NOTE, text="Tea?") == "note kept"
    assert told(EditKind.NOTE) == "note taken away"


def test_edits_that_come_to_nothing_are_told_but_not_those_of_the_configuration() -> None:
    list = mailing_list(themes=(theme("speech"),))
    by_editor = Edit(EditKind.MOVE, "2601.00001", "speech", 2, at=NOW)
    chosen = publish.choose([NEWT], list=list, on=EDITION.date)
    ours = draft(chosen=replace(chosen, unused=(by_editor, replace(by_editor, at=None))))

    assert ours.unused == (by_editor,)
    assert issue_report.draft_json(ours)["unused"] == ["move 2601.00001 speech, place 2"]


def test_trends_new_terms_and_the_note_are_in_the_head() -> None:
    ours = draft(section(pick("Eel")), note="Tea?\nYes.")
    trend = Trend("speech", "Speech", 8, 5.25, 1)
    ours = replace(ours, issue=replace(ours.issue, trends=(trend,), new_terms=("DAPO", "GRPO-λ")))

    assert issue_report.draft_text(ours).splitlines() == [
        "weekly/7, 2026-01-06, draft: 12 papers considered",
        "    1  Speech",
        "trend: Speech 8, 5.2 in the mean of 1 issue",
        "new: DAPO, GRPO-λ",
        "note:",
        "  Tea?",
        "  Yes.",
    ]
