"""The page on which an editor approves a draft, by a link of a mail. Looking at it approves nothing.

A link is about a draft as it was when the mail was made: where readers would get another one now, the page
says what is new, and only a button of that page approves it. Past the draft it is worth nothing any more.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from newsletter.desk import Asked, Desk
from newsletter.errors import Conflict
from newsletter.issue_report import logged_text
from newsletter.model import IssueStatus
from newsletter.web import forms
from newsletter.web.showing import Pages


class Approving:
    """The page `/{list}/approve/{token}`."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages

    async def get(self, request: Request) -> Response:
        """The draft with a button; 410 where it is none any more."""
        return await run_in_threadpool(self._shown, *_link(request))

    async def post(self, request: Request) -> Response:
        """The page that says that it is approved; 409 with what is new where it is another draft now.

        403 where the form is another site's.
        """
        if not forms.is_ours(request, self._pages.origin):
            return self._pages.problem(403)
        return await run_in_threadpool(self._approve, *_link(request))

    def _shown(self, slug: str, token: str) -> Response:
        return self._page(self._desk.asked(slug, token))

    def _approve(self, slug: str, token: str) -> Response:
        asked = self._desk.asked(slug, token)
        if asked.changed or asked.draft.edition.status is not IssueStatus.DRAFT:
            return self._page(asked, 409)
        try:
            edition, _ = self._desk.approve(asked.draft)
        except Conflict as error:
            # Somebody else was at it at the same moment, or it holds no paper.
            return self._page(self._desk.asked(slug, token), 409, problem=str(error))
        return self._over(asked, str(edition.status), 200)

    def _page(self, asked: Asked, status: int = 200, *, problem: str = "") -> Response:
        edition = asked.draft.edition
        if edition.status is not IssueStatus.DRAFT:
            return self._over(asked, str(edition.status), 410)
        return self._pages.page(
            "approve",
            status,
            **self._named(asked),
            issue=asked.draft.issue,
            token=asked.token,
            changed=asked.changed,
            came=asked.came,
            edits=[logged_text(one) for one in asked.edits],
            problem=problem,
        )

    def _over(self, asked: Asked, standing: str, status: int) -> Response:
        return self._pages.page("approved", status, **self._named(asked), standing=standing)

    def _named(self, asked: Asked) -> dict[str, object]:
        list = asked.draft.issue.list
        return {"list": list, "public": asked.public, "called": asked.draft.edition.name, "goes": asked.goes}


def _link(request: Request) -> tuple[str, str]:
    return request.path_params["list"], request.path_params["token"]
