"""The recap of a month: an issue made of the issues of that month, for readers who want no more.

It is made of what was frozen when those were approved, so it says of a paper what they said; no model is
asked, and nobody edits it. It is written as approved in one transaction, and once for each month, however
many processes try: who dies in it leaves nothing. It uses nothing up, and no other issue minds it.
"""

from datetime import date as Date
from datetime import datetime

from newsletter import frozen, publish, store
from newsletter.drafts.drafting import thawed
from newsletter.model import Edition, MailingList, Recalled
from newsletter.store import issues


def recap(database: store.Engine, list: MailingList, month: str, *, now: datetime) -> Edition | None:
    """The recap of the month, made where there is none; None, and nothing is made, without an issue in it.

    month: such as "2026-11". Of it are the issues with a day in it that are approved or beyond; one that is
    approved later changes no recap. Raises: ValueError for what is no month; StoreError.
    """
    first = Date.fromisoformat(f"{month}-01")
    with store.writing(database) as tx:
        issues.hold(tx)
        if found := issues.recap(tx, list=list.slug, month=first):
            return found
        editions = issues.of_month(tx, list=list.slug, month=first)
        contents = issues.contents(tx, [one.id for one in editions])
        told = [(one, thawed(contents[one.id], one)) for one in editions if one.id in contents]
        recalled = [(Recalled(one.number, one.date, issue.headline), issue) for one, issue in told]
        made = publish.recap(recalled, list=list, month=first, on=now.date())
        if made is None:
            return None
        content = frozen.as_data(made)
        return issues.add_recap(tx, list=list.slug, month=first, on=made.date, content=content, now=now)
