"""Papers + themes → sections: which papers, in which order, and why.

`words` compares words, `phrases` reads what a theme says, `finding` finds it in a paper, `nearness` compares
whole papers; `matching` scores papers on themes by both. `ranking` puts one before another, `lineup` makes
the line of a section, `seating` gives each paper its section, `edits` is what an editor changes, `contest`
explains it, and `choice` puts all of it together. `recalling` chooses again from what issues had chosen.
"""

from newsletter.reasons import text_of, wording
from newsletter.selection.choice import Selection, select
from newsletter.selection.contest import Contest, Miss, Place
from newsletter.selection.edits import find, names, says
from newsletter.selection.matching import Match, match_all, missing_examples, score
from newsletter.selection.recalling import recall

__all__ = [
    "Contest",
    "Match",
    "Miss",
    "Place",
    "Selection",
    "find",
    "match_all",
    "missing_examples",
    "names",
    "recall",
    "says",
    "score",
    "select",
    "text_of",
    "wording",
]
