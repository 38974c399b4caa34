"""Papers in a page laid out for readers: under headings, in list items, behind links, in tables.

Owns what counts as a paper: a heading, item, line or row with a title and the address of a paper's page, or
with a text that is labelled as its abstract. Everything else is reported.

Owns, too, whose words a text is. One labelled "Abstract" is the authors'. One labelled "Summary", "TL;DR"
or the like is not: on these pages it is a model's. One without a label is the authors', unless the page
says that it was generated, it is in Chinese, Japanese or Korean (the titles are English), a link "Abstract"
says that the abstract is elsewhere, or it is too short for one. Then it is the summary of a page that says
so, or nobody's, and left out.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from newsletter.model import Skipped
from newsletter.sources import names, outline, paperwords, tables, titles, weblinks
from newsletter.sources.outline import LINKED, Line, Row
from newsletter.sources.paperwords import Part
from newsletter.sources.passage import Passage, joined, of
from newsletter.sources.records import Record

# Characters. One abstract in a hundred is shorter than 353; what pages write below a title seldom is longer.
SHORTEST_ABSTRACT = 200
# Lines at the end of a page in which it may say how it was made.
_IMPRINT = 10

_BOLD = re.compile(f"{outline.BOLD}([^{outline.BOLD_END}]{{6,400}}){outline.BOLD_END}")
# Addresses that stand in the text as they are.
_WRITTEN_OUT = re.compile(r"(?:https?://|www\.)\S+")
_CITED = re.compile(r"\barxiv:\s?(\S{7,20})", re.IGNORECASE)
_SEGMENT = re.compile(
    f"\n|(?={outline.BOLD}[^{outline.BOLD_END}:：]{{1,40}}(?:[:：]\\s?{outline.BOLD_END}|{outline.BOLD_END}\\s?[:：]))"
)
_LABEL = re.compile(
    r"\W{0,12}(?:\d{1,2}[.)、]\W{0,6})?([^\W\d_][^:：]{0,40}?)\s*(?:[:：]\s*(.*))?", re.DOTALL
)
_BRACKETED = re.compile(r"\[[^\]]{0,60}\]|\([^)]{0,60}\)|【[^】]{0,60}】")
_WORD = re.compile(r"[^\W\d_]{2,}")
_FOOTER = re.compile(
    r"unsubscribe|manage (?:your )?(?:preferences|subscription)|view (?:this |it )?in (?:your |a )?browser|©"
    r"|copyright \d"
    r"|you (?:are|were|re)? ?receiv|you get this because|all rights reserved|privacy policy|退订|返回目录",
    re.IGNORECASE,
)
_GENERATED = re.compile(
    r"\b(?:generated|written|summari[sz]ed|produced|created) (?:automatically )?(?:by|with|using|through) "
    r"(?:an? |the )?(?:ai\b|gpt|llm|chatgpt|claude|gemini|large language|deepseek|qwen|llama|openai|language)"
    r"|\b(?:ai|llm|gpt|machine)[- ]generated"
    r"|(?:使用|利用|通过|由|用|基于).{0,16}"
    r"(?:GPT|大模型|AI|LLM|智能|Claude|Gemini)"
    r".{0,12}(?:生成|撰写|总结)|自动生成",
    re.IGNORECASE,
)
_NO_TOPIC = re.compile(
    r"\d{4}|^(?:(?:daily|weekly|latest|new|recent|all|today'?s|top|related|selected|trending)\s?)*"
    r"(?:papers?|paper list|table of contents|contents|news|introduction|articles?"
    r"|in this issue|publications?)s?$",
    re.IGNORECASE,
)
_WORDS_OF_A_PAPER = {Part.ABSTRACT, Part.SUMMARY}

Piece = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Title:
    """What names a paper, and the words behind it in its line."""

    words: str
    rest: str = ""
    keys: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Entry:
    """One paper in the making: where it stands, and the texts of its parts."""

    line: Line
    title: _Title
    topic: str
    part: Part | None = None
    parts: dict[Part | None, list[Piece]] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    is_abstract_elsewhere: bool = False

    def holds(self, line: Line) -> bool:
        """Whether the line is still about this paper."""
        if _FOOTER.search(line.text[:400]):
            return False
        if self.line.level:
            return not 0 < line.level <= self.line.level
        if self.line.items:
            return self.line.items[-1] in line.items
        return not line.level or paperwords.part(line.text) is not None

    def take(self, line: Line, marked: str) -> None:
        self.links += _addresses(line)
        for match, address in zip(LINKED.finditer(line.marked), line.links, strict=False):
            elsewhere = match[1].strip().casefold() == "abstract" and paperwords.is_paper(address)
            self.is_abstract_elsewhere |= elsewhere
        if line.links and paperwords.is_pointer(line.text):
            return
        for part, words in _pieces(LINKED.sub(_unless_pointer, marked)):
            self.part = part or self.part
            if self.part is Part.KEYWORDS and part is None and len(words) > SHORTEST_ABSTRACT:
                self.part = None
            if part is Part.ABSTRACT and _WRITTEN_OUT.fullmatch(words):
                self.is_abstract_elsewhere = True
            if any(map(str.isalnum, _WRITTEN_OUT.sub("", words))) or self.part is Part.LINK:
                self.parts.setdefault(self.part, []).append((line.number, words))
                if self.part not in {*_WORDS_OF_A_PAPER, Part.KEYWORDS, Part.OTHER}:
                    self.part = None


def found(lines: Iterable[Line | Row], *, trusts_headings: bool) -> Iterator[Record | Skipped]:
    """The papers of the page in its order, and the lines that are about none.

    trusts_headings: whether a heading above a long text is a paper even where no address of one stands
    there.
    """
    page = list(lines)
    is_generated = _says_generated(page)
    named = _titles(page, trusts_headings=trusts_headings)
    entry: _Entry | None = None
    topic = ""
    for at, line in enumerate(page):
        title = named.get(at)
        if isinstance(line, Row):
            yield from _told(entry, is_generated)
            entry = None
            yield tables.paper(line, topic)
        elif title and not (entry and entry.holds(line) and title.keys & entry.title.keys):
            yield from _told(entry, is_generated)
            entry = _Entry(line, title, topic)
            entry.take(line, title.rest)
        elif entry and entry.holds(line):
            entry.take(line, line.marked)
        else:
            yield from _told(entry, is_generated)
            entry = None
            topic = _topic(line) if line.level else topic
            yield Skipped(line.number, line.text, "about no paper of the page")
    yield from _told(entry, is_generated)


def _says_generated(page: list[Line | Row]) -> bool:
    start = next(
        (
            at
            for at, line in enumerate(page)
            if isinstance(line, Row) or any(map(paperwords.is_paper, line.links))
        ),
        len(page),
    )
    imprint = [line for line in page[-_IMPRINT:] if len(line.text) < SHORTEST_ABSTRACT]
    edges = [*page[:start], *imprint]
    return any(isinstance(line, Line) and _GENERATED.search(line.text[:400]) for line in edges)


def _topic(line: Line) -> str:
    """The subject that a heading names for the papers below it; "" where it names none."""
    words = titles.clean(
        LINKED.sub("", line.marked).replace("()", "").strip("".join((outline.BOLD, outline.BOLD_END)))
    )
    return "" if line.level == 1 or len(words) > 60 or _NO_TOPIC.search(words) else words


def _titles(page: list[Line | Row], *, trusts_headings: bool) -> dict[int, _Title]:
    """For every line that begins a paper, its title."""
    found = {at: title for at, line in enumerate(page) if isinstance(line, Line) and (title := _title(line))}
    taken = [0]
    for at, line in enumerate(page):
        if (
            isinstance(line, Line)
            and at not in found
            and (title := _above_pointer(line, page[at + 1 : at + 4]))
        ):
            found[at] = title
        taken.append(taken[-1] + (at in found or isinstance(line, Row)))
    ends = _ends_of_sections(page)
    inside: list[int] = []
    for at in sorted(ends, reverse=True):
        # Sections end where they do, so a heading above is looked at after every heading below it.
        line, end = page[at], ends[at]
        if at in found or taken[end] > taken[at] or (inside and inside[-1] < end):
            continue
        if isinstance(line, Line) and (title := _of_heading(line, page[at + 1 : end], trusts_headings)):
            found[at] = title
            inside.append(at)
    return found


def _ends_of_sections(page: list[Line | Row]) -> dict[int, int]:
    ends: dict[int, int] = {}
    above: list[int] = []
    for at, line in enumerate(page):
        level = line.level if isinstance(line, Line) else 0
        if not level:
            continue
        while above and page[above[-1]].level >= level:  # type: ignore[union-attr]
            ends[above.pop()] = at
        above.append(at)
    return ends | dict.fromkeys(above, len(page))


def _of_heading(line: Line, section: list[Line | Row], trusts_headings: bool) -> _Title | None:
    """The title in a heading without a link, where one paper alone is spoken of below it."""
    words = titles.clean(line.text)
    if not paperwords.is_title(words, least=3):
        return None
    below = [each for each in section if isinstance(each, Line)]
    keys = frozenset(
        paperwords.key(link) for each in below for link in _addresses(each) if paperwords.is_paper(link)
    )
    labelled = any(part is Part.ABSTRACT for each in below for part, _ in _pieces(each.marked[:80]))
    long = trusts_headings and any(len(each.text) > SHORTEST_ABSTRACT for each in below[:3])
    return _Title(words, keys=keys) if len(keys) == 1 or labelled or (long and not keys) else None


def _title(line: Line) -> _Title | None:
    """The title in a line that has the address of its paper, or cites it, itself."""
    keys = frozenset(paperwords.key(link) for link in _addresses(line) if paperwords.is_paper(link))
    cited = None if keys else _CITED.search(line.text[:500])
    if (labelled := _labelled(line, keys)) or not (keys or cited):
        return labelled
    for match, address in zip(LINKED.finditer(line.marked), line.links, strict=False):
        words = titles.clean(outline.plain(match[1]))
        if paperwords.is_paper(address) and paperwords.is_title(words):
            before = outline.plain(line.marked[: match.start()])
            return _Title(words, line.marked[match.end() :], keys) if line.level or _is_lead(before) else None
    keys = keys or frozenset({paperwords.key(cited[1])} if cited else ())
    if bold := _in_bold(line):
        return _Title(bold.words, bold.rest, keys)
    if not (line.level or line.items):
        return None
    first = _head(line.marked)
    pieces = _WRITTEN_OUT.sub("\x1f", LINKED.sub("\x1f", first)).split("\x1f")
    words = titles.clean(max(map(outline.plain, pieces), key=len))
    is_label = any(part for part, _ in _pieces(first))
    return (
        _Title(words, line.marked[len(first) :], keys)
        if paperwords.is_title(words) and not is_label
        else None
    )


def _head(marked: str) -> str:
    """The first line, or the few before an address that is written out, over which a title may be wrapped."""
    address = _WRITTEN_OUT.search(marked, 0, 1000)
    above = marked[: address.start()] if address else ""
    if above.count("\n") in (1, 2, 3) and not above.rstrip().endswith("."):
        return marked[: address.end()] if address else ""
    return marked.split("\n", 1)[0]


def _above_pointer(line: Line, below: list[Line | Row]) -> _Title | None:
    """The title in a line that is in bold type as a whole, with the address of its paper soon below it."""
    bold = None if line.level else _in_bold(line)
    if bold is None or bold.rest.strip(" .:"):
        return None
    for each in below:
        if isinstance(each, Row) or each.level or _title(each):
            return None
        if keys := frozenset(map(paperwords.key, filter(paperwords.is_paper, _addresses(each)))):
            return _Title(bold.words, keys=keys)
    return None


def _in_bold(line: Line) -> _Title | None:
    """The title with which the line begins in bold type."""
    bold = _BOLD.search(line.marked)
    if bold is None or not _is_lead(outline.plain(line.marked[: bold.start()])):
        return None
    words = titles.clean(outline.plain(bold[1]))
    return _Title(words, line.marked[bold.end() :]) if paperwords.is_title(words) else None


def _labelled(line: Line, keys: frozenset[str]) -> _Title | None:
    """The title in a line that begins `Title:`."""
    if not line.text[:12].casefold().lstrip("* ").startswith(("title", "paper title", "标题", "论文")):
        return None
    first, *more = _pieces(line.marked) or [(None, "")]
    words = titles.clean(first[1])
    if first[0] is not Part.TITLE or not paperwords.is_title(words):
        return None
    return _Title(words, "\n".join(f"{part}: {words}" for part, words in more), keys)


def _unless_pointer(match: re.Match[str]) -> str:
    return "" if paperwords.is_pointer(match[1]) else match[0]


def _addresses(line: Line) -> list[str]:
    """The addresses behind the line's links, and those that are written out in it."""
    return [*line.links, *(link.url for link in weblinks.find(line.text) if link.url not in line.links)]


