"""Making an issue: which papers it holds and what is said of each."""

from datetime import date

from newsletter import publish
from newsletter.model import Issue, Paper
from newsletter.summary import Told
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


def lines(summaries: str, **values: object) -> list[tuple[str, str]]:
    themes = (theme("kv-cache", {"KV cache": 4.0}),)
    told = paper(CACHE.title, CACHE.abstract, ai_summary="Larder is a cache that reduces memory by 50%.")
    chosen = mailing_list(themes=themes, summaries=summaries)
    issue = publish.draft([digest(told, OTHER)], list=chosen, on=ON, **values)
    return [(pick.one_liner, pick.told_by) for section in issue.sections for pick in section.picks]


def test_the_ai_summary_of_a_source_is_told_as_one_where_there_is_one() -> None:
    assert lines("hf") == [
        ("Larder is a cache that reduces memory by 50%.", "AI summary"),
        ("We present Plumbline, a benchmark.", ""),
    ]


def test_no_model_is_told_where_the_list_wants_the_authors() -> None:
    said = [
        ("We introduce Larder, which reduces memory by 50%.", ""),
        ("We present Plumbline, a benchmark.", ""),
    ]

    assert lines("abstract") == lines("abstract", tell=lambda paper: Told("Nonsense.", "me")) == said


def test_a_model_is_asked_about_the_papers_of_the_issue_alone() -> None:
    asked: list[Paper] = []

    def tell(paper: Paper) -> Told | None:
        asked.append(paper)
        return Told("Larder halves caches.", "AI summary, wren-1") if "Larder" in paper.title else None

    chosen = mailing_list(themes=(theme("kv-cache", {"KV cache": 4.0}),), summaries="model", trending_limit=0)
    issue = publish.draft([digest(CACHE, OTHER)], list=chosen, on=ON, tell=tell)

    (told,) = issue.sections[0].picks
    assert (told.one_liner, told.told_by) == ("Larder halves caches.", "AI summary, wren-1")
    assert [paper.title for paper in asked] == [CACHE.title]


def test_where_a_model_says_nothing_the_authors_do() -> None:
    assert lines("model", tell=lambda paper: None) == lines("abstract") == lines("model")


def test_a_paper_of_two_digests_is_one_paper() -> None:
    chosen = mailing_list(themes=(theme("kv-cache", {"KV cache": 4.0}),))

    issue = publish.draft([digest(CACHE), digest(CACHE, OTHER)], list=chosen, on=ON)

    assert issue.read == 2
    assert sum(len(section.picks) for section in issue.sections) == 2


def test_the_editors_note_stands_in_the_issue() -> None:
    assert drafted(note="Happy new year.").note == "Happy new year."


def test_digests_without_a_paper_make_an_issue_without_a_section() -> None:
    assert publish.draft([digest()], list=mailing_list(), on=ON).sections == ()
