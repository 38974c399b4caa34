"""The web site of readers: the archive, subscribing, saying yes, choosing and leaving, without JavaScript.

`reading` answers for the archive; `asking`, `confirming`, `choosing` and `leaving` for the pages of one
reader, and `approving` for the page of an editor, from a form that `forms` reads and with a page that
`showing` makes. `site` puts them together, `guarding` stands before it, `visitors` says where a request comes
from. `rounds` does what is due in between, `opening` says what all of it is on an open store, `serving` runs
it, and `siblings` runs it in several processes at one port.
"""

from newsletter.web.opening import Opened, on
from newsletter.web.rounds import Job
from newsletter.web.serving import serve
from newsletter.web.siblings import serve_in_several
from newsletter.web.site import guarded

__all__ = ["Job", "Opened", "guarded", "on", "serve", "serve_in_several"]
