"""One paper's journey, one way.

bytes ─ sources.parse ─▶ Digest ─ selection.select ─▶ Section… ─ publish.draft ─▶ Issue
─ rendering.render ─▶ RenderedIssue ─ message.compose ─▶ the bytes of a mail

Layers, from the top; each imports downwards only, and files of one layer do not see each other:
`cli` (the door) → `report` (what is shown) → `app` (opens files, the only clock) → `config` (Settings)
→ `publish` (the verb) → `sources`, `selection`, `summary`, `rendering`, `message`, `lint`, `evaluation`
(pure: no clock, file or network) → `residue`, `mjml` (what two of them build on) → `errors`
→ `model` (the values).
"""

__version__ = "0.1.0"
