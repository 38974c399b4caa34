"""Real digests, where NEWSLETTER_REAL_INPUTS names the folder that holds them.

None of their text stands in this repository: what a test expects of a text it knows by its seal.
"""

import hashlib
import os
from pathlib import Path

import pytest

from newsletter import sources
from newsletter.model import Digest

FOLDER = os.environ.get("NEWSLETTER_REAL_INPUTS")


def needs(what: str) -> pytest.MarkDecorator:
    """The mark of tests that read those files."""
    return pytest.mark.skipif(not FOLDER, reason=f"set NEWSLETTER_REAL_INPUTS to a folder that holds {what}")


def parsed(name: str) -> Digest:
    """The digest in a file of the folder."""
    return sources.parse(Path(FOLDER or ".", name).read_bytes(), name)


def seal(text: str) -> str:
    """What stands for a text: the first twelve digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
