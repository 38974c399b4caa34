"""A recap: the best of a month's issues, each paper once, as its issue told of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from newsletter import frozen, publish, selection
from newsletter.model import (
    TRENDING,
    Evidence,
    Issue,
    Link,
    LinkKind,
    MailingList,
    Pick,
    Rank,
    Recalled,
    Section,
)
from tests.builders import issue, mailing_list, paper, theme

NOVEMBER = date(2026, 11, 1)
LIST = mailing_list(themes=(theme("kv-cache", limit=3), theme("speech", limit=3)), trending_limit=2)


def ranked(title: str, rank: float | None = 1.0, **values: object) -> Pick:
    """A paper as an issue carried it."""
    known = {name: values.pop(name) for name in ("arxiv_id", "doi", "upvotes", "links") if name in values}
    parts = None if rank is None else Rank(rank, 0.0, 0.0, 0.0)
    return Pick(paper(title, **known), rank=parts, **values)  # type: ignore[arg-type]


def week(**sections: Sequence[Pick]) -> Issue:
    """An issue with those papers by the theme; `also` are those that were trending."""
    slugs = {name: TRENDING if name == "also" else name.replace("_", "-") for name in sections}
    parts = (Section(slugs[name], name.title(), "", tuple(picks)) for name, picks in sections.items())
    return replace(issue(list=LIST), sections=tuple(parts))


def recalled(*issues: Issue, list: MailingList = LIST) -> dict[str, list[str]]:
    """The titles of a recap by section."""
    sections, _ = selection.recall(issues, list=list)
    return {section.theme: [pick.paper.title for pick in section.picks] for section in sections}


def recap(*issues: Issue, list: MailingList = LIST) -> Issue:
    days = (Recalled(at, date(2026, 11, at), one.headline) for at, one in enumerate(issues, start=1))
    made = publish.recap([*zip(days, issues, strict=True)], list=list, month=NOVEMBER, on=date(2026, 12, 1))
    assert made
    return made


def test_papers_of_all_issues_stand_by_their_rank_in_the_order_of_the_themes() -> None:
    first = week(also=[ranked("T", 0.3)], speech=[ranked("S", 0.9)], kv_cache=[ranked("A", 0.5)])
    second = week(kv_cache=[ranked("B", 0.8), ranked("C", 0.2)])

    assert recalled(first, second) == {"kv-cache": ["B", "A", "C"], "speech": ["S"], TRENDING: ["T"]}


def test_votes_decide_among_papers_of_one_rank_and_a_rank_that_is_not_known_comes_last() -> None:
    known = [ranked("Few", 0.5, upvotes=3), ranked("Many", 0.5, upvotes=30)]

    assert recalled(week(kv_cache=[ranked("Old", None, upvotes=99)]), week(kv_cache=known)) == {
        "kv-cache": ["Many", "Few", "Old"]
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"title": "Larder", "arxiv_id": "2611.00001"},
            {"title": "Larder, Revised", "arxiv_id": "2611.00001"},
        ),
        ({"title": "LARDER: a cache"}, {"title": "Larder — A Cache", "arxiv_id": "2611.00001"}),
        ({"title": "A", "doi": "10.1234/5"}, {"title": "B", "doi": "10.1234/5"}),
    ],
)
def test_two_names_of_one_paper_are_one_paper_told_as_its_best_issue_did(
    one: dict[str, str], other: dict[str, str]
) -> None:
    weak = ranked(rank=0.2, one_liner="First words.", **one)  # type: ignore[arg-type]
    strong = ranked(rank=0.7, one_liner="Best words.", **other)  # type: ignore[arg-type]

    for issues in ([week(kv_cache=[weak]), week(speech=[strong])], [week(kv_cache=[weak], speech=[strong])]):
        sections, papers = selection.recall(issues, list=LIST)
        assert ([part.theme for part in sections], papers) == (["speech"], 1)
        assert [pick.one_liner for pick in sections[0].picks] == ["Best words."]


def test_a_paper_stands_under_a_theme_rather_than_among_what_was_trending() -> None:
    assert recalled(week(also=[ranked("A", 2.0)]), week(speech=[ranked("A", 0.1)])) == {"speech": ["A"]}


def test_each_section_keeps_its_limit() -> None:
    many = [ranked(f"P{at}", 1 - at / 10) for at in range(6)]
    trending = [ranked(f"T{at}", 1 - at / 10) for at in range(6)]

    assert recalled(
        week(kv_cache=many[3:], also=trending[3:]), week(kv_cache=many[:3], also=trending[:3])
    ) == {
        "kv-cache": ["P0", "P1", "P2"],
        TRENDING: ["T0", "T1"],
    }


def test_within_the_limit_of_an_issue_every_theme_keeps_its_first_paper() -> None:
    strong, weak = [ranked(f"K{at}", 0.9) for at in range(3)], [ranked(f"S{at}", 0.1) for at in range(3)]
    chosen = replace(LIST, limit=3)

    found = recalled(week(kv_cache=strong, speech=weak, also=[ranked("T", 0.5)]), list=chosen)

    assert found == {"kv-cache": ["K0", "K1"], "speech": ["S0"]}


def test_a_theme_that_the_list_has_no_more_stands_before_what_was_trending() -> None:
    chosen = replace(LIST, themes=LIST.themes[1:])
    papers = [ranked(f"K{at}") for at in range(5)]

    found = recalled(week(kv_cache=papers, also=[ranked("T")]), week(speech=[ranked("S")]), list=chosen)

    assert found == {"speech": ["S"], "kv-cache": ["K0", "K1", "K2"], TRENDING: ["T"]}


def test_what_was_told_of_a_paper_is_told_again_but_not_what_an_editor_did() -> None:
    evidence = (Evidence("KV cache", "title", 1, 4.0, ((0, 2),)),)
    told = ranked("A", one_liner="It says so.", evidence=evidence, told_by="AI summary", also=("Speech",))

    (section,) = recap(week(kv_cache=[replace(told, edit="pinned")])).sections

    assert section.picks == (told,)


def test_a_recap_tells_of_its_month_and_of_no_trend() -> None:
    code = (Link(LinkKind.CODE, "https://code.example.org/x"),)
    first = week(kv_cache=[ranked(f"K{at}", links=code) for at in range(5)], speech=[ranked("S")])
    second = week(also=[ranked("T"), ranked("K0")])

    made = recap(first, second)

    assert made.headline == "The best of November: 5 papers of 2 issues"
    assert made.intro == (
        "5 of the 7 papers that its issues carried: 3 on kv cache, 1 on speech, and 1 more that is trending. "
        "3 of them link to code."
    )
    assert (made.read, made.trends, made.new_terms, made.note) == (7, (), (), "")
    assert [one.number for one in made.recalled] == [1, 2]
    assert frozen.from_data(frozen.as_data(made)) == made


@pytest.mark.parametrize(
    ("papers", "says"),
    [
        (1, "The only paper that its issue carried, on kv cache."),
        (2, "All 2 papers that its issue carried, all on kv cache."),
        (4, "3 of the 4 papers that its issue carried, all on kv cache."),
    ],
)
def test_the_intro_counts_what_there_was(papers: int, says: str) -> None:
    assert recap(week(kv_cache=[ranked(f"K{at}") for at in range(papers)])).intro == says


def test_a_reader_of_one_theme_gets_a_recap_of_that_theme() -> None:
    whole = recap(week(kv_cache=[ranked("A"), ranked("B")], speech=[ranked("S")]))

    shown = publish.themed(whole, ["speech"])

    assert shown
    assert shown.headline == "The best of November: 1 paper of 1 issue"
    assert shown.intro == "1 of the 3 papers that its issue carried, on speech."
    assert (shown.recap, shown.recalled) == ("2026-11", whole.recalled)
    assert publish.themed(whole, ["agents"]) is None


def test_where_the_limits_leave_nothing_there_is_no_recap() -> None:
    days = [(Recalled(1, NOVEMBER, "x"), week(kv_cache=[ranked("A")]))]

    assert publish.recap(days, list=replace(LIST, limit=0), month=NOVEMBER, on=NOVEMBER) is None
    assert publish.recap([], list=LIST, month=NOVEMBER, on=NOVEMBER) is None


def test_the_headline_of_a_recap_fits_a_subject_in_any_month() -> None:
    whole = [week(kv_cache=[ranked(f"K{at}") for at in range(1200)])] + [week(kv_cache=[ranked("K0")])] * 30
    wide = replace(LIST, themes=(theme("kv-cache", limit=2000),))
    days = [(Recalled(at, NOVEMBER, "x"), one) for at, one in enumerate(whole)]

    headlines = [
        made.headline
        for month in range(1, 13)
        if (made := publish.recap(days, list=wide, month=date(2026, month, 1), on=NOVEMBER))
    ]

    assert len(headlines) == 12
    assert max(map(len, headlines)) <= 60
