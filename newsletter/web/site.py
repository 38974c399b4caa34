"""The site as an ASGI application: which page answers which address, and what an error looks like.

Decides nothing: a request becomes one call of `people`, an error a status and a page.
"""

from collections.abc import Awaitable, Callable
from datetime import date as Date

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from newsletter import config
from newsletter.archive import Archive
from newsletter.config import Settings
from newsletter.desk import Desk
from newsletter.errors import LinkError, NotFound, StoreError
from newsletter.people import People
from newsletter.templating import Look
from newsletter.web import guarding, reading, visitors
from newsletter.web.approving import Approving
from newsletter.web.asking import Asking
from newsletter.web.choosing import Choosing
from newsletter.web.confirming import Confirming
from newsletter.web.leaving import Leaving
from newsletter.web.showing import RETRY_S, Pages

Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(
    people: People, archive: Archive, look: Look, settings: Settings, *, desk: Desk, today: Callable[[], Date]
) -> ASGIApp:
    """The site with the guard before it.

    desk: where editors approve by a link. today: the day up to which issues are public, in UTC.
    """
    pages = Pages(look, base_url=settings.base_url)
    names = {*people.lists, *settings.lists, *config.RESERVED_SLUGS, "robots.txt"}
    public = reading.routes(archive, look, base_url=settings.base_url, today=today)
    return guarding.Guard(
        _site(people, pages, visitors.networks(settings.web.trusted_proxies), [*public, *_desk(desk, pages)]),
        prefix=pages.prefix,
        names=names,
        https=pages.https,
        refusal=pages.problem,
    )


def _site(
    people: People, pages: Pages, trusted: tuple[visitors.Network, ...], public: list[Route]
) -> Starlette:
    asking, confirming = Asking(people, pages, trusted), Confirming(people, pages)
    choosing, leaving = Choosing(people, pages), Leaving(people, pages)
    around = _Around(people, pages)
    routes = [
        *public,
        _route("/healthz", around.health),
        _route("/robots.txt", around.robots),
        _route("/{list}/subscribe", asking.get, asking.post),
        _route("/{list}/confirm/{token}", confirming.get, confirming.post),
        _route("/{list}/preferences/{token}", choosing.get, choosing.post),
        _route("/{list}/preferences/{token}/erase", choosing.get_erase, choosing.post_erase),
        _route("/{list}/preferences/{token}/data.json", choosing.stored),
        _route("/{list}/unsubscribe/{token}", leaving.get, leaving.post),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: around.refused,
            LinkError: around.not_ours,
            NotFound: around.missing,
            StoreError: around.closed,
            Exception: around.fault,
        },
    )
    # It would be made of the host that was asked for.
    app.router.redirect_slashes = False
    return app


def _desk(desk: Desk, pages: Pages) -> list[Route]:
    approving = Approving(desk, pages)
    return [_route("/{list}/approve/{token}", approving.get, approving.post)]


def _route(path: str, get: Endpoint, post: Endpoint | None = None) -> Route:
    """One route for both methods, so that what is not allowed is told with all that is."""

    async def answer(request: Request) -> Response:
        return await (post if post and request.method == "POST" else get)(request)

    return Route(path, answer, methods=["GET", "POST"] if post else ["GET"])


class _Around:
    """What is no reader's page."""

    def __init__(self, people: People, pages: Pages) -> None:
        self._people = people
        self._pages = pages

    async def health(self, request: Request) -> Response:
        """Whether the database answers."""
        try:
            await run_in_threadpool(self._people.answers)
        except StoreError:
            return PlainTextResponse("the database does not answer\n", 503, {"retry-after": str(RETRY_S)})
        return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})

    async def robots(self, request: Request) -> Response:
        """What search engines leave alone: pages of one reader."""
        closed = [
            f"Disallow: {self._pages.root}{slug}/{page}/"
            for slug in self._people.lists
            for page in guarding.OWN_PAGES
        ]
        return PlainTextResponse("\n".join(["User-agent: *", *closed, ""]))

    async def refused(self, request: Request, error: Exception) -> Response:
        """What the application itself refuses: no such page, no such method, no form."""
        found = error if isinstance(error, HTTPException) else HTTPException(400)
        return self._pages.problem(found.status_code, headers=found.headers)

    async def not_ours(self, request: Request, error: Exception) -> Response:
        """The same for every link that is not one of ours, whatever is wrong with it."""
        return self._pages.page("not_ours", 404)

    async def missing(self, request: Request, error: Exception) -> Response:
        """No such list."""
        return self._pages.problem(404)

    async def closed(self, request: Request, error: Exception) -> Response:
        """The database cannot be asked."""
        return self._pages.problem(503, headers={"retry-after": str(RETRY_S)})

    async def fault(self, request: Request, error: Exception) -> Response:
        """A fault of this program, which the guard tells."""
        return self._pages.problem(500)
