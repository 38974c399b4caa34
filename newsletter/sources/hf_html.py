"""A page of Hugging Face as a browser or a script saves it: a day, a week, trending, a search, one paper.

Owns finding the data that the page carries for its own scripts, JSON in `data-props` attributes; what stands
in it is read as the API's. The visible text is not read: it holds less, and changes with every redesign.
"""

import html
import re
from collections.abc import Iterator

from newsletter.errors import DigestError
from newsletter.model import Digest
from newsletter.sources import decoding, hf_api, jsontext
from newsletter.sources.document import Document

NAME = "hf-html"

# Either kind of quotes: browsers and scripts write the page anew with their own.
_PROPS = re.compile(r"\bdata-props\s{0,3}=\s{0,3}(?:\"([^\"]*+)\"|'([^']*+)')")
_OF_HUB = re.compile(r"\bSVELTE_HYDRATER\b|\bdata-target\s{0,3}=\s{0,3}[\"']?DailyPapers\b|/front/build/")
# In the name of every key that holds papers, and in few of the menus and boxes that carry data as well.
_PAPER = "aper"
_ASK_THE_API = "give the address https://huggingface.co/api/daily_papers?date=YYYY-MM-DD instead"


def sniff(document: Document) -> bool:
    """Whether the text is HTML of Hugging Face's site, with or without papers in it."""
    return document.start.startswith("<") and bool(_OF_HUB.search(document.text))


def parse(document: Document) -> Digest:
    """The papers that the page carries, in its order; `date` as for the API.

    Raises: DigestError for a page without any: a login, an error, a page that a script fills later.
    """
    for loaded in _carried(document):
        if hf_api.items(loaded.value):
            return hf_api.digest(NAME, document, loaded.value, flawed=loaded.flawed)
    problem = "this is a page of Hugging Face, but it carries no papers that can be read"
    raise DigestError(document.source, f"{problem}; {_ASK_THE_API}, or {decoding.SAVE_AS_TEXT}")


def _carried(document: Document) -> Iterator[jsontext.Loaded]:
    for match in _PROPS.finditer(document.text):
        props = match[1] or match[2] or ""
        if _PAPER in props:
            try:
                yield jsontext.load(html.unescape(props))
            except jsontext.NotJson:
                continue
