"""One paper's journey, one way.

bytes ─ sources.parse ─▶ Digest ─ selection.select ─▶ Section… ─ publish.draft ─▶ Issue
─ rendering.render ─▶ RenderedIssue ─ message.compose ─▶ the bytes of a mail
Digest ─ collect.ingest ─▶ the store: every paper once, and where it was seen
the store ─ drafts.draft, edit, approve ─▶ Issue: what no issue used up, as editors left it, then frozen
the frozen issues of a month ─ drafts.recap ─▶ Issue: the best of them, for readers who want no more
an ask ─ people.post ─▶ a letter (`letters`) ─ backends.smtp ─▶ a mailbox, from which a reader says yes
RenderedIssue with marks ─ wire.pattern ─▶ WireTemplate ─ splice ─▶ the bytes of each reader's mail
an approved issue ─ deliver.enqueue ─▶ the ledger: one row a reader ─ deliver.Run ─▶ wire.splice ─▶ a backend
─▶ Outcome ─▶ the ledger: sent, failed, to be tried again, or unknown
the bytes of a mail ─ incoming.read ─▶ who leaves by it ─ mailroom ─▶ the store: off the list
a site, its server and its names ─ checkup.examine ─▶ Check… (`diagnosis`): how it stands, and what to do
the bytes of a mail ─ outcomes.reports.read ─▶ Report ─ mailroom ─▶ the store: counted, suppressed
a table of people ─ roster_file.opened, roster.Reader ─▶ Entry… ─ subscribe.bring ─▶ the store: each once

The bytes are those of a file, or of an address: `intake` reads what is named or configured, `gather` asks the
sources on the web through `fetch`.

Layers, from the top; each imports downwards only, and files of one layer do not see each other: `cli` (the
door) → `daemon` (the processes that stay) → `preview` (the desk, in a browser), `web` (the site of readers) →
`terminal` (tables), `issue_report`, `people_report`, `delivery_report`, `bounces_report`, `checkup_report`,
`schedule_report`, `stats_page` (plots of numbers) → `stats_report` (numbers) → `report` (what is shown) →
`app` (opens everything, the only clock), `output` (writes it) → `newsroom` (issues by their schedules),
`telling` (whose words an issue has) → `intake` (digests from files and addresses), `desk` (editing), `people`
(readers), `mailroom` (what comes by mail), `dispatch` (issues on their way), `notifying` (mails to those who
run lists), `roster_file` (tables of people), `checkup` (a site looked over), `database` (where all is kept),
`containers` (what Docker needs) → `sending` (how mails leave) → `look_folders` (looks) → `config` (Settings),
`headway` (progress) → `drafts`, `archive` (what is public), `deliver` (the ledger, and rounds of sending) →
`publish`, `subscribe`, `gather`, `collect`, `labelling` (the verbs), `summariser` (a model, where one is
configured), `fence` (whether the database forgot mails) → `store` (what outlives a run, and what machines
share), `fetch` (HTTP), `folder` (files that are kept as they should be), `bounded` (rendering in a child),
`backends` (handing a mail over), `mailboxes`, `imap` (where mails lie), `listening` (a port), `resolving`
(names), `surroundings` (this machine), `visiting` (a site) → `pages`, `feeds`, `letters`, `notice_mails`,
`incoming`, `wire` (one mail for many readers) → `sources`, `selection`, `summary`, `rendering`, `message`,
`lint`, `evaluation`, `addresses`, `titles`, `trends`, `frozen`, `citations`, `roster`, `diagnosis` (how a
site stands), `outcomes` (what came of a mail), `schedule` (when issues are due), `plots` (drawings of
numbers), `dkim` (pure: no clock, file or network) → `templating` (running a look), `mail_header` (the fields
of a mail) → `residue`, `mjml`, `plaintext`, `notes`, `legible`, `identity`, `naming`, `reasons`, `contents`,
`budget`, `links`, `recipients`, `caps`, `pace`, `darkness`, `announcements`, `notices` (what is said to those
who run lists; all of them are what several build on) → `errors`, `color`, `tags`, `css` (small languages) →
`model` (the values).
"""

__version__ = "0.1.0"
