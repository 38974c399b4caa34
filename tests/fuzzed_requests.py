"""One request for the site of readers, made by chance: fit for a page of it, or broken somewhere."""

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

from newsletter import links
from tests.hostile import PAYLOADS

if TYPE_CHECKING:
    from tests.fuzz_of_site import World

PREFIX = "/papers"
_METHODS = (
    "GET",
    "HEAD",
    "OPTIONS",
    "PUT",
    "DELETE",
    "PATCH",
    "TRACE",
    "CONNECT",
    "BREW",
    "post",
    "G\xc4T",
    "",
)
_PUBLIC = (
    *(
        "/",
        "/healthz",
        "/robots.txt",
        "/assets/site.css",
        "/assets/search.js",
        "/nothing",
        "/weekly",
        "/weekly/",
    ),
    *("/weekly/search/", "/weekly/atom.xml", "/weekly/feed.json", "/weekly/3/", "/weekly/3", "/weekly/3.bib"),
    *("/weekly/1.ris", "/weekly/2026-01-06/", "/weekly/2026-01-06", "/weekly/2026-99-99/", "/weekly/0/"),
    *("/weekly/99999999999/", "/weekly/themes/kv-cache/", "/weekly/themes/kv-cache", "/weekly/themes/x/"),
    *("/weekly/themes/kv-cache/atom.xml", "/weekly/themes/kv-cache/feed.json", "/staff/", "/staff/feed.json"),
    *("/weekly/subscribe", "/serving/subscribe", "/staff/subscribe", "/none/subscribe", "/serving/", "*", ""),
    *(
        "/weekly/confirm/",
        "/weekly/preferences/",
        "/weekly/unsubscribe/",
        "/favicon.ico",
        "/.env",
        "/wp-login.php",
    ),
)
_ASKING = ("/weekly/subscribe", "/serving/subscribe")
# What is put into a path.
_ODD = (
    *(
        "%00",
        "%2e%2e/",
        "../",
        "..%2f",
        "%252e%252e%252f",
        ";x=y",
        "//",
        "\\",
        "%5c",
        "%ff%fe",
        "%C0%AE",
        "%20",
        "+",
    ),
    *(
        "%F0%9F%98%80",
        "%0d%0aSet-Cookie:%20a=b",
        "%0a",
        "%3f",
        "%23",
        "/",
        "/.",
        "/./",
        "a" * 300,
        "a" * 5000,
        "%",
        "%zz",
    ),
    *(
        "~",
        "'",
        '"',
        "<script>",
        "{{7*7}}",
        "${7*7}",
        "|id",
        "%E2%80%AE",
        "%ED%A0%80",
        "@evil.test",
        ":",
        "//evil.test/",
    ),
)
_QUERIES = (
    *(
        b"q=kv",
        b"q=%00",
        b"q=" + b"a" * 3000,
        b"q=%ff%fe",
        b"q=\xff\xfe",
        b"_method=POST",
        b"next=//evil.test",
        b"&&&=&",
    ),
    *(
        b"List-Unsubscribe=One-Click",
        b"token=x&email=a@b.example",
        b"q=" + b"%F0%9F%98%80" * 50,
        b"a=1&" * 900,
    ),
    *(b"a" * 5000, b"q=' OR 1=1--", b"q[]=1&q[a]=2", b"page=-1", b"%", b"?", b"q=%E2%80%AE%D8%A7"),
)
_HEADERS: tuple[tuple[bytes, tuple[bytes, ...]], ...] = (
    (b"host", (b"evil.test", b"", b"news.example.org:99999", b"a b", b"\xff", b"[::1", b"x" * 5000)),
    (b"x-forwarded-host", (b"evil.test", b"evil.test, a")),
    (b"x-forwarded-proto", (b"http", b"javascript")),
    (b"x-forwarded-prefix", (b"//evil.test", b"/papers")),
    (b"x-forwarded-for", (b"", b"x", b"1.2.3.4", b"::1, [2001:db8::1]:80", b"127.0.0.1," * 500, b"\xff",
    b"1.2.3.4%eth0")),
    (b"forwarded", (b"host=evil.test;proto=http;for=\"[::1]\"",)),
    (b"x-original-url", (b"//evil.test", b"/weekly/subscribe")),
    (b"x-http-method-override", (b"POST", b"DELETE")),
    (b"content-length", (b"0", b"-1", b"1e3", b"99999999999999999999999", b"", b"\xb2", "٣".encode(),
    b"5, 5")),
    (b"transfer-encoding", (b"chunked", b"gzip, chunked", b"x", b"")),
    (b"content-encoding", (b"gzip", b"br", b"x")),
    (b"range", (b"bytes=0-", b"bytes=0-0,1-1,2-2", b"bytes=-99999999", b"bytes=9-1", b"x")),
    (b"if-none-match", (b"*", b'"x"', b"W/", b'"' * 3000, b",,,", b"\xff")),
    (b"if-modified-since", (b"Tue, 06 Jan 2026 09:30:15 GMT", b"x", b"Thu, 99 Foo 99999 99:99:99 GMT", b"")),
    (b"if-match", (b"*", b'"x"')),
    (b"accept", (b"application/json", b"*/*;q=x", b"," * 1000)),
    (b"accept-encoding", (b"gzip;q=nan", b"br, gzip, *;q=0", b"identity;q=0")),
    (b"accept-language", (b"ar", b"x" * 3000)),
    (b"cookie", (b"a=b; token=x", b"=;;=", b"\xff" * 100)),
    (b"origin", (b"null", b"https://evil.test", b"https://news.example.org", b"")),
    (b"sec-fetch-site", (b"cross-site", b"same-origin", b"none", b"x")),
    (b"referer", (b"https://evil.test/?", b"\xff")),
    (b"authorization", (b"Basic x", b"Bearer \xff")),
    (b"expect", (b"100-continue", b"x")),
    (b"connection", (b"upgrade", b"close", b"keep-alive, x")),
    (b"upgrade", (b"websocket", b"h2c")),
)  # fmt: skip
_KINDS = (
    b"application/x-www-form-urlencoded", b"application/json", b"text/plain", b"application/xml", b"",
    b"\xff",
    b"multipart/form-data", b"multipart/form-data; boundary=",
    b"multipart/form-data; boundary=x; charset=utf-7",
    b"multipart/mixed; boundary=x", b"application/x-www-form-urlencoded; charset=x",
    b"MULTIPART/FORM-DATA; BOUNDARY=x",
    b"multipart/form-data; boundary=\"x", b"multipart/form-data; boundary=" + b"x" * 300,
)  # fmt: skip
_BODIES = (
    b"", b"\0" * 100, b"\xff\xfe" * 100, b"&" * 900, b"&" * 70_000, b"=" * 500, b"a=1&" * 1001,
    b"theme=x&" * 900,
    b"%" * 300, b"%u0041=%zz", b"{\"email\": [1]}", b"[" * 50_000,
    b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>&a;",
    b"--x\r\n" * 300, b"--x--\r\n",
    b"--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Cl",
    b"--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../../b\"\r\n\r\nx\r\n--x--\r\n",
    b"a" * 65_536, b"a" * 65_537,
    b"--x\r\nContent-Disposition: form-data; name*=utf-8''%ff\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n//\r\n--x--\r\n",
    b"--x\nContent-Disposition: form-data; name=a\n\nb\n--x--\n", b"--x\r\n\r\n\r\n--x--",
    b"--x\r\nA\r\n\r\n--x--",
    b"--x\r\nContent-Disposition: form-data; name=\"a\"; x=\"" + b"y" * 20_000 + b"\"\r\n\r\nz\r\n--x--\r\n",
)  # fmt: skip
_EMAILS = (
    *(
        "new{}@example.org",
        "New{}+tag@Example.ORG",
        "ü{}@exämple.org",
        "new{}@xn--exmple-cua.org",
        " new{}@example.org\t",
    ),
    *(
        "",
        "@",
        "a@b",
        "a{}@example.org\r\nBcc: b@example.org",
        "a" * 400 + "{}@example.org",
        "a{}@[127.0.0.1]",
        "a\0{}@b.org",
    ),
    *(
        "<a{}@example.org>",
        '"a b{}"@example.org',
        "a{}@example.org,b@example.org",
        "a{}@exam\u202eple.org",
        "😀{}@example.org",
    ),
)


