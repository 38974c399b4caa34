"""Values → the pages of the web site.

Owns how templates of pages are run: escaped, sandboxed, with the filters of issues. Which page is shown,
and to whom, is decided above. A page links within the site from `root`, so that it stands under any path,
and in a folder of files too.
"""

from collections.abc import Mapping
from functools import lru_cache

from jinja2.sandbox import SandboxedEnvironment

from newsletter import rendering, templating
from newsletter.templating import Look

# The folder of their templates, beside the looks.
FOLDER = "web"


def page(look: Look, name: str, *, root: str, values: Mapping[str, object]) -> str:
    """The page of that name as HTML. root: where the site begins, as the page links to it, slash at the end.

    Raises: RenderError.
    """
    environment = _environment(tuple(sorted(look.files.items())))
    return templating.fill(environment, look, f"{name}.html.j2", {"root": root, **values})


@lru_cache(maxsize=2)
def _environment(files: tuple[tuple[str, str], ...]) -> SandboxedEnvironment:
    environment = templating.environment(files, escape=True)
    environment.filters |= rendering.FILTERS
    return environment