def _is_lead(before: str) -> bool:
    """Whether nothing but a number, a date, a mark or a word such as `Paper:` stands before a title."""
    return len(before) < 80 and len(_WORD.findall(_BRACKETED.sub("", before))) <= 1


def _pieces(marked: str) -> list[tuple[Part | None, str]]:
    """The parts of a line, each with what its label says; what has no label goes on with the part before.

    `Results:` inside of an abstract is the abstract's own.
    """
    pieces: list[tuple[Part | None, str]] = []
    for segment in _SEGMENT.split(marked):
        words = outline.plain(segment)
        match = _LABEL.fullmatch(words)
        part = paperwords.part(match[1]) if match else None
        in_abstract = bool(pieces) and pieces[-1][0] is Part.ABSTRACT and part is Part.SUMMARY
        if match and part and not in_abstract:
            pieces.append((part, match[2] or ""))
        elif pieces:
            pieces[-1] = (pieces[-1][0], f"{pieces[-1][1]} {words}".strip())
        elif words:
            pieces.append((None, words))
    return pieces


def _told(entry: _Entry | None, is_generated: bool) -> Iterator[Record | Skipped]:
    """The record of an entry, and its lines that are neither its abstract nor anything else of it."""
    if entry is None:
        return
    number = entry.line.number
    authors, abstract, summary, beside = _sorted_out(entry, is_generated)
    papers = [link for link in entry.links if paperwords.is_paper(link)]
    told = [words for _, words in entry.parts.get(Part.LINK, ()) if len(words) < 200]
    yield Record(
        number,
        entry.title.words,
        _passage(abstract, number),
        url=papers[0] if papers else "",
        arxiv=" ".join([*papers, *entry.title.keys, *told]),
        doi=" ".join([*(link for link in papers if "doi" in link), *told]),
        authors=authors,
        published=" ".join(words for _, words in entry.parts.get(Part.DATE, ())),
        ai_summary=_passage(summary, number).text,
        keywords=[*_keywords(entry), entry.topic],
        categories=re.findall(
            r"[a-z-]+\.[A-Z-]{2,}", " ".join(w for _, w in entry.parts.get(Part.CATEGORIES, ()))
        ),
        links=[
            link for link in entry.links if link not in papers and link.startswith(("http://", "https://"))
        ],
    )
    yield from (
        Skipped(line, words, "beside a paper: neither abstract nor summary") for line, words in beside
    )


