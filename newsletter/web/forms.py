"""What a form sent, as text by name. Owns how much of it is read; what it means is decided by each page."""

import logging
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

# Fields of a form: the largest of ours has one for each theme.
MOST_FIELDS = 1000

Form = Mapping[str, list[str]]

# It would write down what is wrong with a form, for anybody who sends a broken one, as often as they like.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())


async def read(request: Request) -> Form:
    """The fields of a form, each with its values in their order; a file has none.

    Raises: HTTPException for what is no form.
    """
    body = await request.body()
    try:
        if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            return await _parts(request, body)
        text = body.decode("utf-8", "replace")
        return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except (ValueError, MultiPartException) as error:
        raise HTTPException(400) from error


def text(form: Form, name: str) -> str:
    """The first value of that name, "" for none."""
    return form.get(name, [""])[0]


def is_ours(request: Request, origin: str) -> bool:
    """Whether a form came from a page of this site, as far as the browser says. origin: of the site.

    A page that sends no Referer has the origin `null`. Source: Fetch, "append a request Origin header".
    """
    if request.headers.get("sec-fetch-site", "") == "cross-site":
        return False
    return request.headers.get("origin", "null") in {"null", origin}


async def _parts(request: Request, body: bytes) -> Form:
    """Source: RFC 7578; mail clients send one-click requests so too (RFC 8058 §3.1)."""

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(request.headers, whole(), max_files=10, max_fields=MOST_FIELDS)
    found: dict[str, list[str]] = {}
    parts = await parser.parse()
    for name, value in parts.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    await parts.close()
    return found
