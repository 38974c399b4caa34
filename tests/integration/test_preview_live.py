"""What the desk shows, and what an editor does to it: files and store are real, the browser is left out."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newsletter import app, rendering
from newsletter.errors import ConfigError, Conflict, NewsletterError, NotFound
from newsletter.model import Edit, EditKind, Issue, ReaderLinks, RenderedIssue
from newsletter.preview.live import Live
from newsletter.preview.shelf import Shelf
from newsletter.preview.wanted import Means, Wanted
from newsletter.templating import Look
from tests.builders import CACHE_PAPER, NOW, OTHER_PAPER, page_text

LARDER, PLUMBLINE = CACHE_PAPER[0], OTHER_PAPER[0]
ATTIC = ("Attic: A KV Cache Under the Roof", "We present Attic, which offloads the KV cache to disk.")
CONFIG = """\
templates_dir = "templates"
[lists.weekly]
title = "Paper Weekly"
sender = "Paper Weekly <digest@news.example.org>"
[lists.daily]
title = "Paper Daily"
sender = "Paper Daily <digest@news.example.org>"
"""
MEANS = Means(clock=lambda: NOW, user=lambda: "ada")

Start = Callable[..., Live]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a desk in a folder with a digest and a configuration; of page.txt where nothing is named."""
    monkeypatch.chdir(tmp_path)
    Path("page.txt").write_text(page_text(CACHE_PAPER, OTHER_PAPER), encoding="utf-8")
    Path("config.toml").write_text(CONFIG, encoding="utf-8")
    with ExitStack() as open_shelves:

        def started(*digests: str, means: Means = MEANS, **wanted: Any) -> Live:
            shelf = open_shelves.enter_context(Shelf())
            return Live(Wanted(digests=digests, **{"on": date(2026, 1, 6), **wanted}), means, shelf)

        yield started


def titles(live: Live) -> dict[str, list[str]]:
    """The papers of each section that has any."""
    sections = live.now.state["sections"]
    return {one["theme"]: [pick["title"] for pick in one["picks"]] for one in sections if one["picks"]}


def drop(title: str) -> Edit:
    return Edit(EditKind.DROP, title)


def test_a_page_is_shown_with_why_each_paper_is_in_it_and_where(start: Start) -> None:
    live = start("page.txt")

    state = live.now.state
    [larder] = state["sections"][0]["picks"]
    assert state["shown"]["kind"] == state["shown"]["status"] == "page"
    assert titles(live) == {"kv-cache": [LARDER], "trending": [PLUMBLINE]}
    assert (larder["id"], larder["place"], larder["threshold"]) == (LARDER, 1, 4.0)
    assert larder["reason"].startswith("Matched: ")
    heading = state["source"].split("\n")[larder["line"] - 1][larder["column"] - 1 :]
    assert heading.startswith("<h3")
    assert LARDER in heading[: larder["bytes"]]


def test_the_bytes_of_the_parts_are_those_of_the_mail(start: Start) -> None:
    size = start("page.txt").now.state["size"]

    assert sum(part["bytes"] for part in size["parts"]) == size["html"]
    assert [part["section"] for part in size["parts"]] == ["", "kv-cache", "trending"]
    assert all(part["bytes"] > 500 for part in size["parts"])


def test_without_a_digest_the_bundled_sample_is_shown_and_cannot_be_kept(start: Start) -> None:
    live = start()

    assert live.now.state["shown"]["source"] == app.SAMPLE_NAME
    with pytest.raises(Conflict, match="invented"):
        live.keep()


def test_a_change_of_the_configuration_is_shown(start: Start) -> None:
    live = start("page.txt")
    before = live.watched()

    Path("config.toml").write_text(CONFIG.replace('Paper Weekly"\nsender', 'Our Papers"\nsender'))

    assert live.watched() != before
    live.refresh()
    assert live.now.version == 2
    assert live.now.state["shown"]["title"] == "Our Papers"


def test_a_mistake_in_the_configuration_is_told_and_goes_when_it_is_mended(start: Start) -> None:
    live = start("page.txt")
    good = dict(live.now.state)

    Path("config.toml").write_text(CONFIG + "trending = 3\n")
    live.refresh()
    broken = live.now.state
    Path("config.toml").write_text(CONFIG)
    live.refresh()

    assert broken["error"].startswith("config.toml, line 8: lists.daily.trending: unknown setting")
    assert broken["source"] == good["source"]
    assert live.now.state["error"] is None
    assert live.now.version == 3


