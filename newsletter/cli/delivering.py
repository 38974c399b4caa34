"""`newsletter send`, `deliveries` and `status`: an issue on its way to its readers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter import app, headway, intake, publish, terminal
from newsletter.cli import door, writing
from newsletter.config import Settings
from newsletter.errors import ConfigError
from newsletter.model import DeliveryStatus

if TYPE_CHECKING:  # they take as long to load as a whole render, which needs none
    from newsletter.deliver import Progress
    from newsletter.dispatch import Dispatch, Sent
    from newsletter.model import Edition

commands = typer.Typer(
    no_args_is_help=True,
    help="What became of the mails of an issue; pause, resume, cancel, settle.",
    epilog="Example: newsletter deliveries list weekly/7",
)

Name = Annotated[
    str,
    typer.Argument(metavar="ISSUE", help="A list, for its last issue; or its number too: weekly/7."),
]


def send(
    name: Name,
    *,
    to: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Send one test mail there, to nobody else.", show_default=False),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say who would get what; send nothing.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until what was put off has gone, too.")] = False,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Send an approved issue to its readers, or a test mail with --to.

    Each reader gets it once, however often this is run, by one process or by several. After a crash it goes
    on; mails that may have arrived are listed, and not sent again by themselves. Ctrl-C ends what is under
    way and stops. Exit status: 0 everybody has it, 1 something is left, failed or not known.
    """
    settings = app.load_settings(config_path)
    if to is not None:
        _send_test(name, to, settings)
        return
    with app.open_dispatch(settings) as dispatch:
        edition = dispatch.find(name)
        if dry_run:
            _rehearse(dispatch, edition, as_json=as_json)
            return
        with headway.of_readers(f"{edition.name}: writing down its readers") as told:
            dispatch.enqueue(edition, progress=told)
        sent = _deliver(dispatch, edition, wait=wait)
    _tell(edition, sent, as_json=as_json)


def _send_test(name: str, to: str, settings: Settings) -> None:
    with app.open_desk(settings) as desk:
        seen = desk.look(desk.find(name, or_approved=True))
    _, mail = writing.render(seen.issue, settings, number=seen.edition.number)
    said = app.send_test(mail, to, settings)
    terminal.say(f"{seen.edition.name}: a test mail is on its way; {settings.smtp.host} said: {said}")


def _rehearse(dispatch: "Dispatch", edition: "Edition", *, as_json: bool) -> None:
    from newsletter import delivery_report

    readers, issue = dispatch.expected(edition), dispatch.content(edition)
    if as_json:
        door.print_json(delivery_report.expected_json(edition, readers))
        return
    shown = {themes: publish.themed(issue, themes) for themes in readers}
    terminal.show(delivery_report.expected_table(edition, readers, shown))
    if not readers:
        terminal.say(
            f"{edition.name}: nobody is to get it, or its readers are written down already", err=True
        )


def _deliver(dispatch: "Dispatch", edition: "Edition", *, wait: bool) -> "Sent":
    tally = dispatch.tally(edition)
    before = tally["recipients"] - tally["pending"] - tally["deferred"]
    with door.until_told() as stopping, headway.of_delivery(edition.name, tally["recipients"]) as told:

        def hear(run: "Progress") -> None:
            ended = run.sent + run.failed + run.unknown + run.skipped
            told(min(before + ended, tally["recipients"]), _in_words(run))

        return dispatch.send(edition, wait=wait, stopping=stopping, heard=hear)


def _in_words(run: "Progress") -> str:
    parts = [
        f"{number:,} {word}" for word, number in (("later", run.deferred), ("failed", run.failed)) if number
    ]
    parts += [f"{run.unknown:,} unknown"] * bool(run.unknown) + [run.trouble] * bool(run.trouble)
    return ", ".join(parts)


def _tell(edition: "Edition", sent: "Sent", *, as_json: bool) -> None:
    from newsletter import delivery_report

    if as_json:
        door.print_json(delivery_report.sent_json(edition, sent))
    else:
        typer.echo(delivery_report.sent_text(edition, sent))
    steps = delivery_report.next_steps(edition, sent, now=app.utcnow())
    for step in steps:
        terminal.say(step, err=True)
    if steps:
        raise typer.Exit(1)


