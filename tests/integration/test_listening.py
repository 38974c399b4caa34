"""Where a server of ours listens: the desk and the site alike."""

import contextlib
import socket

import pytest

from newsletter import listening
from newsletter.errors import ConfigError


def test_an_answer_goes_out_at_once_because_the_connection_is_known_as_tcp() -> None:
    with (
        listening.at("127.0.0.1", 0) as place,
        socket.create_connection(place.getsockname()),
        place.accept()[0] as visitor,
    ):
        assert visitor.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_a_place_is_called_as_a_browser_takes_it(host: str, shown: str) -> None:
    with contextlib.closing(listening.at("127.0.0.1", 0)) as place:
        assert listening.address(host, place) == f"http://{shown}:{place.getsockname()[1]}/"


@pytest.mark.parametrize("port", [-1, 65536, 65537, 10**30])
def test_a_number_that_is_no_port_is_told(port: int) -> None:
    with pytest.raises(ConfigError, match="from 0 to 65535"):
        listening.at("127.0.0.1", port)