def test_a_mistake_in_a_template_is_told_with_its_line_and_the_last_good_issue_stays(start: Start) -> None:
    live = start("page.txt")
    source = live.now.state["source"]
    own = Path("templates/default/issue.txt.j2")
    own.parent.mkdir(parents=True)

    own.write_text("{{ issue.headline }}\n{{ nothing }}\n")
    live.refresh()

    assert live.now.state["error"].startswith("templates/default/issue.txt.j2, line 2: ")
    assert live.now.state["source"] == source
    assert live.now.state["can"]["approve"] is False


def test_a_look_of_ones_own_is_watched_from_its_first_file_on(start: Start) -> None:
    live = start("page.txt")
    before = live.watched()

    Path("templates/default").mkdir(parents=True)
    Path("templates/default/subject.txt.j2").write_text("Mine: {{ issue.headline }}")

    assert live.watched() != before
    live.refresh()
    assert live.now.state["inbox"]["subject"].startswith("Mine: ")


def test_a_digest_that_is_saved_again_is_read_again_and_no_other_is(start: Start) -> None:
    Path("other.txt").write_text(page_text(ATTIC), encoding="utf-8")
    live = start("page.txt", "other.txt")

    Path("page.txt").write_text(page_text(CACHE_PAPER), encoding="utf-8")
    live.refresh()

    assert sorted(titles(live)["kv-cache"]) == [ATTIC[0], LARDER]
    assert live.now.state["shown"]["read"] == 2


def test_a_digest_that_goes_is_told_and_the_last_issue_stays(start: Start) -> None:
    live = start("page.txt")

    Path("page.txt").unlink()
    live.refresh()

    assert live.now.state["error"] == "page.txt: no such file; give the path of a saved digest"
    assert titles(live) == {"kv-cache": [LARDER], "trending": [PLUMBLINE]}


def test_the_files_of_a_source_are_watched_and_a_new_one_is_found(start: Start) -> None:
    Path("config.toml").write_text('[[sources]]\nfile = "digests/*.txt"\n' + CONFIG.partition("\n")[2])
    Path("digests").mkdir()
    Path("digests/1.txt").write_text(page_text(CACHE_PAPER), encoding="utf-8")
    live = start()
    before = live.watched()

    Path("digests/2.txt").write_text(page_text(ATTIC), encoding="utf-8")

    assert live.watched() != before
    live.refresh()
    assert sorted(titles(live)["kv-cache"]) == [ATTIC[0], LARDER]


def test_a_source_that_cannot_be_read_loses_no_other_and_is_told_once_until_it_is_asked_again(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    sources = '[[sources]]\nfile = "page.txt"\n[[sources]]\nfeed = "http://127.0.0.1/feed.xml"\n'
    Path("config.toml").write_text(sources + CONFIG.partition("\n")[2])

    live = start()
    live.refresh()

    assert titles(live) == {"kv-cache": [LARDER], "trending": [PLUMBLINE]}
    assert capsys.readouterr().err.count("warning: 127.0.0.1: leads to") == 1
    assert live.read_again() == f"read again: {Path('page.txt').resolve()}"


def test_only_what_is_new_is_a_new_version_and_only_what_changed_is_rendered(start: Start) -> None:
    rendered: list[Issue] = []

    def counting(issue: Issue, /, *, look: Look, links: ReaderLinks) -> RenderedIssue:
        rendered.append(issue)
        return rendering.render(issue, look=look, links=links)

    live = start("page.txt", means=Means(render=counting, clock=lambda: NOW))

    Path("config.toml").write_text(f"# A remark.\n{CONFIG}")
    live.refresh()

    assert live.now.version == 1
    assert len(rendered) == 1


def test_a_paper_is_dropped_told_among_the_near_ones_and_pinned_again(start: Start) -> None:
    live = start("page.txt")

    said = live.edit(drop(LARDER))

    assert said == f"dropped “{LARDER}”"
    assert titles(live) == {"trending": [PLUMBLINE]}
    [near] = live.now.state["sections"][0]["near"]
    assert (near["id"], near["why"]) == (LARDER, "dropped by ada")

    live.edit(Edit(EditKind.PIN, near["id"], "trending", 1))

    assert titles(live) == {"trending": [LARDER, PLUMBLINE]}
    assert live.now.state["sections"][-1]["picks"][0]["edit"] == "pinned by ada, 2026-01-06 09:30Z"


def test_edits_are_listed_and_undone_from_the_last_to_the_first(start: Start) -> None:
    live = start("page.txt")
    live.edit(drop(LARDER))
    live.edit(Edit(EditKind.NOTE, text="Good *morning*."))

    assert live.now.state["note"] == "Good *morning*."
    assert live.undo() == "undone: noted"
    assert live.undo() == f"undone: dropped “{LARDER}”"

    assert titles(live) == {"kv-cache": [LARDER], "trending": [PLUMBLINE]}
    assert [edit["undone"] for edit in live.now.state["edits"]] == [True, True]
    with pytest.raises(Conflict, match="no edit holds"):
        live.undo()


def test_an_edit_that_would_leave_no_paper_is_not_made(start: Start) -> None:
    live = start("page.txt")
    live.edit(drop(LARDER))
    version = live.now.version

    with pytest.raises(NewsletterError, match="no paper to show"):
        live.edit(drop(PLUMBLINE))

    assert live.now.version == version
    assert len(live.now.state["edits"]) == 1


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (drop("Nobody's Paper"), 'no paper "Nobody\'s Paper"'),
        (Edit(EditKind.PIN, LARDER, "no-such"), "no section 'no-such'"),
        (Edit(EditKind.MOVE, LARDER, place=1), "stands in no section"),
    ],
)
def test_an_edit_of_what_is_not_there_is_refused(start: Start, edit: Edit, problem: str) -> None:
    live = start("page.txt")
    live.edit(drop(LARDER))

    with pytest.raises((NotFound, Conflict), match=problem):
        live.edit(edit)


