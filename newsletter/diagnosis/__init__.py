"""What was found about a site that is to send → how it stands, and what to do about it.

One file for each subject: `setup` (the configuration), `templates`, `machine` (database, disk, clock),
`complaints`, `site` (HTTP), `server` (SMTP), `spf`, `dkim`, `dmarc` and `hosts` (names), and `rules` (what
receivers ask of bulk senders). Each takes what somebody else looked up. Pure: looks nothing up, and changes
nothing.
"""

from newsletter.diagnosis.checks import Check, Group, Level

__all__ = ["Check", "Group", "Level"]
