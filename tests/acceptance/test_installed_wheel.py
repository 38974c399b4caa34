"""The wheel, installed outside the checkout, holds everything that an issue needs."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # The builder itself, without pip: it needs no network, and not every environment has pip.
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (wheel,) = folder.glob("newsletter-*.whl")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(folder / "site")
    return folder / "site"


def test_an_installed_newsletter_renders_the_sample(installed: Path, tmp_path: Path) -> None:
    code = "import newsletter, sys; sys.stdout.write(newsletter.__file__)"
    command = [sys.executable, "-m", "newsletter", "render", "--json"]

    where = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(installed))
    issue = json.loads(run(*command, cwd=tmp_path, PYTHONPATH=str(installed)))

    assert Path(where).is_relative_to(installed)
    assert len(issue["sections"]) == 4
    assert (tmp_path / "issue" / "issue.eml").is_file()


def test_an_installed_newsletter_writes_its_configuration_and_look(installed: Path, tmp_path: Path) -> None:
    written = run(sys.executable, "-m", "newsletter", "init", cwd=tmp_path, PYTHONPATH=str(installed))

    assert "wrote config.toml\n" in written
    assert (tmp_path / "templates" / "default" / "issue.mjml.j2").is_file()
    assert 'templates_dir = "templates"' in (tmp_path / "config.toml").read_text().splitlines()


def test_an_installed_newsletter_renders_and_copies_every_look(installed: Path, tmp_path: Path) -> None:
    def newsletter(*arguments: str) -> str:
        return run(sys.executable, "-m", "newsletter", *arguments, cwd=tmp_path, PYTHONPATH=str(installed))

    shipped = json.loads(newsletter("render", "--look", "compact", "--json"))
    newsletter("init", "--look", "compact")
    own = json.loads(newsletter("render", "--json"))

    assert shipped["html_bytes"] == own["html_bytes"] < 30_000
    assert (tmp_path / "templates" / "compact" / "words.j2").is_file()


def test_an_installed_newsletter_makes_its_store(installed: Path, tmp_path: Path) -> None:
    sample = installed / "newsletter" / "sample" / "daily-papers.txt"

    run(sys.executable, "-m", "newsletter", "ingest", sample, cwd=tmp_path, PYTHONPATH=str(installed))
    health = run(
        sys.executable, "-m", "newsletter", "db", "check", "--json", cwd=tmp_path, PYTHONPATH=str(installed)
    )

    counts = {name: count for name, count in json.loads(health)["counts"].items() if count}
    assert counts == {"papers": 23, "digests": 1, "sightings": 23}


def test_an_installed_newsletter_has_the_page_of_its_desk(installed: Path) -> None:
    page = installed / "newsletter" / "preview" / "page"

    assert {path.name for path in page.iterdir()} >= {"desk.html", "desk.css", "desk.js"}


def test_an_installed_newsletter_has_its_units_and_its_page_of_numbers(
    installed: Path, tmp_path: Path
) -> None:
    def newsletter(*arguments: str) -> str:
        return run(sys.executable, "-m", "newsletter", *arguments, cwd=tmp_path, PYTHONPATH=str(installed))

    tmp_path.joinpath("config.toml").write_text('[lists.weekly.schedule]\nevery = "day"\nat = "09:00"\n')
    newsletter("units", "--out", "units")
    newsletter("ingest", str(installed / "newsletter" / "sample" / "daily-papers.txt"))
    newsletter("stats", "--html", "numbers.html")
    made = json.loads(newsletter("tick", "--json"))

    names = {
        "newsletter.service",
        "newsletter-tick.service",
        "newsletter-tick.timer",
        "newsletter-worker.service",
    }
    assert {path.name for path in (tmp_path / "units").iterdir()} == names
    assert (tmp_path / "numbers.html").stat().st_size > 10_000
    assert made == []
