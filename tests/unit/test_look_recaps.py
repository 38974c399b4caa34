"""What every look says of a recap, in both bodies: which month it is of, and where its issues stand."""

import re
from pathlib import Path

import pytest

from newsletter import lint
from tests.builders import LINKS
from tests.looks import busy_issue, every_look, recap_issue, render, tree, words

pytestmark = every_look
MANY = pytest.mark.parametrize("issues", [1, 4, 8, 9, 31])


@MANY
def test_it_leads_to_each_issue_of_its_month_once_in_each_body(folder: Path, issues: int) -> None:
    rendered = render(folder, recap_issue(issues))

    addresses = [f"{LINKS.archive}{number}/" for number in range(1, issues + 1)]
    found = tree(rendered).xpath("//a/@href")
    assert [found.count(address) for address in addresses] == [1] * issues
    assert [rendered.text.split().count(address) for address in addresses] == [1] * issues


@MANY
def test_every_link_of_it_has_a_name_of_its_own(folder: Path, issues: int) -> None:
    links = tree(render(folder, recap_issue(issues))).xpath("//a")
    names = [link.get("aria-label") or words(link) for link in links]

    assert len(set(names)) == len(names)
    assert all(name.startswith(words(link)) for name, link in zip(names, links, strict=True))


@MANY
def test_nothing_would_go_wrong_with_it_in_a_mail_client(folder: Path, issues: int) -> None:
    assert lint.check(render(folder, recap_issue(issues))) == ()


def test_it_says_what_it_is_and_why_it_comes(folder: Path) -> None:
    rendered = render(folder, recap_issue())

    assert rendered.subject == "The best of January: 21 papers of 4 issues"
    for body in (words(tree(rendered).find("body")), " ".join(rendered.text.split())):
        # A number stays on the line of what it counts.
        assert "the best of january: 21 papers of 4 issues" in body.replace("\u00a0", " ").casefold()
        assert "the issues of january 2026" in body.casefold()
        assert "You get this because you subscribed to Paper Weekly, and chose a recap of each month." in body
        assert "In this issue" not in body


def test_an_issue_says_nothing_of_recaps(folder: Path) -> None:
    rendered = render(folder, busy_issue())

    assert re.findall("recap|issues of", rendered.html + rendered.text) == []


def test_both_bodies_of_it_say_the_same_words(folder: Path) -> None:
    rendered = render(folder, recap_issue())
    (article,) = tree(rendered).xpath("//*[@role='article']")
    in_html = set(re.findall(r"\w+", words(article).casefold()))
    in_text = set(re.findall(r"\w+", re.sub(r"https?://\S+", "", rendered.text).casefold()))

    assert in_text == in_html