@dataclass
class Request:
    """One request as an application gets it. gone: whether its visitor does not wait for the whole of it."""

    scope: dict[str, Any]
    messages: list[dict[str, Any]]
    gone: bool

    @property
    def whole(self) -> bytes:
        """All that was sent, as it is and without what encodes it."""
        body = b"".join(message.get("body", b"") for message in self.messages)
        headers = b"".join(b"".join(pair) for pair in self.scope["headers"])
        sent = b" ".join([self.scope["raw_path"], self.scope["query_string"], headers, body])
        return sent + unquote(sent.decode("latin-1")).encode("utf-8", "replace")

    @property
    def place(self) -> str:
        """The path as the site counts it; a token is the same in capitals."""
        path = self.scope["path"]
        if path.startswith(("http://", "https://")):
            path = "/" + path.partition("://")[2].partition("/")[2]
        path = (path.removeprefix(PREFIX) or "/") if f"{path}/".startswith(f"{PREFIX}/") else path
        parts = path.split("/")
        return "/".join([*parts[:3], *(part.lower() for part in parts[3:4]), *parts[4:]])

    @property
    def is_of_another_site(self) -> bool:
        headers = dict(reversed(self.scope["headers"]))
        site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin", b"null")
        return site == b"cross-site" or origin not in {b"null", b"https://news.example.org"}


