"""The desk over HTTP: its page, what it shows, and what an editor does to it.

Decides nothing: a request becomes one call of `live`, an error becomes a status and a line. Work is done in
threads, so that the events and the page stay quick.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from newsletter import darkness, headway
from newsletter.errors import Ambiguous, Conflict, NewsletterError, NotFound
from newsletter.model import Edit, EditKind
from newsletter.preview.live import Live
from newsletter.preview.wanted import Means

# The largest body that is read: a note has a few hundred bytes.
MAX_BYTES = 100_000
# How often a quiet connection is told that it lives.
_PULSE_S = 15.0
# A place in a section, as in `newsletter issues move --place`.
_PLACES = range(1, 1001)
_PAGE_FILES = {
    "desk.html": "text/html; charset=utf-8",
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
}
# A mail runs no script and loads nothing, whatever is in it; the page of the desk may look into its frame.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-same-origin"
_MEDIA = {
    "eml": "message/rfc822",
    "html": "text/html; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
}
_MODES: Mapping[str, Callable[[str], str]] = {
    # Of the browser's own setting none depends.
    "light": darkness.unpreferred,
    "dark": darkness.preferred,
    "forced": darkness.forced,
    "bare": lambda html: darkness.unpreferred(darkness.without_styles(html)),
}
_STATUS: tuple[tuple[type[NewsletterError], int], ...] = ((NotFound, 404), (Conflict, 409), (Ambiguous, 409))


# What is asked for, as JSON, to what was done, in a line.
Verb = Callable[[Mapping[str, Any]], str]


class BadRequest(Exception):  # noqa: N818  the word of HTTP for it
    """A request that asks for nothing that can be done."""

    def __init__(self, status: int, problem: str) -> None:
        self.status = status
        super().__init__(problem)


def desk(live: Live, means: Means) -> Starlette:
    """The desk as an ASGI application, open to everybody: `guarding` stands before it."""
    web = _Web(live, means)
    routes = [Route("/", web.page("desk.html"))]
    routes += [Route(f"/{name}", web.page(name)) for name in ("desk.css", "desk.js")]
    routes += [
        Route("/state", web.state),
        Route("/events", web.events),
        Route("/mail", web.mail),
        Route("/issue.{ending}", web.download),
    ]
    routes += [
        Route(f"/{name}", partial(web.act, verb), methods=["POST"]) for name, verb in web.verbs.items()
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _no_such, Exception: _fault})


class _Web:
    def __init__(self, live: Live, means: Means) -> None:
        self._live = live
        self._means = means
        self.verbs: dict[str, Verb] = {
            "choose": self._choose,
            "edit": self._edit,
            "undo": lambda asked: live.undo(),
            "keep": lambda asked: live.keep(),
            "read": lambda asked: live.read_again(),
            "approve": lambda asked: live.approve(_number(asked, "version")),
            "test": lambda asked: live.test(_text(asked, "to")),
        }

    def page(self, name: str) -> Callable[[Request], Response]:
        """What serves a file of the page, as it is on disk."""

        def serve(request: Request) -> Response:
            data = files("newsletter.preview").joinpath("page", name).read_bytes()
            return Response(data, media_type=_PAGE_FILES[name])

        return serve

    async def state(self, request: Request) -> Response:
        """What is shown."""
        return _json(self._live.now.state)

    async def events(self, request: Request) -> Response:
        """Each new version, and the present one at once."""
        return StreamingResponse(self._versions(), media_type="text/event-stream")

    def mail(self, request: Request) -> Response:
        """The mail for a frame, its tags marked with their places."""
        mode = request.query_params.get("as", "light")
        if mode not in _MODES:
            return PlainTextResponse(f"no view {mode!r}; views: {', '.join(_MODES)}\n", 404)
        html = _MODES[mode](self._live.now.made.mailed.page.marked())
        return Response(
            html, media_type="text/html; charset=utf-8", headers={"content-security-policy": MAIL_POLICY}
        )

    def download(self, request: Request) -> Response:
        """A file of the issue, to be kept."""
        made = self._live.now.made
        ending = request.path_params["ending"]
        rendered = made.mailed.rendered
        contents: dict[str, str | bytes] = {
            "eml": made.mailed.mail,
            "html": rendered.html,
            "txt": rendered.text,
        }
        if ending in self._means.library:
            contents[ending] = self._means.library[ending](made.shown.issue)
        if ending not in contents:
            return PlainTextResponse(f"no file issue.{ending}\n", 404)
        name = re.sub(r"[^a-z0-9-]+", "-", f"{made.shown.issue.list.slug}-{made.shown.issue.date}")
        return Response(
            contents[ending],
            media_type=_MEDIA.get(ending, "application/octet-stream"),
            headers={"content-disposition": f'attachment; filename="{name}.{ending}"'},
        )

    async def act(self, verb: Verb, request: Request) -> Response:
        """What was done, in a line, with the version that shows it; or why it was not done."""
        try:
            said = await run_in_threadpool(verb, await _body(request))
        except BadRequest as error:
            return _json({"error": str(error)}, error.status)
        except NewsletterError as error:
            status = next((status for kind, status in _STATUS if isinstance(error, kind)), 422)
            return _json({"error": str(error)}, status)
        return _json({"said": said, "version": self._live.now.version})

    async def _versions(self) -> AsyncIterator[str]:
        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def wake(version: int) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody listens any more
                loop.call_soon_threadsafe(changed.set)

        silence = self._live.listen(wake)
        try:
            while not self._live.ended:
                changed.clear()
                yield f'event: change\ndata: {{"version": {self._live.now.version}}}\n\n'
                while not await _within(changed, _PULSE_S):
                    yield ": here\n\n"
        finally:
            silence()

    def _choose(self, asked: Mapping[str, Any]) -> str:
        known = {"list": "list_slug", "look": "look", "issue": "issue"}
        given = {known[name]: _text(asked, name) for name in asked if name in known}
        if len(given) != 1:
            raise BadRequest(400, "choose one of: list, look, issue")
        return self._live.choose(**given)

    def _edit(self, asked: Mapping[str, Any]) -> str:
        kind: Any = asked.get("kind")
        if kind not in [*EditKind]:
            raise BadRequest(400, f"kind is one of: {', '.join(EditKind)}")
        kind = EditKind(kind)
        if kind is EditKind.NOTE:
            return self._live.edit(Edit(EditKind.NOTE, text=_text(asked, "text").strip()))
        place = asked.get("place")
        if place is not None and (type(place) is not int or place not in _PLACES):
            raise BadRequest(400, f"place is a number from 1 to {_PLACES[-1]}, or null")
        section = _text(asked, "section") if asked.get("section") is not None else ""
        if kind is EditKind.MOVE and not section and place is None:
            raise BadRequest(400, "say where it moves: section, place, or both")
        return self._live.edit(Edit(kind, _text(asked, "paper"), section, place))


def _json(values: Mapping[str, Any], status: int = 200) -> Response:
    # In ASCII: half of a surrogate pair in the text of a paper has no other form.
    return Response(json.dumps(values), status, media_type="application/json")


def _no_such(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    return _json({"error": f"nothing is at {request.url.path} for {request.method}"}, status)


def _fault(request: Request, error: Exception) -> Response:
    """A fault of the program itself, in a line; the desk goes on."""
    headway.warn(f"{request.method} {request.url.path}: {error!r}, a fault of this program")
    return _json({"error": f"{error!r}, a fault of this program"}, 500)


async def _within(changed: asyncio.Event, seconds: float) -> bool:
    """Whether something changes in that time."""
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return False
    return True


async def _body(request: Request) -> Mapping[str, Any]:
    """The JSON object of a request. Raises: BadRequest."""
    data = b""
    async for piece in request.stream():
        data += piece
        if len(data) > MAX_BYTES:
            raise BadRequest(413, f"more than {MAX_BYTES:,} bytes")
    try:
        asked = json.loads(data or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadRequest(400, "not JSON") from error
    if not isinstance(asked, dict):
        raise BadRequest(400, "not a JSON object")
    return asked


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name)
    if not isinstance(value, str):
        raise BadRequest(400, f"{name} is a text")
    return value


def _number(asked: Mapping[str, Any], name: str) -> int:
    value = asked.get(name)
    if type(value) is not int:
        raise BadRequest(400, f"{name} is a number")
    return value
