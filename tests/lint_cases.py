"""One fault for each thing that the linter looks at, and beside it what looks alike and is in order."""

from typing import NamedTuple

PARTS = {
    "subject": "Three papers on caches",
    "preheader": "KIVI, Larder and nine more, chosen from twelve.",
    "html": """<!DOCTYPE html>
<html lang="en" xmlns:v="urn:schemas-microsoft-com:vml"><head><meta charset="utf-8"><title>Caches</title>
<style>p{margin:0}</style></head>
<body style="background-color:#ffffff;color:#1d1f23">
<h1>Caches</h1>
<table role="presentation"><tr><td style="font-size:16px"><p>Words of a paper.</p></td></tr></table>
<a href="https://news.example.org/7">On the web</a>
</body></html>
""",
    "text": "CACHES\n\nWords of a paper.\n\nhttps://news.example.org/7\n",
    "headers": """From: Paper Weekly <digest@news.example.org>\r
To: Reader <reader@example.net>\r
Subject: Three papers on caches\r
Date: Tue, 06 Jan 2026 09:00:00 +0000\r
Message-ID: <1@news.example.org>\r
MIME-Version: 1.0\r
List-Id: Paper Weekly <weekly.news.example.org>\r
List-Unsubscribe: <https://news.example.org/leave/p9q2>\r
List-Unsubscribe-Post: List-Unsubscribe=One-Click\r
Auto-Submitted: auto-generated\r
Content-Type: multipart/alternative; boundary="=_1"\r
\r
--=_1\r
Content-Type: text/plain; charset="utf-8"\r
Content-Transfer-Encoding: quoted-printable\r
\r
Words=20of a paper.\r
--=_1\r
Content-Type: text/html; charset="utf-8"\r
Content-Transfer-Encoding: quoted-printable\r
\r
<p>Words of a paper.</p>\r
--=_1--\r
""",
}
WORDS = "<p>Words of a paper.</p>"
DARK = "@media (prefers-color-scheme:dark)"


class Case(NamedTuple):
    """A fault put in the place of something sound, and a twin that is sound as well.

    ¦ stands where the fault should be found; without one it is about the whole part.
    """

    rule: str
    part: str
    sound: str
    fault: str
    twin: str


def words(rule: str, fault: str, twin: str) -> Case:
    return Case(rule, "html", WORDS, fault, twin)


