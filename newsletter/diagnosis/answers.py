"""What the name system says to one question."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """The records under a name, as text; none where there are none.

    trouble: why it is not known whether there are any, "" where it is.
    """

    records: tuple[str, ...] = ()
    trouble: str = ""


def tags(record: str) -> dict[str, str]:
    """The tags of a record such as "v=DKIM1; p=…", by their names. Of two of one name the first counts.

    Source: RFC 6376 §3.2.
    """
    found: dict[str, str] = {}
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), "".join(value.split()))
    return found
