"""Which keys may sign the links of readers.

Whoever guesses a key can make a link of anybody, so that one which nobody drew is refused. Makes none: a new
key in a new place would make all links worthless that went out before.
"""

import re
from itertools import pairwise

from pydantic import SecretStr

# Characters of a key, as many as 192 bits have in base 64.
LEAST_SECRET = 32
# What stands where a key has to be put. Six letters, so that chance makes none of them.
_PLACEHOLDER = re.compile(r"(?i)change.?me|secret|password|replace|example|qwerty|your.?key|random")


def checked(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """The keys as they are. Raises: ValueError for one that is short, no secret, or there twice."""
    for key in keys:
        secret = key.get_secret_value()
        if len(secret) < LEAST_SECRET or not _is_drawn(secret):
            raise ValueError(
                f"a key has at least {LEAST_SECRET} characters, drawn at random; make one with: "
                'python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
            )
    if len({key.get_secret_value() for key in keys}) < len(keys):
        raise ValueError("each key once")
    return keys


def _is_drawn(secret: str) -> bool:
    """Whether a secret could have been drawn at random: no pattern, and none of the words of placeholders."""
    steps = {ord(after) - ord(before) for before, after in pairwise(secret)}
    pairs = {*pairwise(secret)}
    patterned = len(steps) < LEAST_SECRET // 4 or len(pairs) < len(secret) * 2 // 3
    return not patterned and not _PLACEHOLDER.search(secret)