def made(chance: random.Random, world: "World") -> Request:
    """A request made by chance."""
    place = _place(chance, world)
    raw = place if chance.random() < 0.75 else _broken(chance, place)
    raw = f"{PREFIX}{raw}" if chance.random() < 0.5 else raw
    raw = f"{chance.choice(['http', 'https'])}://evil.test{raw}" if chance.random() < 0.03 else raw
    posted = 0.1 if place in _PUBLIC and place not in _ASKING else 0.6
    method = "POST" if chance.random() < posted else chance.choice(_METHODS[: chance.choice([2, 20])])
    kind, body = _form(chance, world, place) if chance.random() < 0.7 else _no_form(chance)
    headers = [
        (b"host", b"news.example.org"),
        (b"content-type", kind),
        (b"content-length", b"%d" % len(body)),
    ]
    headers.append((b"x-forwarded-for", b"%d.%d.%d.9" % tuple(chance.randrange(1, 250) for _ in range(3))))
    for name, values in chance.sample(_HEADERS, chance.choice([0, 0, 0, 1, 2, 5])):
        headers = [pair for pair in headers if pair[0] != name or chance.random() < 0.2]
        headers.append((name, chance.choice(values)))
    gone = chance.random() < 0.02
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": chance.choice(["1.0", "1.1"]),
        "method": method,
        "scheme": chance.choice(["http", "https"]),
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "query_string": chance.choice(_QUERIES) if chance.random() < 0.2 else b"",
        "root_path": "",
        "headers": headers,
        "client": chance.choice([("127.0.0.1", 50000)] * 20 + [None, ("192.0.2.7", 1), ("", 0)]),
        "server": ("127.0.0.1", 8080),
    }
    return Request(scope, _messages(chance, body, gone=gone), gone)


def _place(chance: random.Random, world: "World") -> str:
    if chance.random() < 0.5:
        return chance.choice(_PUBLIC) if chance.random() < 0.7 else chance.choice(_ASKING)
    own = chance.choice([*world.own])
    if chance.random() < 0.7:
        return own
    return _changed(chance, world, own)


