"""The archive as plain files: the same as what is served, and nothing of a reader."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest
from lxml import html as lxml_html
from sqlalchemy import Engine, update
from typer.testing import CliRunner, Result

from newsletter import app, config, recipients, store, subscribe
from newsletter.cli import commands
from newsletter.model import Choice, IssueStatus, Way
from newsletter.store import tables
from tests.builders import NOW
from tests.published import BASE, TODAY, WEEKLY, publish, publish_weeks, site

CONFIG = f"""\
base_url = "{BASE}"
[lists.weekly]
title = "Paper Weekly"
description = "What is new on the memory of language models."
[lists.monthly]
title = "Paper Monthly"
[lists.inner]
public = false
"""


@pytest.fixture
def stored(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A store of three public issues, with its configuration in the working directory."""
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text(f'database_url = "{database_url}"\n{CONFIG}', encoding="utf-8")
    monkeypatch.setattr(app, "utcnow", lambda: NOW)
    opened = store.open_store(database_url)
    publish_weeks(opened, 3)
    yield opened
    opened.dispose()


def build(*options: str) -> Result:
    return CliRunner().invoke(commands, ["archive", "build", "--out", "out", *options])


def files() -> dict[str, str]:
    return {
        str(path.relative_to("out")): path.read_bytes().decode()
        for path in Path("out").rglob("[!.]*")
        if path.is_file()
    }


def test_every_file_says_what_is_served_but_for_the_end_of_its_links(stored: Engine) -> None:
    other = config.mailing_list(app.load_settings(None), "monthly")
    served = site(stored, (WEEKLY, other))

    assert build().exit_code == 0

    paths = [*served.paths(today=TODAY)]
    assert len(files()) == len(paths) >= 29
    for path in paths:
        file = f"{path}index.html" if path.endswith("/") or not path else path
        root = "../" * path.count("/") or "./"
        written = files()[file].replace("/index.html", "/")
        if file.endswith(".html"):
            written = re.sub(rf'href="{BASE}/(\w+/subscribe")', rf'href="{root}\1', written)
        assert written == served.document(path, today=TODAY).body.decode()


def test_every_link_within_the_archive_opens_a_file_from_a_folder(stored: Engine) -> None:
    build()

    pages = {
        name: lxml_html.document_fromstring(text) for name, text in files().items() if name[-5:] == ".html"
    }
    checked = 0
    for name, page in pages.items():
        for link in page.xpath("//a/@href | //link[not(@rel='canonical')]/@href | //script/@src"):
            to, place = urldefrag(urljoin(f"file:///{name}", link))
            if not to.startswith("file:///"):
                continue
            assert to.removeprefix("file:///") in files(), (name, link)
            assert not place or pages[to.removeprefix("file:///")].get_element_by_id(place) is not None
            checked += 1
    assert checked > 200


def test_asking_for_the_mail_leads_to_the_site_of_readers(stored: Engine) -> None:
    build()

    page = lxml_html.document_fromstring(files()["weekly/3/index.html"])
    assert page.xpath("//a[.='Get it by email']/@href") == [f"{BASE}/weekly/subscribe"] * 2


def test_building_again_changes_nothing_and_tells_it(stored: Engine) -> None:
    build()
    before = {path: path.stat().st_mtime_ns for path in Path("out").rglob("*")}

    again = json.loads(build("--json").stdout)

    assert (again["written"], again["removed"]) == ([], [])
    assert {path: path.stat().st_mtime_ns for path in Path("out").rglob("*")} == before


def test_an_issue_that_is_not_public_any_more_goes_and_no_page_tells_of_it(stored: Engine) -> None:
    build()
    with store.writing(stored) as tx:
        tx.execute(
            update(tables.issues).where(tables.issues.c.number == 2).values(status=IssueStatus.CANCELLED)
        )

    removed = json.loads(build("--json").stdout)["removed"]

    assert removed == ["weekly/2.bib", "weekly/2.ris", "weekly/2/index.html"]
    assert not [name for name, text in files().items() if "/2/" in text]


def test_one_list_alone_leaves_the_others_as_they_are(stored: Engine) -> None:
    publish(stored, list="monthly")
    build()
    publish(stored)
    with store.writing(stored) as tx:
        tx.execute(
            update(tables.issues)
            .where(tables.issues.c.list_slug == "monthly")
            .values(date=TODAY + timedelta(9))
        )

    done = json.loads(build("--list", "weekly", "--json").stdout)

    assert "weekly/4/index.html" in done["written"]
    assert {name.split("/")[0] for name in done["written"]} == {"weekly"}
    assert done["removed"] == []
    assert "monthly/1/index.html" in files()


@pytest.mark.parametrize(
    ("slug", "said"),
    [("nothing", "no list 'nothing'"), ("inner", "'inner' is not public; set lists.inner.public")],
)
def test_a_list_that_is_not_public_cannot_be_built(stored: Engine, slug: str, said: str) -> None:
    answer = build("--list", slug)

    assert (answer.exit_code, Path("out").exists()) == (1, False)
    assert said in answer.stderr


def test_nothing_of_a_reader_is_in_any_file(stored: Engine) -> None:
    reader = recipients.recipient("canary47110815@reader.example.net")
    subscribe.add(
        stored, reader, Choice(), list="weekly", wording="canary wording", way=Way.OPERATOR, now=NOW
    )
    with store.reading(stored) as tx:
        key = tx.scalar(tables.subscriptions.select().with_only_columns(tables.subscriptions.c.key))

    build()

    everything = "\n".join(files().values())
    for secret in ("canary", "reader.example.net", str(key), "preferences", "unsubscribe", "digest@news"):
        assert secret not in everything


def test_the_first_build_of_an_empty_store_says_what_is_missing(stored: Engine) -> None:
    with store.writing(stored) as tx:
        tx.execute(update(tables.issues).values(status=IssueStatus.CANCELLED))

    answer = build()

    assert answer.exit_code == 0
    assert "no issue is public yet" in answer.stderr
    assert "No issue has appeared yet." in files()["weekly/index.html"]


def test_a_file_of_ones_own_stands_in_place_of_the_bundled_one(stored: Engine) -> None:
    Path("templates/web").mkdir(parents=True)
    Path("templates/default").mkdir()
    Path("templates/web/site.css").write_text("h1 { color: #13579b }")
    words = app.web_look(app.load_settings(None)).files["words.j2"]
    Path("templates/default/words.j2").write_text(words.replace("New in", "First seen in") + " ")
    config = Path("config.toml").read_text(encoding="utf-8")
    Path("config.toml").write_text(f'templates_dir = "templates"\n{config}', encoding="utf-8")

    assert build().exit_code == 0

    assert files()["assets/site.css"] == "h1 { color: #13579b }"


def test_a_fault_in_a_page_of_ones_own_is_told_with_its_line_and_no_page_is_lost(stored: Engine) -> None:
    build()
    before = files()
    Path("templates/web").mkdir(parents=True)
    Path("templates/web/theme.html.j2").write_text("\n{{ nothing.at.all }}")
    config = Path("config.toml").read_text(encoding="utf-8")
    Path("config.toml").write_text(f'templates_dir = "templates"\n{config}', encoding="utf-8")

    answer = build()

    assert answer.exit_code == 1
    assert "templates/web/theme.html.j2, line 2: 'nothing' is undefined" in answer.stderr
    assert files() == before
