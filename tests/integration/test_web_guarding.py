"""What stands before every page: headers, bounds, one public address, and no fault that shows."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from newsletter import store
from newsletter.web import guarding
from tests.site import ADDRESS, Site, settings
from tests.stored import dump


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    """What stands before a page is the same whatever the database is."""
    opened = store.open_store(f"sqlite:///{tmp_path}/newsletter.db")
    yield opened
    opened.dispose()


@pytest.fixture
def site(database: Engine, tmp_path: Path) -> Site:
    return Site(database, settings(tmp_path))


def every_page(site: Site) -> list[str]:
    """A path of each route, and of none."""
    reader = site.join()
    own = [site.link(page, reader) for page in ("preferences", "unsubscribe")]
    own += [own[0] + "/erase", own[0] + "/data.json", site.letter("new@example.com")]
    public = [
        "/",
        "/healthz",
        "/robots.txt",
        "/assets/site.css",
        "/weekly/subscribe",
        "/nothing",
        "/weekly/x/y",
    ]
    return [*public, *own, "/weekly/confirm/x", "/weekly/unsubscribe/" + "a" * 5000]


METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"]


@pytest.mark.parametrize("method", METHODS)
def test_every_answer_has_the_headers_whatever_it_is(site: Site, method: str) -> None:
    for path in every_page(site):
        answer = site.client.request(method, path)

        headers = answer.headers
        assert answer.status_code < 500
        assert headers["content-security-policy"] == guarding.PAGE_POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["strict-transport-security"] == "max-age=31536000"
        own = any(f"/{page}/" in path for page in guarding.OWN_PAGES)
        assert (headers["referrer-policy"] == "no-referrer") == own
        assert headers.get("x-robots-tag") == ("noindex, nofollow" if own else None)
        if own or answer.status_code >= 400:
            assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS"])
def test_a_method_that_a_page_does_not_take_is_told_with_those_it_takes(site: Site, method: str) -> None:
    form, front = (site.client.request(method, path) for path in ("/weekly/subscribe", "/"))

    assert (form.status_code, front.status_code) == (405, 405)
    assert set(form.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert set(front.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_http_on_this_machine_goes_without_the_header_for_https(database: Engine, tmp_path: Path) -> None:
    site = Site(database, settings(tmp_path, base_url="http://localhost:8080"))

    assert "strict-transport-security" not in site.client.get("/").headers


def test_ten_thousand_looks_change_nothing(site: Site) -> None:
    paths = every_page(site)
    before = dump(site.database)

    methods = ["GET", "HEAD", "OPTIONS"]
    asked = site.ask(*((methods[n % 3], paths[n % len(paths)]) for n in range(10_000)))

    assert {status for status in asked if status >= 400} <= {404, 405, 414}
    assert dump(site.database) == before


@pytest.mark.parametrize(
    "path",
    [
        "/weekly/subscribe/",
        "/Weekly/subscribe",
        "/weekly/Subscribe",
        "/weekly/subscribe;x=y",
        "/weekly;x=y/subscribe",
        "/weekly//subscribe",
        "//weekly/subscribe",
        "/%2e%2e/weekly/subscribe",
        "/weekly/%2e%2e/healthz",
        "/weekly%00/subscribe",
        "/weekly/subscribe%00",
        "/%ff%fe/subscribe",
        "/weekly/subscribe%20",
        "/weekly\\subscribe",
        "/assets/../config.toml",
        "/assets/site.css%00.html",
        "/staff/subscribe",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_nearly_a_page_is_none(site: Site, method: str, path: str) -> None:
    assert site.client.request(method, path).status_code in {404, 405}


@pytest.mark.parametrize("end", ["%0a", "%0d", "%0d%0a", "%00", "%c2%85", "%7f"])
def test_a_line_end_behind_a_path_is_not_its_end(site: Site, end: str) -> None:
    own = site.link("preferences", site.join())
    before = dump(site.database)

    for path in ("/", "/healthz", "/weekly/subscribe", own, f"{own}/erase", f"{own}/data.json"):
        for method in ("GET", "POST"):
            assert site.client.request(method, path + end).status_code == 404
    assert dump(site.database) == before


def test_the_method_is_the_one_of_the_request_whatever_the_form_says(site: Site) -> None:
    path = site.link("unsubscribe", site.join())
    before = dump(site.database)

    site.client.get(path, params={"_method": "POST", "List-Unsubscribe": "One-Click"})
    site.client.get(path, headers={"x-http-method-override": "POST"})
    answer = site.client.post(path, data={"_method": "GET"})

    assert answer.status_code == 400
    assert dump(site.database) == before


HOSTS: list[dict[str, str]] = [
    {"host": "evil.test"},
    {"x-forwarded-host": "evil.test", "x-forwarded-proto": "http", "x-forwarded-prefix": "//evil.test"},
    {
        "forwarded": "host=evil.test;proto=http",
        "x-original-url": "//evil.test",
        "x-rewrite-url": "//evil.test",
    },
]
ELSEWHERE = ["//evil.test", "https://evil.test", "/\\evil.test", "https:evil.test", "/%09/evil.test"]


@pytest.mark.parametrize("headers", HOSTS)
def test_no_answer_names_another_host(site: Site, headers: dict[str, str]) -> None:
    for path in every_page(site):
        answer = site.client.get(path, headers=headers)

        assert "evil.test" not in answer.text + str(answer.headers)
        assert not answer.has_redirect_location


@pytest.mark.parametrize("name", ["next", "url", "redirect", "return_to", "theme", "list", "email"])
def test_no_parameter_leads_elsewhere(site: Site, name: str) -> None:
    reader = site.join()
    for elsewhere in ELSEWHERE:
        for path in ("/weekly/subscribe", site.link("preferences", reader), site.link("unsubscribe", reader)):
            shown = site.client.get(path, params={name: elsewhere})
            sent = site.client.post(path, params={name: elsewhere}, data={name: elsewhere})

            assert "evil.test" not in shown.text
            assert f'href="{elsewhere}' not in sent.text
            assert not sent.has_redirect_location


@pytest.mark.parametrize("in_front", ["", "/papers"])
def test_under_a_path_every_link_leads_to_a_page_whether_or_not_the_path_arrives(
    database: Engine, tmp_path: Path, in_front: str
) -> None:
    site = Site(database, settings(tmp_path, base_url="https://example.org/papers"))
    path = site.link("preferences", site.join())

    page = site.client.get(in_front + path).text

    targets = [part.partition('"')[0] for part in page.replace("action=", "href=").split('href="')[1:]]
    assert targets
    assert all(target.startswith("/papers/") for target in targets)
    served = [target for target in targets if not target.endswith("/weekly/")]
    answers = [site.client.get(target.removeprefix("/papers" if not in_front else "")) for target in served]
    assert {answer.status_code for answer in answers} == {200}


def test_a_request_that_names_the_whole_address_gets_the_page(site: Site) -> None:
    assert site.ask(("GET", "http://evil.test/weekly/subscribe")) == [200]


@pytest.mark.parametrize(
    ("query", "status"), [("a" * 3000, 200), ("a" * 5000, 414), ("a" * 1_000_000, 414), ("a&" * 10_000, 414)]
)
def test_an_address_has_an_end(site: Site, query: str, status: int) -> None:
    assert site.ask(("GET", f"/weekly/subscribe?{query}")) == [status]


@pytest.mark.parametrize("path", ["/weekly/subscribe", "/nothing"])
@pytest.mark.parametrize(
    "headers", [{}, {"content-length": "100000000"}, {"content-length": "1e9"}, {"content-length": "-1"}]
)
def test_a_form_has_an_end(site: Site, path: str, headers: dict[str, str]) -> None:
    answer = site.client.post(path, content=b"a" * 1_000_000, headers=headers)

    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


def nested(depth: int) -> bytes:
    """A multipart form in a multipart form, and so on."""
    inner = b"a"
    for number in range(depth):
        edge = b"--x%d" % number
        kind = b"Content-Type: multipart/mixed; boundary=x%d" % (number - 1)
        inner = b"\r\n".join(
            [edge, b'Content-Disposition: form-data; name="a"', kind, b"", inner, edge + b"--"]
        )
    return inner


MULTIPART = {
    "deep": (nested(300), "x299"),
    "no end": (b"--x\r\n" + b"a: b\r\n" * 5000, "x"),
    "no name": (b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", "x"),
    "many parts": (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 1100 + b"--x--\r\n", "x"),
    "many files": (
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n\r\n' * 100 + b"--x--\r\n",
        "x",
    ),
    "no boundary": (b"a", ""),
    "a long boundary": (b"a", "x" * 5000),
    "half of one": (b'--x\r\nContent-Disposition: form-data; name="List-Unsubscr', "x"),
    "bytes": (bytes(range(256)) * 100, "x"),
}


@pytest.mark.parametrize("case", MULTIPART)
def test_a_form_that_is_none_is_refused_and_nothing_is_done(site: Site, case: str) -> None:
    body, boundary = MULTIPART[case]
    path = site.link("unsubscribe", site.join())
    before = dump(site.database)

    answer = site.client.post(
        path, content=body, headers={"content-type": f"multipart/form-data; boundary={boundary}"}
    )

    assert answer.status_code in {400, 413}
    assert dump(site.database) == before


def test_a_fault_is_a_page_and_a_line_without_what_it_was_about(
    database: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fault() -> date:
        raise LookupError(f"{ADDRESS} abcdef")

    site = Site(database, settings(tmp_path), today=fault)

    answer = site.client.get("/weekly/search/?q=broken")

    assert (answer.status_code, "Something went wrong here" in answer.text) == (500, True)
    assert answer.headers["content-security-policy"] == guarding.PAGE_POLICY
    told = capsys.readouterr().err
    assert told.startswith("warning: GET: LookupError")
    assert told.count("\n") == 1
    assert not any(word in answer.text + told for word in (ADDRESS, "abcdef", "broken"))
