"""Values → the pages of the web site.

Owns how templates of pages are run: escaped, sandboxed, with the filters of issues. Which page is shown,
and to whom, is decided above. A page links within the site from `root`, so that it stands under any path,
and in a folder of files too.
"""

from collections.abc import Mapping

from newsletter import legible, mjml, rendering, templating
from newsletter.templating import Look

# The folder of their templates, beside the looks.
FOLDER = "web"
# Characters of one page: the search of an archive holds every title that ever appeared, 50,000 at most.
_MOST_CHARACTERS = 20_000_000


def page(look: Look, name: str, *, root: str, values: Mapping[str, object]) -> str:
    """The page of that name as HTML. root: where the site begins, as the page links to it, slash at the end.

    Raises: RenderError.
    """
    environment = rendering.environment(tuple(sorted(look.files.items())), escape=True)
    given = {"root": root, **values}
    made = templating.fill(environment, look, f"{name}.html.j2", given, most=_MOST_CHARACTERS)
    return legible.text(mjml.without_controls(made))
