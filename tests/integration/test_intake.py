"""Sources of every kind, over real connections: what is read, kept, said and asked again."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from newsletter import app, config, gather, intake
from newsletter.addresses import Bases
from newsletter.errors import ConfigError, DigestError, FetchError, NewsletterError
from newsletter.fetch import Fetched
from newsletter.fetch.client import Client, World
from newsletter.fetch.guard import Policy
from newsletter.fetch.kept import Kept
from newsletter.gather import Outside
from newsletter.model import Digest
from tests.builders import CACHE_PAPER, OTHER_PAPER, digest, page_text, paper
from tests.servers import Server, reply

TUESDAY = datetime(2026, 11, 24, 12, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAGE = page_text(CACHE_PAPER).encode()
OTHER_PAGE = page_text(OTHER_PAPER).encode()
EMPTY_FEED = b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>cs.LG</title></feed>'


class Site:
    """A web site of its own: what each path answers, and a way to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.now = TUESDAY
        self.slept: list[float] = []

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        key = parse_qs(parts.query).get("date", [parts.path])[0]
        self.answers.get(key, lambda request: reply(request, status=404))(request)

    def outside(self, port: int) -> Outside:
        world = World(
            lambda: self.now, sleep=self.slept.append, resolver=lambda *_: ["127.0.0.1"], chance=lambda: 0.0
        )
        client = Client("test", world=world, policy=Policy(endpoints=frozenset({("127.0.0.1", port)})))
        home = f"http://site.test:{port}"
        bases = Bases(hf=home, arxiv_api=home, arxiv_feeds=home)
        return Outside(client.get, Kept(self.folder / "copies"), lambda: self.now, bases=bases)

    def copies(self) -> list[Path]:
        return sorted((self.folder / "copies").glob("*"))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.chdir(tmp_path)
    return Site(tmp_path)


@pytest.fixture
def server(site: Site) -> Iterator[Server]:
    with Server(site) as running:
        yield running


