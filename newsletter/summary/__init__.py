"""What an issue says of its papers: one line and a few figures each, and the claim of the whole.

Owns the choice of those words. `gist` finds the sentence that says what is new, `gains` the figures: both
quote an abstract and never rewrite it. `claim` words the headline and the intro from the chosen sections.
`trust` says which of a model's words may be shown instead.
"""

from newsletter.summary.claim import headline, intro, recap_headline, recap_intro
from newsletter.summary.gains import figures
from newsletter.summary.gist import one_liner
from newsletter.summary.trust import Told, of_a_source

__all__ = [
    "Told",
    "figures",
    "headline",
    "intro",
    "of_a_source",
    "one_liner",
    "recap_headline",
    "recap_intro",
]
