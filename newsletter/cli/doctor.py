"""`newsletter doctor`: whether all is in order to send."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter import app, checkup_report, config, headway, terminal
from newsletter.cli import door, writing
from newsletter.config import Settings
from newsletter.diagnosis import Level
from newsletter.diagnosis.templates import Rendered
from newsletter.errors import NewsletterError
from newsletter.model import MailingList

if TYPE_CHECKING:
    from newsletter.checkup import Examined
    from newsletter.resolving import Resolver

commands = typer.Typer()

# Papers of the sample that fit no theme of a list, so that its look has something to show.
_TRENDING = 5
# What is found in the sample alone, whose links are invented.
_INVENTED = "link-host"
_NAMES = {"html": "issue.html", "text": "issue.txt", "eml": "issue.eml"}


@commands.command(rich_help_panel=door.READERS, epilog="Example: newsletter doctor --list weekly")
def doctor(
    *,
    list_slug: Annotated[
        str | None,
        typer.Option("--list", metavar="SLUG", help="Only this mailing list.", show_default="every one"),
    ] = None,
    no_network: Annotated[
        bool, typer.Option("--no-network", help="Ask neither the mail server nor the name system.")
    ] = False,
    dns: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The name server to ask.", show_default="this machine's")
    ] = "",
    config_path: door.Config = None,
    as_json: door.AsJson = False,
) -> None:
    """Check whether all is in order to send, and say what to do where it is not.

    Looks at the configuration, the looks, the database, the disk and the clock, your site, the mail server,
    and what the name system says of your domains (SPF, DKIM, DMARC, MX, PTR); then at what large receivers
    ask of bulk senders. Sends no mail and changes nothing. Exit status: 0 no problem, 1 a problem, 2 wrong
    configuration.
    """
    settings = app.load_settings(config_path)
    found = _examine(settings, config_path, list_slug, _resolver(dns, no_network=no_network))
    if as_json:
        door.print_json(checkup_report.examined_json(found))
    else:
        _show(found)
    if found.count(Level.PROBLEM):
        raise typer.Exit(1)


def _examine(
    settings: Settings, file: Path | None, slug: str | None, resolver: "Resolver | None"
) -> "Examined":
    from newsletter import checkup  # the database and the name system take as long to load as a render

    if file is None and app.DEFAULT_CONFIG.exists():
        file = app.DEFAULT_CONFIG
    lists = [config.mailing_list(settings, one) for one in ([slug] if slug else settings.lists)]
    looks = [_rendered(one, settings) for one in lists]
    with headway.of_checks("asking the network") as told:
        return checkup.examine(
            checkup.Request(settings, file, slug, resolver, app.utcnow), looks, progress=told
        )


def _resolver(dns: str, *, no_network: bool) -> "Resolver | None":
    if no_network:
        return None
    from newsletter import resolving

    return resolving.Resolver(dns)


def _rendered(list: MailingList, settings: Settings) -> Rendered:
    """What rendering the sample with the look of the list comes to; no source and no model is asked."""
    alone = settings.model_copy(update={"sources": ()})
    chosen = replace(list, trending_limit=max(list.trending_limit, _TRENDING))
    try:
        issue = app.draft(app.read_digests((), alone), list=chosen, on=app.utcnow().date())
        rendered, mail = writing.render(issue, settings)
    except NewsletterError as error:
        return Rendered(list.slug, list.look, trouble=str(error))
    checked = writing.check(rendered, mail, _NAMES, list=chosen)
    kept = tuple(finding for finding in checked.findings if finding.rule != _INVENTED)
    checked = replace(checked, findings=kept)
    way = config.preview_links(settings, list.slug, str(issue.date)).unsubscribe
    return Rendered(
        list.slug,
        list.look,
        mail_bytes=len(mail),
        errors=checked.count("error"),
        warnings=checked.count("warning"),
        way_out=all(way in body for body in (rendered.html, rendered.text)),
    )


def _show(found: "Examined") -> None:
    if terminal.watched():
        for table in checkup_report.checks_tables(found):
            terminal.show(table)
        terminal.show(checkup_report.rules_table(found))
        terminal.say(checkup_report.rules_text(found))
    else:
        terminal.show(checkup_report.checks_rows(found))
        terminal.show(checkup_report.rules_table(found))
    terminal.say(checkup_report.summary_text(found), err=True)