def page(content: bytes = PAGE, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        if headers.get("ETag") and request.headers.get("If-None-Match") == headers["ETag"]:
            reply(request, status=304)
        else:
            reply(request, content, **headers)  # type: ignore[arg-type]

    return answer


def failing(status: int = 500) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda request: reply(request, status=status)


def read(site: Site, server: Server, sources: str = "", *, given: tuple[str, ...] = ()) -> tuple[Digest, ...]:
    Path("config.toml").write_text(sources.replace("{home}", home(server)), encoding="utf-8")
    settings = app.load_settings(None)
    return app.read_digests(given, settings, outside=site.outside(server.port))


def home(server: Server) -> str:
    return f"http://site.test:{server.port}"


def named(digests: tuple[Digest, ...]) -> list[str]:
    return [paper.title for one in digests for paper in one.papers]


def test_an_address_stands_where_a_digest_does(site: Site, server: Server) -> None:
    site.answers["/page.txt"] = page()
    Path("saved.txt").write_bytes(OTHER_PAGE)

    digests = read(site, server, given=("saved.txt", f"{home(server)}/page.txt?key=s3cret"))

    assert named(digests) == [OTHER_PAPER[0], CACHE_PAPER[0]]
    assert [one.source for one in digests] == ["saved.txt", f"{home(server)}/page.txt?key=…"]


def test_every_kind_of_source_is_read_in_its_order(site: Site, server: Server) -> None:
    for path in ("2026-11-24", "/api/query", "/atom/cs.LG", "/feed.xml"):
        site.answers[path] = page()
    Path("saved.txt").write_bytes(OTHER_PAGE)
    kinds = ('hf_daily = "day"', 'arxiv = "cat:cs.CL"\nmax_results = 7', 'arxiv_category = "cs.LG"')
    kinds += ('feed = "{home}/feed.xml"', 'file = "*.txt"')
    sources = "".join(f"[[sources]]\n{kind}\n" for kind in kinds)

    assert len(read(site, server, sources)) == 5
    assert server.paths == [
        "/api/daily_papers?date=2026-11-24&limit=100",
        "/api/query?search_query=cat%3Acs.CL&sortBy=submittedDate&sortOrder=descending&start=0&max_results=7",
        "/atom/cs.LG",
        "/feed.xml",
    ]


def test_a_week_is_asked_for_by_its_weekdays(site: Site, server: Server) -> None:
    for day in ("18", "19", "20", "23", "24"):
        site.answers[f"2026-11-{day}"] = page()

    digests = read(site, server, '[[sources]]\nhf_daily = "week"')

    assert [one.date.day for one in digests if one.date] == [18, 19, 20, 23, 24]
    assert len(server.paths) == 5


def test_what_has_not_changed_is_read_from_the_copy(site: Site, server: Server) -> None:
    site.answers["/feed.xml"] = page(ETag='"1"')
    source = '[[sources]]\nfeed = "{home}/feed.xml"'

    first, second = read(site, server, source), read(site, server, source)

    assert first == second
    assert server.seen[1]["if-none-match"] == '"1"'


def test_a_copy_is_for_its_owner_only_and_a_broken_one_is_no_copy(site: Site, server: Server) -> None:
    site.answers["/feed.xml"] = page(ETag='"1"')
    source = '[[sources]]\nfeed = "{home}/feed.xml"'
    read(site, server, source)
    (copy,) = site.copies()
    assert (copy.stat().st_mode & 0o777, copy.parent.stat().st_mode & 0o777) == (0o600, 0o700)

    copy.write_bytes(copy.read_bytes()[:-5])

    assert named(read(site, server, source)) == [CACHE_PAPER[0]]
    assert "if-none-match" not in server.seen[1]


def test_copies_that_nobody_renews_go_after_two_months(site: Site, server: Server) -> None:
    site.answers["/feed.xml"] = page()
    read(site, server, '[[sources]]\nfeed = "{home}/feed.xml"')
    (old,) = site.copies()
    os.utime(old, (0, 0))

    site.answers["/other.xml"] = page()
    read(site, server, '[[sources]]\nfeed = "{home}/other.xml"')

    assert len(site.copies()) == 1
    assert old not in site.copies()


def test_without_a_place_for_copies_everything_is_read_all_the_same(site: Site, server: Server) -> None:
    (site.folder / "copies").write_text("a file where the folder should be")
    site.answers["/feed.xml"] = page()

    assert read(site, server, '[[sources]]\nfeed = "{home}/feed.xml"')


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (failing(), "the server fails (500), 3 times; try again later"),
        (failing(404), "has no such page (404)"),
        (page(b"<!doctype html>We are moving"), "looks like an HTML page"),
    ],
)
def test_the_copy_of_a_day_stands_in_for_an_answer_that_is_none(
    site: Site,
    server: Server,
    capsys: pytest.CaptureFixture[str],
    answer: Callable[[BaseHTTPRequestHandler], None],
    reason: str,
) -> None:
    source = '[[sources]]\nhf_daily = "day"'
    site.answers["2026-11-24"] = page()
    first = read(site, server, source)
    site.answers["2026-11-24"] = answer
    site.now = TUESDAY.replace(hour=15)

    assert read(site, server, source) == first
    told = capsys.readouterr().err
    assert reason in told
    assert told.endswith("; the copy of 2026-11-24 12:00 UTC is used\n")


def test_an_old_copy_of_a_feed_does_not_pass_for_news(site: Site, server: Server) -> None:
    source = '[[sources]]\nfeed = "{home}/feed.xml"'
    site.answers["/feed.xml"] = page()
    read(site, server, source)
    site.answers["/feed.xml"] = failing()

    with pytest.raises(FetchError, match=r"the server fails \(500\), 3 times"):
        read(site, server, source)


