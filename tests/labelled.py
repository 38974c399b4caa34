"""Judgements of papers by readers, made before any theme was tuned on them.

`data/labels/daily_papers.jsonl` names papers of Hugging Face's Daily Papers by their arXiv ids: a sample of
what speaks of each built-in theme often, once, or nearly, and of what was drawn blindly. One part is for
tuning. The other was read twice, apart; a third reading decided where those differed, and nothing was tuned
on it.
NEWSLETTER_REAL_CORPUS names the folder with the papers themselves, none of whose text stands here.
"""

import json
import lzma
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from newsletter import sources
from newsletter.model import Paper

LABELS = Path(__file__).parent / "data/labels/daily_papers.jsonl"
CORPUS = os.environ.get("NEWSLETTER_REAL_CORPUS")
needs_corpus = pytest.mark.skipif(
    not CORPUS, reason="set NEWSLETTER_REAL_CORPUS to the folder of hf_daily_api_*.jsonl.xz"
)
TUNING, UNTOUCHED = "tuning", "untouched"


@dataclass(frozen=True)
class Judged:
    """One paper by its arXiv id, with its grades by theme; a theme that is not there has grade 0."""

    arxiv_id: str
    half: str
    grades: Mapping[str, int]


def judged(half: str) -> list[Judged]:
    """The judgements of one half, in the order of the ids."""
    lines = LABELS.read_text(encoding="utf-8").splitlines()
    return [one for one in (Judged(**json.loads(line)) for line in lines) if one.half == half]


def papers(ids: Sequence[str], folder: Path) -> list[Paper]:
    """The papers of those ids, in their order, as `newsletter papers` reads the corpus in the folder."""
    wanted = set(ids)
    lines = {number: line for number, line in _lines(folder) if number in wanted}
    digest = sources.parse("\n".join(lines[number] for number in ids).encode(), "daily-papers.jsonl")
    return list(digest.papers)


def _lines(folder: Path) -> Iterator[tuple[str, str]]:
    (path,) = folder.glob("hf_daily_api_*.jsonl.xz")
    with lzma.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)["id"], line.strip()
