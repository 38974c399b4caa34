"""The public archive over HTTP: one answer for each address, which a proxy may keep.

Decides nothing: `archive.Site` says what stands at an address. An answer depends on its address alone, names
no reader and sets no cookie. Where an address only leads to another, the answer says so by a path relative to
it, so that no header of a request ever becomes part of an address.
"""

from collections.abc import Callable, Mapping
from datetime import date as Date
from email.utils import format_datetime
from hashlib import sha256

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.archive import ASSETS, Archive, Document, Moved, Site
from newsletter.errors import NotFound
from newsletter.templating import Look

# How long a proxy or a browser may answer without asking: a new issue is seen after five minutes.
_CACHE = "public, max-age=300"

# What stands below a list. An issue is a number or a day, so that no page of a reader's is taken for one.
_BELOW = (
    *("", "/", "/search", "/search/", "/atom.xml", "/feed.json", "/{issue:issue}", "/{issue:issue}/"),
    *("/themes/{theme}", "/themes/{theme}/", "/themes/{theme}/atom.xml", "/themes/{theme}/feed.json"),
)


class _Issue(StringConvertor):
    regex = r"[0-9][0-9-]{0,9}(?:\.bib|\.ris)?"


register_url_convertor("issue", _Issue())


def routes(archive: Archive, look: Look, *, base_url: str, today: Callable[[], Date]) -> list[Route]:
    """The routes of the archive, for GET and HEAD; they take no address of any other page.

    base_url: the public address of the site. today: the day up to which issues are public, in UTC.
    What is not public is an HTTPException of 404. StoreError and RenderError pass.
    """
    site = Site(archive, look, base_url=base_url)

    def serve(request: Request) -> Response:
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))[1:]
        try:
            found = site.at(path, today=today(), question=request.query_params.get("q", ""))
        except NotFound as error:
            raise HTTPException(404) from error
        return _moved(found) if isinstance(found, Moved) else _answer(found, request.headers)

    paths = ["/", *(f"/assets/{name}" for name in ASSETS)]
    paths += [f"/{slug}{below}" for slug in archive.lists for below in _BELOW]
    return [Route(path, serve, methods=["GET"]) for path in paths]


def _answer(found: Document, asked: Mapping[str, str]) -> Response:
    tag = f'"{sha256(found.body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": _CACHE}
    if found.changed_at:
        headers["last-modified"] = format_datetime(found.changed_at, usegmt=True)
    if _is_known(headers, asked):
        return Response(status_code=304, headers=headers)
    return Response(found.body, media_type=found.media, headers=headers)


def _is_known(headers: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    """Whether whoever asks has just that. Source: RFC 9110 §13.1.2 and §13.2.2; a proxy may weaken a tag."""
    if "if-none-match" in asked:
        tags = [tag.strip().removeprefix("W/") for tag in asked["if-none-match"].split(",")]
        return headers["etag"] in tags or "*" in tags
    # The very moment only: a cancelled issue makes a feed older again.
    return "if-modified-since" in asked and asked["if-modified-since"] == headers.get("last-modified")


def _moved(found: Moved) -> Response:
    status = 308 if found.for_good else 302
    return Response(status_code=status, headers={"location": found.to, "cache-control": _CACHE})
