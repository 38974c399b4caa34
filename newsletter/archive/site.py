"""What stands at each public address of the archive.

Owns the addresses and which page, feed or file each is. The same code answers a request and writes plain
files, so that both say the same; only how links end differs, because a folder opens no page by itself.
Nothing of a reader is known here, and what is not public is not found, whatever it is.

A document is made once and kept while nothing was added to its list or taken away.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from newsletter import citations, feeds, pages
from newsletter.archive import finding, outline, syndication
from newsletter.archive.shelf import Archive
from newsletter.errors import NotFound
from newsletter.templating import Look

HTML = "text/html; charset=utf-8"
_MEDIA = {
    "atom.xml": f"{feeds.ATOM_MEDIA}; charset=utf-8",
    "feed.json": f"{feeds.JSON_MEDIA}; charset=utf-8",
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
}
ASSETS = {"site.css": "text/css; charset=utf-8", "search.js": "text/javascript; charset=utf-8"}
# Documents that are kept: the pages of some weeks, with the feeds that are asked for all the time.
_KEPT = 64

_LIST = "(?P<list>[a-z0-9-]{1,40})"
_FEED = r"(?P<form>atom\.xml|feed\.json)"
_THEME = f"{_LIST}/themes/(?P<theme>[a-z0-9-]{{1,40}})"
# As many digits as a number of the store can have, and no zero before them: one address for each issue.
_ISSUE = f"{_LIST}/(?P<number>[1-9][0-9]{{0,8}})"


@dataclass(frozen=True, slots=True)
class Document:
    """What stands at an address. changed_at: of a feed, when its newest entry appeared."""

    body: bytes
    media: str
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Where it stands, seen from the address that was asked for. for_good: whether that stays so."""

    to: str
    for_good: bool


