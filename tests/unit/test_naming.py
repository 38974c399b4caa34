"""What a paper is called in a headline and in a list."""

import pytest

from newsletter import naming


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Larder: Caches on Disk", "Larder"),
        ("Ladder-residual: parallelism-aware layers", "Ladder-residual"),
        ("Night Shelf: Caches by Night", "Night Shelf"),
        ("2Shelf: Twice the Room", "2Shelf"),
        ("Beyond Disks: Caches on Tape", ""),
        ("Position: Caches Are Rights", ""),
        ("Getting it Right: Caches on Tape", ""),
        ("A Very Long Name of Four Words: Caches", ""),
        ("Caches on Disk", ""),
        ("Ratio 3:4 of Caches", ""),
    ],
)
def test_a_name_is_no_phrase(title: str, name: str) -> None:
    assert naming.name(title) == name


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("Larder: Caches on Disk", "Larder"),
        ("Beyond Disks: Caches on Tape", "Beyond Disks"),
        ("Two\nLines:  Folded", "Two Lines"),
        (
            "A Phrase That Is Rather Longer Than That: Caches",
            "A Phrase That Is Rather Longer Than That: Caches",
        ),
        ("Caches on  Disk", "Caches on Disk"),
        (": Caches", ": Caches"),
    ],
)
def test_a_short_title_may_be_a_phrase(title: str, short: str) -> None:
    assert naming.short_title(title) == short
