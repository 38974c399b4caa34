"""A site of several machines for tests: each with a folder and processes of its own, over one database."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsletter import store
from tests.site import running


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that serves the site."""

    folder: Path
    port: int
    process: subprocess.Popen[str]

    @property
    def leaving_file(self) -> Path:
        return self.folder / "newsletter.leaving"

    def said(self) -> str:
        return (self.folder / "stderr").read_text()


@contextmanager
def machines(
    folder: Path, url: str, *, count: int = 2, processes: int = 2, config: str = ""
) -> Iterator[list[Machine]]:
    """So many machines that serve the store at `url`, with so many processes each. config: of each."""
    store.open_store(url).dispose()
    with ExitStack() as opened:
        found = []
        for number in range(count):
            own = folder / f"machine{number}"
            own.mkdir()
            given = f'database_url = "{url}"\n{config}'
            options = ("--processes", str(processes))
            process, port = opened.enter_context(
                running(own, *options, config=given, base_url="https://news.example.org")
            )
            found.append(Machine(own, port, process))
        yield found
