"""Records whose parts have names: the columns of a table, or `Title: …` and the lines that go on with it.

Owns the names that are known, in whatever spelling, and the field of a paper that each stands for. A format
says which lines are one record.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from newsletter.model import Mark
from newsletter.sources import names, passage, weblinks
from newsletter.sources.passage import Passage
from newsletter.sources.records import Record

# Without case, blanks and punctuation: `Paper_URL`, `paper url` and `PaperURL` are one name.
_FIELDS = {
    "title": "title papertitle papername",
    "authors": "authors author authornames authorlist creators",
    "abstract": "abstract paperabstract abstracttext",
    "summary": "summary description",
    "ai_summary": "tldr aisummary aigeneratedsummary llmsummary onelinesummary",
    "url": "url link paperurl paperlink abs absurl abslink abstracturl html",
    "pdf": "pdf pdfurl pdflink",
    "arxiv": "arxiv arxivid arxivurl arxivlink paperid id identifier eprint entryid",
    "doi": "doi",
    "published": "date published publisheddate publishdate publicationdate publishedat publishedon"
    " submitted submissiondate submittedon posted releasedate",
    "upvotes": "upvotes upvote votes likes numvotes",
    "categories": "categories category primarycategory arxivcategories subjects subject primarysubject",
    "keywords": "keywords tags topics",
    "comments": "comments comment",
    "links": "code codeurl codelink github githuburl githubrepo repo repository repourl project projectpage"
    " projecturl website homepage",
}
_BY_NAME = {name: field for field, known in _FIELDS.items() for name in known.split()}
_LABEL = re.compile(r"\s{0,8}([A-Za-z][A-Za-z;_-]{1,20}(?: [A-Za-z]{1,12}){0,2})\s?:(?!//)\s*(.*)", re.DOTALL)
# How arXiv writes a category, wherever it stands: `cs.CL`, `physics.comp-ph`.
CATEGORY = re.compile(
    r"(?<![\w./-])[a-z]{2,8}(?:-[a-z]{2,4})?\.(?:[A-Z]{2}|[a-z]{2,6}(?:-[a-z]{2,4}){0,2})(?![\w-])"
)


@dataclass(slots=True)
class Fields:
    """The fields of one record in the order of their first lines, each as its lines with their numbers."""

    line: int
    lines: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, name: str, number: int, words: str) -> None:
        """Lets a line go on with a field, or begin it."""
        self.lines.setdefault(name, []).extend(
            (number, bare) for line in words.split("\n") if (bare := passage.folded(line))
        )

    def text(self, name: str) -> str:
        """The lines of a field as one; "" where the record has none."""
        return " ".join(words for _, words in self.lines.get(name, ()))

    def passage(self, name: str) -> Passage:
        """A field with the numbers of its lines."""
        return passage.numbered(self.lines.get(name, ()), self.line)


def field_of(name: str) -> str | None:
    """The field that a column or a label stands for; None for a name that is not known."""
    return _BY_NAME.get("".join(filter(str.isalnum, name)).casefold())


def label(line: str) -> tuple[str, str] | None:
    """The field that the line begins and what it says of it; None for a line without a known label."""
    match = _LABEL.match(line)
    name = field_of(match[1]) if match else None
    return (name, match[2]) if match and name else None


def record(fields: Fields, marks: tuple[Mark, ...] = ()) -> Record:
    """The record that the fields make.

    A summary is the abstract where no other is, as arXiv's own interface calls it; beside an abstract it is a
    model's.
    """
    has_abstract = bool(fields.lines.get("abstract"))
    return Record(
        fields.line,
        fields.passage("title"),
        fields.passage("abstract" if has_abstract else "summary"),
        url=fields.text("url") or fields.text("pdf"),
        arxiv=" ".join(map(fields.text, ("arxiv", "url", "pdf"))),
        doi=fields.text("doi"),
        authors=names.split(fields.text("authors")),
        published=fields.text("published"),
        upvotes=fields.text("upvotes"),
        ai_summary=fields.text("ai_summary") or (fields.text("summary") if has_abstract else ""),
        keywords=re.split("[,;]", fields.text("keywords")),
        categories=categories(fields.text("categories")),
        links=[*_addresses(fields.text("links")), *weblinks.announced(fields.text("comments"))],
        marks=marks,
    )


def categories(text: str) -> Iterable[str]:
    """Categories of arXiv in the text, or whatever stands between its commas."""
    return CATEGORY.findall(text) or re.split("[,;]", text)


def _addresses(text: str) -> Iterable[str]:
    return (link.url for link in weblinks.find(text))