@commands.command(name="list", epilog="Example: newsletter deliveries list weekly/7 --json")
def list_(
    name: Name,
    *,
    status: Annotated[
        list[DeliveryStatus] | None,
        typer.Option(help="Those of this status; may be repeated.", show_default="unknown and failed"),
    ] = None,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """List deliveries that are unknown or failed, by address and cause."""
    from newsletter import delivery_report

    wanted = status or [DeliveryStatus.UNKNOWN, DeliveryStatus.FAILED]
    with app.open_dispatch(app.load_settings(config_path)) as dispatch:
        edition = dispatch.find(name)
        rows = dispatch.listed(edition, wanted)
    if as_json:
        door.print_json(delivery_report.deliveries_json(edition, rows))
        return
    terminal.show(delivery_report.deliveries_table(rows))
    if any(row.status is DeliveryStatus.UNKNOWN for row in rows):
        settle = f"newsletter deliveries resolve {edition.name}"
        terminal.say(f"settle what is unknown with: {settle} --assume-sent, --resend or --log FILE", err=True)
    elif not rows:
        terminal.say(f"{edition.name}: no delivery is {' or '.join(wanted)}", err=True)


@commands.command(epilog="Example: newsletter deliveries resolve weekly/7 --log /var/log/mail.log")
def resolve(
    name: Name,
    addresses: Annotated[
        list[str] | None,
        typer.Argument(metavar="ADDRESS", help="Of these readers only.", show_default="all of them"),
    ] = None,
    *,
    resend: Annotated[bool, typer.Option("--resend", help="Let them go again, the same bytes.")] = False,
    assume_sent: Annotated[bool, typer.Option("--assume-sent", help="Take them for sent.")] = False,
    log: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A log of the Postfix they went to: what it took counts as sent, the rest goes again.",
            show_default=False,
        ),
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Those that failed, with --resend.")] = False,
    config_path: door.Config = None,
) -> None:
    """Settle deliveries that are unknown: the mail may have arrived, and nobody answered."""
    if sum((resend, assume_sent, log is not None)) != 1 or (failed and not resend):
        raise ConfigError("say one of --resend, --assume-sent and --log FILE; --failed goes with --resend")
    with app.open_dispatch(app.load_settings(config_path)) as dispatch:
        edition = dispatch.find(name)
        if log is not None:
            sent, again = dispatch.reconcile(edition, intake.read_lines(log, what="log"))
            said = f"{sent:,} had arrived, {again:,} go again"
        else:
            settled = dispatch.settle(edition, resend=resend, addresses=addresses or (), failed=failed)
            again = settled if resend else 0
            said = f"{settled:,} {'go again' if resend else 'count as sent'}"
    terminal.say(f"{edition.name}: {said}")
    if again:
        terminal.say(f"next: newsletter send {edition.name}", err=True)


@commands.command(epilog="Example: newsletter deliveries pause weekly/7")
def pause(name: Name, *, config_path: door.Config = None) -> None:
    """Halt an issue under way; mails that have begun still end."""
    _steer(name, "paused", config_path)


@commands.command(epilog="Example: newsletter deliveries resume weekly/7")
def resume(name: Name, *, config_path: door.Config = None) -> None:
    """Let an issue go on that was paused or stopped itself."""
    _steer(name, "running", config_path)


@commands.command(epilog="Example: newsletter deliveries cancel weekly/7")
def cancel(name: Name, *, config_path: door.Config = None) -> None:
    """Let nothing more of an issue go, for good; who has it, has it."""
    _steer(name, "cancelled", config_path)


def _steer(name: str, to: str, config_path: Path | None) -> None:
    from newsletter.store.sendings import State

    with app.open_dispatch(app.load_settings(config_path)) as dispatch:
        edition = dispatch.find(name)
        now, skipped = dispatch.steer(edition, State(to))
    rest = f", {skipped:,} readers do not get it" if skipped else ""
    terminal.say(f"{edition.name}: {to}{rest}" if now else f"{edition.name}: {to} already; nothing to do")


def status(*, config_path: door.Config = None, as_json: door.AsJson = False) -> None:
    """Show what is due, under way or stuck, what to do about it, and which processes are there for it."""
    from newsletter import delivery_report

    with app.open_dispatch(app.load_settings(config_path)) as dispatch:
        standing, workers, letters = dispatch.standing(), dispatch.workers(), dispatch.letters()
        held, processes, now = dispatch.held(), dispatch.processes(), dispatch.clock()
    if held:
        terminal.say(f"warning: nothing goes: {held}", err=True)
    if as_json:
        door.print_json(
            delivery_report.standing_json(standing, workers, processes, letters=letters, held=held)
        )
        return
    at_work = any(not gone for _, gone in workers) or any(not one.gone for one in processes)
    terminal.show(delivery_report.standing_table(standing, at_work=at_work, now=now))
    if not standing:
        terminal.say("no issue yet; make one with: newsletter draft", err=True)
    terminal.show(delivery_report.processes_table(processes, workers, now=now))
    if letters:
        terminal.say(f"{letters:,} letters wait for the mail server; newsletter web sends them")