class Site:
    """The addresses of an archive. base_url: the public address of the site, without a slash at the end.

    as_files: whether it is written as plain files, for any host and any folder.
    """

    def __init__(self, archive: Archive, look: Look, *, base_url: str, as_files: bool = False) -> None:
        self._archive = archive
        self._look = look
        self._base = base_url
        self._as_files = as_files
        # Requests are answered in several threads.
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[object, Document]] = OrderedDict()
        self._addresses: dict[str, Callable[..., Document]] = {
            "": self._home,
            f"assets/(?P<name>{'|'.join(map(re.escape, ASSETS))})": self._asset,
            f"{_LIST}/": self._list,
            f"{_LIST}/search/": self._search,
            f"{_ISSUE}/": self._issue,
            rf"{_ISSUE}\.(?P<form>bib|ris)": self._library,
            f"{_THEME}/": self._theme,
            f"{_LIST}/{_FEED}": self._feed,
            f"{_THEME}/{_FEED}": self._feed,
        }

    def at(self, path: str, *, today: Date, question: str = "") -> Document | Moved:
        """What stands at the path, which begins without a slash. question: what a search is for.

        Raises: NotFound; StoreError; RenderError.
        """
        for address, make in self._addresses.items():
            if match := re.fullmatch(address, path):
                given = {name: part for name, part in match.groupdict().items() if part is not None}
                if question and make == self._search:
                    return make(path, today, question=question, **given)
                return self._once(path, today, partial(make, path, today, **given))
        return self._moved(path, today)

    def document(self, path: str, *, today: Date) -> Document:
        """What stands at the path itself. Raises: NotFound; StoreError; RenderError."""
        found = self.at(path, today=today)
        if isinstance(found, Moved):
            raise NotFound(f"no page {path!r}; it stands at {found.to!r} from there")
        return found

    def paths(self, *, today: Date) -> Iterator[str]:
        """Every address that there is, without those that only lead to another. Raises: StoreError."""
        yield ""
        yield from (f"assets/{name}" for name in ASSETS)
        for slug in self._archive.lists:
            entries = self._archive.entries(slug, today=today)
            yield from (f"{slug}/{name}" for name in ("", "search/", "atom.xml", "feed.json"))
            for theme in outline.themes(entries):
                yield from (f"{slug}/themes/{theme}/{name}" for name in ("", "atom.xml", "feed.json"))
            for one in entries:
                yield from (f"{slug}/{one.edition.number}{ending}" for ending in ("/", ".bib", ".ris"))

    def _once(self, path: str, today: Date, make: Callable[[], Document]) -> Document:
        basis = self._basis(path, today)
        with self._lock:
            known = self._kept.get(path)
            if known and known[0] == basis:
                self._kept.move_to_end(path)
                return known[1]
        made = make()
        with self._lock:
            self._kept.pop(path, None)
            self._kept[path] = basis, made
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made

    def _basis(self, path: str, today: Date) -> object:
        """What is another whenever a document of the path may be another."""
        slug = path.partition("/")[0]
        slugs = [slug] if slug in self._archive.lists else [*self._archive.lists] if not path else []
        return [
            (one.id, one.approved_at) for each in slugs for one in self._archive.editions(each, today=today)
        ]

    def _moved(self, path: str, today: Date) -> Moved:
        """Where a day's issue stands, or a page whose address lost its slash. Raises: NotFound."""
        if match := re.fullmatch(f"{_LIST}/([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(/?)", path):
            slug, text, slash = match.groups()
            try:
                day = Date.fromisoformat(text)
            except ValueError as error:
                raise NotFound(f"no day {text}") from error
            number = self._archive.number_of(slug, day, today=today)
            return Moved(f"{'../' if slash else ''}{number}/", for_good=False)
        if path and not path.endswith("/"):
            self.at(f"{path}/", today=today)
            return Moved(f"{path.rpartition('/')[2]}/", for_good=True)
        raise NotFound(f"no page {path!r}")

    def _home(self, path: str, today: Date) -> Document:
        all = [(list, self._archive.latest(slug, today=today)) for slug, list in self._archive.lists.items()]
        return self._page(path, "index", all=all, host=urlsplit(self._base).netloc)

    def _asset(self, path: str, today: Date, *, name: str) -> Document:
        if name not in self._look.files:
            raise NotFound(f"no file {name}")
        return Document(self._look.files[name].encode(), ASSETS[name])

    def _list(self, path: str, today: Date, *, list: str) -> Document:
        entries = self._archive.entries(list, today=today)
        return self._page(path, "archive", list=list, entries=entries, themes=outline.themes(entries))

    def _issue(self, path: str, today: Date, *, list: str, number: str) -> Document:
        shown = self._archive.shown(list, int(number), today=today)
        return self._page(
            path,
            "issue",
            list=list,
            issue=shown.issue,
            number=shown.entry.edition.number,
            called=shown.entry.name,
            older=shown.older,
            newer=shown.newer,
            themes=outline.themes([shown.entry]),
        )

    def _library(self, path: str, today: Date, *, list: str, number: str, form: str) -> Document:
        shown = self._archive.shown(list, int(number), today=today)
        return Document(citations.FORMS[form](shown.issue).encode(), _MEDIA[form])

    def _theme(self, path: str, today: Date, *, list: str, theme: str) -> Document:
        entries = self._of_theme(list, theme, today)
        return self._page(path, "theme", list=list, entries=entries, part=entries[0].part(theme))

    def _search(self, path: str, today: Date, *, list: str, question: str = "") -> Document:
        groups, found, of = finding.groups(self._archive.entries(list, today=today), question)
        asked = question[: finding.LONGEST].strip()
        return self._page(path, "search", list=list, groups=groups, found=found, of=of, question=asked)

    def _feed(self, path: str, today: Date, *, form: str, list: str, theme: str = "") -> Document:
        if theme:
            entries = self._of_theme(list, theme, today)
        else:
            entries = self._archive.entries(list, today=today, most=syndication.MOST)
        made = syndication.feed(
            self._archive, self._look, entries, list=list, theme=theme, url=f"{self._base}/{path}"
        )
        write = feeds.atom if form == "atom.xml" else feeds.json_feed
        return Document(write(made), _MEDIA[form], made.changed_at)

    def _of_theme(self, list: str, theme: str, today: Date) -> tuple[outline.Entry, ...]:
        """The issues with papers of the theme, at least one. Raises: NotFound."""
        entries = tuple(
            one for one in self._archive.entries(list, today=today) if theme in outline.themes([one])
        )
        if not entries:
            raise NotFound(f"no theme {theme!r} in {list}")
        return entries

    def _page(self, path: str, name: str, *, list: str = "", **values: Any) -> Document:
        root = "../" * path.count("/") or "./"
        given: dict[str, Any] = {
            "index": "index.html" if self._as_files else "",
            "site": f"{self._base}/" if self._as_files else root,
            "canonical": f"{self._base}/{path}",
            "lists": tuple(self._archive.lists.values()),
        }
        if list:
            given["list"] = self._archive.list(list)
        return Document(pages.page(self._look, name, root=root, values=given | values).encode(), HTML)
