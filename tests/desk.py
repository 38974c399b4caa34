"""A desk for tests: the real program in a process of its own, with a configuration and papers in a folder.

What is shown is invented here, so that a test knows every title, section and near miss.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

CONFIG = """\
database_url = "sqlite:///newsletter.db"
templates_dir = "templates"

[lists.weekly]
title = "Larder Weekly"
sender = "Larder Weekly <larder@news.example.org>"
themes = ["kv-cache", "parallelism"]
trending_limit = 3
"""

# Titles by what they are about; the last ones fit no theme.
CACHE = ("Larder", "Thimble", "Gantry", "Bellows")
PARALLEL = ("Towpath", "Sluice", "Millrace")
REST = ("Kestrel", "Plover", "Dunlin")
NEAR = "Quoin: Serving Chat From a Prefix"

# The mail of a look that says little.
PLAIN_LOOK = """\
<mjml><mj-head><mj-title>Plain</mj-title></mj-head>
<mj-body><mj-section><mj-column>
<mj-text><h1>{{ issue.headline }}</h1><p>a plain look</p></mj-text>
</mj-column></mj-section></mj-body>
</mjml>
"""

_ABOUT_CACHE = (
    "We present {name}, a KV cache eviction method for long contexts. It drops KV cache entries that no "
    "later token reads and reduces KV cache memory by {n}%, at the same accuracy on every task of the study."
)
_ABOUT_PARALLEL = (
    "We introduce {name}, a pipeline parallelism schedule. With tensor parallelism inside a node and "
    "pipeline parallelism across nodes it trains {n}% faster, with the same memory."
)
_ABOUT_REST = (
    "We study {name} birds on {n} shores. Observers counted them from hides, twice a day, in any wind."
)
_ABOUT_NEAR = "Chat servers answer many questions from one prompt. Prefix caching shares what was computed."


@dataclass(frozen=True, slots=True)
class Desk:
    """An open desk. address: with its key; folder: where its configuration and its papers are."""

    address: str
    folder: Path

    def write(self, name: str, text: str) -> None:
        """Replaces a file of the desk as an editor does: whole."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)

    def run(self, *command: str) -> None:
        """Runs the program beside the desk, as from another terminal."""
        subprocess.run(
            [*_PROGRAM, *command], cwd=self.folder, env=environment(), check=True, capture_output=True
        )


def records(*, extra: Sequence[dict[str, object]] = ()) -> str:
    """A digest as JSON records: the papers above, and more."""
    papers = [
        *(_record(name, f"{name}: KV Cache Eviction for Pantries", _ABOUT_CACHE) for name in CACHE),
        *(_record(name, f"{name}: Pipeline Parallelism for Canals", _ABOUT_PARALLEL) for name in PARALLEL),
        *(_record(name, f"{name} Counts on Winter Shores", _ABOUT_REST) for name in REST),
        _record("Quoin", NEAR, _ABOUT_NEAR),
    ]
    return json.dumps([*papers, *extra], indent=1)


def reset(shown: Desk) -> None:
    """Takes back every edit of the page, and what was written into the configuration."""
    shown.write("config.toml", CONFIG)
    with httpx.Client(follow_redirects=True, headers={"X-Desk": "1"}) as client:
        client.get(shown.address)
        origin = shown.address.split("/?")[0]
        for chosen in ({"issue": ""}, {"look": "default"}):
            client.post(f"{origin}/choose", json=chosen)
        while client.post(f"{origin}/undo", json={}).is_success:
            pass


def _record(name: str, title: str, abstract: str) -> dict[str, object]:
    number = sum(map(ord, name))
    return {
        "title": title,
        "abstract": abstract.format(name=name, n=20 + number % 60),
        "authors": ["Ada Marsh", "Otto Reed"],
        "arxiv_id": f"2601.{number:05d}",
        "published": "2026-01-05",
        "upvotes": number % 50,
    }


@contextlib.contextmanager
def opened(folder: Path, *arguments: str, digest: str | None = None, config: str = CONFIG) -> Iterator[Desk]:
    """A desk that shows `digest`, else what the arguments name; it ends with the block."""
    folder.joinpath("config.toml").write_text(config, encoding="utf-8")
    named = []
    if digest is not None:
        folder.joinpath("papers.json").write_text(digest, encoding="utf-8")
        named = ["papers.json"]
    command = [*_PROGRAM, "preview", *named, "--port", "0", "--no-open", "--date", "2026-01-06", *arguments]
    said = folder / "stderr"
    with (
        said.open("w") as stderr,
        subprocess.Popen(
            command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process,
    ):
        try:
            assert process.stdout
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), said.read_text(encoding="utf-8")
            yield Desk(address, folder)
        finally:
            process.terminate()


_PROGRAM = (sys.executable, "-m", "newsletter")


def environment() -> dict[str, str]:
    """The tests' own checkout comes first, whatever is installed."""
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[1]), "USER": "ada", "LOGNAME": "ada"}
