"""Web addresses in the text of an abstract.

Owns finding them, cutting off the punctuation of the sentence, and telling what lies behind them by host and
path alone. Never looks one up.
"""

import re

from newsletter.model import Link, LinkKind

# An address without a scheme counts only on hosts that abstracts name so.
_ADDRESS = re.compile(
    r"https?://[^\s<>\[\]{}|\\^`\"“”]{4,500}"
    r"|(?<![\w/.@-])(?:(?:www\.)?(?:github|gitlab)\.com|hf\.co|(?:www\.)?huggingface\.co|www(?:\.[\w-]{1,60}){2,4}"
    r"|[\w-]{1,60}\.github\.io|arxiv\.org)/[^\s<>\[\]{}|\\^`\"“”]{1,500}"
)
# A text without any of these holds no address: cheaper to see than to search.
_NEEDLES = ("://", "www.", ".com/", ".co/", ".io/", "arxiv.org/")
_PARTS = re.compile(r"https?://(?:www\.)?([^/?#:]+)[^/?#]*/?([^?#]*)", re.IGNORECASE)
# Characters. Longer ones carry more than an address.
LONGEST_ADDRESS = 2_000
# A host with a dot in it, without a user before it, and a path of printable ASCII or letters.
_SAFE = re.compile(
    r"https?://(?:[^\W_][\w-]{0,62}\.){1,10}[^\W\d_][\w-]{1,62}(?::\d{1,5})?(?:[/?#][^\s<>\"`\\^{}|\x00-\x1f\x7f]*)?",
    re.IGNORECASE,
)
# A figure, a film or a text in full: no page about the work.
_FILE = re.compile(r"\.(?:pdf|e?ps|gz|zip|tar|mp4|mov|avi|mpe?g|gif|jpe?g|png)$", re.IGNORECASE)
# What ends a sentence or a bracket, never an address.
_TAIL = ".,;:!?'’*"

_CODE_HOSTS = {"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "anonymous.4open.science"}
# What answers on https whatever an abstract writes: mail clients warn of http.
_SECURE = re.compile(
    r"http://(?=(?:[\w-]+\.)*(?:github\.(?:com|io)|gitlab\.com|huggingface\.co|hf\.co|arxiv\.org|youtube\.com)(?:[/?#]|$))",
    re.IGNORECASE,
)
# How a university or a company names the repository server of its own.
_FORGES = ("code.", "git.", "gitlab.")
_HUB_HOSTS = {"huggingface.co", "hf.co"}
_HUB_PAGES = {"blog", "docs", "learn", "chat", "tasks", "search"}
# Hosts that anybody may use: what lies there is not the authors' page.
_SHARED_HOSTS = {
    "aclanthology.org", "aka.ms", "bit.ly", "doi.org", "docs.google.com", "drive.google.com", "forms.gle",
    "go.fb.me", "ibm.biz", "kaggle.com", "openreview.net", "t.co", "twitter.com", "wikipedia.org", "x.com",
    "youtu.be", "youtube.com", "zenodo.org",
}  # fmt: skip
# The words that announce the authors' own page, close before its address.
_ANNOUNCED = re.compile(r"(?:project|home|web|demo)[ -]?(?:page|site)?s?\b[^.]{0,30}$", re.IGNORECASE)


def find(text: str) -> tuple[Link, ...]:
    """Every address in the text once, in order of appearance, https:// added where the text leaves it out."""
    first = min((at for needle in _NEEDLES if (at := text.find(needle)) >= 0), default=-1)
    if first < 0:
        return ()
    links: dict[str, Link] = {}
    # No address has a blank in it, so none begins before the word in which the first needle stands.
    for match in _ADDRESS.finditer(text, text.rfind(" ", 0, first) + 1):
        url = _without_tail(match[0])
        url = tidy(url if url.startswith("http") else f"https://{url}")
        if parts := _PARTS.match(url):
            kind = _kind(parts[1].lower(), parts[2], text[max(0, match.start() - 60) : match.start()])
            links.setdefault(url.rstrip("/"), Link(kind, url))
    return tuple(links.values())


def announced(comment: str) -> tuple[str, ...]:
    """The addresses of code, models and the authors' page in a comment on a paper; no file, no journal."""
    return tuple(
        link.url
        for link in find(comment)
        if link.kind not in (LinkKind.PAPER, LinkKind.OTHER) and not _FILE.search(link.url)
    )


def tidy(url: str) -> str:
    """The same address without a "#" that leads nowhere, by https where its host is known to answer so."""
    return _SECURE.sub("https://", url.removesuffix("#"))


def link(url: str) -> Link:
    """The link to a safe address, by what lies behind it."""
    parts = _PARTS.match(url)
    return Link(_kind(parts[1].lower(), parts[2], "") if parts else LinkKind.OTHER, url)


def safe(address: str) -> str | None:
    """The address as it can stand in a mail, or None for anything that is not plainly one of the web.

    http and https only; no user name, backslash, blank or sign that a browser reads otherwise than it looks.
    """
    url = address.strip()
    if url.startswith("//"):
        url = f"https:{url}"
    if len(url) > LONGEST_ADDRESS or not _SAFE.fullmatch(url):
        return None
    return url


def _without_tail(url: str) -> str:
    while url and (url[-1] in _TAIL or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return url


def _kind(host: str, path: str, before: str) -> LinkKind:
    first = path.partition("/")[0]
    if host in _CODE_HOSTS or host.startswith(_FORGES):
        return LinkKind.CODE
    if host == "arxiv.org" or (host in _HUB_HOSTS and first == "papers"):
        return LinkKind.PAPER
    if host in _HUB_HOSTS and first == "spaces":
        return LinkKind.PROJECT
    if host in _HUB_HOSTS:
        return LinkKind.OTHER if first in _HUB_PAGES else LinkKind.MODEL
    if host in _SHARED_HOSTS and not _ANNOUNCED.search(before):
        return LinkKind.OTHER
    return LinkKind.PROJECT
