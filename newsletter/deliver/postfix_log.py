"""A Postfix log → the mails that it took: pure.

Postfix writes a line with the Message-ID when its cleanup service has read a mail, and another, by the same
queue id, once it is in the queue for good ("from=<…>, size=…, nrcpt=1 (queue active)"). Only then was it
taken: a mail whose client broke off has the first line alone.
"""

import re
from collections.abc import Iterable, Iterator

_NAMED = re.compile(r"postfix\S*/cleanup\[\d+\]: (\w+): message-id=<([0-9a-f]+)@[^>]*>")
_QUEUED = re.compile(r"postfix\S*/qmgr\[\d+\]: (\w+): from=<[^>]*>, size=\d+, nrcpt=\d+ \(queue active\)")


def taken(lines: Iterable[str]) -> Iterator[str]:
    """The names of mails, what stands before the @ of their Message-ID, that were taken into the queue."""
    names: dict[str, str] = {}
    for line in lines:
        if named := _NAMED.search(line):
            names[named[1]] = named[2]
        elif (queued := _QUEUED.search(line)) and (name := names.pop(queued[1], "")):
            yield name
