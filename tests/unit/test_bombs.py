"""Texts made to cost time or memory are read or refused within bounds."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import bombs

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the peak of a process is read as Linux tells it"
)


@pytest.fixture(scope="module")
def cost() -> Iterator[Callable[[bytes], bombs.Cost]]:
    with bombs.reader() as cost:
        yield cost


@pytest.mark.parametrize("name", bombs.BOMBS)
def test_a_bomb_is_read_or_refused_within_bounds(name: str, cost: Callable[[bytes], bombs.Cost]) -> None:
    spent = cost(bombs.BOMBS[name](200_000).encode())

    assert not spent.end.startswith("died"), spent.end
    assert spent.seconds < 10  # what grows with the square of the text takes minutes
    assert spent.largest < 300_000_000
