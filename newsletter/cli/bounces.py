"""`newsletter bounces`: what comes back by mail."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter import app, headway, incoming, mailboxes, report, terminal
from newsletter.cli import door
from newsletter.errors import NewsletterError

if TYPE_CHECKING:
    from newsletter.mailroom import Mailroom

commands = typer.Typer(
    no_args_is_help=True,
    help="Take in what comes back by mail: readers who leave.",
    epilog="Example: newsletter bounces import /var/mail/leave",
)

_STDIN = Path("-")
# EX_TEMPFAIL of sysexits.h: a mail server keeps the mail and tries again. After any other status that is not
# 0 it would send the mail back to the reader who wants to leave.
_TRY_AGAIN = 75


@commands.callback()
def _bounces() -> None:
    """Keep `import` a command of its own."""


@commands.command(name="import", epilog="Example: newsletter bounces import ~/Maildir --json")
def import_(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FILE",
            help="Mails (.eml), mbox files or Maildir folders; - reads one mail from standard input.",
            show_default="-",
        ),
    ] = None,
    *,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Take readers off who left by mail. Needs no web server; doing it again changes nothing.

    Of a Maildir the new mails are read, and those that are done with are marked as seen. Nobody is answered.
    What is no leaving is counted, and stays where it is if a person should see it. Exit status: 0 done, 1 a
    mailbox could not be read, 2 wrong usage; for a mail on standard input 75 whenever it was not taken in, so
    that a mail server tries it again.
    """
    chosen = files or [_STDIN]
    if chosen == [_STDIN] and not files and sys.stdin.isatty():
        raise typer.BadParameter("name a mail, an mbox or a Maildir, or send a mail to standard input")
    try:
        with app.open_mailroom(app.load_settings(config_path)) as room:
            failed = _take_all(room, chosen)
            taken = room.taken
    except NewsletterError as error:
        if _STDIN not in chosen:
            raise
        terminal.say(f"error: {error}", err=True)
        raise typer.Exit(_TRY_AGAIN) from error
    if as_json:
        door.print_json(report.taken_json(taken))
    else:
        typer.echo(report.taken_text(taken))
    if failed:
        raise typer.Exit(1)


def _take_all(room: "Mailroom", places: Sequence[Path]) -> bool:
    """Take in the mails of each place, and whether one could not be read; that is told."""
    failed = False
    for place in places:
        if place == _STDIN:
            room.take(mailboxes.drained(sys.stdin.buffer, most=incoming.MOST_BYTES))
            continue
        try:
            mails = mailboxes.find(place)
            with headway.of_mails(str(place), len(mails)) as told:
                room.empty(mails, progress=told)
        except NewsletterError as error:
            terminal.say(f"error: {error}", err=True)
            failed = True
    return failed
