"""`newsletter subscribers`: the people, one at a time and in numbers."""

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter import app, people_report, terminal
from newsletter.cli import door, readers, roster
from newsletter.config import Settings
from newsletter.errors import ConfigError, NewsletterError
from newsletter.model import (
    Cadence,
    Choice,
    MailingList,
    Recipient,
    SuppressionReason,
    Way,
)

if TYPE_CHECKING:  # it takes as long to load as a whole render, which needs none
    from newsletter import store
    from newsletter.subscribe import Person

commands = typer.Typer(
    no_args_is_help=True,
    help="The readers: add, import, export, look, remove, forget.",
    epilog='Example: newsletter subscribers add ada@example.org --consent "signed the sheet of 24 Nov 2026"',
)

commands.command(
    name="import",
    epilog='Example: newsletter subscribers import people.csv --consent "sign-up sheet, May 2026"',
)(roster.import_)
commands.command(epilog="Example: newsletter subscribers export --list weekly --out people.csv")(
    roster.export
)


@commands.command(
    epilog='Example: newsletter subscribers add ada@example.org --consent "by mail, 24 Nov 2026"'
)
def add(
    address: readers.Address,
    *,
    list_slug: readers.OneList = None,
    themes: Annotated[
        list[str] | None,
        typer.Option(
            "--theme", metavar="SLUG", help="Only this theme; may be repeated.", show_default="every theme"
        ),
    ] = None,
    cadence: Annotated[Cadence, typer.Option(help="Every issue, or a recap of each month.")] = Cadence.ISSUE,
    consent: readers.ConsentText = "",
    lift: Annotated[
        bool, typer.Option("--lift", help="Take a bounce or an erasure off the address first.")
    ] = False,
    lift_complaint: Annotated[
        bool, typer.Option("--lift-complaint", help="Take a complaint off it: they called our mail spam.")
    ] = False,
    config_path: door.Config = None,
) -> None:
    """Subscribe somebody who agreed to it elsewhere.

    Who left the list can only come back by themselves.
    """
    from newsletter import subscribe

    settings = app.load_settings(config_path)
    who, chosen = readers.recipient(address), readers.one_list(settings, list_slug)
    choice, slug = _choice(chosen, themes or [], cadence), chosen.slug
    words = readers.agreed(consent)
    with app.open_store(settings, honour=True) as database:
        if lift or lift_complaint:
            _lift(database, who, complaint=lift_complaint)
        joined = subscribe.add(
            database, who, choice, list=slug, wording=words, way=Way.OPERATOR, now=app.utcnow()
        )
        if joined not in (subscribe.Joined.ADDED, subscribe.Joined.KNOWN):
            raise NewsletterError(_refusal(subscribe.person(database, who), slug, settings))
    added = joined is subscribe.Joined.ADDED
    terminal.say(f"{who.address}: on {slug} {'from now on' if added else 'already; nothing was changed'}")


