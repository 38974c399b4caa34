"""Papers + themes → sections: which papers, in which order, and why.

`words` compares words, `phrases` reads what a theme says, `finding` finds it in a paper, `nearness` compares
whole papers; `matching` scores papers on themes by both, `seating` gives each paper its section.
"""

from newsletter.reasons import tags_text, text_of, wording
from newsletter.selection.finding import COMMON_WORDS
from newsletter.selection.matching import FIELD_FACTORS, Match, match_all, missing_examples, score
from newsletter.selection.seating import Miss, Selection, select

__all__ = [
    "COMMON_WORDS",
    "FIELD_FACTORS",
    "Match",
    "Miss",
    "Selection",
    "match_all",
    "missing_examples",
    "score",
    "select",
    "tags_text",
    "text_of",
    "wording",
]
