"""`newsletter bounces`: what comes back by mail."""

import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter import app, bounces_report, headway, incoming, mailboxes, terminal
from newsletter.cli import door
from newsletter.config import Settings
from newsletter.errors import ConfigError, NewsletterError
from newsletter.model import BounceKind

if TYPE_CHECKING:
    from newsletter.mailroom import Mailroom, Taken

commands = typer.Typer(
    no_args_is_help=True,
    help="What comes back by mail: readers who leave, delivery reports, complaints.",
    epilog="Example: newsletter bounces import /var/mail/bounce",
)

_STDIN = Path("-")
# EX_TEMPFAIL of sysexits.h: a mail server keeps the mail and tries again. After any other status that is not
# 0 it would send the mail back to the reader who wants to leave.
_TRY_AGAIN = 75


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
    imap: Annotated[
        bool, typer.Option("--imap", help="Read the mailbox of \\[bounces] too, by IMAP.")
    ] = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Take in what came back: readers who leave, delivery reports and complaints.

    Who leaves or complains is taken off the list. An address that is gone, or that was full three times in a
    row, is written to no more, nor is one whose reader complained of a mail that the report has the token of.
    Doing it again changes nothing, and nobody is answered.

    Of a Maildir or by IMAP the new mails are read, and those that are done with are marked as seen. What is
    none of ours is counted, and stays where it is. Exit status: 0 done, 1 a mailbox could not be read, 2
    wrong usage; for a mail on standard input 75 whenever it was not taken in, so that a mail server tries it
    again.
    """
    chosen = files or ([] if imap else [_STDIN])
    if chosen == [_STDIN] and not files and sys.stdin.isatty():
        raise typer.BadParameter("name a mail, an mbox or a Maildir, or send a mail to standard input")
    try:
        taken, failed = _take(app.load_settings(config_path), chosen, imap=imap)
    except NewsletterError as error:
        if _STDIN not in chosen:
            raise
        terminal.say(f"error: {error}", err=True)
        raise typer.Exit(_TRY_AGAIN) from error
    _tell(taken, as_json=as_json)
    if failed:
        raise typer.Exit(1)


@commands.command(name="list", epilog="Example: newsletter bounces list --kind policy --days 7")
def list_(
    *,
    kind: Annotated[
        BounceKind | None, typer.Option(help="Only of this kind.", show_default="every kind")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=10_000, help="Of the last so many days.")] = 30,
    addresses: Annotated[
        bool, typer.Option("--addresses", help="Each by itself, with the reader's address.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many rows.")] = 50,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """List what came back, those that are alike together: how many, why, and when the last one came.

    hard: there is no such mailbox. soft: it takes nothing now. policy: the mail was not wanted there, for
    what it says or where it comes from. complaint: its reader called it spam.
    """
    from newsletter.subscribe import bouncing

    since = app.utcnow() - timedelta(days=days)
    with app.open_store(app.load_settings(config_path), create=False) as database:
        found, number = bouncing.came_back(database, since=since, kind=kind, each=addresses, most=limit)
    if as_json:
        door.print_json(bounces_report.came_json(found, each=addresses))
    else:
        terminal.show(bounces_report.came_table(found, each=addresses))
    if number > len(found):
        terminal.say(f"{number - len(found):,} more; --limit {number} shows all", err=True)
    if not number:
        terminal.say(f"nothing came back in the last {days} days", err=True)


def _take(settings: Settings, places: Sequence[Path], *, imap: bool) -> tuple["Taken", bool]:
    """What the mails of all places came to, and whether one of the places could not be read."""
    with app.open_mailroom(settings) as room:
        failed = _take_all(room, places)
        failed = (imap and _take_imap(room, settings)) or failed
        return room.taken, failed


def _tell(taken: "Taken", *, as_json: bool) -> None:
    if as_json:
        door.print_json(bounces_report.taken_json(taken))
    else:
        typer.echo(bounces_report.taken_text(taken))
    if alarm := bounces_report.alarm(taken.reports):
        terminal.say(alarm, err=True)


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


def _take_imap(room: "Mailroom", settings: Settings) -> bool:
    """Take in the mails of the configured mailbox, and whether it could not be read; that is told."""
    try:
        with (
            app.open_mailbox(settings) as mails,
            headway.of_mails(settings.bounces.imap_host, len(mails)) as told,
        ):
            room.empty(mails, progress=told)
    except ConfigError:
        raise
    except NewsletterError as error:
        terminal.say(f"error: {error}", err=True)
        return True
    return False
