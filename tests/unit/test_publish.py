"""Making an issue: which papers it holds and what is said of each."""

from datetime import date

from newsletter import publish
from newsletter.model import Issue
from tests.builders import digest, mailing_list, paper, theme

ON = date(2026, 1, 6)
CACHE = paper(
    "Larder: Half a KV Cache", "Caches are large. We introduce Larder, which reduces memory by 50%."
)
OTHER = paper("Plumbline: Upright Answers", "Answers vary. We present Plumbline, a benchmark.", position=2)


def drafted(**values: object) -> Issue:
    chosen = mailing_list(themes=(theme("kv-cache", {"KV cache": 4.0}),))
    return publish.draft([digest(CACHE, OTHER)], list=chosen, on=ON, **values)


def test_an_issue_has_the_sections_of_its_list_then_what_is_trending() -> None:
    issue = drafted()

    assert [(section.theme, [pick.paper.title for pick in section.picks]) for section in issue.sections] == [
        ("kv-cache", [CACHE.title]),
        ("trending", [OTHER.title]),
    ]
    assert (issue.date, issue.read, issue.note) == (ON, 2, "")


def test_every_paper_is_told_by_a_sentence_of_its_abstract() -> None:
    told = [pick for section in drafted().sections for pick in section.picks]

    assert [pick.one_liner for pick in told] == [
        "We introduce Larder, which reduces memory by 50%.",
        "We present Plumbline, a benchmark.",
    ]


def test_a_paper_of_two_digests_is_one_paper() -> None:
    chosen = mailing_list(themes=(theme("kv-cache", {"KV cache": 4.0}),))

    issue = publish.draft([digest(CACHE), digest(CACHE, OTHER)], list=chosen, on=ON)

    assert issue.read == 2
    assert sum(len(section.picks) for section in issue.sections) == 2


def test_the_editors_note_stands_in_the_issue() -> None:
    assert drafted(note="Happy new year.").note == "Happy new year."


def test_digests_without_a_paper_make_an_issue_without_a_section() -> None:
    assert publish.draft([digest()], list=mailing_list(), on=ON).sections == ()
