"""The commands, as a user types them: what they print, what they write, how they fail."""

import json
import re
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from newsletter import __version__, addresses, app, sources
from newsletter.cli import commands, main
from newsletter.errors import DigestError
from newsletter.fetch import Fetched
from newsletter.fetch.kept import Kept
from tests.builders import CACHE_PAPER, OTHER_PAPER, page_text

runner = CliRunner()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def page(folder: Path) -> str:
    (folder / "page.txt").write_text(page_text(CACHE_PAPER, OTHER_PAPER), encoding="utf-8")
    return "page.txt"


def run(*arguments: str, stdin: str | None = None) -> Result:
    return runner.invoke(commands, arguments, input=stdin)


def printed(*arguments: str, stdin: str | None = None) -> dict[str, object]:
    result = run(*arguments, "--json", stdin=stdin)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_render_without_anything_makes_an_issue_of_the_sample(folder: Path) -> None:
    values = printed("render", "--date", "2026-01-06")

    assert sorted(path.name for path in (folder / "issue").iterdir()) == [
        "issue.bib",
        "issue.eml",
        "issue.html",
        "issue.json",
        "issue.ris",
        "issue.txt",
    ]
    assert [section["theme"] for section in values["sections"]] == [
        "kv-cache",
        "parallelism",
        "diffusion-efficiency",
        "trending",
    ]
    assert values["lint"] == []
    assert "papers are invented" in (folder / "issue/issue.txt").read_text(encoding="utf-8")


def test_render_prints_the_contract(page: str) -> None:
    values = printed("render", page, "--out", "there", "--date", "2026-01-06")

    names = ["out", "files", "subject", "preheader", "html_bytes", "mail_bytes", "cuts", "sections", "lint"]
    assert [*values] == names
    assert values["out"] == "there"
    assert values["files"] == {kind: f"there/issue.{end}" for kind, end in FILES.items()}
    assert values["html_bytes"] == len(Path("there/issue.html").read_bytes())
    assert values["mail_bytes"] == len(Path("there/issue.eml").read_bytes())
    assert values["sections"] == [
        {"theme": "kv-cache", "title": "KV cache", "papers": [CACHE_PAPER[0]]},
        {"theme": "trending", "title": "Also trending", "papers": [OTHER_PAPER[0]]},
    ]


FILES = {"html": "html", "text": "txt", "eml": "eml", "json": "json", "bib": "bib", "ris": "ris"}


def test_render_tells_a_person_what_it_wrote(page: str) -> None:
    result = run("render", page, "--date", "2026-01-06")

    assert result.exit_code == 0
    assert "    1  KV cache\n" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("issue/issue.html (")


def test_render_opens_the_issue_and_says_so_where_there_is_no_browser(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda uri: bool(opened.append(uri)))

    result = run("render", page, "--open")

    assert opened == [Path("issue/issue.html").resolve().as_uri()]
    assert "no browser found; open issue/issue.html in one" in result.stderr


def test_the_same_render_writes_the_same_bytes(page: str) -> None:
    run("render", page, "--out", "a", "--date", "2026-01-06")
    run("render", page, "--out", "b", "--date", "2026-01-06")

    for kind in FILES.values():
        assert Path(f"a/issue.{kind}").read_bytes() == Path(f"b/issue.{kind}").read_bytes()


def test_an_issue_of_a_real_page_does_not_speak_of_the_sample(page: str) -> None:
    run("render", page)

    assert "sample" not in Path("issue/issue.txt").read_text(encoding="utf-8")


def test_render_reads_the_configured_sources(page: str) -> None:
    Path("config.toml").write_text(
        '[[sources]]\nfile = "*.txt"\n[lists.lab]\ntitle = "Lab Papers"\n', encoding="utf-8"
    )

    values = printed("render")

    assert [section["papers"] for section in values["sections"]] == [[CACHE_PAPER[0]], [OTHER_PAPER[0]]]
    assert "Lab Papers" in Path("issue/issue.txt").read_text(encoding="utf-8")


def test_render_takes_only_the_themes_that_are_named(page: str) -> None:
    values = printed("render", page, "--theme", "parallelism")

    assert [section["theme"] for section in values["sections"]] == ["trending"]


