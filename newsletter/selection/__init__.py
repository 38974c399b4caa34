"""Papers + themes → sections: which papers, in which order, and why.

`words` compares words, `matching` scores papers on themes, `nearness` tells how alike papers are, `ranking`
puts one before another, `lineup` makes the line of a section, `seating` gives each paper its section, `edits`
is what an editor changes, `contest` explains it, and `choice` puts all of it together.
"""

from newsletter.selection.choice import Selection, select
from newsletter.selection.contest import Contest, Miss, Place
from newsletter.selection.edits import find
from newsletter.selection.matching import COMMON_WORDS, FIELD_FACTORS, Match, match_all, score

__all__ = [
    "COMMON_WORDS",
    "FIELD_FACTORS",
    "Contest",
    "Match",
    "Miss",
    "Place",
    "Selection",
    "find",
    "match_all",
    "score",
    "select",
]
