"""Opens and writes everything: digests, looks, issues on disk; holds the only clock.

Translates what the operating system says into the project's own errors. Decides nothing about content.
Writing an issue is safe to repeat: each file is replaced whole, never left half written.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from importlib.resources import files
from pathlib import Path
from typing import Any

from newsletter import config, message, publish, rendering, sources
from newsletter.config import Settings
from newsletter.errors import ConfigError, DigestError, NewsletterError, NotFound
from newsletter.model import Digest, Issue, MailingList, ReaderLinks, RenderedIssue
from newsletter.rendering import Look

DEFAULT_CONFIG = Path("config.toml")
SAMPLE_NAME = "the bundled sample"
SAMPLE_NOTE = (
    "This issue is made from the bundled sample, and its papers are invented.\n\n"
    "For one of real papers, save a Daily Papers page as text and run: newsletter render page.txt --open"
)
# RFC 2606 keeps this domain free for examples, so that a preview is never delivered by accident.
PREVIEW_RECIPIENT = "Reader <reader@example.net>"


def utcnow() -> datetime:
    """The present moment, aware. The rest of the program is told the time."""
    return datetime.now(UTC)


def load_settings(path: Path | None) -> Settings:
    """The settings of `path`; without one those of ./config.toml, else the built-in ones."""
    if path is None and not DEFAULT_CONFIG.exists():
        return config.load(None)
    return config.load(path or DEFAULT_CONFIG)


def read_digests(paths: Sequence[Path], settings: Settings) -> tuple[Digest, ...]:
    """The digests of `paths`; without any those of the configured sources, else the bundled sample.

    Raises: DigestError for the first that cannot be read.
    """
    chosen = list(paths) or _configured(settings)
    if chosen:
        return tuple(_read_digest(path) for path in chosen)
    sample = files("newsletter").joinpath("sample", "daily-papers.txt").read_bytes()
    return (sources.parse(sample, SAMPLE_NAME),)


def read_labels(path: Path) -> str:
    """The text of a UTF-8 file of labels. Raises: DigestError where there is none."""
    try:
        return _read(path, what="file of labels").decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DigestError(str(path), "not UTF-8 text; save it as UTF-8") from error


def looks(settings: Settings) -> tuple[str, ...]:
    """The names of every look, the operator's own and the bundled ones."""
    roots = [root for root in (_bundled_looks(), settings.templates_dir) if root and root.is_dir()]
    names = {
        folder.name for root in roots for folder in root.iterdir() if (folder / "issue.mjml.j2").is_file()
    }
    return tuple(sorted(names))


def load_look(name: str, settings: Settings) -> Look:
    """The look of that name: the bundled files, each replaced by the operator's own where there is one.

    Raises: NotFound.
    """
    bundled = _look_files(_bundled_looks() / name)
    own = _look_files(settings.templates_dir / name) if settings.templates_dir else {}
    if not bundled and not own:
        raise NotFound(f"no look {name!r}; looks: {', '.join(looks(settings))}")
    return Look(name=name, files=bundled | own)


def draft(digests: Sequence[Digest], *, list: MailingList, on: date) -> Issue:
    """The issue made from these digests; one made from the bundled sample says so."""
    from_sample = any(digest.source == SAMPLE_NAME for digest in digests)
    issue = publish.draft(digests, list=list, on=on, note=SAMPLE_NOTE if from_sample else "")
    if not issue.sections:
        raise NewsletterError("no paper to show; raise trending_limit or choose other themes")
    return issue


def render(issue: Issue, look: Look, links: ReaderLinks) -> tuple[RenderedIssue, bytes]:
    """The issue as a preview reader gets it, and the whole mail that carries it."""
    rendered = rendering.render(issue, look=look, links=links)
    # Nine in the morning of the issue's day: the same issue gives the same bytes, whenever it is rendered.
    sent_at = datetime.combine(issue.date, time(9), UTC)
    mail = message.compose(
        rendered, list=issue.list, links=links, recipient=PREVIEW_RECIPIENT, sent_at=sent_at
    )
    return rendered, mail


def write_issue(out: Path, issue: Issue, rendered: RenderedIssue, mail: bytes) -> dict[str, Path]:
    """The files written to the folder `out`, by kind. Files of an earlier run are replaced."""
    contents = {
        "html": rendered.html.encode(),
        "text": rendered.text.encode(),
        "eml": mail,
        "json": as_json(asdict(issue)).encode(),
    }
    names = {kind: out / f"issue.{'txt' if kind == 'text' else kind}" for kind in contents}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for kind, path in names.items():
            _replace(path, contents[kind])
    except OSError as error:
        raise NewsletterError(f"{out}: cannot write the issue: {error.strerror}") from error
    return names


def init(folder: Path, look: str) -> tuple[list[Path], list[Path]]:
    """The files written to `folder`, and those left alone because they were already there."""
    written: list[Path] = []
    kept: list[Path] = []
    try:
        # The copy of the look is there to be edited, so the configuration beside it uses it.
        example = _shipped("config.example.toml", in_checkout="config.example.toml")
        text = example.read_text(encoding="utf-8")
        text = text.replace('# templates_dir = "templates"', 'templates_dir = "templates"')
        _write_new(folder / "config.toml", text, written, kept)
        for name, text in sorted(_look_files(_bundled_looks() / look).items()):
            _write_new(folder / "templates" / look / name, text, written, kept)
    except OSError as error:
        raise NewsletterError(f"{folder}: cannot write there: {error.strerror}") from error
    return written, kept


def as_json(values: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON for people and programs: indented, Unicode as it is, dates in ISO form."""
    return json.dumps(values, ensure_ascii=False, indent=2, default=str) + "\n"


def _configured(settings: Settings) -> list[Path]:
    found: list[Path] = []
    for source in settings.sources:
        pattern = Path(source.file)
        matches = sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))
        if not matches:
            raise ConfigError(
                f"sources: no file matches {source.file}; save a digest there, or edit the source"
            )
        found += matches
    return found


def _read_digest(path: Path) -> Digest:
    return sources.parse(_read(path), str(path))


def _read(path: Path, *, what: str = "saved digest") -> bytes:
    """At most one byte more than a digest may have, so that an endless file is refused and not read."""
    if str(path) == "-":
        return sys.stdin.buffer.read(sources.MAX_BYTES + 1)
    if not path.exists():
        raise DigestError(str(path), f"no such file; give the path of a {what}")
    if path.is_dir():
        raise DigestError(str(path), f"this is a folder; give the path of one {what}, or several")
    if not path.is_file():
        raise DigestError(str(path), f"not a regular file; give the path of a {what}, or pipe it in as -")
    try:
        with path.open("rb") as stream:
            return stream.read(sources.MAX_BYTES + 1)
    except OSError as error:
        raise DigestError(str(path), f"cannot be read: {error.strerror}") from error


def _bundled_looks() -> Path:
    return _shipped("_templates", in_checkout="templates")


def _shipped(name: str, *, in_checkout: str) -> Path:
    """A file or folder that stands beside the package in a checkout and inside of it once installed."""
    package = Path(__file__).parent
    installed = package / name
    return installed if installed.exists() else package.parent / in_checkout


def _look_files(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        return {}
    try:
        return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}
    except (OSError, UnicodeDecodeError) as error:
        raise NewsletterError(f"{folder}: cannot read this look: {error}") from error


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)


def _write_new(path: Path, text: str, written: list[Path], kept: list[Path]) -> None:
    if path.exists():
        kept.append(path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    written.append(path)