def test_papers_prints_the_contract(page: str) -> None:
    values = printed("papers", page)

    assert values["digest"] == {
        "format": "hf-page",
        "source": "page.txt",
        "date": None,
        "date_text": "Jan 6",
        "unit": "line",
    }
    first = values["papers"][0]
    assert (first["title"], first["position"], first["line"]) == (CACHE_PAPER[0], 1, 13)
    assert first["links"] == [{"kind": "code", "url": "https://code.example.org/larder"}]
    assert {repair["line"] for repair in first["repairs"]} == {15}
    assert "by 50% and gives 2.5× higher" in first["abstract"]
    assert values["skipped"][0]["line"] == 1


def test_papers_reads_standard_input(page: str) -> None:
    values = printed("papers", "-", stdin=page_text(OTHER_PAPER))

    assert [paper["title"] for paper in values["papers"]] == [OTHER_PAPER[0]]


def test_papers_of_several_digests_is_a_list(page: str) -> None:
    assert len(printed("papers", page, page)) == 2


def test_papers_for_a_person_lists_papers_repairs_and_skipped_lines(page: str) -> None:
    result = run("papers", page)

    assert f"1\t13\t{CACHE_PAPER[0]}\t2\tcode" in result.stdout
    assert "2.5times\t2.5×" in result.stdout
    assert "page.txt: hf-page, Jan 6: 2 papers, 2 repairs, " in result.stderr


def test_select_all_prints_the_contract(page: str) -> None:
    values = printed("select", page, "--all")

    first, second = values["papers"]
    assert first["title"] == CACHE_PAPER[0]
    assert first["themes"]["kv-cache"]["member"] is True
    evidence = first["themes"]["kv-cache"]["evidence"][0]
    assert evidence.keys() == {"phrase", "field", "count", "weight", "spans"}
    assert evidence["spans"] == [[CACHE_PAPER[0].index("KV Cache"), len(CACHE_PAPER[0])]]
    assert second["themes"]["kv-cache"] == {"member": False, "score": 0, "evidence": []}


def test_select_lists_sections_with_evidence(page: str) -> None:
    values = printed("select", page)

    (chosen,) = values["sections"][0]["papers"]
    assert chosen["title"] == CACHE_PAPER[0]
    assert sum(evidence["weight"] for evidence in chosen["evidence"]) == pytest.approx(chosen["score"])
    assert chosen["rank"].keys() == {"total", "relevance", "votes", "freshness", "code", "nearness"}
    assert values["near_misses"].keys() == {"kv-cache", "parallelism", "diffusion-efficiency"}
    assert values["unused_edits"] == []


def test_select_for_a_person_lists_sections_and_near_misses(page: str) -> None:
    near = ("Pantry: Shelves", "We present Pantry, a key-value cache for shelves.")
    Path("page.txt").write_text(page_text(CACHE_PAPER, near), encoding="utf-8")

    lines = run("select", page).stdout.splitlines()

    assert lines[:2] == ["KV cache: 1 paper", "#\trank\tscore\ttitle\tevidence\tnote"]
    assert lines[2].split("\t")[3:5] == [
        CACHE_PAPER[0],
        "KV Cache (title), KV cache eviction, reduces KV cache, KV cache",
    ]
    assert lines[3] == "near misses"
    assert lines[4] == "\t\t2.50\tPantry: Shelves\tkey-value cache\tbelow threshold 4.0"
    assert "Parallelism: no paper" in lines


@pytest.mark.parametrize("command", ["papers", "select"])
def test_what_is_configured_is_shown_where_no_digest_is_named(page: str, command: str) -> None:
    Path("config.toml").write_text(f'[[sources]]\nfile = "{page}"\n', encoding="utf-8")

    assert CACHE_PAPER[0] in run(command).stdout


def test_render_tells_the_themes_that_no_paper_fits(page: str) -> None:
    lines = run("render", page).stdout.splitlines()

    assert "    1  KV cache" in lines
    assert "    –  Parallelism" in lines


def test_select_all_for_a_person_marks_members(page: str) -> None:
    head, first, second, *_ = run("select", page, "--all").stdout.splitlines()

    assert head == "#\ttitle\tkv-cache\tparallelism\tdiffusion-efficiency"
    assert first.split("\t")[2].endswith(" ✓")
    assert second == f"2\t{OTHER_PAPER[0]}\t0.00\t0.00\t0.00"