def _sorted_out(entry: _Entry, is_generated: bool) -> tuple[list[str], list[Piece], list[Piece], list[Piece]]:
    """The names, the abstract, the summary and the rest of an entry."""
    authors = [name for _, words in entry.parts.get(Part.AUTHORS, ()) for name in names.split(words)]
    abstract, summary = list(entry.parts.get(Part.ABSTRACT, ())), list(entry.parts.get(Part.SUMMARY, ()))
    beside, loose = list(entry.parts.get(Part.OTHER, ())), []
    for number, words in entry.parts.get(None, ()):
        if not authors:
            authors, words = titles.names(words)
        if words.strip():
            loose.append((number, words.strip(" -\u2013\u2014:|")))
    for number, words in loose:
        if is_generated or (paperwords.is_cjk(words) and len(words) > 20):
            summary.append((number, words))
        elif (
            len(words) >= SHORTEST_ABSTRACT
            and not entry.is_abstract_elsewhere
            and not entry.parts.get(Part.ABSTRACT)
        ):
            abstract.append((number, words))
        elif words:
            beside.append((number, words))
    if abstract and paperwords.is_cjk(" ".join(words for _, words in abstract)):
        abstract, summary = [], abstract + summary
    return authors, abstract, sorted(summary), beside


def _passage(pieces: list[Piece], number: int) -> Passage:
    return joined(of(words, line) for line, words in pieces) if pieces else of("", number)


def _keywords(entry: _Entry) -> Iterator[str]:
    for _, words in entry.parts.get(Part.KEYWORDS, ()):
        for word in re.split("[,;、，；|]", words):
            latin = re.sub(r"\s*[(（][^()（）]{1,40}[)）]\s*$", "", word.strip(" `#.。"))
            yield latin.strip(" `")
