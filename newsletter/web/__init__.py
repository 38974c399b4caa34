"""The web site of readers: the archive, subscribing, saying yes, choosing and leaving, without JavaScript.

`reading` answers for the archive; `asking`, `confirming`, `choosing` and `leaving` for the pages of one
reader, and `approving` for the page of an editor, from a form that `forms` reads and with a page that
`showing` makes. `site` puts them together, `guarding` stands before it, `visitors` says where a request comes
from. `rounds` does what is due in between, and `serving` runs it all.
"""

from newsletter.web.rounds import Job, jobs
from newsletter.web.serving import serve
from newsletter.web.site import guarded

__all__ = ["Job", "guarded", "jobs", "serve"]
