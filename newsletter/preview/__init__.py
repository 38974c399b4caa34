"""The desk: the issue in a browser, live, where an editor looks at it and changes it.

`wanted` is what is asked for, `reading` reads digests and `shelf` opens the store; `shown` says what is
looked at, `making` goes from there to the mail and keeps each step, `marking` finds places in it, `state`
writes all of it down for the page. `live` owns what is shown and every change of it, `watching` sees what
changed outside, `guarding` says who may ask, `web` answers, and `serving` runs it. The page is in `page/`.
"""

from newsletter.preview.serving import serve
from newsletter.preview.wanted import Means, Wanted

__all__ = ["Means", "Wanted", "serve"]