@pytest.mark.parametrize("wanted", ["1", "larder: keeping"])
def test_select_explains_one_paper(page: str, wanted: str) -> None:
    result = run("select", page, "--explain", wanted)

    assert result.exit_code == 0
    first, second, third, *rest = result.stdout.splitlines()
    assert first == f"{CACHE_PAPER[0]} (#1, line 13)"
    assert second == "stands under KV cache, place 1 of 1: the theme it fits best"
    assert third.startswith("rank 1.")
    assert any(line.startswith("KV cache: member, ") for line in rest)
    assert "Parallelism: no member, below threshold 4.0" in rest
    assert rest[-2].startswith("1 →\t1.")


def test_select_says_what_a_paper_lost_its_place_to(folder: Path) -> None:
    weaker = ("Cellar: A Small KV Cache", CACHE_PAPER[1].replace("KV cache", "cache", 1))
    Path("page.txt").write_text(page_text(CACHE_PAPER, weaker), encoding="utf-8")
    Path("config.toml").write_text(
        "[lists.lab]\ntrending_limit = 0\n[themes.kv-cache]\nlimit = 1\n", encoding="utf-8"
    )

    result = run("select", "page.txt", "--explain", "cellar")

    lines = result.stdout.splitlines()
    assert lines[1].startswith("stands in no section: none of its themes has a seat for it, and ")
    lost = next(
        at for at, line in enumerate(lines) if line.startswith("Not in KV cache: beaten by “Larder”, ")
    )
    assert lines[lost + 1].startswith("place\trank\ttitle\trelevance\t")
    assert [line.split("\t")[0] for line in lines[lost + 2 : lost + 4]] == ["1", "→"]


def test_select_says_that_a_paper_fits_nothing(page: str) -> None:
    Path("config.toml").write_text("[lists.lab]\ntrending_limit = 0\n", encoding="utf-8")

    result = run("select", page, "--explain", "plumbline")

    assert result.stdout.splitlines()[1].startswith("stands in no section: a member of no theme")


def test_an_explanation_as_json_tells_the_place_and_what_beat_it(folder: Path) -> None:
    weaker = ("Cellar: A Small KV Cache", "A KV cache.")
    Path("page.txt").write_text(page_text(CACHE_PAPER, weaker), encoding="utf-8")
    Path("config.toml").write_text("[lists.lab]\nlimit = 1\n", encoding="utf-8")

    here, gone = (printed("select", "page.txt", "--explain", name) for name in ("larder", "cellar"))

    assert here.keys() == {"papers", "place", "beaten_by"}
    assert (here["place"]["section"], here["place"]["number"], here["place"]["of"]) == ("kv-cache", 1, 1)
    assert here["place"]["rank"]["total"] > 1
    assert gone["place"] == {
        "section": None,
        "number": None,
        "of": None,
        "why": "beyond the issue's limit of 1",
        "rank": None,
    }


def test_words_that_several_titles_have_are_answered_with_the_titles(page: str) -> None:
    result = run("select", page, "--explain", "of")

    assert result.exit_code == 1
    assert result.stderr.startswith("error: 'of' could be 2 papers: “Larder: ")


def test_eval_counts_what_is_right_and_names_what_is_wrong(page: str) -> None:
    grades = [(CACHE_PAPER[0], 2), (OTHER_PAPER[0], 2)]
    labels = [json.dumps({"title": title, "theme": "kv-cache", "grade": grade}) for title, grade in grades]
    Path("labels.jsonl").write_text("\n".join(labels), encoding="utf-8")

    (theme,) = printed("eval", "labels.jsonl", page)["themes"]

    assert (theme["theme"], theme["precision"], theme["recall"]) == ("kv-cache", 1.0, 0.5)
    assert theme["missed"] == [OTHER_PAPER[0]]
    failed = run("eval", "labels.jsonl", page, "--min-f1", "0.9")
    assert (failed.exit_code, failed.stderr) == (1, "error: macro-F1 0.667 is below 0.9\n")


def test_eval_for_a_person_names_the_wrong_ones(page: str) -> None:
    Path("labels.jsonl").write_text(
        json.dumps({"title": CACHE_PAPER[0], "theme": "kv-cache", "grade": 0}), encoding="utf-8"
    )

    result = run("eval", "labels.jsonl", page)

    assert "kv-cache\t0.000\t1.000\t0.000\t1\t1\t0\n" in result.stdout
    assert f"kv-cache\twrongly in\t{CACHE_PAPER[0]}\n" in result.stdout
    assert result.stdout.endswith("macro-F1 0.000\n")


