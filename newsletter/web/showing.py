"""Pages as answers: a template, filled, with its status. Owns what every page is given."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from newsletter import pages
from newsletter.templating import Look

# Seconds after which a visitor is told to come back while the database cannot be asked.
RETRY_S = 60
# What a page says where nothing else does, by its status: a title, and what to do.
_PROBLEMS = {
    403: ("This was not sent from our page", "Open the link of your mail again, and press the button there."),
    404: ("There is no such page", "Check that the address is whole, or begin with the front page."),
    405: ("This page takes no such request", "Begin with the front page."),
    408: ("That took too long", "Send it again."),
    413: ("That is too much", "Send less."),
    414: ("This address is too long", "Check that it was copied well, or begin with the front page."),
    429: ("Too many have asked for it", "Wait for an hour, then try again."),
    500: ("Something went wrong here", "It is our fault and was noted. Try again later."),
    503: ("This does not work just now", "Nothing was lost and nothing was changed. Try again in a minute."),
}
_OTHER = ("This could not be read", "Go back, and send it again.")


class Pages:
    """The pages of a site. base_url: its public address, the only one that links are made of."""

    def __init__(self, look: Look, *, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._look = look
        self.prefix = parts.path
        self.root = f"{parts.path}/"
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.host = parts.netloc
        self.https = parts.scheme == "https"

    def page(self, name: str, status: int = 200, **values: object) -> HTMLResponse:
        """The page of that name, which no cache keeps: it is one visitor's. Raises: RenderError."""
        given = {"host": self.host, **values}
        made = pages.page(self._look, name, root=self.root, values=given)
        return HTMLResponse(made, status, {"cache-control": "no-store"})

    def problem(self, status: int, *, headers: Mapping[str, str] | None = None) -> HTMLResponse:
        """The page that says what went wrong, and nothing about it that was sent."""
        title, advice = _PROBLEMS.get(status, _OTHER)
        answer = self.page("problem", status, headline=title, advice=advice)
        answer.headers.update(headers or {})
        return answer
