"""An issue that was rendered and mailed is a digest again, whichever part of it was saved."""

from datetime import UTC, datetime

import pytest

from newsletter import app, config, message, sources
from newsletter.model import Link, LinkKind, RenderedIssue, Section
from tests.builders import LINKS, issue, mailing_list, paper, pick

LONG = (
    "A policy keeps the half of the cache which later answers will need, and "
    + "says so, " * 20
    + "at no cost."
)
LARDER = paper(
    "Larder: Keeping the Right Half of a Very Long Conversation in the Cache of a Small Model",
    url="https://arxiv.org/abs/2402.00001",
    arxiv_id="2402.00001",
    links=(Link(LinkKind.CODE, "https://github.com/example/larder"),),
)
PLUMBLINE = paper(
    "Plumbline: A Benchmark of Answers", url="https://huggingface.co/papers?q=Plumbline%3A+A+Benchmark"
)


@pytest.fixture(scope="module")
def rendered() -> RenderedIssue:
    picks = (pick(paper=LARDER, one_liner=LONG), pick(paper=PLUMBLINE))
    edition = issue(Section("kv-cache", "KV cache", "Smaller and faster memory of attention.", picks))
    body, _ = app.render(edition, app.load_look("default", config.Settings()), LINKS)
    return body


def parts(rendered: RenderedIssue) -> dict[str, bytes]:
    sent = datetime(2026, 1, 6, 9, tzinfo=UTC)
    mail = message.compose(
        rendered, list=mailing_list(), links=LINKS, recipient="a@example.net", sent_at=sent
    )
    return {"issue.eml": mail, "issue.html": rendered.html.encode(), "issue.txt": rendered.text.encode()}


@pytest.mark.parametrize("name", ["issue.eml", "issue.html", "issue.txt"])
def test_titles_ids_and_links_are_read_back_and_one_liners_are_no_abstracts(
    rendered: RenderedIssue, name: str
) -> None:
    digest = sources.parse(parts(rendered)[name], name)

    assert [(each.title, each.url, each.arxiv_id, each.links) for each in digest.papers] == [
        (each.title, each.url, each.arxiv_id, each.links) for each in (LARDER, PLUMBLINE)
    ]
    assert {(each.abstract, each.ai_summary) for each in digest.papers} == {("", "")}
