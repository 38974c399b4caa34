"""The public archive: which issues everybody may read, and the page, feed or file at each of its addresses.

`shelf` says what is public and reads it from the store, `outline` keeps of each issue what the pages of many
issues need, `finding` is the search, `site` makes what stands at an address. What is served and what is
written as plain files is made by the same code. Changes nothing in the store, and sees no reader: only what
was frozen when an issue was approved is shown.
"""

from newsletter.archive.shelf import Archive, Shown
from newsletter.archive.site import ASSETS, Document, Moved, Site

__all__ = ["ASSETS", "Archive", "Document", "Moved", "Shown", "Site"]
