"""The page that leaves a list. Looking at it does nothing; sending its form, or a mail client's, leaves.

Nothing but the link is asked for: no cookie, no origin, no database (a file holds it where that fails).
Source: RFC 8058.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from newsletter.errors import StoreError
from newsletter.links import Purpose
from newsletter.model import Way
from newsletter.people import People
from newsletter.web import forms
from newsletter.web.showing import Pages

# The field that says so (RFC 8058 §3.1), what a mail client puts into it, and what our buttons do.
FIELD = "List-Unsubscribe"
ONE_CLICK = "One-Click"
BUTTON = "Button"
EVERYTHING = "Every-List"


class Leaving:
    """The page `/{list}/unsubscribe/{token}`."""

    def __init__(self, people: People, pages: Pages) -> None:
        self._people = people
        self._pages = pages

    async def get(self, request: Request) -> Response:
        """The page with the button; no database is asked."""
        return self._button(request, 200)

    async def post(self, request: Request) -> Response:
        """The page that says that the list is left; 400 with the button where the form does not say it."""
        answer = self._button(request, 400)
        wanted = {value.strip().lower() for value in (await forms.read(request)).get(FIELD, [])}
        way = Way.ONE_CLICK if ONE_CLICK.lower() in wanted else Way.WEB
        everything = EVERYTHING.lower() in wanted
        if not wanted & {ONE_CLICK.lower(), BUTTON.lower(), EVERYTHING.lower()}:
            return answer
        slug, token = request.path_params["list"], request.path_params["token"]
        await run_in_threadpool(self._people.leave, slug, token, way=way, everything=everything)
        others = () if way is Way.ONE_CLICK else await run_in_threadpool(self._others, slug, token)
        return self._page("left", slug, token, everything=everything, others=others)

    def _button(self, request: Request, status: int) -> Response:
        slug, token = request.path_params["list"], request.path_params["token"]
        self._people.key(slug, token, Purpose.UNSUBSCRIBE)
        return self._page("unsubscribe", slug, token, status)

    def _others(self, slug: str, token: str) -> tuple[str, ...]:
        try:
            return self._people.others(slug, token)
        except StoreError:
            return ()

    def _page(self, name: str, slug: str, token: str, status: int = 200, **values: object) -> Response:
        """A page that names the list, though it may not be on the web or not configured any more."""
        title, public = self._people.title(slug), slug in self._people.lists
        named = {"slug": slug, "title": title, "public": public, "token": token, "field": FIELD}
        return self._pages.page(name, status, **named, button=BUTTON, every=EVERYTHING, **values)
