"""Judging papers for a theme, key by key: the beginning of a file of labels.

Every judgement is written and flushed before the next paper is shown, so that whatever ends the command loses
nothing. Only lines that this run wrote are ever taken back.
"""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from newsletter import app, evaluation, identity, intake, labelling, report, selection, terminal
from newsletter.cli import door
from newsletter.errors import ConfigError, NewsletterError
from newsletter.labelling import Answer, Question, Session
from newsletter.model import Theme

commands = typer.Typer()

_KEYS = "y yes, n no, m maybe, s skip, u undo, q quit"


@commands.command(
    rich_help_panel=door.THEMES,
    epilog="Example: newsletter label daily-papers.txt --theme kv-cache --most 20",
)
def label(
    digests: door.Digests = None,
    *,
    list_slug: door.ListSlug = None,
    themes: door.Themes = None,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="Where the labels are; new ones are added.")
    ] = Path("labels.jsonl"),
    most: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="The most papers to ask about a theme.", show_default="all"),
    ] = None,
    config_path: door.Config = None,
) -> None:
    """Judge paper by paper whether it belongs to a theme.

    newsletter eval measures the theme by that. Keys: y yes, n no, m maybe, s skip, u undo the last judgement,
    q quit. Asks first where the theme is least sure, and never about a paper that has a label. Without a
    digest: about what the configured sources hold, else the bundled sample. Without --theme: every theme of
    the list in turn. Where standard input is no terminal, one answer a line is read from it.
    """
    if "-" in (digests or ()):
        raise ConfigError("label reads answers from standard input; name the file of the digest")
    settings = app.load_settings(config_path)
    chosen = door.mailing_list(settings, list_slug, themes)
    papers = identity.merge(app.read_digests(digests or [], settings))
    known = evaluation.read_labels(intake.read_labels(out), str(out)) if out.exists() else ()
    matches = selection.match_all(papers, chosen.themes)
    with _opened(out) as labels:
        for at, theme in enumerate(chosen.themes):
            asked = labelling.questions(papers, [row[at] for row in matches], theme, known, most)
            if not asked:
                terminal.say(f"{theme.title}: nothing left to ask, every paper has its label in {out}")
            elif not _ask_all(Session(asked), theme, labels):
                break
    terminal.say(f"next: {shlex.join(['newsletter', 'eval', str(out), *(digests or ())])}", err=True)


def _ask_all(session: Session, theme: Theme, labels: "_Labels") -> bool:
    """Whether a person went through all the questions about a theme; False where it was enough."""
    answer: Answer | None = None
    try:
        while session.current and answer is not Answer.QUIT:
            answer = _ask(session.current, theme, session.progress)
            _act(answer, session, labels)
    except KeyboardInterrupt:
        answer = Answer.QUIT
        typer.echo("")
    yes, no, maybe = (session.count(one) for one in (Answer.YES, Answer.NO, Answer.MAYBE))
    terminal.say(f"{theme.title}: {yes} yes, {no} no, {maybe} maybe added to {labels.path}")
    return answer is not Answer.QUIT


def _act(answer: Answer, session: Session, labels: "_Labels") -> None:
    if answer is Answer.QUIT:
        return
    if answer is Answer.UNDO:
        if session.undo():
            labels.take_back()
        else:
            terminal.say("nothing to undo: this run has judged no paper of this theme", err=True)
        return
    if session.current and answer in labelling.GRADES:
        labels.add(labelling.record(session.current, labelling.GRADES[answer]))
    session.take(answer)


def _ask(question: Question, theme: Theme, progress: str) -> Answer:
    """The answer of a person, who is asked again until it is one."""
    paper, match = question.paper, question.match
    terminal.show_heading(f"{theme.title}: {progress}")
    terminal.show_text(report.marked_field(paper, "title", match))
    terminal.show_text(
        f"score {match.score:.2f}, a member from {theme.threshold:.2f}: "
        f"{report.evidence_text(match.evidence, paper) or 'no phrase'}"
    )
    typer.echo("")
    terminal.show_text(report.marked_field(paper, "abstract", match) if paper.abstract else "(no abstract)")
    typer.echo("")
    while True:
        typer.echo(f"Does it belong? {_KEYS}: ", nl=False)
        answer = labelling.parse(_typed())
        typer.echo(answer.name.lower() if answer else "")
        if answer:
            return answer
        terminal.say(f"write one of: {_KEYS}", err=True)


def _typed() -> str:
    """One key of a terminal, or one line of what stands for it; its end is a wish to quit."""
    if not sys.stdin.isatty():
        return sys.stdin.readline() or Answer.QUIT
    try:
        return typer.getchar()
    except EOFError:
        return Answer.QUIT


class _Labels:
    """A file of labels that grows by a line at a time."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        # Where each line of this run begins and ends.
        self._written: list[tuple[int, int]] = []

    def add(self, line: str) -> None:
        """Writes a line, which is on its way to the disk when this returns."""
        start = self._file.seek(0, 2)
        if start:
            self._file.seek(start - 1)
            line = line if self._file.read(1) == b"\n" else f"\n{line}"
        self._file.write(line.encode())
        self._file.flush()
        self._written.append((start, self._file.seek(0, 2)))

    def take_back(self) -> None:
        """Removes the last line of this run; not where something else was written after it."""
        start, end = self._written.pop()
        if self._file.seek(0, 2) != end:
            raise NewsletterError(
                f"{self.path}: changed by another program; correct the last judgement there"
            )
        self._file.truncate(start)


@contextmanager
def _opened(path: Path) -> Iterator[_Labels]:
    try:
        with path.open("a+b") as file:
            yield _Labels(path, file)
    except OSError as error:
        raise NewsletterError(f"{path}: cannot write labels there: {error.strerror}") from error