def _changed(chance: random.Random, world: "World", own: str) -> str:
    """The path of a reader's page, with one part of it another."""
    _, slug, page, token, *rest = own.split("/")
    at = chance.randrange(links.TOKEN_LENGTH)
    letter = chance.choice("abcdefghijklmnopqrstuvwxyz234567=8-")
    others = (
        *(token[:at], token[:at] + letter + token[at + 1 :], token.upper(), token + chance.choice(_ODD)),
        *(world.form_token(slug, age_s=5), "a" * 52, "7" * 52, "a" * 3000, token + token),
    )
    match chance.randrange(4):
        case 0:
            page = chance.choice(["confirm", "preferences", "unsubscribe", "subscribe", "Preferences", "x"])
        case 1:
            slug = chance.choice(["weekly", "serving", "staff", "none", "WEEKLY", "assets", ""])
        case 2:
            rest = chance.choice([["erase"], ["data.json"], ["erase", ""], [""], ["x"], ["data.json", "x"]])
        case _:
            token = chance.choice(others)
    return "/".join(["", slug, page, token, *rest])


def _broken(chance: random.Random, path: str) -> str:
    at = chance.randrange(len(path) + 1)
    match chance.randrange(4):
        case 0:
            return path[:at] + chance.choice(_ODD) + path[at:]
        case 1:
            return "".join(f"%{ord(letter):02x}" if chance.random() < 0.3 else letter for letter in path)
        case 2:
            return path.swapcase() if chance.random() < 0.5 else path[:at]
        case _:
            return path + chance.choice(_ODD)


def _form(chance: random.Random, world: "World", place: str) -> tuple[bytes, bytes]:
    """The type and the bytes of a form that fits the page, with a few things that do not."""
    slug = place.split("/")[1] if "/" in place else ""
    fields: list[tuple[str, str]] = [
        ("theme", theme) for theme in ("kv-cache", "llm-serving") if chance.random() < 0.7
    ]
    fields += [("cadence", chance.choice(["issue", "monthly", "", "x"]))]
    fields += [("timezone", chance.choice(["", "Europe/Berlin", "../etc/passwd", "x" * 500]))]
    fields += [
        ("List-Unsubscribe", chance.choice(["One-Click", "Button", "Every-List", " one-click ", "", "x"]))
    ]
    if place.endswith("/subscribe"):
        email = chance.choice([_EMAILS[0], chance.choice(_EMAILS)]).format(chance.randrange(10**9))
        age_s = chance.choice([5, 5, 5, 60, 0, 1, -60, 90_000])
        fields += [("email", email), ("token", world.form_token(slug, age_s=age_s))]
    if chance.random() < 0.2:
        fields.append(
            (chance.choice(["email", "token", "theme", "remarks", "x", "_method"]), chance.choice(PAYLOADS))
        )
    if chance.random() < 0.7:
        return b"application/x-www-form-urlencoded", urlencode(fields, errors="replace").encode()
    part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    body = "".join(part.format(*pair) for pair in fields) + "--x--\r\n"
    return b"multipart/form-data; boundary=x", body.encode("utf-8", "replace")


def _no_form(chance: random.Random) -> tuple[bytes, bytes]:
    body = chance.choice(_BODIES)
    if body and chance.random() < 0.3:
        at = chance.randrange(len(body))
        body = body[:at] + chance.randbytes(chance.randrange(8)) + body[at:]
    return chance.choice(_KINDS), body


def _messages(chance: random.Random, body: bytes, *, gone: bool) -> list[dict[str, Any]]:
    cuts = sorted(chance.randrange(len(body) + 1) for _ in range(chance.choice([0, 0, 1, 5])))
    parts = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts
    ]
    if gone:
        return [*messages[: chance.randrange(len(parts))], {"type": "http.disconnect"}]
    messages[-1]["more_body"] = False
    return messages