@commands.command(
    name="list", epilog="Example: newsletter subscribers list --status confirmed --like @example.org"
)
def list_(
    *,
    list_slug: readers.AnyList = None,
    status: readers.Status = None,
    theme: Annotated[
        str | None,
        typer.Option(metavar="SLUG", help="Only who gets this theme.", show_default="whatever they chose"),
    ] = None,
    like: Annotated[
        str, typer.Option(metavar="TEXT", help="Only addresses with this in them.", show_default=False)
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many.")] = 50,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """List subscriptions, the newest first. With --json, one object a line."""
    from newsletter import subscribe
    from newsletter.roster import json_lines

    settings = app.load_settings(config_path)
    readers.known_list(settings, list_slug)
    which = subscribe.Which(list_slug, status, theme, like)
    with app.open_store(settings, create=False, honour=True) as database:
        found, number = subscribe.newest(database, which, most=limit)
    if as_json:
        for text in json_lines(found):
            typer.echo(text, nl=False)
    else:
        terminal.show(people_report.subscriptions_table(found))
    if number > len(found):
        more = f"{number - len(found):,} more; --limit {number} shows all, newsletter subscribers export too"
        terminal.say(more, err=True)
    if not number:
        terminal.say("nobody; newsletter subscribers add or import brings readers in", err=True)


@commands.command(epilog="Example: newsletter subscribers show ada@example.org --json")
def show(address: readers.Address, *, config_path: door.Config = None, as_json: door.AsJson = False) -> None:
    """Show everything that is stored about a person; --json is their copy of it (GDPR, article 15)."""
    from newsletter import subscribe

    person = _person(address, app.load_settings(config_path))
    if as_json:
        door.print_json(subscribe.as_data(person))
    elif person.known:
        for rows in people_report.person_tables(person):
            terminal.show(rows)
    if not person.known:
        raise NewsletterError(_unknown(person))


@commands.command(epilog="Example: newsletter subscribers history ada@example.org")
def history(
    address: readers.Address, *, config_path: door.Config = None, as_json: door.AsJson = False
) -> None:
    """Show the consent log of a person: who said what, when and how."""
    from newsletter import subscribe

    person = _person(address, app.load_settings(config_path))
    if as_json:
        door.print_json({name: subscribe.as_data(person)[name] for name in ("address", "consents")})
    else:
        terminal.show(people_report.consents_table(person.consents))
    if not person.consents:
        raise NewsletterError(_unknown(person))


@commands.command(epilog="Example: newsletter subscribers remove ada@example.org --list weekly")
def remove(
    address: readers.Address, *, list_slug: readers.AnyList = None, config_path: door.Config = None
) -> None:
    """End the subscriptions of a person, of one list or of all; they can come back by themselves."""
    from newsletter import subscribe

    settings = app.load_settings(config_path)
    who = readers.recipient(address)
    readers.known_list(settings, list_slug)
    with app.open_store(settings, create=False, honour=True) as database:
        left = subscribe.remove(database, who, list=list_slug, now=app.utcnow())
    if not left:
        raise NewsletterError(f"{who.address}: not on {list_slug or 'any list'}; nothing was changed")
    terminal.say(f"{who.address}: off {', '.join(left)}")


@commands.command(epilog="Example: newsletter subscribers erase ada@example.org")
def erase(
    address: readers.Address,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config_path: door.Config = None,
) -> None:
    """Forget a person for good: subscriptions, choices, letters, consent log.

    What stays is a salted hash of the address, so that no import brings it back.
    """
    from newsletter import subscribe

    settings = app.load_settings(config_path)
    who = readers.recipient(address)
    if not yes:
        if not sys.stdin.isatty():
            raise ConfigError("this cannot be undone; type the address at a terminal, or say --yes")
        if typer.prompt("This cannot be undone. Type the address once more").strip().lower() != who.folded:
            raise NewsletterError("another address; nothing was changed")
    with app.open_store(settings, honour=True) as database:
        known = subscribe.erase(database, who, now=app.utcnow())
    said = "forgotten" if known else "nothing was known of it"
    terminal.say(f"{who.address}: {said}")
    terminal.say(
        "a salted hash of the address stays, so that no import brings it back; backups and exports of yours, "
        "and your mail server's log, are yours to clear",
        err=True,
    )


@commands.command(epilog="Example: newsletter subscribers stats --list weekly --weeks 12")
def stats(
    *,
    list_slug: readers.AnyList = None,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="The last so many weeks.")] = 26,
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Count readers: by list, week by week, by theme and cadence, and who left soon.

    `newsletter stats` has the issues beside them, and a page with plots.
    """
    from newsletter import stats_report, subscribe

    settings = app.load_settings(config_path)
    readers.known_list(settings, list_slug)
    with app.open_store(settings, create=False, honour=True) as database:
        found = subscribe.stats(database, list=list_slug, weeks=weeks, now=app.utcnow())
    if as_json:
        door.print_json(stats_report.readers_json(found))
        return
    for rows in stats_report.readers_tables(found, bars=terminal.watched()):
        terminal.show(rows)


def _choice(chosen: MailingList, themes: list[str], cadence: Cadence) -> Choice:
    offered = [theme.slug for theme in chosen.themes]
    for slug in themes:
        if slug not in offered:
            raise ConfigError(f"--theme: no theme {slug!r} in {chosen.slug}; it has {', '.join(offered)}")
    return Choice.among(offered, themes, cadence)


def _lift(database: "store.Engine", who: Recipient, *, complaint: bool) -> None:
    from newsletter import subscribe

    found = subscribe.person(database, who).suppression
    if found is None:
        return
    if found.reason is SuppressionReason.COMPLAINT and not complaint:
        problem = f"{who.address}: they called our mail spam, {_day(found.at)}"
        raise NewsletterError(f"{problem}; --lift-complaint only if they have asked you for it since")
    subscribe.lift(database, who, now=app.utcnow())
    terminal.say(f"{who.address}: may be written to again ({found.reason} of {_day(found.at)})", err=True)


def _refusal(person: "Person", slug: str, settings: Settings) -> str:
    if found := person.suppression:
        flag = "--lift-complaint" if found.reason is SuppressionReason.COMPLAINT else "--lift"
        why = {
            SuppressionReason.BOUNCE: "mails to it came back (see: subscribers show); if it is there now",
            SuppressionReason.COMPLAINT: "its owner called our mail spam; if they have asked for it since",
            SuppressionReason.ERASED: "its owner asked to be forgotten; if they have asked for it since",
        }[found.reason]
        return f"{person.address}: must not be written to, since {_day(found.at)}: {why}: {flag}"
    left = next((one.left_at for one in person.subscriptions if one.list == slug), None)
    when = f" on {_day(left)}" if left else ""
    place = f", at {settings.base_url}/{slug}/subscribe" if settings.lists[slug].public else ""
    return f"{person.address}: left {slug}{when}; only they can come back{place}"


def _person(address: str, settings: Settings) -> "Person":
    from newsletter import subscribe

    who = readers.recipient(address)
    with app.open_store(settings, create=False, honour=True) as database:
        return subscribe.person(database, who)


def _unknown(person: "Person") -> str:
    if person.suppression:
        what = f"known by a salted hash alone: {person.suppression.reason}, {_day(person.suppression.at)}"
        return f"{person.address}: {what}; it is not written to"
    return (
        f"{person.address}: not known; newsletter subscribers list --like TEXT looks for a part of an address"
    )


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
