"""Everything that stops a whole operation.

NewsletterError
├─ ConfigError    the operator must edit a file            exit 2
├─ DigestError    a digest that cannot be read             exit 1
├─ FetchError     an address that gave no digest           exit 1
├─ StoreError     a database that cannot be used           exit 1
│  └─ SchemaOutdated   run `newsletter db upgrade`         exit 1
├─ RenderError    a look that cannot be rendered           exit 1
├─ BackendUnavailable   no mail can go now               exit 1
│  └─ MaybeSent        whether a mail went is not known    exit 1
├─ Refused        a server that takes this mail not        exit 1
├─ LinkError      a link that is not one of ours           exit 1
├─ NotFound       a paper, theme or list nobody knows      exit 1
├─ Ambiguous      a name that several papers have          exit 1
└─ Conflict       what does not go as things stand         exit 1

A message names the thing, the place and the next step. A foreign exception is translated once,
where it is met, `from` the original. A refusal of one paper or one recipient is a value, never one of these.
"""

import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Self


class NewsletterError(Exception):
    """An operation that could not be done; its text is what the user reads."""

    exit_code = 1


class ConfigError(NewsletterError):
    """The configuration or the command line has to be edited before anything can start."""

    exit_code = 2


class DigestError(NewsletterError):
    """A digest that cannot be read: `source` names it, `line` the place where one is known."""

    def __init__(self, source: str, problem: str, *, line: int | None = None) -> None:
        self.source = source
        self.line = line
        where = source if line is None else f"{source}, line {line}"
        super().__init__(f"{where}: {problem}")


class FetchError(NewsletterError):
    """An address that gave no digest: `address` is without credentials, `retry` says if later may help.

    status: of HTTP, where the server answered with one.
    """

    def __init__(self, address: str, problem: str, *, retry: bool = False, status: int | None = None) -> None:
        self.address = address
        self.retry = retry
        self.status = status
        super().__init__(f"{address}: {problem}")


class StoreError(NewsletterError):
    """A database that cannot be opened, read or written.

    cut_off: whether the server ended the transaction, or the connection was lost, so that the same may do
    again. What was being committed then may be kept or not.
    """

    def __init__(self, problem: str, *, cut_off: bool = False) -> None:
        self.cut_off = cut_off
        super().__init__(problem)


class SchemaOutdated(StoreError):  # noqa: N818  what the operator is told, in its own words
    """A database whose tables are not those of this version."""


class RenderError(NewsletterError):
    """A look that cannot be rendered: `look`, `template` and `line` say where its author has to go.

    place: where that template stands, when it is not a file of that look's own folder.
    """

    def __init__(
        self, look: str, template: str, problem: str, *, line: int | None = None, place: str = ""
    ) -> None:
        self.look = look
        self.template = template
        self.problem = problem
        self.line = line
        place = place or f"{look}/{template}"
        super().__init__(f"{place}: {problem}" if line is None else f"{place}, line {line}: {problem}")


class BackendUnavailable(NewsletterError):  # noqa: N818  what the operator is told, in its own words
    """No message can go as things stand; nothing was sent and nothing is lost.

    fatal: whether waiting will not help, such as after a wrong password.
    """

    def __init__(self, problem: str, *, fatal: bool = False) -> None:
        self.fatal = fatal
        super().__init__(problem)


class MaybeSent(BackendUnavailable):
    """No more mail can go, and of one it is not known whether it went: sent again, it may arrive twice."""


class Refused(NewsletterError):  # noqa: N818  the word of SMTP
    """A server that does not take this mail, or mail to its recipient. later: whether it may another time."""

    def __init__(self, problem: str, *, later: bool) -> None:
        self.later = later
        super().__init__(problem)


class LinkError(NewsletterError):
    """A link of a reader that is not whole, not ours, or for something else."""


class NotFound(NewsletterError):  # noqa: N818  the word of the field, and of every HTTP library
    """A paper, theme or list that nobody knows by the name given."""


class Ambiguous(NewsletterError):  # noqa: N818  what the user is told, in its own word
    """A name that several papers have; the message lists the first of them."""

    # Papers that are named: enough to see what tells them apart.
    NAMED = 5

    @classmethod
    def among(cls, asked: str, papers: Sequence[str], number: int) -> Self:
        """What is raised for a name that so many papers have. papers: the first of them, in words."""
        shown = "; ".join(papers[: cls.NAMED])
        more = f" and {number - cls.NAMED} more" if number > cls.NAMED else ""
        return cls(f"{asked!r} could be {number} papers: {shown}{more}; name one by its id or whole title")


class Conflict(NewsletterError):  # noqa: N818  the word of HTTP for it
    """What is asked for does not go as things stand; the message says what would."""


def fault(error: Exception) -> str:
    """What went wrong that nobody foresaw, in words for a log, as of `told`."""
    return f"{told(error)}, a fault of this program"


def told(error: Exception) -> str:
    """What went wrong, for a log: the kind of error and where, never what it was about."""
    if isinstance(error, RenderError):
        return f"{error.look}/{error.template}, line {error.line}: a template that cannot be filled"
    steps = traceback.extract_tb(error.__traceback__)
    ours = [step for step in steps if "newsletter" in Path(step.filename).parts]
    at = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{at}"
