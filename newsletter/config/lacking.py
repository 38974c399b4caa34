"""What a schedule needs that the configuration does not say: told early, not when an issue should go."""

from collections.abc import Iterator

from newsletter.config.tables import Settings
from newsletter.model import Goes, Unapproved


def lacking(settings: Settings, slug: str) -> tuple[str, ...]:
    """What the issues of that list lack, each with the next step; () where there is no schedule."""
    found = settings.lists[slug].schedule
    return tuple(_lacking(settings, slug)) if found.rule() else ()


def _lacking(settings: Settings, slug: str) -> Iterator[str]:
    chosen = settings.lists[slug].schedule
    if not settings.sources:
        yield "no source is configured: an issue has what newsletter ingest brought in; add [[sources]]"
    carried = chosen.goes is not Goes.WRITE and settings.delivery.backend == "smtp"
    told = chosen.editor or settings.run.operator
    if not settings.smtp.host and (carried or told):
        yield "no mail server is configured, so that no mail can go; set smtp.host"
    if chosen.approval and not chosen.editor:
        yield f"nobody is told that a draft waits for approval; set lists.{slug}.schedule.editor"
    elif chosen.approval and not chosen.lead_hours and chosen.unapproved is not Unapproved.REMIND:
        yield f"nobody can approve a draft that is made when it goes; set lists.{slug}.schedule.lead_hours"
    elif not told:
        yield "nobody is told when something is wrong; set run.operator"
