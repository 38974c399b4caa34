"""A folder of files of ours, and whatever else is in it."""

import json
from pathlib import Path

import pytest

from newsletter import folder
from newsletter.errors import NewsletterError


def keep(out: Path, *names: str, content: str = "x", **values: str) -> folder.Kept:
    return folder.keep(out, names, lambda name: f"{content} {name}".encode(), **values)  # type: ignore[arg-type]


def names(out: Path) -> list[str]:
    found = (str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    return sorted(name for name in found if name != folder.LIST)


def test_files_are_written_once_and_what_is_the_same_is_left_alone(tmp_path: Path) -> None:
    assert keep(tmp_path / "out", "a/index.html", "b").written == ("a/index.html", "b")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}

    again = keep(tmp_path / "out", "a/index.html", "b")

    assert (again.written, again.unchanged, again.removed) == ((), ("a/index.html", "b"), ())
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before


def test_what_is_no_longer_wanted_goes_with_its_folder_and_what_others_wrote_stays(tmp_path: Path) -> None:
    keep(tmp_path, "a/1/index.html", "a/2/index.html", "b")
    (tmp_path / "a/2/mine.txt").write_text("mine")
    (tmp_path / "CNAME").write_text("news.example.org")

    assert keep(tmp_path, "b").removed == ("a/1/index.html", "a/2/index.html")

    assert names(tmp_path) == ["CNAME", "a/2/mine.txt", "b"]
    assert not (tmp_path / "a/1").exists()


def test_a_file_of_somebody_else_is_not_overwritten_and_nothing_is_begun(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")

    with pytest.raises(NewsletterError, match=r"index\.html: was not written by newsletter"):
        keep(tmp_path, "a", "index.html")

    assert names(tmp_path) == ["index.html"]


def test_what_stands_outside_of_what_is_built_is_left(tmp_path: Path) -> None:
    keep(tmp_path, "weekly/1", "weekly/2", "monthly/1")

    assert keep(tmp_path, "weekly/2", within="weekly/").removed == ("weekly/1",)
    assert keep(tmp_path, "weekly/2").removed == ("monthly/1",)


def test_a_list_of_files_that_names_others_takes_nothing_away_there(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("x")
    out = tmp_path / "out"
    out.mkdir()
    (out / "linked").symlink_to(elsewhere)
    listed = ["../elsewhere/kept", str(elsewhere / "kept"), "linked/kept", "", "a/../../elsewhere/kept"]
    (out / folder.LIST).write_text(json.dumps({"files": listed}))

    assert keep(out, "a").removed == ()
    assert (elsewhere / "kept").read_text() == "x"


@pytest.mark.parametrize("listed", ["", "[]", "{}", '{"files": 1}', '{"files": [1]}', "\x00"])
def test_a_broken_list_of_files_is_told_and_nothing_is_done(tmp_path: Path, listed: str) -> None:
    (tmp_path / folder.LIST).write_text(listed)

    with pytest.raises(NewsletterError, match="empty the folder"):
        keep(tmp_path, "a")
    assert names(tmp_path) == []


def test_who_dies_in_between_is_taken_up_by_the_next(tmp_path: Path) -> None:
    keep(tmp_path, "a", "b")

    def dies(name: str) -> bytes:
        if name == "c":
            raise KeyboardInterrupt
        return b"new"

    with pytest.raises(KeyboardInterrupt):
        folder.keep(tmp_path, ["d", "c"], dies)

    assert names(tmp_path) == ["a", "b", "d"]
    assert keep(tmp_path, "c").removed == ("a", "b", "d")
    assert names(tmp_path) == ["c"]


def test_where_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(NewsletterError, match="cannot write there"):
        keep(tmp_path / "file", "a")
    keep(tmp_path, "a")
    (tmp_path / "a").unlink()
    (tmp_path / "a").mkdir()
    with pytest.raises(NewsletterError, match="cannot write there"):
        keep(tmp_path, "a")
