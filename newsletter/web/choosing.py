"""The pages of one reader: what they chose, what is stored about them, and being forgotten.

Whoever holds the link may do it all, so no other page may: a form is taken from ours alone.
"""

import json
import zoneinfo
from functools import cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from newsletter import recipients, subscribe
from newsletter.links import Purpose
from newsletter.model import Subscription, SubscriptionStatus
from newsletter.people import People
from newsletter.web import forms
from newsletter.web.forms import Form
from newsletter.web.showing import Pages

# Areas of the time zones that people live in; the others are other names for the same, or none's.
_AREAS = (
    "Africa",
    "America",
    "Antarctica",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


class Choosing:
    """The pages `/{list}/preferences/{token}`, with `/erase` and `/data.json` below."""

    def __init__(self, people: People, pages: Pages) -> None:
        self._people = people
        self._pages = pages

    async def get(self, request: Request) -> Response:
        """What was chosen, to be changed."""
        return await run_in_threadpool(self._shown, *_link(request))

    async def post(self, request: Request) -> Response:
        """What is chosen now; 403 where the form is another site's."""
        if not forms.is_ours(request, self._pages.origin):
            return self._pages.problem(403)
        return await run_in_threadpool(self._choose, *_link(request), await forms.read(request))

    async def stored(self, request: Request) -> Response:
        """All that is stored about the reader, as JSON to be kept."""
        return await run_in_threadpool(self._stored, *_link(request))

    async def get_erase(self, request: Request) -> Response:
        """The page that asks once more."""
        slug, token = _link(request)
        self._people.key(slug, token, Purpose.PREFERENCES)
        return self._named("erase", slug, token=token, done=False)

    async def post_erase(self, request: Request) -> Response:
        """The page that says that everything is deleted; 403 where the form is another site's."""
        if not forms.is_ours(request, self._pages.origin):
            return self._pages.problem(403)
        slug, token = _link(request)
        await run_in_threadpool(self._people.erase_by_link, slug, token)
        return self._named("erase", slug, token=token, done=True)

    def _shown(self, slug: str, token: str) -> Response:
        return self._page(slug, token, self._people.subscription(slug, token))

    def _choose(self, slug: str, token: str, form: Form) -> Response:
        try:
            choice = self._people.choice(
                slug, form.get("theme", []), forms.text(form, "cadence"), forms.text(form, "timezone")
            )
        except ValueError as error:
            found = self._people.subscription(slug, token)
            return self._page(slug, token, found, 422, themes_error=str(error))
        return self._page(slug, token, self._people.choose(slug, token, choice), saved=True)

    def _page(
        self, slug: str, token: str, found: Subscription | None, status: int = 200, **said: object
    ) -> Response:
        """The form; where the reader is on the list no more, the page that says so."""
        if found is None or found.status is not SubscriptionStatus.CONFIRMED:
            return self._named("over", slug, 410, token=token)
        every = [theme.slug for theme in self._people.list_of_reader(slug).themes]
        return self._named(
            "preferences",
            slug,
            status,
            token=token,
            choice=found.choice,
            chosen=found.choice.themes or every,
            confirmed_at=found.confirmed_at,
            masked=recipients.masked(found.subscriber.address),
            unsubscribe=self._people.token(found, Purpose.UNSUBSCRIBE),
            zones=zones(),
            **{"saved": False, "themes_error": "", **said},
        )

    def _stored(self, slug: str, token: str) -> Response:
        found = self._people.stored(slug, token)
        if found is None:
            return self._named("over", slug, 410, token=token)
        return Response(
            json.dumps(subscribe.as_data(found), ensure_ascii=False, indent=2) + "\n",
            media_type="application/json",
            headers={"content-disposition": 'attachment; filename="my-subscriptions.json"'},
        )

    def _named(self, name: str, slug: str, status: int = 200, **values: object) -> Response:
        """A page that names the list, which need not be on the web."""
        list, public = self._people.list_of_reader(slug), slug in self._people.lists
        return self._pages.page(name, status, list=list, public=public, **values)


@cache
def zones() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The time zones that can be chosen, by area."""
    names = sorted(zoneinfo.available_timezones())
    return tuple((area, tuple(name for name in names if name.startswith(f"{area}/"))) for area in _AREAS)


def _link(request: Request) -> tuple[str, str]:
    return request.path_params["list"], request.path_params["token"]