def test_each_list_keeps_its_own_edits(start: Start) -> None:
    live = start("page.txt")
    live.edit(drop(LARDER))

    live.choose(list_slug="daily")
    daily = titles(live)
    live.choose(list_slug="weekly")

    assert daily == {"kv-cache": [LARDER], "trending": [PLUMBLINE]}
    assert titles(live) == {"trending": [PLUMBLINE]}


def test_another_look_is_chosen_and_an_unknown_one_changes_nothing(start: Start) -> None:
    Path("templates/plain").mkdir(parents=True)
    for name, text in app.load_look("default", app.load_settings(None)).files.items():
        Path("templates/plain", name).write_text(
            text.replace("In this {{", "Inside the {{"), encoding="utf-8"
        )
    live = start("page.txt")

    live.choose(look="plain")

    assert [look["name"] for look in live.now.state["looks"] if look["chosen"]] == ["plain"]
    assert "Inside" in live.now.state["source"]
    with pytest.raises(NotFound, match="no look 'nope'"):
        live.choose(look="nope")
    assert "Inside" in live.now.state["source"]


def test_a_page_is_kept_as_a_draft_with_its_edits(start: Start) -> None:
    live = start("page.txt")
    live.edit(Edit(EditKind.MOVE, LARDER, "trending", 1))
    live.edit(Edit(EditKind.NOTE, text="Undone."))
    live.undo()

    assert live.keep() == "kept as weekly/1, a new draft"

    state = live.now.state
    assert (state["shown"]["name"], state["shown"]["status"]) == ("weekly/1", "draft")
    assert [edit["what"] for edit in state["edits"]] == [f"moved “{LARDER}”"]
    assert titles(live) == {"trending": [LARDER, PLUMBLINE]}
    assert state["can"] == {"edit": True, "undo": True, "keep": False, "approve": True, "test": False}


def test_a_page_is_taken_into_the_draft_that_is_open_which_keeps_its_date(start: Start) -> None:
    start("page.txt").keep()
    Path("more.txt").write_text(page_text(ATTIC), encoding="utf-8")

    live = start("more.txt", on=None)

    assert live.keep() == "kept as weekly/1, which was open already"
    assert live.now.state["shown"]["date"] == "2026-01-06"
    assert sorted(titles(live)["kv-cache"]) == [ATTIC[0], LARDER]


def test_what_another_terminal_does_to_the_draft_is_shown(start: Start) -> None:
    live = start("page.txt")
    live.keep()
    before = live.watched()

    with app.open_desk(app.load_settings(None)) as desk:
        desk.edit(desk.find("weekly"), Edit(EditKind.DROP, "Larder", who="ben"))

    assert live.watched() != before
    live.refresh()
    assert titles(live) == {"trending": [PLUMBLINE]}
    assert live.now.state["edits"][0]["who"] == "ben"


def test_the_open_draft_is_shown_first_and_edited_in_the_store(start: Start) -> None:
    start("page.txt").keep()

    live = start()
    live.edit(drop(LARDER))

    assert live.now.state["shown"]["name"] == "weekly/1"
    assert [edit["what"] for edit in start().now.state["edits"]] == [f"dropped “{LARDER}”"]
    assert live.undo() == f"undone: dropped “{LARDER}”"


