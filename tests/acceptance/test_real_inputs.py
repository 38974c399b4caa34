"""Every real file of a collection is read, or refused in words that an editor can act on."""

from pathlib import Path

import pytest

from newsletter import sources
from newsletter.errors import DigestError
from tests import real
from tests.real import FOLDER

FILES = sorted(path for path in Path(FOLDER).rglob("*") if path.is_file()) if FOLDER else []

pytestmark = real.needs("real digests")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_file_is_read_or_refused_with_the_next_step(path: Path) -> None:
    refusal = ""
    try:
        digest = sources.parse(path.read_bytes(), path.name)
    except DigestError as error:
        refusal = str(error)
    if refusal:
        assert refusal.startswith(path.name)
        assert ";" in refusal
        return

    assert [paper.position for paper in digest.papers] == list(range(1, len(digest.papers) + 1))
    assert all(paper.title and paper.url.startswith("https://") for paper in digest.papers)
    assert len({paper.arxiv_id for paper in digest.papers if paper.arxiv_id}) == sum(
        bool(paper.arxiv_id) for paper in digest.papers
    )
