"""Delivering issues: writing down who gets one, sending it, and settling what is not known.

Owns every change of a delivery's status. Decides nothing about content or addresses. A mail whose end may
have reached a server is never sent again by itself, and no row is forgotten: each is sent, failed with its
cause, skipped with its cause, unknown and listed, or still to go. `reporting` counts what became of it.
"""

from newsletter.deliver.enqueueing import content, enqueue, expected
from newsletter.deliver.ledger import Ledger, Terms, tally
from newsletter.deliver.mails import SplicedMails
from newsletter.deliver.reporting import Overview, Papers, overview, report
from newsletter.deliver.running import Ended, Progress, Run
from newsletter.deliver.steering import reconcile, settle, steer
from newsletter.deliver.wording import lateness_text, report_text, share_text, until_text, went_text

__all__ = [
    "Ended",
    "Ledger",
    "Overview",
    "Papers",
    "Progress",
    "Run",
    "SplicedMails",
    "Terms",
    "content",
    "enqueue",
    "expected",
    "lateness_text",
    "overview",
    "reconcile",
    "report",
    "report_text",
    "settle",
    "share_text",
    "steer",
    "tally",
    "until_text",
    "went_text",
]
