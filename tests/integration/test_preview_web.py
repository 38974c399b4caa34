"""The desk over HTTP: who may ask, what is answered, and that the text of a paper stays text."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from newsletter.preview import guarding, web
from newsletter.preview.live import Live
from newsletter.preview.shelf import Shelf
from newsletter.preview.wanted import Means, Wanted
from tests.builders import CACHE_PAPER, NOW, OTHER_PAPER, page_text

KEY = "the-key"
HOST = "127.0.0.1:8765"
LARDER = CACHE_PAPER[0]
HOSTILE = "</script><script>alert(1)</script> {{ 7*7 }} <img src=x onerror=alert(2)> KV cache"
MEANS = Means(
    send=lambda mail, to, settings: f"sent to {to}",
    unsendable=lambda settings: "",
    library={"bib": lambda issue: f"@misc{{{issue.list.slug}}}"},
    clock=lambda: NOW,
    user=lambda: "ada",
)


def guarded(live: Live, means: Means = MEANS) -> guarding.Guard:
    return guarding.Guard(web.desk(live, means), hosts=guarding.hosts("127.0.0.1", 8765), key=KEY)


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    monkeypatch.chdir(tmp_path)
    hostile = (HOSTILE, "We show a KV cache eviction policy, <b onclick=alert(3)>bold</b>.")
    Path("page.txt").write_text(page_text(CACHE_PAPER, OTHER_PAPER, hostile), encoding="utf-8")
    with Shelf() as shelf:
        yield Live(Wanted(digests=("page.txt",), on=date(2026, 1, 6)), MEANS, shelf)


@pytest.fixture
def stranger(live: Live) -> Iterator[TestClient]:
    """A browser that was not given the key."""
    with TestClient(guarded(live), base_url=f"http://{HOST}", follow_redirects=False) as client:
        yield client


@pytest.fixture
def editor(stranger: TestClient) -> TestClient:
    """A browser that opened the address with the key."""
    stranger.get(f"/?key={KEY}")
    return stranger


def post(client: TestClient, path: str, body: Any = None, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    return client.post(path, content=content, headers={"X-Desk": "1", **headers})


def test_the_key_becomes_a_cookie_that_no_script_and_no_other_site_has(stranger: TestClient) -> None:
    answer = stranger.get(f"/?key={KEY}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("desk_8765=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/state", "/events", "/mail", "/issue.eml", "/desk.js", "/?key=wrong"])
def test_without_the_key_nothing_is_shown(stranger: TestClient, path: str) -> None:
    answer = stranger.get(path)

    assert answer.status_code == 403
    assert "newsletter preview printed" in answer.text


def test_without_the_key_nothing_is_done(stranger: TestClient, live: Live) -> None:
    answer = post(stranger, "/edit", {"kind": "drop", "paper": LARDER})

    assert answer.status_code == 403
    assert live.now.version == 1


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:9999", "127.0.0.1", "127.0.0.1.evil.example:8765", ""]
)
def test_another_name_than_the_desks_is_refused(editor: TestClient, host: str) -> None:
    assert editor.get("/state", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:9999", "null", "http://localhost"]
)
def test_another_page_may_ask_and_do_nothing(editor: TestClient, live: Live, origin: str) -> None:
    asked = editor.get("/state", headers={"Origin": origin})
    done = post(editor, "/undo", Origin=origin)

    assert (asked.status_code, done.status_code) == (403, 403)
    assert done.json()["error"] == "another page may not ask the desk"


def test_a_form_of_another_page_cannot_post_because_it_sets_no_header(editor: TestClient) -> None:
    answer = editor.post("/undo", content=b"{}")

    assert answer.status_code == 403
    assert "X-Desk" in answer.json()["error"]


def test_the_page_itself_may_post(editor: TestClient, live: Live) -> None:
    answer = post(editor, "/edit", {"kind": "drop", "paper": LARDER}, Origin=f"http://{HOST}")

    assert answer.json() == {"said": f"dropped “{LARDER}”", "version": 2}
    assert live.now.version == 2


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/%2e%2e/web.py", "/..%2fweb.py", "/page/desk.html", "/web.py", "/state/x"]
)
def test_no_path_leads_out_of_the_page(editor: TestClient, path: str) -> None:
    assert editor.get(path).status_code == 404
    assert post(editor, path).status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'"x"', 400),
        (b"\xff", 400),
        (b"[" * 50_000, 400),
        (b'{"kind": "burn", "paper": "x"}', 400),
        (b'{"kind": ["drop"], "paper": "x"}', 400),
        (b'{"kind": "drop"}', 400),
        (b'{"kind": "drop", "paper": 7}', 400),
        (b'{"kind": "move", "paper": "x"}', 400),
        (b'{"kind": "move", "paper": "x", "place": true}', 400),
        (b'{"kind": "move", "paper": "x", "place": 0}', 400),
        (b'{"kind": "pin", "paper": "x", "section": 1}', 400),
        (b'{"kind": "note"}', 400),
        (b'{"kind": "drop", "paper": "nobody"}', 404),
        (b'{"kind": "note", "text": "%s"}' % (b"x" * 100_001), 413),
    ],
)
def test_what_is_no_edit_is_refused_with_the_reason(
    editor: TestClient, live: Live, body: bytes, status: int
) -> None:
    answer = post(editor, "/edit", body)

    assert answer.status_code == status
    assert answer.json()["error"]
    assert live.now.version == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/choose", {}, 400),
        ("/choose", {"look": "a", "list": "b"}, 400),
        ("/choose", {"look": "nope"}, 404),
        ("/approve", {}, 400),
        ("/approve", {"version": 1}, 409),
        ("/undo", {}, 409),
        ("/test", {}, 400),
    ],
)
def test_what_cannot_be_done_is_told(editor: TestClient, path: str, body: object, status: int) -> None:
    answer = post(editor, path, body)

    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_method_that_is_not_there_is_told_in_json(editor: TestClient) -> None:
    answer = editor.put("/state", headers={"X-Desk": "1"})

    assert (answer.status_code, answer.json()["error"]) == (405, "nothing is at /state for PUT")


@pytest.mark.parametrize("path", ["/", "/state", "/mail", "/desk.css", "/issue.html", "/nowhere"])
def test_every_answer_says_what_a_browser_may_do_with_it(editor: TestClient, path: str) -> None:
    headers = editor.get(path).headers

    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_refusals_have_the_same_headers(stranger: TestClient) -> None:
    headers = stranger.get("/state", headers={"Host": "evil.example"}).headers

    assert headers["content-security-policy"] == guarding.PAGE_POLICY
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("mode", ["light", "dark", "forced", "bare"])
def test_a_mail_in_a_frame_runs_nothing_loads_nothing_and_tells_its_places(
    editor: TestClient, live: Live, mode: str
) -> None:
    answer = editor.get(f"/mail?as={mode}&v=1")

    assert answer.headers["content-security-policy"] == web.MAIL_POLICY
    assert "allow-scripts" not in web.MAIL_POLICY
    assert "<script" not in answer.text
    [larder, *_] = [pick for part in live.now.state["sections"] for pick in part["picks"]]
    assert f'<h3 data-at="{larder["line"]}:{larder["column"]}"' in answer.text
    assert ("<style" in answer.text.split("</head>")[0]) or mode == "bare"


def test_a_view_that_is_not_there_is_not_found(editor: TestClient) -> None:
    assert editor.get("/mail?as=sepia").status_code == 404


def test_the_text_of_a_paper_stays_text(editor: TestClient) -> None:
    answer = editor.get("/state")

    assert answer.headers["content-type"] == "application/json"
    titles = [pick["title"] for part in answer.json()["sections"] for pick in part["picks"]]
    assert HOSTILE in titles
    assert "<script>" not in answer.json()["source"]
    assert "<img" not in answer.json()["source"]


def test_half_of_a_surrogate_pair_does_not_stop_the_desk(editor: TestClient, live: Live) -> None:
    live._now = replace(live.now, state={**live.now.state, "note": "half \ud800"})

    assert b'"half \\ud800"' in editor.get("/state").content


@pytest.mark.parametrize("ending", ["eml", "html", "txt", "bib"])
def test_a_file_of_the_issue_is_handed_out_to_be_kept(editor: TestClient, live: Live, ending: str) -> None:
    answer = editor.get(f"/issue.{ending}")

    mailed = live.now.made.mailed
    assert answer.headers["content-disposition"] == f'attachment; filename="weekly-2026-01-06.{ending}"'
    wanted = {"eml": mailed.mail, "html": mailed.rendered.html.encode(), "txt": mailed.rendered.text.encode()}
    assert answer.content == wanted.get(ending, b"@misc{weekly}")


def test_a_file_that_nothing_writes_is_not_found(editor: TestClient) -> None:
    assert editor.get("/issue.exe").status_code == 404


def test_what_is_done_is_answered_once_it_is_shown(editor: TestClient) -> None:
    dropped = post(editor, "/edit", {"kind": "drop", "paper": LARDER, "section": "", "place": None}).json()
    noted = post(editor, "/edit", {"kind": "note", "text": " Hello. "}).json()
    state = editor.get("/state").json()

    assert (dropped["version"], noted["version"], state["version"]) == (2, 3, 3)
    assert state["note"] == "Hello."
    assert post(editor, "/test", {"to": "me@example.org"}).json()["said"] == "sent to me@example.org"
    assert post(editor, "/keep").json()["said"] == "kept as weekly/1, a new draft"
    assert post(editor, "/choose", {"issue": ""}).json()["version"] == 5


def test_a_fault_of_the_program_is_one_line(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(issue: object) -> str:
        raise ZeroDivisionError("nobody expects it")

    app = guarded(live, Means(library={"ris": broken}))
    with TestClient(app, base_url=f"http://{HOST}", raise_server_exceptions=False) as client:
        client.get(f"/?key={KEY}")
        answer = client.get("/issue.ris")

    assert answer.status_code == 500
    assert answer.json() == {"error": "ZeroDivisionError('nobody expects it'), a fault of this program"}
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("127.0.0.1", {"127.0.0.1:80", "localhost:80", "[::1]:80"}),
        ("localhost", {"127.0.0.1:80", "localhost:80", "[::1]:80"}),
        ("192.168.1.5", {"192.168.1.5:80"}),
        ("desk.lan", {"desk.lan:80"}),
        ("fd00::5", {"[fd00::5]:80"}),
    ],
)
def test_a_desk_answers_to_what_it_listens_at(host: str, names: set[str]) -> None:
    assert guarding.hosts(host, 80) == names
