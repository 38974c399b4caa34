"""What leaves an issue that is too large for a mail, in which order, and that no paper is lost."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html  # type: ignore[import-untyped]

from newsletter import budget, rendering
from newsletter.budget import Step
from newsletter.model import TRENDING, Figure, Finding, Issue, Pick, RenderedIssue, Section
from newsletter.templating import Look
from tests.builders import LINKS, issue, mailing_list, paper, pick

FOLDER = Path(__file__).parents[2] / "templates" / "default"
LOOK = Look("default", {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()})
WORDS = "keeps the half of a cache that later answers need and gives the rest back".split()  # noqa: SIM905

# A paper of which the HTML has the title only.
BRIEF = "//*[contains(@class, 'brief')]"

# A look that shows of a paper its title, and that twice where there is room.
TITLES_ONLY = """<mjml><mj-head><mj-title>{{ subject }}</mj-title></mj-head>
<mj-body><mj-section><mj-column><mj-text>
{% for section in issue.sections %}{% for pick in section.picks %}<p>{{ pick.paper.title }}</p>
{% if not pick.brief %}<p>{{ pick.paper.title }}</p>{% endif %}
{% endfor %}{% endfor %}</mj-text></mj-column></mj-section></mj-body></mjml>"""


def wordy(number: int, words: int) -> Pick:
    """A paper with that many words in each of its parts; no two have one title."""
    text = " ".join((WORDS * (words // len(WORDS) + 1))[:words])
    people = tuple(f"Ada {name} Holm" for name in text.split())
    of = paper(f"Paper {number:03} {text[:90].strip()}", authors=people, arxiv_id=f"2402.{number:05}")
    return pick(paper=of, one_liner=text, figures=(Figure("45%", text[:60]),), also=("Parallelism",))


def sized(*sizes: int, words: int = 30, **values: object) -> Issue:
    """An issue of sections of these sizes, the last one of what is trending."""
    slugs = [f"theme-{at}" for at in range(len(sizes) - 1)] + [TRENDING]
    numbers = iter(range(sum(sizes)))
    sections = (
        Section(slug, slug.capitalize(), "", tuple(wordy(next(numbers), words) for _ in range(size)))
        for slug, size in zip(slugs, sizes, strict=True)
    )
    return issue(*sections, **values)


def render(of: Issue) -> RenderedIssue:
    return rendering.render(of, look=LOOK, links=LINKS)


def kept_whole(of: Issue, step: Step) -> list[list[str]]:
    """The numbers of the papers that are not brief, by section."""
    cut = budget.cut(of, step)
    return [[one.paper.title[6:9] for one in part.picks if not one.brief] for part in cut.sections]


def papers_of(rendered: RenderedIssue) -> tuple[list[str], list[str]]:
    """The numbers of the papers in the HTML and in the text, in their order."""
    root = lxml_html.document_fromstring(rendered.html)
    titles = root.xpath(f"//h3//text() | {BRIEF}//text()")
    return re.findall(r"Paper (\d+)", " ".join(titles)), re.findall(r"^\* Paper (\d+)", rendered.text, re.M)


def test_an_issue_that_fits_is_left_as_it_is() -> None:
    rendered = render(sized(6, 6, 5, words=12))

    assert rendered.cuts == ()
    assert "Ada keeps Holm" in rendered.html


def test_authors_leave_first_and_alone_where_that_is_enough() -> None:
    known = pick(paper=paper(authors=("Ada " + "Hollingsworth " * 300,)))
    rendered = render(issue(Section("a", "A", "", (known,) * 20)))

    assert rendered.cuts == ("authors",)
    assert "Holling" not in rendered.html + rendered.text


def test_what_was_cut_is_told_in_the_order_of_leaving() -> None:
    rendered = render(sized(40, 40, 10))

    authors, lines, tail = rendered.cuts
    assert (authors, lines) == ("authors", "one-liners of at most 120 characters")
    assert re.fullmatch(r"\d+ papers of the tail as title and link", tail)
    assert budget.parts(Step(brief=1)) == ((Step(brief=1), "1 paper of the tail as title and link"),)


def test_what_a_look_does_not_show_is_not_told_as_cut() -> None:
    look = replace(LOOK, files=dict(LOOK.files) | {"issue.mjml.j2": TITLES_ONLY})

    (told,) = rendering.render(sized(300, 300, words=60), look=look, links=LINKS).cuts
    assert told.endswith("papers of the tail as title and link")


def test_what_only_trends_leaves_first_and_the_first_of_a_section_last() -> None:
    of = sized(3, 2, 2)

    assert kept_whole(of, Step(brief=1)) == [["000", "001", "002"], ["003", "004"], ["005"]]
    assert kept_whole(of, Step(brief=2)) == [["000", "001"], ["003", "004"], ["005"]]
    assert kept_whole(of, Step(brief=4)) == [["000"], ["003"], ["005"]]
    assert kept_whole(of, Step(brief=6)) == [["000"], [], []]


def test_one_liners_are_cut_between_words() -> None:
    of = issue(Section("a", "A", "", (pick(one_liner="Larder keeps the half, which is needed later."),)))

    (section,) = budget.cut(of, Step(one_liners=24)).sections
    assert section.picks[0].one_liner == "Larder keeps the half…"
    (section,) = budget.cut(of, Step(one_liners=5)).sections
    assert section.picks[0].one_liner == "Lard…"


def test_a_brief_paper_leads_to_its_place_on_the_web_in_both_bodies() -> None:
    of = sized(40, 40, 10)
    rendered = render(of)

    brief = lxml_html.document_fromstring(rendered.html).xpath(f"{BRIEF}/a/@href")
    tail = [f"{LINKS.web}#{rendering.anchor(pick.paper)}" for pick in of.sections[-1].picks[1:]]
    assert brief[-9:] == tail
    assert all(rendered.text.count(f"{address}\n") == 1 for address in brief)


def test_only_the_tail_that_has_no_room_becomes_brief() -> None:
    of = sized(40, 40, 10)
    rendered = render(of)
    brief = len(lxml_html.document_fromstring(rendered.html).xpath(BRIEF))
    one_less = budget.cut(of, Step(authors=True, one_liners=120, brief=brief - 1))

    assert budget.LARGE - 4000 < len(rendered.html.encode()) < budget.LARGE
    assert not budget.fits(render(replace(one_less, list=mailing_list(shorten=False))).html)


def test_an_inbox_shows_the_same_line_of_an_issue_that_was_cut() -> None:
    of = sized(40, 40, 10)
    whole = render(replace(of, list=mailing_list(shorten=False)))

    assert (render(of).subject, render(of).preheader) == (whole.subject, whole.preheader)


def test_a_list_that_wants_all_gets_all() -> None:
    rendered = render(sized(40, 40, 10, list=mailing_list(shorten=False)))

    assert rendered.cuts == ()
    assert len(rendered.html.encode()) > budget.CLIPPED


def test_a_size_that_the_list_asks_for_is_only_warned_of() -> None:
    size, other = Finding("html-size", "error", "too large"), Finding("placeholder", "error", "left over")

    assert budget.judged([size, other], list=mailing_list()) == (size, other)
    found = budget.judged([size, other], list=mailing_list(shorten=False))
    assert found == (replace(size, level="warning"), other)


def test_an_issue_that_no_cut_makes_fit_is_cut_as_far_as_it_goes() -> None:
    rendered = render(sized(2, 1, note="word " * 20_000))

    assert rendered.cuts[-1] == "3 papers of the tail as title and link"
    assert render(replace(sized(1), sections=(), note="word " * 20_000)).cuts == ()


def test_an_issue_with_more_papers_is_cut_no_less() -> None:
    brief = []
    for papers in range(10, 60, 12):
        of = sized(papers, 5)
        whole = len(lxml_html.document_fromstring(render(of).html).xpath("//h3"))
        brief.append((len(render(of).cuts), papers + 5 - whole))

    assert brief == sorted(brief)
    assert (brief[0], brief[-1][0]) == ((0, 0), 3)


@settings(max_examples=5, deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=4).filter(any),
    st.integers(5, 120),
)
def test_any_issue_fits_keeps_every_paper_in_order_and_is_cut_alike_each_time(
    sizes: list[int], words: int
) -> None:
    of = sized(*sizes, words=words)

    rendered = render(of)

    numbers = [f"{number:03}" for number in range(sum(sizes))]
    assert papers_of(rendered) == (numbers, numbers)
    assert budget.fits(rendered.html) or rendered.cuts[-1].startswith(f"{sum(sizes)} papers")
    assert render(of) == rendered


@pytest.mark.parametrize("sizes", [(1,), (100, 100, 100, 95, 5)])
def test_an_issue_of_one_paper_or_of_four_hundred_loses_none(sizes: tuple[int, ...]) -> None:
    numbers = [f"{number:03}" for number in range(sum(sizes))]

    assert papers_of(render(sized(*sizes, words=100))) == (numbers, numbers)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.integers(0, 60))
def test_each_step_takes_what_the_one_before_took_and_something_more(sizes: list[int], words: int) -> None:
    of = sized(*sizes, words=words)
    cuts = [of, *(budget.cut(of, step) for step in budget.steps(of))]

    assert all(said(after) < said(before) for before, after in pairwise(cuts))
    assert all(one.brief for part in cuts[-1].sections for one in part.picks)


def said(of: Issue) -> int:
    """How much an issue says of its papers: characters, and a point for each that is told of at all."""
    picks = [one for part in of.sections for one in part.picks]
    words = sum(len(one.one_liner) + sum(map(len, one.paper.authors)) for one in picks)
    return words + sum(not one.brief for one in picks)
