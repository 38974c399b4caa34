"""A real page, and the same papers in other layouts: everything is read, nothing is left damaged."""

import re
from datetime import date

import pytest

from newsletter import app, config, lint
from newsletter.model import Digest, LinkKind, Mark
from tests import real
from tests.real import parsed

pytestmark = real.needs("daily-papers-page.txt and layouts/")

# What is left where a repair was missed. Braces and `~` may be meant, so they are counted apart.
RESIDUE = re.compile(
    r"\dtimes|\bsim ?\d|x20\d\d|[a-z]arrow|cdot|[a-z]eq\b|boldsymbol|ldots|\bell_|epsilon|\bTheta|\bOmega"
    r"|\\|\$|``|''|\^|--|\.\.| % | [.,;](?= |$)|[a-z]{3}[.,](?=[A-Z][a-z])|[a-z]\([A-Z]{2}"
)


@pytest.fixture(scope="module")
def page() -> Digest:
    return parsed("daily-papers-page.txt")


def test_every_paper_of_the_page_is_read_in_order(page: Digest) -> None:
    assert [paper.position for paper in page.papers] == list(range(1, 98))
    assert [paper.line for paper in page.papers] == list(range(13, 398, 4))
    assert (page.date_text, page.date) == ("Jul 30", None)
    assert [stretch.line for stretch in page.skipped] == [1, 3, 5, 7, 9, 11]


def test_titles_and_abstracts_are_whole(page: Digest) -> None:
    assert all(8 <= len(paper.title) <= 200 and not paper.title.endswith(".") for paper in page.papers)
    assert all(300 <= len(paper.abstract) <= 2000 for paper in page.papers)
    assert sum(bool(re.search(r"[.!?]$|://\S+$", paper.abstract)) for paper in page.papers) >= 95


def test_nothing_stays_damaged(page: Digest) -> None:
    texts = [text for paper in page.papers for text in (paper.title, paper.abstract)]

    assert [found[0] for text in texts if (found := RESIDUE.search(text))] == []
    assert sum(text.count("{") for text in texts) == 2
    assert sum(text.count("~") for text in texts) == 2


def test_repairs_are_accounted_for(page: Digest) -> None:
    repairs = {(repair.before, repair.after) for paper in page.papers for repair in paper.repairs}

    assert sum(len(paper.repairs) for paper in page.papers) == 97
    assert {
        ("7.93times", "7.93×"),
        ("sim 3.47times", "∼ 3.47×"),
        ("sim3x.", "∼3x."),
        ("Tgeq 0", "T ≥ 0"),
        ("\\proj,", "Deep Optimizer States,"),
        ("HyperZ{cdotZ{cdot}W}", "HyperZ⋅Z⋅W"),
        ("(DepsilonpS)", "(DεpS)"),
        ("N^2d^2{M}", "N²d²/M"),
    } <= repairs


def test_links_are_found_and_told_apart(page: Digest) -> None:
    links = [link for paper in page.papers for link in paper.links]

    assert {kind: sum(link.kind is kind for link in links) for kind in LinkKind} == {
        LinkKind.CODE: 21,
        LinkKind.PROJECT: 1,
        LinkKind.MODEL: 2,
        LinkKind.PAPER: 0,
        LinkKind.OTHER: 0,
    }
    assert not [link for link in links if link.url[-1] in ".,;:)}"]


def test_its_mail_is_in_order(page: Digest) -> None:
    settings = app.load_settings(None)
    chosen = config.mailing_list(settings, None)
    issue = app.draft([page], list=chosen, on=date(2026, 1, 6))

    for look in app.looks(settings):
        links = config.preview_links(settings, chosen.slug, "2026-01-06")
        assert lint.check(*app.render(issue, app.load_look(look, settings), links)) == ()


@pytest.mark.parametrize("layout", ["L1b_new_header.txt", "L1c_hard_wrapped.txt", "L4_text_browser.txt"])
def test_other_layouts_hold_the_same_papers(layout: str) -> None:
    plain, other = parsed("layouts/L1_seed_layout.txt"), parsed(f"layouts/{layout}")

    assert len(plain.papers) == 40
    assert [(paper.title, paper.abstract, paper.links) for paper in other.papers] == [
        (paper.title, paper.abstract, paper.links) for paper in plain.papers
    ]


def test_a_layout_without_a_mark_after_the_title_is_split_right_nearly_always() -> None:
    plain, other = parsed("layouts/L1_seed_layout.txt"), parsed("layouts/L2_one_line.txt")

    pairs = [(one.title == two.title, one, two) for one, two in zip(plain.papers, other.papers, strict=True)]
    assert sum(is_same for is_same, _, _ in pairs) >= 37
    assert all(f"{one.title} {one.abstract}" == f"{two.title} {two.abstract}" for _, one, two in pairs)
    assert all(paper.marks == (Mark.GUESSED,) for paper in other.papers)