def test_approving_freezes_the_version_that_was_looked_at_and_no_other(start: Start) -> None:
    live = start("page.txt")
    live.keep()
    seen = live.now.version
    live.edit(drop(LARDER))

    with pytest.raises(Conflict, match="has changed"):
        live.approve(seen)
    assert live.approve(live.now.version) == "weekly/1: approved"

    assert live.now.state["shown"]["status"] == "approved"
    assert titles(live) == {"trending": [PLUMBLINE]}
    with pytest.raises(Conflict, match="only a draft can be edited"):
        live.edit(drop(PLUMBLINE))


def test_approving_waits_for_what_another_terminal_did_in_between(start: Start) -> None:
    live = start("page.txt")
    live.keep()
    with app.open_desk(app.load_settings(None)) as desk:
        desk.edit(desk.find("weekly"), Edit(EditKind.DROP, "Larder", who="ben"))

    with pytest.raises(Conflict, match="changed while it was being approved"):
        live.approve(live.now.version)

    live.refresh()
    assert live.now.state["shown"]["status"] == "draft"


def test_a_draft_seen_in_another_look_than_its_lists_is_not_approved(start: Start) -> None:
    Path("templates/plain").mkdir(parents=True)
    for name, text in app.load_look("default", app.load_settings(None)).files.items():
        Path("templates/plain", name).write_text(text, encoding="utf-8")
    live = start("page.txt", look="plain")
    live.keep()

    with pytest.raises(Conflict, match=r"set lists\.weekly\.look"):
        live.approve(live.now.version)


def test_a_named_issue_is_shown_and_one_that_is_not_there_ends_the_start(start: Start) -> None:
    first = start("page.txt")
    first.keep()
    first.approve(first.now.version)

    assert start(issue="weekly/1").now.state["shown"]["status"] == "approved"
    with pytest.raises(NotFound, match="weekly/9"):
        start(issue="weekly/9")


def test_a_configuration_with_a_mistake_ends_the_start(start: Start) -> None:
    Path("config.toml").write_text("lists = 3\n")

    with pytest.raises(ConfigError, match=r"config\.toml, line 1"):
        start("page.txt")


def test_the_mail_that_is_shown_is_sent_as_a_test(start: Start) -> None:
    sent: list[tuple[bytes, str]] = []

    def send(mail: bytes, to: str, settings: object) -> str:
        sent.append((mail, to))
        return f"sent to {to}"

    live = start("page.txt", means=Means(send=send, unsendable=lambda settings: ""))

    assert live.test("me@example.org") == "sent to me@example.org"
    assert sent == [(live.now.made.mailed.mail, "me@example.org")]


def test_where_no_mail_can_be_sent_the_reason_is_told(start: Start) -> None:
    means = Means(send=lambda mail, to, settings: "sent", unsendable=lambda settings: "set smtp.host")

    live = start("page.txt", means=means)

    assert live.now.state["why_not"]["test"] == "set smtp.host"
    with pytest.raises(Conflict, match=r"set smtp\.host"):
        live.test("me@example.org")


def test_a_look_that_breaks_the_program_is_told_and_the_desk_lives_on(start: Start) -> None:
    def breaking(issue: Issue, /, *, look: Look, links: ReaderLinks) -> RenderedIssue:
        if issue.list.title == "Paper Weekly":
            return rendering.render(issue, look=look, links=links)
        raise ZeroDivisionError("in an engine")

    live = start("page.txt", means=Means(render=breaking))

    Path("config.toml").write_text(CONFIG.replace('Paper Weekly"\nsender', 'Zero"\nsender'))
    live.refresh()

    assert live.now.state["error"] == "ZeroDivisionError('in an engine'): a fault of this program"


def test_those_who_listen_are_told_of_each_version_until_they_stop(start: Start) -> None:
    live = start("page.txt")
    told: list[int] = []
    stop = live.listen(told.append)

    live.edit(drop(LARDER))
    stop()
    live.undo()

    assert told == [2]
    assert live.now.version == 3


def test_a_paper_that_the_mail_has_no_room_for_is_marked_and_what_was_cut_is_told(start: Start) -> None:
    papers = [(f"Larder {n}: Half of a KV Cache for Readers Number {n}", CACHE_PAPER[1]) for n in range(80)]
    Path("page.txt").write_text(page_text(*papers), encoding="utf-8")
    Path("config.toml").write_text(CONFIG + "[themes.kv-cache]\nlimit = 100\n", encoding="utf-8")

    state = start("page.txt").now.state

    brief = [pick["brief"] for pick in state["sections"][0]["picks"]]
    assert (brief[0], brief[-1]) == (False, True)
    assert any("title and link" in cut for cut in state["size"]["cuts"])
    assert state["size"]["html"] < state["size"]["warn"]