def test_labels_of_papers_that_no_digest_holds_are_named(page: str) -> None:
    Path("labels.jsonl").write_text('{"title": "Gone", "theme": "kv-cache", "grade": 2}', encoding="utf-8")

    result = run("eval", "labels.jsonl", page)

    assert result.stderr == "warning: labels.jsonl: in no digest, so not counted: Gone\n"
    assert "macro-F1 0.000" in result.stdout


def test_init_writes_a_configuration_and_a_look_and_overwrites_nothing(folder: Path) -> None:
    first = run("init", "mine")
    Path("mine/config.toml").write_text('[lists.mine]\ntitle = "Mine"\n', encoding="utf-8")

    second = run("init", "mine")

    assert "wrote mine/config.toml\n" in first.stdout
    assert "wrote mine/templates/default/issue.mjml.j2\n" in first.stdout
    assert (second.exit_code, second.stdout) == (0, "")
    assert Path("mine/config.toml").read_text(encoding="utf-8").startswith("[lists.mine]")


def test_init_draws_a_key_for_the_links_of_readers_that_nobody_else_reads(folder: Path) -> None:
    run("init", "mine")
    run("init", "yours")

    texts = [Path(name, "config.toml").read_text(encoding="utf-8") for name in ("mine", "yours")]
    keys = [re.findall(r'^secret_keys = \["([\w-]{43})"\]$', text, re.MULTILINE) for text in texts]
    assert [len(found) for found in keys] == [1, 1]
    assert keys[0] != keys[1]
    assert stat.S_IMODE(Path("mine/config.toml").stat().st_mode) == 0o600


def test_init_copies_the_look_that_is_named_and_sets_it(folder: Path, page: str) -> None:
    first = run("init", "--look", "compact")
    shown = printed("render", page)

    assert "wrote templates/compact/row.j2\n" in first.stdout
    assert "wrote templates/compact/words.j2\n" in first.stdout  # the default look's, which it uses
    assert not Path("templates/compact/contents.mjml.j2").exists()
    assert 'look = "compact"' in Path("config.toml").read_text(encoding="utf-8").splitlines()
    assert "text-transform:uppercase" in Path(str(shown["files"]["html"])).read_text(encoding="utf-8")  # type: ignore[index]


def test_init_beside_a_configuration_tells_what_to_set_in_it(folder: Path) -> None:
    Path("config.toml").write_text('[lists.mine]\ntitle = "Mine"\n', encoding="utf-8")

    result = run("init", "--look", "compact")

    assert result.stderr == (
        "kept config.toml, which was already there\n"
        'to use the look, set in config.toml: templates_dir = "templates" and, for a list, look = "compact"\n'
    )


def test_init_with_an_unknown_look_names_the_known_ones_and_writes_nothing(folder: Path) -> None:
    result = run("init", "mine", "--look", "fancy")

    assert (result.exit_code, result.stderr) == (1, "error: no look 'fancy'; looks: compact, default\n")
    assert not Path("mine").exists()


def test_a_file_that_no_template_names_is_told(folder: Path, page: str) -> None:
    Path("templates/mine").mkdir(parents=True)
    for name in ("inline.css", "inlin.css", ".inline.css.swp", "inline.css~"):
        Path("templates/mine", name).write_text("h1 { color: #13579b }", encoding="utf-8")
    Path("config.toml").write_text('templates_dir = "templates"\n', encoding="utf-8")

    result = run("render", page, "--look", "mine")

    warning = "no template of the look names it, so it changes nothing"
    assert (result.exit_code, result.stderr) == (0, f"warning: templates/mine/inlin.css: {warning}\n")
    assert "#13579b" in Path("issue/issue.html").read_text(encoding="utf-8")


def test_a_look_of_ones_own_overrides_file_by_file(page: str) -> None:
    run("init")
    Path("templates/default/subject.txt.j2").write_text("Ours: {{ issue.headline }}", encoding="utf-8")
    for path in Path("templates/default").iterdir():
        if path.name != "subject.txt.j2":
            path.unlink()

    assert str(printed("render", page)["subject"]).startswith("Ours: ")


