"""The compact look: a row for each paper, to be scanned. What it shares with every look is in test_looks."""

import re
from dataclasses import replace

import pytest

from newsletter.model import Figure, Issue, Link, LinkKind, Pick, RenderedIssue, Section
from tests import looks
from tests.builders import LINKS, issue, paper
from tests.looks import busy_issue, full_pick, tree, words

FOLDER = looks.ROOT / "compact"


def render(of: Issue) -> RenderedIssue:
    return looks.render(FOLDER, of)


def showing(*picks: Pick, theme: str = "kv-cache") -> RenderedIssue:
    return render(issue(Section(theme, "KV cache", "What it is about.", picks)))


def body(rendered: RenderedIssue) -> str:
    return words(tree(rendered).xpath("//*[@role='article']")[0])


def test_a_row_tells_title_first_figure_upvotes_and_code() -> None:
    rendered = showing(full_pick(34))

    title = "Larder 34: Keeping the Right Half of a Cache through Very Long Conversations"
    assert f"{title} 2.6× less peak memory 34 upvotes Code" in body(rendered)
    assert tree(rendered).xpath("//h3/a/@href") == ["https://arxiv.org/abs/2402.00034"]
    assert re.findall(r"Ada Holm|45%|at no cost|Matched|PDF", rendered.html + rendered.text) == []


def test_words_from_right_to_left_do_not_turn_around_what_stands_beside_them() -> None:
    figure = Figure("٤٥٪", "أقل ذاكرة")

    rendered = showing(replace(full_pick(34), figures=(figure,)))

    assert [words(span) for span in tree(rendered).xpath("//p/span[@dir='auto']")] == [
        "٤٥٪\u200e أقل ذاكرة\u200e"
    ]


def test_a_row_of_the_text_is_a_title_what_tells_most_and_a_line_of_links() -> None:
    rendered = showing(full_pick(34))

    assert rendered.text.split("--------\n\n")[1].split("\n\n-- ")[0] == (
        "* Larder 34: Keeping the Right Half of a Cache through Very Long\n"
        "  Conversations\n"
        "  2.6× less peak memory; 34 upvotes\n"
        "  https://arxiv.org/abs/2402.00034  Code: https://code.example.org/larder/34"
    )


def test_links_that_do_not_fit_one_line_of_the_text_stand_on_two() -> None:
    code = f"https://code.example.org/{'x' * 30}"
    rendered = showing(replace(full_pick(34), paper=paper(links=(Link(LinkKind.CODE, code),))))

    assert f"\n  https://huggingface.co/papers?q=A+Paper\n  Code: {code}\n" in rendered.text


@pytest.mark.parametrize(
    ("figure", "html"),
    [
        (Figure("2.6×", "less memory"), "<b>2.6×</b> less memory"),
        (Figure("45%", "", "reduces latency by"), "reduces latency by <b>45%</b>"),
        (Figure("<5", "& more", "a < b:"), "a &lt; b: <b>&lt;5</b> &amp; more"),
    ],
)
def test_the_value_of_a_figure_stands_out(figure: Figure, html: str) -> None:
    rendered = showing(replace(full_pick(1), figures=(figure,)))

    assert html in re.sub("<b style[^>]*>", "<b>", rendered.html)
    assert " ".join(filter(None, (figure.before, figure.value, figure.words))) + "; 1" in rendered.text


@pytest.mark.parametrize(
    ("line", "shown"), [("We show a thing", True), ("word " * 21, False), ("We show…", False)]
)
def test_a_one_liner_stands_in_for_a_figure_where_it_is_short(line: str, shown: bool) -> None:
    rendered = showing(Pick(paper(), one_liner=line.strip()))

    assert (f"{line.strip()}." in rendered.text) is shown
    assert (line.strip() in rendered.html.split("</h3>")[1]) is shown
    assert "…" not in rendered.html.split("</h3>")[1]


def test_the_footer_speaks_of_labelled_summaries_only_where_one_is_shown() -> None:
    told = replace(full_pick(1), told_by="AI summary")

    assert "is quoted from the abstracts. You get" in body(showing(told))
    quoted = showing(replace(told, figures=()))
    assert "at no cost. [AI summary]" in body(quoted)
    assert "abstracts, but for what is labelled as an AI summary. You get" in body(quoted)


def test_a_paper_cut_to_its_title_leads_to_the_issue_on_the_web() -> None:
    rendered = showing(replace(full_pick(1), brief=True))

    assert tree(rendered).xpath("//p[@class='brief']/a/@href") == [f"{LINKS.web}#2402.00001"]
    assert f"  Conversations\n  {LINKS.web}#2402.00001\n\n-- \n" in rendered.text
    assert "upvote" not in rendered.html + rendered.text


def test_both_bodies_carry_the_same_links_equally_often() -> None:
    rendered = render(busy_issue())

    assert sorted(tree(rendered).xpath("//a/@href")) == sorted(re.findall(r"https://\S+", rendered.text))


def test_the_contents_tell_in_words_how_each_theme_stands() -> None:
    rendered = render(busy_issue())

    assert [words(line) for line in tree(rendered).xpath("//h2[.='In this issue']/following-sibling::p")][
        :5
    ] == [
        "KV cache 7 of 9 papers, ▲ usually 5.2",
        "Parallelism 7 papers, usually 7.4",
        "Speech 0 papers, ▼ usually 1.5",
        "Also trending 7 papers",
        "Usually: the mean of the last 12 issues, of all papers that fit the theme.",
    ]
    assert f"  KV cache 7 of 9 papers, ▲ usually 5.2\n    {LINKS.web}#kv-cache\n" in rendered.text


def test_without_earlier_issues_the_intro_is_the_contents() -> None:
    first = replace(busy_issue(), trends=())

    assert "In this issue" not in render(first).html + render(first).text
    assert "KV cache 7 papers Parallelism 7 papers" in body(render(replace(first, intro="")))


def test_every_theme_and_paper_is_a_heading() -> None:
    root = tree(render(busy_issue()))

    assert root.xpath("//h2/@id") == ["kv-cache", "parallelism", "trending"]
    assert len(root.xpath("//h3")) == 21


def test_the_footer_leads_to_the_papers_for_a_library() -> None:
    rendered = render(busy_issue())

    assert {LINKS.bib, LINKS.ris} <= set(tree(rendered).xpath("//a/@href"))
    assert f"BibTeX:      {LINKS.bib}\nRIS:         {LINKS.ris}\n" in rendered.text


def test_of_several_repositories_the_first_is_linked() -> None:
    links = tuple(Link(LinkKind.CODE, f"https://code.example.org/{n}") for n in "ab")

    rendered = showing(Pick(paper(links=links)))

    assert "https://code.example.org/a" in rendered.html
    assert "https://code.example.org/b" not in rendered.html + rendered.text


def test_thirty_papers_are_about_25_kilobytes() -> None:
    sections = tuple(
        Section(f"theme-{place}", f"Theme {place}", "", tuple(full_pick(10 * place + n) for n in range(10)))
        for place in range(3)
    )

    assert len(render(replace(busy_issue(), sections=sections)).html.encode()) < 30_000
