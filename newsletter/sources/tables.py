"""Papers in the rows of a table whose columns have headings.

Owns what a column's heading says, and when a row is a paper: it has a title, and the address of its page or
a text. Whose words a text is, the heading says: "Abstract" the authors', "Summary" and the like a model's.
"""

import re

from newsletter.model import Skipped
from newsletter.sources import names, outline, paperwords, titles
from newsletter.sources.outline import LINKED, Line, Row
from newsletter.sources.paperwords import Part
from newsletter.sources.records import LONGEST_ABSTRACT, Record


def paper(row: Row, topic: str) -> Record | Skipped:
    """The paper of the row, with the topic it stands under among its keywords; or why it is none."""
    columns = _columns(row)
    lines = [line for _, cell in row.cells for line in cell]
    papers = [link for line in lines for link in line.links if paperwords.is_paper(link)]
    others = [link for line in lines for link in line.links if link not in papers and "://" in link]
    pages = [link for line in columns.get(Part.LINK, ()) for link in line.links if "://" in link]
    texts = {
        part: " ".join(line.text for line in cell if not line.is_caption) for part, cell in columns.items()
    }
    title = _of_cell(columns.get(Part.TITLE, ()))
    told = papers or pages or texts.get(Part.ABSTRACT) or texts.get(Part.SUMMARY)
    if not told or not title:
        return Skipped(row.number, row.text, "a row without a title, or without a paper's address and a text")
    abstract = texts.get(Part.ABSTRACT, "")
    translated = paperwords.is_cjk(abstract)
    return Record(
        row.number,
        title,
        "" if translated else abstract,
        url=(papers or pages or [""])[0],
        arxiv=" ".join(papers),
        doi=" ".join(link for link in papers if "doi" in link),
        authors=names.split(texts.get(Part.AUTHORS, "")),
        published=texts.get(Part.DATE, ""),
        ai_summary=texts.get(Part.SUMMARY, "") or (abstract if translated else ""),
        keywords=[*re.split("[,;、]", texts.get(Part.KEYWORDS, "")), topic],
        links=others,
    )


def _columns(row: Row) -> dict[Part, tuple[Line, ...]]:
    """The cells by what their column's heading says; of two that may hold the title, the one that says so."""
    columns: dict[Part, tuple[Line, ...]] = {}
    for head, cell in row.cells:
        # A repository is no paper's page: its links are taken from the row as a whole.
        part = None if "code" in head.casefold() else paperwords.part(head)
        named = "title" in head.casefold() or "标题" in head
        if part is Part.TITLE and Part.TITLE in columns:
            columns.setdefault(Part.LINK, columns[Part.TITLE] if named else cell)
        if part and (part not in columns or (part is Part.TITLE and named)):
            columns[part] = cell
        elif part in (Part.LINK, Part.SUMMARY):
            columns[part] += cell
    return columns


def _of_cell(cell: tuple[Line, ...]) -> str:
    for line in cell:
        for match in LINKED.finditer(line.marked):
            words = titles.clean(outline.plain(match[1]))
            if paperwords.is_title(words, least=1):
                return words
    pieces = [outline.plain(each) for line in cell for each in LINKED.sub("\x1f", line.marked).split("\x1f")]
    words = titles.clean(max(pieces, key=len, default=""))
    return words if len(words) < LONGEST_ABSTRACT else ""
