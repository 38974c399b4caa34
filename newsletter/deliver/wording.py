"""What became of an issue, in words: the plain text of a mail to whoever runs the list. Pure."""

import textwrap
from collections.abc import Iterator
from datetime import timedelta

from newsletter.model import IssueReport, Share

# Columns of a line, so that a mail client that quotes it breaks none.
_COLUMNS = 72
# Columns of what a number is about, of the number, and of its share.
_LABEL, _NUMBER, _SHARE = 50, 11, 9
# An issue that begins so soon is on time: the schedule is looked at every minute.
_ON_TIME = timedelta(minutes=2)
_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def report_text(report: IssueReport) -> str:
    """The report in lines of at most 72 columns, without a reader's address; it ends with a line end."""
    parts = (_head(report), _mails(report), _came_back(report), _readers(report), _steps(report))
    return "\n\n".join(filter(None, ("\n".join(lines) for lines in parts))) + "\n"


def span_text(span: timedelta) -> str:
    """A stretch of time in its two largest units, such as "1 h 5 min"; to a second."""
    seconds = round(abs(span.total_seconds()))
    first = next((at for at, (_, size) in enumerate(_UNITS) if seconds >= size), len(_UNITS) - 1)
    parts = []
    for unit, size in _UNITS[first : first + 2]:
        number, seconds = divmod(seconds, size)
        parts += [f"{number} {unit}"] * bool(number)
    return " ".join(parts) or "under a second"


def share_text(share: Share) -> str:
    """A share in per cent, "" of none; what is there is never told as 0, nor what lacks some as all."""
    if not share.of:
        return ""
    if 0 < share.part < 0.0001:
        return "<0.01%"
    if 0.9995 <= share.part < 1:
        return ">99.9%"
    return f"{share.part:.2%}" if 0 < share.part < 0.01 else f"{share.part:.1%}"


def lateness_text(report: IssueReport) -> str:
    """How it went beside its time, such as "3 h 2 min late"; "" for an issue that was made by hand."""
    if report.late is None:
        return ""
    if abs(report.late) < _ON_TIME:
        return "on time"
    return f"{span_text(report.late)} {'late' if report.late > timedelta(0) else 'early'}"


def went_text(report: IssueReport) -> str:
    """When it went, how long that took, and how fast: at the first try, so that no waiting counts."""
    took = f"took {span_text(report.took)}" if report.took is not None else f"{report.state}, not at its end"
    rate = f", {report.rate:,.0f} mails a second" if report.rate and report.rate >= 1 else ""
    return f"began {report.started_at:%Y-%m-%d %H:%M} UTC, {took}{rate}"


def until_text(report: IssueReport) -> str:
    """Until when it is counted who left, in words."""
    return f"until the issue of {report.until:%Y-%m-%d}" if report.until else "until now"


def _head(report: IssueReport) -> Iterator[str]:
    of = f" of {report.title}" if report.title else ""
    what = f", the recap of {report.recap}" if report.recap else ""
    yield from _filled(f"{report.name}{of}, {report.date}{what}")
    if report.period:
        yield from _filled(f"for {report.period}, {lateness_text(report)}")
    yield from _filled(went_text(report))


def _mails(report: IssueReport) -> Iterator[str]:
    yield _line("Readers", report.recipients)
    yield _line("  sent", report.sent, Share(report.sent, report.recipients))
    for label, number in (("put off, still to go", report.deferred), ("still to go", report.waiting)):
        if number:
            yield _line(f"  {label}", number)
    if report.unknown:
        yield _line("  unknown: they may have arrived", report.unknown)
    for label, causes in (("failed", report.failed), ("skipped", report.skipped)):
        if causes:
            yield _line(f"  {label}", sum(causes.values()))
            yield from (_line(f"    {cause}", number) for cause, number in causes.items())


def _came_back(report: IssueReport) -> Iterator[str]:
    number = sum(report.bounced.values())
    yield _line("Came back later", number, Share(number, report.sent))
    yield from (_line(f"  {kind}", number) for kind, number in report.bounced.items())
    yield _line("Called it spam", report.complaints, Share(report.complaints, report.sent))


def _readers(report: IssueReport) -> Iterator[str]:
    yield _line(f"Left by themselves, {until_text(report)}", report.left.number, report.left)
    for theme, share in report.unsubscribed.items():
        if share.number:
            yield _line(f"  {theme or 'of the whole issue'}", share.number, share)
    yield _line("Joined since the issue before", report.joined)


def _steps(report: IssueReport) -> Iterator[str]:
    if report.deferred or report.waiting:
        yield "How it goes on: newsletter status"
    if report.failed or report.unknown:
        yield f"Whom it did not reach: newsletter deliveries list {report.name}"


def _line(label: str, number: int, share: Share | None = None) -> str:
    """A number with what it is about; too long a label is cut."""
    indent = len(label) - len(label.lstrip())
    said = " " * indent + textwrap.shorten(label, _LABEL - indent, placeholder="…")
    part = share_text(share) if share else ""
    return f"{said:{_LABEL}}{number:>{_NUMBER},}{part:>{_SHARE}}".rstrip()


def _filled(text: str) -> list[str]:
    return textwrap.wrap(text, _COLUMNS)
