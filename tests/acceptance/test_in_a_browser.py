"""An issue in a real Chromium: it fits a phone, fetches nothing and runs nothing that a paper says."""

import html
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from newsletter import app, config, rendering
from newsletter.model import Issue, RenderedIssue, Section
from tests.browser import OPTIONS
from tests.builders import LINKS, issue, paper, pick, trend

CHROMIUM = os.environ.get("NEWSLETTER_TEST_CHROMIUM")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="set NEWSLETTER_TEST_CHROMIUM to a Chromium binary")

PAYLOADS = [
    "<script>parent.ran = true</script>",
    '<img src=x onerror="parent.ran = true">',
    "</mj-text><mj-raw><script>parent.ran = true</script></mj-raw><mj-text>",
    "{{ cycler.__init__.__globals__ }}",
    "<mj-include path='/etc/hostname' />",
    "\"><svg onload='parent.ran = true'>",
]


LOOKS = app.looks(config.load(None))


def rendered(of: Issue, look: str = "default") -> RenderedIssue:
    return rendering.render(of, look=app.load_look(look, config.load(None)), links=LINKS)


def seen(page: str, folder: Path, *, width: int = 320) -> dict[str, object]:
    """What a browser makes of a page in a window of that width."""
    wrapper = folder / "wrapper.html"
    wrapper.write_text(
        f'<!DOCTYPE html><iframe width="{width}" height="800" style="border:0" srcdoc="{html.escape(page)}">'
        "</iframe>"
        "<script>onload = () => { const d = document.querySelector('iframe').contentDocument;"
        "document.body.textContent = JSON.stringify({ran: window.ran === true, text: d.body.innerText,"
        "width: d.documentElement.scrollWidth, scripts: d.scripts.length,"
        "fetched: d.defaultView.performance.getEntriesByType('resource').length}) }</script>",
        encoding="utf-8",
    )
    command = [str(CHROMIUM), *OPTIONS, f"--user-data-dir={folder}/profile", "--dump-dom", wrapper.as_uri()]
    dom = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    body = re.search(r"<body>(\{.*\})</body>", dom, re.DOTALL)
    assert body, dom[-500:]
    return json.loads(html.unescape(body[1]))


@pytest.mark.parametrize("look", LOOKS)
def test_the_sample_fits_a_phone_and_fetches_nothing(tmp_path: Path, look: str) -> None:
    settings = config.load(None)
    chosen = config.mailing_list(settings)
    sample = app.draft(app.read_digests([], settings), list=chosen, on=issue().date)

    page = seen(rendered(sample, look).html, tmp_path)

    assert (page["width"], page["fetched"], page["scripts"]) == (320, 0, 0)


@pytest.mark.parametrize("look", LOOKS)
def test_a_word_without_end_does_not_widen_the_mail(tmp_path: Path, look: str) -> None:
    endless = pick(paper=paper(title="A" * 300, abstract="B" * 300), one_liner="B" * 300)

    mail = rendered(issue(Section("x", "C" * 80, "D" * 80, (endless,))), look)

    assert seen(mail.html, tmp_path)["width"] == 320


def test_contents_with_bars_and_words_without_end_fit_a_phone(tmp_path: Path) -> None:
    trends = (trend("c" * 80, 8, 5.2), trend("speech-and-hearing", 0, 1.5))
    section = Section("c" * 80, "C" * 80, "", (pick(told_by="AI summary, " + "m" * 80),))

    page = seen(rendered(issue(section, trends=trends, new_terms=("N" * 80, "Larder"))).html, tmp_path)

    assert page["width"] == 320
    assert "1 of 8 papers\n▲ usually 5.2" in str(page["text"]).replace("\u00a0", " ")


@pytest.mark.parametrize("look", LOOKS)
def test_what_a_paper_says_is_shown_and_never_run(tmp_path: Path, look: str) -> None:
    picks = tuple(
        pick(paper=paper(title=payload, authors=(payload,)), one_liner=payload) for payload in PAYLOADS
    )

    page = seen(rendered(issue(Section("x", "Hostile", "", picks)), look).html, tmp_path)

    assert (page["ran"], page["scripts"], page["fetched"]) == (False, 0, 0)
    words = " ".join(str(page["text"]).split())
    assert [payload for payload in PAYLOADS if " ".join(payload.split()) not in words] == []
