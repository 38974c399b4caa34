"""The names in one string of authors."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.sources import names


@pytest.mark.parametrize(
    ("string", "expected"),
    [
        ("Ada Ewe, Bo Ram", ["Ada Ewe", "Bo Ram"]),
        ("Ada Ewe, Bo Ram and Cy Lamb", ["Ada Ewe", "Bo Ram", "Cy Lamb"]),
        ("Ada Ewe, Bo Ram, and Cy Lamb", ["Ada Ewe", "Bo Ram", "Cy Lamb"]),
        ("Ewe, Ada; Ram, Bo", ["Ewe, Ada", "Ram, Bo"]),
        ("Ada Ewe, Bo Ram, Jr., Cy Lamb", ["Ada Ewe", "Bo Ram Jr.", "Cy Lamb"]),
        ("Ada Ewe (1 and 2), Bo Ram (Barn, Hill) ((1) Barn, (2) Hill)", ["Ada Ewe", "Bo Ram"]),
        ("Ada Ewe (Barn, Bo Ram", ["Ada Ewe (Barn", "Bo Ram"]),
        ("['Ada Ewe', 'Bo O\\'Ram']", ["Ada Ewe", "Bo O\\'Ram"]),
        ('["Ada Ewe", "Bo Ram"]', ["Ada Ewe", "Bo Ram"]),
        ("Andy Sand", ["Andy Sand"]),
        ("Jr.", ["Jr."]),
        ("", []),
        (" , , ", []),
    ],
)
def test_names_are_parted_where_a_reader_would_part_them(string: str, expected: list[str]) -> None:
    assert list(names.split(string)) == expected


@given(st.text(alphabet="ab ,;()[]&'\"and.", max_size=60))
def test_no_name_is_empty(string: str) -> None:
    assert all(name.strip() == name != "" for name in names.split(string))


@pytest.mark.parametrize("piece", ["(", ")", ",", "and ", "a ", " ", "Jr.,"])
def test_any_piece_repeated_is_parted_soon(piece: str) -> None:
    started = time.perf_counter()
    list(names.split(piece * 200_000))

    assert time.perf_counter() - started < 2