CASES = [
    words("html-size", WORDS + " " * 90_000, WORDS + " " * 70_000),
    Case("style-size", "html", "p{margin:0}", "¦" + "p{margin:0}" * 1500, "p{margin:0}" * 1400),
    Case("style-dropped", "html", "p{margin:0}", "¦p{margin:0", "p{margin:0px}"),
    Case("style-dropped", "html", "p{margin:0}", "p{color:¦rgb(0 0 0)}", "p{color:rgb(0,0,0)}"),
    Case(
        "style-dropped", "html", "margin:0", "background:¦url(https://a.example/b.png)", "background:#ffffff"
    ),
    Case(
        "style-dropped",
        "html",
        "p{margin:0}",
        "@media print{¦@media screen{p{margin:0}}}",
        "@media print{p{margin:0}}",
    ),
    words(
        "style-dropped",
        '<p style="¦color:rgb(0 0 0/90%)">Words.</p>',
        '<p style="color:rgb(0,0,0)">Words.</p>',
    ),
    words("support", '<p style="¦display:flex">Words.</p>', '<p style="display:block">Words.</p>'),
    words(
        "support",
        '<p style="¦width:calc(1px + 2%)">W.</p>',
        '<p style="width:9px;width:calc(1px + 2%)">W.</p>',
    ),
    words("support", '<p style="¦margin:1rem">Words.</p>', '<p style="margin:16px">rem</p>'),
    words("support", "¦<video></video>", "<!--[if mso]><video></video><![endif]--><b>Words.</b>"),
    words("support", "<p ¦hidden>Words.</p>", "<p>hidden</p>"),
    words(
        "support",
        '<img alt="" width=9 height=9 src="¦cid:a.webp">',
        '<img alt="" width=9 height=9 src="cid:a.png">',
    ),
    Case("support", "html", "p{margin:0}", "¦p:has(b){margin:0}", "@media print{p:has(b){margin:0}}"),
    words("contrast", '¦<p style="color:#999999">Words.</p>', '<p style="color:#50545c">Words.</p>'),
    words(
        "contrast",
        '¦<b style="font-size:18px;color:#8a8a8a">W</b>',
        '<b style="font-size:19px;color:#8a8a8a">W</b>',
    ),
    words("contrast", '¦<p style="color:#4848ff">Forced.</p>', '<p style="color:#1b4fd1">Forced.</p>'),
    words(
        "contrast",
        '<p bgcolor="#1b4fd1">¦<a>Words</a></p>',
        '<p bgcolor="#1b4fd1"><a style="color:#fff">W</a></p>',
    ),
    Case(
        "contrast",
        "html",
        "p{margin:0}",
        DARK + "{body{background:#222!important}}",
        DARK + "{body{background:#222!important}body,a{color:#eee!important}}",
    ),
    words(
        "font-size", '¦<p style="font-size:10pt">Words.</p>', '<p style="font-size:10.5pt">W<sup>1</sup></p>'
    ),
    words(
        "font-size",
        '<p style="font-size:16px">¦<small>W</small></p>',
        '<p style="font-size:18px"><small>W</small></p>',
    ),
    Case(
        "font-size",
        "html",
        "p{margin:0}",
        "@media (max-width:480px){p{font-size:12px}}",
        "@media (max-width:480px){p{font-size:15px}}",
    ),
    words(
        "dark-boxes",
        f'<style>{DARK}{{body{{background:#222!important}}}}</style>¦<p bgcolor="#ffffff">Words.</p>',
        f'<style>{DARK}{{body,p{{background:#222!important}}}}</style><p bgcolor="#ffffff">Words.</p>',
    ),
    Case("doctype", "html", "<!DOCTYPE html>", "¦", "<!doctype html>"),
    Case("lang", "html", ' lang="en"', "", ' lang="de"'),
    Case("title", "html", "<title>Caches</title>", "¦<title> </title>", "<title>Caches again</title>"),
    Case("charset", "html", '<meta charset="utf-8">', '¦<meta charset="latin1">', '<meta charset="UTF-8">'),
    Case(
        "headings",
        "html",
        "<h1>Caches</h1>",
        "<h1>Caches</h1>¦<h1>Caches</h1>",
        "<h1>Caches</h1><h2>Caches</h2>",
    ),
    Case(
        "headings",
        "html",
        "<h1>Caches</h1>",
        "<h1>Caches</h1>¦<h3>Caches</h3>",
        "<h1>Caches</h1><h2>Caches</h2>",
    ),
    words("headings", "¦<h2>&nbsp;</h2>", '<h2><img alt="Caches" src="cid:1" width=1 height=9></h2>'),
    words("alt", '¦<img src="cid:1" width=9 height=9>', '<img src="cid:1" width=9 height=9 alt="">'),
    words("image-size", '¦<img src="cid:1" alt="" height=9>', '<img src="cid:1" alt="" width=9 height=9>'),
    Case("table-role", "html", '<table role="presentation">', "¦<table>", '<table role="none">'),
    words("table-role", "¦<table><tr><td>1</td></tr></table>", "<table><tr><th>1</th></tr></table>"),
    words("active", "¦<script>1</script>", "<p>script</p>"),
    words("active", "¦<form></form>", "<p>form</p>"),
    words("active", '<b ¦onclick="x()">Words.</b>', '<b title="onclick">Words.</b>'),
    words("active", '<a href="¦java&#9;script:x()">W</a>', '<a href="mailto:a@example.org">W</a>'),
    words(
        "active",
        '<img src="¦data:image/png;base64,AA" alt="" width=9 height=9>',
        '<img src="cid:1" alt="" width=9 height=9>',
    ),
    words(
        "pixel",
        '¦<img src="cid:1" alt="" width="1" height="1">',
        '<img src="cid:1" alt="" width="2" height="1">',
    ),
    words(
        "remote",
        '¦<img src="//a.example/b.png" alt="" width=9 height=9>',
        '<img src="cid:1" alt="" width=9 height=9>',
    ),
    Case("remote", "html", "p{margin:0}", "¦@import url(x.css);", "p{margin:0px}"),
    words("mso-balance", "¦<!--[if mso]><b></b>-->", "<!--[if mso]><b></b><![endif]-->"),
    words(
        "mso-balance",
        "¦<!--[if mso]><table><tr><![endif]-->",
        "<!--[if mso]><table><![endif]--><!--[if mso]></table><![endif]-->",
    ),
    words("vml", "¦<v:rect></v:rect>", "<!--[if mso]><v:rect></v:rect><![endif]-->"),
    Case(
        "vml",
        "html",
        ' xmlns:v="urn:schemas-microsoft-com:vml"',
        "<!--[if mso]>¦<v:rect></v:rect><![endif]-->",
        "",
    ),
    words("link-scheme", '<a href="¦ftp://example.org/x">W</a>', '<a href="mailto:x@example.org">W</a>'),
    words("link-scheme", '<a href="¦">W</a>', '<a href="tel:1">W</a>'),
    words("link-anchor", '<a href="¦#top">W</a>', '<a name="top">W</a>'),
    Case(
        "link-end",
        "html",
        "https://news.example.org/7",
        "¦https://news.example.org/7).",
        "https://news.example.org/7",
    ),
    Case(
        "link-end",
        "html",
        "https://news.example.org/7",
        "¦https://news.example.org/a b",
        "https://news.example.org/7",
    ),
    Case(
        "link-host",
        "html",
        "https://news.example.org/7",
        "¦https://localhost:8000/7",
        "https://news.example.org/7",
    ),
    Case("link-host", "headers", "digest@news.example.org", "digest@news.papers.org", "digest@example.com"),
    Case("link-text", "html", ">On the web<", ">here<", ">here, and so on<"),
    words(
        "link-text",
        '¦<a href="mailto:x@example.org"></a>',
        '<a href="mailto:x@example.org" aria-label="W"></a>',
    ),
    words(
        "link-twins",
        '<a href="mailto:a@b.example">W</a>¦<a href="mailto:b@b.example">W</a>',
        '<a href="mailto:a@b.example">W</a><a href="mailto:a@b.example">W</a>',
    ),
    words("placeholder", '<a href="¦mailto:{{ token }}">W</a>', '<a href="mailto:token@b.example">W</a>'),
    words("placeholder", "<p>Dear ¦*|FNAME|*.</p>", "<p>Dear * | FNAME.</p>"),
    Case("placeholder", "text", "Words", "¦%%name%%", "100% %"),
    Case(
        "placeholder",
        "html",
        "https://news.example.org/7",
        "¦https://news.example.org/XX-id-XX",
        "https://news.example.org/7",
    ),
    Case("subject-length", "subject", "Three papers on caches", "", "Four papers on caches"),
    Case("subject-length", "subject", "caches", "c" * 54 + "¦achesaches", "caches and more"),
    Case("subject-manner", "subject", "Three papers on caches", "¦Re: Papers", "Repapering"),
    Case("subject-manner", "subject", "Three papers on caches", "¦THREE PAPERS", "KV: LLM"),
    Case("subject-manner", "subject", "Three", "Three ¦\U0001f680", "Three →"),
    Case("inbox-signs", "subject", "Three", "Three¦\u202e", "Three\u200d"),
    Case("inbox-signs", "preheader", "KIVI", "KIVI¦\u2028", "KIVI\u00a0"),
    Case(
        "preheader-length", "preheader", "KIVI, Larder and nine more, chosen from twelve.", "Short.", "x" * 30
    ),
    Case("preheader-repeats", "preheader", "KIVI", "¦Three papers: on caches! KIVI", "On caches: KIVI"),
    Case(
        "text-missing",
        "text",
        "CACHES\n\nWords of a paper.\n\nhttps://news.example.org/7\n",
        "",
        "CACHES https://news.example.org/7.",
    ),
    Case(
        "text-parity",
        "text",
        "https://news.example.org/7",
        "https://news.example.org/7 ¦https://b.example/",
        "(https://news.example.org/7).",
    ),
    words("text-parity", '¦<a href="https://b.example/?a&amp;b">W</a>', "<p>https://b.example/</p>"),
    words("text-titles", "¦<h2>A &amp; B</h2>", "<h2>words of—a PAPER</h2>"),
    Case("text-columns", "text", "Words of a paper.", "¦" + "a word " * 12, "a" * 90),
    Case("line-ends", "headers", "1.0\r\n", "1.0¦\n", "1.0 \r\n"),
    Case("line-length", "headers", "<p>Words", "¦" + "x" * 999 + "<p>Words", "x" * 75 + "=\r\n<p>Words"),
    Case("line-length", "headers", "<p>Words", "¦<p>" + "x" * 80, "<p>"),
    Case(
        "header-syntax",
        "headers",
        "Auto-Submitted",
        "¦X Auto: 1\r\nAuto-Submitted",
        "X-Auto: 1\r\nAuto-Submitted",
    ),
    Case("header-syntax", "headers", "Paper Weekly <d", "Zeitung f¦ür <d", "Paper <d"),
    Case(
        "header-needed",
        "headers",
        "Date: Tue, 06 Jan 2026 09:00:00 +0000\r\n",
        "",
        "date: Tue, 06 Jan 2026 09:00:00 +0000\r\n",
    ),
    Case("header-needed", "headers", "To: R", "To: a@example.net\r\n¦To: R", "Cc: a@example.net\r\nTo: R"),
    Case(
        "unsubscribe",
        "headers",
        "List-Unsubscribe: <https:",
        "¦List-Unsubscribe: <http:",
        "List-Unsubscribe: <mailto:a@example.org>,\r\n <https:",
    ),
    Case(
        "unsubscribe",
        "headers",
        "List-Unsubscribe: <https:",
        "¦List-Unsubscribe: <mailto:leave>, <https:",
        "List-Unsubscribe: <mailto:leave+a1@example.org?subject=unsubscribe>, <https:",
    ),
    Case(
        "unsubscribe",
        "headers",
        "List-Unsubscribe: <https://news.example.org/",
        "¦List-Unsubscribe: <https://news.example.org/\r\n ",
        "List-Unsubscribe:\r\n <https://news.example.org/",
    ),
    Case(
        "unsubscribe",
        "headers",
        "List-Unsubscribe: <https:",
        "¦List-Unsubscribe: =?utf-8?q?x?= <https:",
        "list-unsubscribe: <https:",
    ),
    Case(
        "unsubscribe",
        "headers",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "¦List-Unsubscribe-Post: One-Click",
        "List-Unsubscribe-Post:  List-Unsubscribe=One-Click",
    ),
    Case(
        "list-id",
        "headers",
        "List-Id: Paper Weekly <weekly.news.example.org>",
        "¦List-Id: weekly",
        "List-Id: <weekly.news.example.org>",
    ),
    Case(
        "subject-encoding",
        "headers",
        "Subject: Three",
        "¦Subject: =?utf-8?q?Three?=",
        "Subject: =?utf-8?q?Dr=C3=A9i?=",
    ),
    Case(
        "message-id",
        "headers",
        "Message-ID: <1@news.example.org>",
        "¦Message-ID: <1@mail.example.com>",
        "Message-ID: <1@example.org>",
    ),
    Case(
        "message-id",
        "headers",
        "Message-ID: <1@news.example.org>",
        "¦Message-ID: 1",
        "Message-ID: <a.b@news.example.org>",
    ),
    Case("sender", "headers", "From: Paper Weekly <", "¦From: <", 'From: "Paper Weekly" <'),
    Case("date", "headers", "Date: Tue, 06", "¦Date: someday", "Date: 06"),
    Case(
        "auto-submitted",
        "headers",
        "Auto-Submitted: auto-generated",
        "¦Auto-Submitted: no",
        "Auto-Submitted: auto-replied",
    ),
    Case("mime-structure", "headers", "multipart/alternative", "multipart/mixed", "Multipart/Alternative"),
    Case("mime-structure", "headers", "--=_1--", "", "--=_1--\r\n"),
    Case("mime-encoding", "headers", "<p>Words", "<p>W¦ö", "<p>W=C3=B6"),
    Case(
        "mime-encoding",
        "headers",
        'text/html; charset="utf-8"',
        'text/html; charset="iso-8859-1"',
        "text/html; charset=UTF-8",
    ),
    Case(
        "header-placeholder", "headers", "Subject: Three", "¦Subject: {{ subject }}", "Subject: { subject }"
    ),
    Case("mime-encoding", "headers", "quoted-printable\r\n\r\nWords", "8bit\r\n\r\nW¦ö", "8bit\r\n\r\nWords"),
    Case(
        "mime-encoding",
        "headers",
        "quoted-printable\r\n\r\nWords",
        "base64\r\n\r\nWords",
        "7bit\r\n\r\nWords",
    ),
    words(
        "remote", '¦<link rel="stylesheet" href="https://a.example/b.css">', '<link rel="author" href="x">'
    ),
    words(
        "remote",
        '¦<b background="https://a.example/b.png">Words.</b>',
        '<b title="https://a.example/b.png">W</b>',
    ),
    words("active", '¦<meta http-equiv="refresh" content="0">', '<meta http-equiv="x-refresh" content="0">'),
]
