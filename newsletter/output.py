"""Writes everything: the files of an issue, a folder to begin with, JSON.

Translates what the operating system says into the project's own errors. Writing an issue is safe to repeat:
each file is replaced whole, never left half written.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from newsletter import citations, frozen, look_folders
from newsletter.errors import NewsletterError
from newsletter.folder import replace
from newsletter.model import Issue, RenderedIssue


def write_issue(out: Path, issue: Issue, rendered: RenderedIssue, mail: bytes) -> dict[str, Path]:
    """The files written to the folder `out`, by kind. Files of an earlier run are replaced."""
    contents = {
        "html": rendered.html.encode(),
        "text": rendered.text.encode(),
        "eml": mail,
        "json": as_json(frozen.as_data(issue)).encode(),
        **{form: text_of(issue).encode() for form, text_of in citations.FORMS.items()},
    }
    names = {kind: out / f"issue.{'txt' if kind == 'text' else kind}" for kind in contents}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for kind, path in names.items():
            replace(path, [contents[kind]])
    except OSError as error:
        raise NewsletterError(f"{out}: cannot write the issue: {error.strerror}") from error
    return names


def init(folder: Path, name: str) -> tuple[list[Path], list[Path]]:
    """The files written to `folder`, and those left alone because they were already there.

    A configuration is given a key of its own for readers' links, and nobody else may read it.
    name: the bundled look that is copied, with all files it is made of. Raises: NotFound.
    """
    written: list[Path] = []
    kept: list[Path] = []
    look = look_folders.load(name, bundled=look_folders.shipped_looks(), own=None)
    try:
        # The copy of the look is there to be edited, so the configuration beside it uses it.
        example = look_folders.shipped("config.example.toml", in_checkout="config.example.toml")
        text = example.read_text(encoding="utf-8")
        text = text.replace('# templates_dir = "templates"', 'templates_dir = "templates"')
        text = text.replace('look = "default"', f'look = "{name}"')
        text = text.replace("secret_keys = []", f'secret_keys = ["{secrets.token_urlsafe(32)}"]')
        # Whoever reads it can sign links as readers have them.
        _write_new(folder / "config.toml", text, written, kept, mode=0o600)
        for file in look_folders.used(look):
            _write_new(folder / "templates" / name / file, look.files[file], written, kept)
    except OSError as error:
        raise NewsletterError(f"{folder}: cannot write there: {error.strerror}") from error
    return written, kept


def write_private(path: Path, texts: Iterable[str]) -> None:
    """Write a file that nobody else on the machine reads; it stands there whole, or as it was before.

    Raises: NewsletterError.
    """
    try:
        replace(path, map(str.encode, texts), mode=0o600)
    except OSError as error:
        raise NewsletterError(f"{path}: cannot be written: {error.strerror}") from error


def write_page(path: Path, text: str) -> None:
    """Write a page; it stands there whole, or as it was before. Raises: NewsletterError."""
    try:
        replace(path, [text.encode()])
    except OSError as error:
        raise NewsletterError(f"{path}: cannot be written: {error.strerror}") from error


def as_json(values: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON for people and programs: indented, Unicode as it is, dates in ISO form."""
    return json.dumps(values, ensure_ascii=False, indent=2, default=str) + "\n"


def _write_new(
    path: Path, text: str, written: list[Path], kept: list[Path], *, mode: int | None = None
) -> None:
    """mode: who may read it, from the first byte on; None for whatever is usual."""
    if path.exists():
        kept.append(path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if mode is not None:
        path.touch(mode=mode)
    path.write_text(text, encoding="utf-8")
    written.append(path)
