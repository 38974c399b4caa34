"""The default look: a sentence, figures, reasons and links of each paper. What it shares is in test_looks."""

import re
from dataclasses import replace

import pytest

from newsletter import look_folders
from newsletter.model import Evidence, Pick, Section
from tests.builders import LINKS, issue, paper
from tests.looks import ROOT, busy_issue, full_pick, render, told_by, tree, words

DEFAULT = ROOT / look_folders.DEFAULT


def test_each_paper_shows_what_is_known_of_it() -> None:
    body = words(tree(render(DEFAULT)).find("body"))

    assert "Ada Holm, Ben Ito, Cy Roux and 1 more" in body
    assert "2.6× less peak memory" in body
    assert "reduces latency by 45%" in body
    assert "Matched: KV cache, eviction. Also fits: Parallelism." in body


def test_the_reason_line_has_twelve_words_at_most_and_other_themes_stand_below() -> None:
    themes = ("Parallelism", "Diffusion efficiency", "Speech", "Agents")
    evidence = tuple(Evidence(f"{n} words that say it", "abstract", 1, 4.0) for n in "abcd")
    chosen = replace(full_pick(1), evidence=evidence, also=themes)
    rendered = render(DEFAULT, issue(Section("kv-cache", "KV cache", "", (chosen,))))

    first, second = "Matched: a words that say it, b words that say it.", "Also fits: Parallelism, Diffusion"
    assert f">{first}<br>{second} efficiency and 2 more.</p>" in rendered.html
    assert f"\n  {first}\n  {second} efficiency and 2 more.\n" in rendered.text


def test_words_that_are_not_the_authors_carry_their_label() -> None:
    rendered = render(DEFAULT, told_by("AI summary", ""))

    first, second = tree(rendered).xpath("//p[contains(., 'at no cost.')]")
    assert words(first).endswith("at no cost. AI summary")
    assert words(second).endswith("at no cost.")
    assert rendered.text.count("at no cost. [AI summary]") == 1


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (("", ""), "Summaries and figures are quoted from the abstracts."),
        (("AI summary, x", ""), "quoted from the abstracts, except for 1 AI summary, labelled as such."),
        (("AI summary, x", "AI summary, x", ""), "except for 2 AI summaries, labelled as such."),
        (
            ("AI summary, x",),
            "Figures are quoted from the abstracts; the summaries are labelled AI summaries.",
        ),
    ],
)
def test_the_footer_says_whose_words_the_summaries_are(labels: tuple[str, ...], says: str) -> None:
    rendered = render(DEFAULT, told_by(*labels))

    for body in (words(tree(rendered).find("body")), " ".join(rendered.text.split())):
        assert says in body


def test_the_footer_says_nothing_of_summaries_where_there_are_none() -> None:
    bare = Section("kv-cache", "KV cache", "", (Pick(paper("Bare")),))

    assert "1 paper chosen from 12.\n" in render(DEFAULT, issue(bare)).text


def test_the_text_of_a_paper_of_which_nothing_is_known_is_its_title_and_address() -> None:
    bare = Section("kv-cache", "KV cache", "", (Pick(paper("Bare", url="https://example.org/bare")),))
    rendered = render(DEFAULT, issue(bare, intro=""))

    assert "* Bare\n  https://example.org/bare\n\n  Abstract: https://example.org/bare\n" in rendered.text


def test_the_contents_lead_to_the_web_issue_with_counts() -> None:
    rendered = render(DEFAULT, replace(busy_issue(), trends=(), new_terms=()))

    assert f'href="{LINKS.web}#kv-cache"' in rendered.html
    assert tree(rendered).xpath("//h2/@id") == ["kv-cache", "parallelism", "trending"]
    assert f"  KV cache       7 papers\n  {LINKS.web}#kv-cache\n" in rendered.text
    assert not re.search(r"usual|last time|New in this issue|▲|▼|█", rendered.html + rendered.text)


def test_the_contents_set_each_theme_beside_what_is_usual() -> None:
    rendered = render(DEFAULT)

    rows = [words(row) for row in tree(rendered).xpath("//h2[.='In this issue']/following::table[1]/tr")]
    assert rows == [
        "KV cache 7 of 9 papers ▲ usually 5.2",
        "Parallelism 7 papers usually 7.4",
        "Speech 0 papers ▼ usually 1.5",
        "Also trending 7 papers",
    ]
    assert "Usually: the mean of the last 12 issues, of all papers that fit the theme." in rendered.text


def test_the_text_sets_each_theme_beside_what_is_usual_in_columns() -> None:
    lines = render(DEFAULT).text.splitlines()

    assert [line for line in lines[: lines.index("KV CACHE")] if " papers  " in line] == [
        "  KV cache       7 of 9 papers  ▲ usually 5.2  ██████▓▓▓▓",
        "  Parallelism    7 papers         usually 7.4  ████████░",
        "  Speech         0 papers       ▼ usually 1.5  ░░",
    ]


def test_a_bar_is_hidden_from_nobody_as_words_and_small() -> None:
    html = render(DEFAULT).html
    bars = re.findall(r'<table class="bar".*?</table>', html)

    assert len(bars) == 3
    assert all(len(bar.encode()) <= 500 and not re.sub("<[^>]*>", "", bar) for bar in bars)
    assert {width for bar in bars for width in re.findall('width="(.*?)"', bar)} == {
        "69",
        "51",
        "93",
        "6",  # 7 and 7.4 papers: 98.7 in all, of which 93.3 are blue
        "20",
    }
