"""What an issue says of its papers: one line and a few figures each, and the claim of the whole.

Owns the choice of those words. `gist` finds the sentence that says what is new, `gains` the figures: both
quote an abstract and never rewrite it. `claim` words the headline and the intro from the chosen sections.
"""

from newsletter.summary.claim import headline, intro
from newsletter.summary.gains import figures
from newsletter.summary.gist import one_liner

__all__ = ["figures", "headline", "intro", "one_liner"]
