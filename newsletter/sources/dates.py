"""Days as sources write them.

Owns the spellings that are read. A day outside the years of research on the web is no date but a mistake, and
is left out: a false date would put a paper on top.
"""

import re
from datetime import date as Date
from datetime import datetime
from email.utils import parsedate_to_datetime

# arXiv opened in 1991; a century on, somebody may edit this line.
FIRST_YEAR, LAST_YEAR = 1991, 2090

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(
    r"(?<!\d)(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})(\d\d)(\d\d)|(\d{4})/(\d{1,2})/(\d{1,2}))(?!\d)"
)
_MONTH = rf"({'|'.join(MONTHS)})[a-z]{{0,6}}\.?"
_WORDS = re.compile(rf"{_MONTH} (\d{{1,2}}),? (\d{{4}})|(\d{{1,2}})\.? {_MONTH},? (\d{{4}})", re.IGNORECASE)


def day(text: str) -> Date | None:
    """The first day in the text, year included; None where there is none, or none that can be.

    Reads ISO dates and times, mail's dates, `Apr 21, 2025` and `21 April 2025`. Of a moment with a zone the
    day is the one that the source prints.
    """
    text = text[:200]
    if match := _ISO.search(text):
        year, month, day_ = (group for group in match.groups() if group)
        return _date(year, int(month), day_)
    if match := _WORDS.search(text):
        if match[1]:
            return _date(match[3], MONTHS.index(match[1].lower()) + 1, match[2])
        return _date(match[6], MONTHS.index(match[5].lower()) + 1, match[4])
    return _of_mail(text)


def _of_mail(text: str) -> Date | None:
    try:
        moment: datetime | None = parsedate_to_datetime(text) if text else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return None if moment is None else _date(str(moment.year), moment.month, str(moment.day))


def _date(year: str, month: int, day_: str) -> Date | None:
    try:
        found = Date(int(year), month, int(day_))
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
