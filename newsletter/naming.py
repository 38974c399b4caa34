"""What a paper is called where its whole title has no room: in a headline, in the line of an inbox.

Owns the reading of what stands before the colon of a title. A headline says that a paper leads, so it takes
names only; in a list of papers a short phrase stands for its paper just as well.
"""

import re

# Characters and words. What is longer before the colon of a title is a phrase, not a name.
_LONGEST_NAME, _MOST_NAME_WORDS = 24, 3

# Characters of a phrase before the colon that still saves room: three of them fit one line of an inbox.
_LONGEST_SHORT_TITLE = 32

# First words of titles whose part before the colon is a phrase all the same ("Beyond Inference: …").
_PHRASES = re.compile(
    r"(?:beyond|towards?|rethinking|revisiting|on|from|what|how|why|when|is|are|do|does|can|chat|an?|the|exploring|"
    r"understanding|learning|scaling|improving|unlocking|bridging|accelerating|demystifying|position|survey)(?![\w-])",
    re.IGNORECASE,
)


def name(title: str) -> str:
    """The name that a title gives before its colon, or "" where that is a phrase or there is none."""
    head = _before_colon(title)
    words = head.split()
    if not 1 <= len(words) <= _MOST_NAME_WORDS or len(head) > _LONGEST_NAME:
        return ""
    capitals = all(word[0].isupper() or word[0].isdigit() for word in words)
    return head if (len(words) == 1 or capitals) and not _PHRASES.match(head) else ""


def short_title(title: str) -> str:
    """What stands for a paper in a list: its title up to the colon if that is short, else all of it."""
    head = _before_colon(title)
    return head if 0 < len(head) <= _LONGEST_SHORT_TITLE else " ".join(title.split())


def _before_colon(title: str) -> str:
    head, colon, _ = " ".join(title.split()).partition(": ")
    return head if colon else ""
