"""The page that a letter links to. Looking at it is no yes: mail scanners look, and nobody said anything."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from newsletter.links import Purpose
from newsletter.model import Cadence
from newsletter.people import People
from newsletter.subscribe import Answer
from newsletter.web.showing import Pages

_STATUS = {Answer.CONFIRMED: 200, Answer.EXPIRED: 410, Answer.GONE: 410}


class Confirming:
    """The page `/{list}/confirm/{token}`."""

    def __init__(self, people: People, pages: Pages) -> None:
        self._people = people
        self._pages = pages

    async def get(self, request: Request) -> Response:
        """The page with the button; no database is asked."""
        slug, token = request.path_params["list"], request.path_params["token"]
        self._people.key(slug, token, Purpose.CONFIRM)
        return self._pages.page(
            "confirm", list=self._people.list(slug), wording=self._people.wording(slug), token=token
        )

    async def post(self, request: Request) -> Response:
        """What the yes came to."""
        return await run_in_threadpool(
            self._confirm, request.path_params["list"], request.path_params["token"]
        )

    def _confirm(self, slug: str, token: str) -> Response:
        answer, subscription = self._people.confirm(slug, token)
        preferences = self._people.token(subscription, Purpose.PREFERENCES) if subscription else ""
        return self._pages.page(
            "confirmed",
            _STATUS[answer],
            list=self._people.list(slug),
            answer=str(answer),
            preferences=preferences,
            monthly=bool(subscription and subscription.choice.cadence is Cadence.MONTHLY),
        )
