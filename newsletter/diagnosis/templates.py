"""Whether the looks make a mail that can go out."""

from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.diagnosis.checks import Check, Group, Level


@dataclass(frozen=True, slots=True)
class Rendered:
    """What rendering a sample with the look of a list came to.

    trouble: why there is no mail, "" where there is one. errors, warnings: how many `newsletter lint` finds.
    way_out: whether both bodies hold the reader's link to leave.
    """

    list: str
    look: str
    trouble: str = ""
    mail_bytes: int = 0
    errors: int = 0
    warnings: int = 0
    way_out: bool = False


def checks(rendered: Rendered) -> Iterator[Check]:
    """How the look of a list stands."""
    name = f"look of {rendered.list}"
    if rendered.trouble:
        yield Check(Level.PROBLEM, Group.TEMPLATES, "footer", name, rendered.trouble)
        return
    said = f"{rendered.look}: renders, {rendered.mail_bytes / 1000:.0f} KB"
    lint = f"newsletter lint --list {rendered.list}"
    if rendered.errors:
        said += f"; {rendered.errors} error{'s' * (rendered.errors != 1)} that readers would see"
        yield Check(Level.PROBLEM, Group.TEMPLATES, "", name, said, f"run: {lint}")
    elif rendered.warnings:
        said += f"; {rendered.warnings} warning{'s' * (rendered.warnings != 1)}"
        yield Check(Level.WARNING, Group.TEMPLATES, "", name, said, f"run: {lint}")
    else:
        yield Check(Level.OK, Group.TEMPLATES, "", name, said)
    yield _way_out(rendered)


def _way_out(rendered: Rendered) -> Check:
    name = f"way out of {rendered.list}"
    if rendered.way_out:
        return Check(Level.OK, Group.TEMPLATES, "footer", name, "both bodies have a link to leave")
    said = "a body of the mail has no link to leave; the law and receivers ask for one"
    step = f"put links.unsubscribe into the templates of the look {rendered.look}"
    return Check(Level.PROBLEM, Group.TEMPLATES, "footer", name, said, step)
