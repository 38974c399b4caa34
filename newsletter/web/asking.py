"""The form that asks for a list, and what answers it.

Who has sent it off is told the same whoever the address belongs to: the ask is kept, and a letter follows or
none. What robots fill in is taken with thanks and dropped.
"""

from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from newsletter import caps, links, subscribe
from newsletter.errors import LinkError
from newsletter.model import Cadence
from newsletter.people import People
from newsletter.web import forms, visitors
from newsletter.web.forms import Form
from newsletter.web.showing import Pages

# The field that no person sees. No browser knows anybody's remarks, so it fills in none.
TRAP = "remarks"
_TOO_YOUNG = "That was very quick. Press the button again, please."
_TOO_OLD = "This page was open for long. Press the button again, please."


class Asking:
    """The page `/{list}/subscribe`. trusted: the servers in front that are believed."""

    def __init__(self, people: People, pages: Pages, trusted: tuple[visitors.Network, ...]) -> None:
        self._people = people
        self._pages = pages
        self._trusted = trusted

    async def get(self, request: Request) -> Response:
        """The form, empty."""
        slug = request.path_params["list"]
        everything = [theme.slug for theme in self._people.list(slug).themes]
        form: Form = {"theme": everything, "cadence": [Cadence.ISSUE]}
        return self._form(slug, form, self._people.form_token(slug))

    async def post(self, request: Request) -> Response:
        """The page that says to look into the mailbox; else the form, filled in, with what is wrong."""
        slug, form = request.path_params["list"], await forms.read(request)
        if forms.text(form, TRAP):
            return self._asked(slug)
        token = forms.text(form, "token")
        try:
            age = self._people.form_age(slug, token)
        except LinkError:
            age = 2 * links.FORM_MOST_AGE
        if not timedelta() <= age <= links.FORM_MOST_AGE:
            return self._form(slug, form, self._people.form_token(slug), 400, notice=_TOO_OLD)
        if age < links.FORM_LEAST_AGE:
            # With the token that it had, which is old enough in a moment.
            return self._form(slug, form, token, 400, notice=_TOO_YOUNG)
        return await run_in_threadpool(self._ask, slug, form, token, self._origin(request))

    def _ask(self, slug: str, form: Form, token: str, origin: str) -> Response:
        try:
            choice = self._people.choice(
                slug, form.get("theme", []), forms.text(form, "cadence"), forms.text(form, "timezone")
            )
        except ValueError as error:
            return self._form(slug, form, token, 422, themes_error=str(error))
        try:
            self._people.ask(slug, forms.text(form, "email"), choice, origin=origin)
        except ValueError as error:
            return self._form(slug, form, token, 422, email_error=str(error))
        except subscribe.Busy as error:
            return self._pages.problem(429, headers={"retry-after": str(error.retry_s)})
        return self._asked(slug)

    def _form(self, slug: str, form: Form, token: str, status: int = 200, **said: str) -> Response:
        return self._pages.page(
            "subscribe",
            status,
            list=self._people.list(slug),
            wording=self._people.wording(slug),
            email=forms.text(form, "email")[:320],
            chosen=form.get("theme", []),
            cadence=forms.text(form, "cadence"),
            token=token[: links.TOKEN_LENGTH],
            trap=TRAP,
            **{"notice": "", "email_error": "", "themes_error": "", **said},
        )

    def _asked(self, slug: str) -> Response:
        return self._pages.page("asked", list=self._people.list(slug), life=caps.LINK_LIFE.days)

    def _origin(self, request: Request) -> str:
        peer = request.client.host if request.client else ""
        return visitors.origin(peer, request.headers.getlist("x-forwarded-for"), self._trusted)