BROKEN = {
    "empty.txt": (b"", "is empty"),
    "blank.txt": (b"\xef\xbb\xbf \n\n", "is empty"),
    "binary.txt": (b"\x00\x01\x02\x03" * 64, "binary"),
    "page.pdf": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "chrome.txt": (page_text().encode(), "no paper"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("command", ["papers", "render", "select"])
def test_a_file_that_is_no_digest_is_refused_in_one_line(command: str, name: str) -> None:
    content, reason = BROKEN[name]
    Path(name).write_bytes(content)

    result = run(command, name)

    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: {name}")
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_missing_file_and_a_folder_are_refused(folder: Path) -> None:
    missing, directory = run("render", "none.txt"), run("render", str(folder))

    assert missing.stderr == "error: none.txt: no such file; give the path of a saved digest\n"
    assert directory.stderr.startswith(f"error: {folder}: this is a folder; ")
    assert (missing.exit_code, directory.exit_code) == (1, 1)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://127.0.0.1:8080/page.txt", "port 8080 is not read; a digest stands on port 80 or 443"),
        (
            "http://127.0.0.1/page.txt",
            "leads to 127.0.0.1, which is this machine; only public addresses are read",
        ),
        ("http://2130706433/", "leads to 127.0.0.1, which is this machine; only public addresses are read"),
        ("http://[broken", "this is not an address; correct it"),
        ("file:///etc/passwd", "only addresses that begin with http:// or https:// can be read"),
    ],
)
@pytest.mark.parametrize("command", ["papers", "render", "select"])
def test_an_address_that_is_not_public_is_refused_in_one_line(
    command: str, address: str, reason: str
) -> None:
    result = run(command, address)

    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert result.stderr.endswith(f": {reason}\n")
    assert result.stderr.count("\n") == 1


ATOM = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/x</id><title>arXiv Query: search_query=ti</title>
  <entry><id>http://arxiv.org/abs/2402.02750v2</id><title>{title}</title><updated>2024-02-06T00:00:00Z</updated>
    <link href="https://arxiv.org/abs/2402.02750v2" rel="alternate" type="text/html"/>
    <summary>{abstract}</summary><published>2024-02-05T00:00:00Z</published><category term="cs.CL"/>
    <author><name>Ann Author</name></author></entry>
