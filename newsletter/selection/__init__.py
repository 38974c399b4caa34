"""Papers + themes → sections: which papers, in which order, and why.

`words` compares words, `nearness` papers; `matching` scores papers on themes, `seating` gives each paper its
section.
"""

from newsletter.selection.matching import COMMON_WORDS, FIELD_FACTORS, Match, match_all, score
from newsletter.selection.seating import Miss, Selection, select

__all__ = ["COMMON_WORDS", "FIELD_FACTORS", "Match", "Miss", "Selection", "match_all", "score", "select"]