def test_one_source_that_fails_does_not_lose_the_others(
    site: Site, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    site.answers["/good.xml"] = page()
    site.answers["/bad.xml"] = page(b"<!doctype html><title>502 Bad Gateway</title>")
    Path("broken.txt").write_bytes(b"%PDF-1.7")
    sources = "".join(f'[[sources]]\nfeed = "{{home}}/{name}.xml"\n' for name in ("gone", "bad", "good"))
    sources += '[[sources]]\nfile = "none/*.txt"\n[[sources]]\nfile = "*.txt"\n'

    digests = read(site, server, sources)

    warnings = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")]
    assert named(digests) == [CACHE_PAPER[0]]
    reasons = ["has no such page (404)", "looks like an HTML page", "no file matches", "this is a PDF"]
    for warning, reason in zip(warnings, reasons, strict=True):
        assert reason in warning
    assert len(site.copies()) == 1


def test_where_every_source_fails_each_is_named(site: Site, server: Server) -> None:
    sources = "".join(f'[[sources]]\nfeed = "{{home}}/{name}.xml"\n' for name in ("one", "two"))

    with pytest.raises(NewsletterError) as caught:
        read(site, server, sources)

    assert str(caught.value).splitlines() == [
        "no source could be read:",
        *(f"{home(server)}/{name}.xml: has no such page (404); check the address" for name in ("one", "two")),
    ]


def test_a_weekend_is_quiet_without_a_question_and_that_is_right(
    site: Site, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    site.now = SATURDAY

    assert read(site, server, '[[sources]]\nhf_daily = "day"') == ()
    assert "nothing new, and that is right: 2026-11-21 is a Saturday" in capsys.readouterr().err
    assert server.paths == []


@pytest.mark.parametrize("answer", [page(b"[]"), failing(404)])
def test_a_weekday_without_a_page_is_wrong_by_noon_and_early_at_dawn(
    site: Site,
    server: Server,
    capsys: pytest.CaptureFixture[str],
    answer: Callable[[BaseHTTPRequestHandler], None],
) -> None:
    site.answers["2026-11-24"] = answer
    source = '[[sources]]\nhf_daily = "day"'

    with pytest.raises(FetchError, match="nothing came, and that is wrong: 2026-11-24 is a Tuesday; look at"):
        read(site, server, source)
    site.now = TUESDAY.replace(hour=3)
    assert read(site, server, source) == ()
    assert "nothing yet: the page of 2026-11-24" in capsys.readouterr().err


def test_an_empty_feed_of_arxiv_is_right_on_saturday_and_wrong_on_tuesday(
    site: Site, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    site.answers["/atom/cs.LG"] = page(EMPTY_FEED)
    source = '[[sources]]\narxiv_category = "cs.LG"'

    with pytest.raises(FetchError, match="nothing came, and that is wrong: 2026-11-24 is a Tuesday"):
        read(site, server, source)
    site.now = SATURDAY
    assert read(site, server, source) == ()
    assert "arXiv announces nothing on Friday and Saturday evenings" in capsys.readouterr().err


def test_an_issue_without_any_paper_says_why(site: Site) -> None:
    with pytest.raises(NewsletterError, match="no paper to show: the sources hold none"):
        app.draft((), list=config.mailing_list(config.load(None)), on=date(2026, 11, 21))


def test_elsewhere_than_at_a_terminal_each_source_is_one_line(
    site: Site, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    site.answers["2026-11-24"] = page()

    read(site, server, '[[sources]]\nhf_daily = "day"')

    assert capsys.readouterr().err == f"Hugging Face, 2026-11-24: {len(PAGE):,} bytes\n"


def test_a_fifo_a_device_and_a_folder_are_refused_at_once(site: Site) -> None:
    os.mkfifo("pipe.txt")
    for name in ("pipe.txt", "/dev/zero", "/dev/stdin", "/dev/tty"):
        with pytest.raises(DigestError, match=r"not a regular file|cannot be read|no such file"):
            app.read_digests([name], config.load(None))
    with pytest.raises(DigestError, match="this is a folder"):
        app.read_digests([site.folder], config.load(None))


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(DigestError, match="this is no path"):
        app.read_digests(["a\0b"], config.load(None))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything; run as another user")
def test_a_file_without_permission_is_refused(site: Site) -> None:
    Path("secret.txt").write_bytes(PAGE)
    Path("secret.txt").chmod(0)

    with pytest.raises(DigestError, match="cannot be read: Permission denied"):
        app.read_digests(["secret.txt"], config.load(None))


def test_a_pattern_does_not_follow_a_link_out_of_its_folder(
    site: Site, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = tmp_path_factory.mktemp("away") / "page.txt"
    away.write_bytes(PAGE)
    Path("in").mkdir()
    Path("in/link.txt").symlink_to(away)
    Path("in/own.txt").write_bytes(OTHER_PAGE)
    Path("in/also.txt").symlink_to("own.txt")

    assert named(read(site, server, '[[sources]]\nfile = "in/*.txt"')) == [OTHER_PAPER[0]] * 2
    assert named(read(site, server, '[[sources]]\nfile = "in/link.txt"')) == [CACHE_PAPER[0]]


def test_a_pattern_that_matches_nothing_alone_is_a_mistake_of_the_configuration(
    site: Site, server: Server
) -> None:
    with pytest.raises(ConfigError, match="no file matches"):
        read(site, server, '[[sources]]\nfile = "none/*.txt"')


def test_an_issue_from_a_file_loads_no_http_library(site: Site) -> None:
    Path("page.txt").write_bytes(PAGE)
    code = (
        "import sys; from newsletter.cli import commands\n"
        "try: commands(['render', 'page.txt'])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print(sorted({'httpx', 'httpcore', 'certifi', 'rich', 'starlette', 'uvicorn'} & set(sys.modules)))"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
        check=True,
    )

    assert done.stdout.splitlines()[-1] == "[]"


LARDER = paper(
    "Larder: Keeping the Right Half of the KV Cache", arxiv_id="2402.02750", authors=("A. Author",)
)


def looking_up(site: Site, get: gather.Get) -> Outside:
    return Outside(get, Kept(site.folder / "copies"), lambda: site.now)


def answering(*answers: bytes | Exception, asked: list[str]) -> gather.Get:
    """Gives the answers one after the other, the last one for ever."""
    left = list(answers)

    def get(address: str, *, etag: str = "", modified: str = "", watch: object) -> Fetched:
        asked.append(address)
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return Fetched(answer, address)

    return get


def test_papers_without_an_abstract_are_looked_up_first_and_answers_are_kept(site: Site) -> None:
    asked: list[str] = []
    outside = looking_up(site, answering(b"[]", asked=asked))
    whole = digest(paper("With an Abstract of Its Own"), paper("Only a Title Is Known", ""), LARDER)

    read_again = [gather.enrich([whole], outside) for _ in range(2)]

    assert [address.partition("ti%3A%22")[2][:8] for address in asked] == ["Only+a+T", "With+an+"]
    assert read_again[0] == read_again[1] == ((whole,), (), ())


def test_no_more_papers_are_looked_up_than_the_run_allows(site: Site) -> None:
    asked: list[str] = []
    outside = looking_up(site, answering(b"[]", asked=asked))

    whole = [digest(*(paper(f"Paper Number {n}") for n in range(5)))]

    told = [[note.text for note in gather.enrich(whole, outside, most=2)[2]] for _ in range(4)]

    left = "{} papers are not looked up yet; run it again for the next 2"
    assert told == [[left.format(3)], [left.format(1)], [], []]
    assert len(asked) == len(set(asked)) == 5


def test_answers_that_cannot_be_read_end_the_look_up_at_the_third(site: Site) -> None:
    asked: list[str] = []
    outside = looking_up(site, answering(b"<html>Rate exceeded", asked=asked))

    _, _, notes = gather.enrich([digest(*(paper(f"Paper Number {n}") for n in range(5)))], outside)

    assert len(asked) == len(notes) == 3
    assert site.copies() == []


def test_after_a_failure_nothing_more_is_looked_up_and_nothing_is_lost(site: Site) -> None:
    asked: list[str] = []
    outside = looking_up(site, answering(FetchError("arxiv.org", "is down", retry=True), asked=asked))
    whole = digest(paper("One Paper of Two"), paper("Two Papers of Two"))

    digests, added, (note,) = gather.enrich([whole], outside)

    assert (digests, added, len(asked)) == ((whole,), (), 1)
    assert note.text == "arxiv.org: is down"


def test_what_is_found_fills_what_is_missing_and_overwrites_nothing(site: Site) -> None:
    known = paper(CACHE_PAPER[0], "Its own words.", upvotes=7, position=3)
    found = replace(
        LARDER, abstract="Other words.", published=date(2024, 2, 5), categories=("cs.CL",), version=2
    )

    (filled,) = gather.filled(digest(known), {known: gather.titles.Match(found, 0.98)}).papers

    assert filled == replace(
        known,
        arxiv_id="2402.02750",
        authors=("A. Author",),
        published=date(2024, 2, 5),
        categories=("cs.CL",),
        url=filled.url,
        version=filled.version,
    )


def test_a_title_that_was_cut_is_made_whole(site: Site) -> None:
    known = paper("Larder: Keeping the Right Half of…", "Its own words.")

    (filled,) = gather.filled(digest(known), {known: gather.titles.Match(LARDER, 0.97)}).papers

    assert (filled.title, filled.abstract) == (LARDER.title, "Its own words.")


def test_a_paper_known_only_by_its_title_takes_the_abstract_too(site: Site) -> None:
    known = paper(CACHE_PAPER[0], "")

    (filled,) = gather.filled(digest(known), {known: gather.titles.Match(LARDER, 0.98)}).papers

    assert filled.abstract == LARDER.abstract


def test_one_client_asks_for_the_whole_process() -> None:
    """So that the three seconds between two requests to arXiv hold from one digest to the next."""
    assert intake._client("newsletter", app.utcnow) is intake._client("newsletter", app.utcnow)