</feed>
"""


def test_a_paper_that_arxiv_knows_by_its_title_is_told_with_its_confidence(page: str, folder: Path) -> None:
    answer = ATOM.format(title=CACHE_PAPER[0].lower(), abstract=CACHE_PAPER[1])
    try:
        sources.parse(answer.encode(), "arXiv")
    except DigestError:
        pytest.skip("needs the format of arXiv's Atom feeds")
    keep_answers(folder, {CACHE_PAPER[0]: answer.encode(), OTHER_PAPER[0]: b"[]"})

    values = printed("papers", page, "--enrich")

    title, id = CACHE_PAPER[0], "2402.02750"
    assert values["enriched"] == [{"position": 1, "title": title, "arxiv_id": id, "confidence": 1.0}]
    assert [paper["arxiv_id"] for paper in values["papers"]] == [id, None]
    assert values["papers"][0]["authors"] == ["Ann Author"]
    assert f"{title}\t{id}\t1.00" in run("papers", page, "--enrich").stdout


def test_papers_that_arxiv_does_not_know_stay_as_they_are(page: str, folder: Path) -> None:
    keep_answers(folder, {CACHE_PAPER[0]: b"[]", OTHER_PAPER[0]: b"[]"})

    values = printed("papers", page, "--enrich")

    assert values.pop("enriched") == []
    assert values == printed("papers", page)
    assert run("render", page, "--enrich").exit_code == 0


def keep_answers(folder: Path, answers: dict[str, bytes]) -> None:
    """Lets the copies of the working directory hold what arXiv is asked by title, so that nobody is asked."""
    (folder / "config.toml").write_text('cache_dir = "copies"\n', encoding="utf-8")
    for title, answer in answers.items():
        wanted = addresses.arxiv_title(title)
        assert wanted is not None
        Kept(folder / "copies").keep(wanted.address, Fetched(answer, wanted.address), now=app.utcnow())


def test_a_device_is_refused_at_once() -> None:
    assert run("papers", "/dev/zero").stderr.startswith("error: /dev/zero: not a regular file")


def test_a_wrong_key_in_the_configuration_is_answered_with_the_right_one(page: str) -> None:
    Path("config.toml").write_text('bas_url = "https://a.example"', encoding="utf-8")

    result = run("render", page)

    assert result.exit_code == 2
    assert result.stderr == "error: config.toml, line 1: bas_url: unknown setting; did you mean 'base_url'?\n"


def test_a_fault_in_a_template_is_told_with_its_file_and_line(page: str) -> None:
    run("init")
    Path("templates/default/subject.txt.j2").write_text("\n{{ issue.nothing }}", encoding="utf-8")

    result = run("render", page)

    assert result.exit_code == 1
    assert result.stderr.startswith("error: templates/default/subject.txt.j2, line 2: ")
    assert "nothing" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--theme", "kvcache"], 2, "error: --theme: no theme 'kvcache'; themes: kv-cache, "),
        (["--list", "daily"], 1, "error: no list 'daily'; lists: weekly\n"),
        (["--look", "fancy"], 1, "error: no look 'fancy'; looks: compact, default\n"),
        (["--config", "none.toml"], 2, "error: none.toml: cannot read the configuration: "),
        (["--out", "page.txt"], 1, "error: page.txt: cannot write the issue: "),
    ],
)
def test_a_wrong_name_is_answered_with_the_known_ones(
    page: str, arguments: list[str], code: int, message: str
) -> None:
    result = run("render", page, *arguments)

    assert (result.exit_code, result.stderr[: len(message)]) == (code, message)


def test_explaining_a_paper_nobody_knows_is_told(page: str) -> None:
    assert run("select", page, "--explain", "nothing").stderr.startswith(
        "error: no paper 'nothing' among 2; "
    )


def test_a_day_that_is_none_is_told_with_one_that_is(page: str) -> None:
    result = run("render", page, "--date", "2026-02-30")

    assert result.exit_code == 2
    assert "no day '2026-02-30'; write it as 2026-11-24" in result.stderr


def test_a_missing_file_of_labels_is_told(page: str) -> None:
    result = run("eval", "none.jsonl", page)

    assert result.stderr == "error: none.jsonl: no such file; give the path of a file of labels\n"


def test_labels_of_an_unknown_theme_are_told(page: str) -> None:
    Path("labels.jsonl").write_text('{"title": "x", "theme": "nope", "grade": 2}', encoding="utf-8")

    assert run("eval", "labels.jsonl", page).stderr.startswith(
        "error: labels.jsonl: no theme 'nope'; themes: "
    )


def test_a_source_that_matches_nothing_is_told() -> None:
    Path("config.toml").write_text('[[sources]]\nfile = "in/*.txt"\n', encoding="utf-8")

    result = run("render")

    assert result.exit_code == 2
    assert "in/*.txt; save a digest there, or edit the source" in result.stderr


def test_a_fault_of_the_program_is_one_line_without_debug(
    page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("newsletter.app.utcnow", lambda: 1 / 0)
    monkeypatch.setattr("sys.argv", ["newsletter", "render", page])

    with pytest.raises(SystemExit) as stopped:
        main()

    assert stopped.value.code == 1
    assert capsys.readouterr().err.startswith("error: ZeroDivisionError('division by zero') (a fault of this")


def test_debug_shows_the_traceback_of_a_refusal(page: str) -> None:
    assert isinstance(run("--debug", "papers", "none.txt").exception, DigestError)


def test_every_command_has_help_with_an_example() -> None:
    for name in ["render", "papers", "select", "eval", "label", "init"]:
        result = run(name, "--help")

        assert result.exit_code == 0
        assert f"Example: newsletter {name}" in result.stdout


def test_the_version_is_printed() -> None:
    assert run("--version").stdout == f"{__version__}\n"


def test_wrong_usage_exits_with_two() -> None:
    assert run("render", "--nonsense").exit_code == 2


def test_papers_marks_what_lacks_an_abstract_or_has_a_models_words() -> None:
    text = "# Trending Papers\n\n## by AK and the research community\n\n### Sheep Counted\n\nIt is by ear.\n"

    result = run("papers", "-", stdin=text)

    assert "1\t5\tSheep Counted\t\t\tno abstract, AI summary" in result.stdout
    assert (
        "hf-markdown, no date: 1 paper (1 without an abstract), 0 repairs, 2 lines skipped" in result.stderr
    )
    assert json.loads(run("papers", "-", "--json", stdin=text).stdout)["papers"][0]["marks"] == [
        "no abstract",
        "AI summary",
    ]
