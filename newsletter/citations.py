"""The papers of an issue for a library: as BibTeX and as RIS.

Owns what each format calls a thing, and that no text of a paper breaks out of its field. Abstracts stay
where they are: they are their authors', and a library looks them up by the id. Names are parted into family
and given only where that is certain, and stand as they are where it is not.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from newsletter import identity
from newsletter.model import TRENDING, Attachment, Issue, Paper, Pick

# Months as every style of BibTeX knows them, by macros of its own.
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# What ends a line, or turns around the ones beside it. Joiners stay: words of some scripts need them.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")

# Signs that TeX obeys. Braces by name: BibTeX counts them behind a backslash too.
_TEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_"}
    | {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        # Some readers take a value that begins with one for a value in quotes.
        '"': '{"}',
    }
)
# What an address keeps; of the rest, braces and backslashes would end its field.
_ADDRESS = "%-._~:/?#@!$&'()*+,;="

# Words that no person is called by.
_GROUP = re.compile(
    r"\b(?:team|group|collaboration|consortium|community|labs?|ai|research|project|initiative|institute|"
    r"university|foundation|contributors|authors|inc|others|and)\b|\d",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|II|III|IV")
_INITIAL = re.compile(r"\w\.?(?:-?\w\.?)?")
# From the radicals of Chinese on, scripts in which the family may come first.
_EASTERN = "\u2e80"

# Letters that no decomposition takes to ASCII.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"}
)
# Words that begin a title and say nothing of it.
_ARTICLES = frozenset({"a", "an", "the", "on"})
# Characters of one part of a key.
_LONGEST_PART = 20


class _Name(NamedTuple):
    """One author. given: "" where what is the family's is not certain; then `family` is the whole name."""

    family: str
    given: str = ""
    suffix: str = ""
    is_group: bool = False


class _Entry(NamedTuple):
    """What is known of one paper, each text in one line. year: "" where it is not known."""

    key: str
    title: str
    names: tuple[_Name, ...]
    year: str
    url: str
    themes: tuple[str, ...]
    paper: Paper


def bibtex(issue: Issue) -> str:
    """The papers of the issue in its order as BibTeX, for biber as well: UTF-8, accents as they are."""
    return "\n".join(map(_bibtex, _entries(issue)))


def ris(issue: Issue) -> str:
    """The papers of the issue in its order as RIS. Lines end with CR LF, as its specification says."""
    return "".join(f"{line}\r\n" for entry in _entries(issue) for line in _ris(entry))


# The forms by the ending of their files.
FORMS: dict[str, Callable[[Issue], str]] = {"bib": bibtex, "ris": ris}
# The name that mail has for each form.
SUBTYPES = {"bib": "x-bibtex", "ris": "x-research-info-systems"}


def attached(issue: Issue) -> tuple[Attachment, ...]:
    """The papers of the issue in each form that its list attaches, each form once."""
    return tuple(
        Attachment(file_name(issue, form), SUBTYPES[form], FORMS[form](issue).encode())
        for form in dict.fromkeys(issue.list.attach)
    )


def file_name(issue: Issue, form: str) -> str:
    """What a reader saves it as, such as paper-weekly-2026-11-24.bib."""
    words = re.findall("[a-z0-9]+", _ascii(issue.list.title))
    return f"{'-'.join(words)[:60] or issue.list.slug}-{issue.date.isoformat()}.{form}"


def _entries(issue: Issue) -> Iterator[_Entry]:
    """One for each paper; a key that an earlier one has gets a number."""
    used: dict[str, int] = {}
    for section in issue.sections:
        for pick in section.picks:
            own = [section.title] if section.theme != TRENDING else []
            entry = _entry(pick, [*own, *pick.also])
            used[entry.key] = count = used.get(entry.key, 0) + 1
            yield entry if count == 1 else entry._replace(key=f"{entry.key}-{count}")


def _entry(pick: Pick, themes: Iterable[str]) -> _Entry:
    paper = pick.paper
    title, year = _line(paper.title), _year(paper)
    names = tuple(_name(line) for author in paper.authors if (line := _line(author)))
    # Both formats part keywords by commas, or by semicolons.
    words = (_line(re.sub("[,;]", " ", theme)) for theme in themes)
    return _Entry(
        _key(names, year, title), title, names, year, _url(paper), tuple(filter(None, words)), paper
    )


def _bibtex(entry: _Entry) -> str:
    paper = entry.paper
    category = next(iter(paper.categories), "")
    fields = {
        "title": f"{{{_with_capitals(entry.title)}}}",
        "author": f"{{{' and '.join(map(_bibtex_name, entry.names))}}}" if entry.names else "",
        "year": entry.year and f"{{{entry.year}}}",
        # Not `date`, which old styles do not know, and of which biber warns beside a year.
        "month": _MONTHS[paper.published.month - 1] if paper.published else "",
        "day": f"{{{paper.published.day}}}" if paper.published else "",
        "eprint": f"{{{paper.arxiv_id}}}" if _on_arxiv(paper) else "",
        "archiveprefix": "{arXiv}" if _on_arxiv(paper) else "",
        "primaryclass": f"{{{category}}}" if re.fullmatch(r"[A-Za-z-]+(\.[A-Za-z-]+)?", category) else "",
        "doi": f"{{{doi}}}" if (doi := _doi(paper)) else "",
        "url": entry.url and f"{{{entry.url}}}",
        "keywords": f"{{{', '.join(entry.themes).translate(_TEX)}}}" if entry.themes else "",
    }
    lines = [f"  {name} = {value}," for name, value in fields.items() if value]
    # Where a paper with a DOI appeared is not known, and @article asks for the journal.
    return "\n".join([f"@misc{{{entry.key},", *lines, "}\n"])


def _ris(entry: _Entry) -> Iterator[str]:
    # UNPB, "unpublished work", is what readers of RIS take for a preprint; GEN is anything.
    yield f"TY  - {'UNPB' if _on_arxiv(entry.paper) else 'GEN'}"
    for name in entry.names:
        # Commas part a name, and an asterisk is not allowed. Source: RIS Format Specifications.
        parts = (re.sub(r"[,*]", " ", part) for part in (name.family, name.given, name.suffix))
        yield f"AU  - {', '.join(filter(None, map(_line, parts)))}"
    yield f"TI  - {entry.title}"
    if entry.year:
        yield f"PY  - {entry.year}"
    if entry.paper.published:
        yield f"DA  - {entry.paper.published:%Y/%m/%d}"
    if doi := _doi(entry.paper):
        yield f"DO  - {doi}"
    if _on_arxiv(entry.paper):
        yield f"AN  - arXiv:{entry.paper.arxiv_id}"
    for theme in entry.themes:
        yield f"KW  - {theme.replace('*', ' ')}"
    if entry.url:
        yield f"UR  - {entry.url}"
    yield "ER  - "


def _line(text: str) -> str:
    return " ".join(_UNSEEN.sub(" ", text).split())


def _with_capitals(title: str) -> str:
    """The title for TeX, its names in braces: styles write what stands bare in small letters."""
    name, colon, _ = title.partition(":")
    lead = name.count(" ") + 1 if colon and name.count(" ") < 3 else 0
    return " ".join(_with_capital(word, leads=at < lead) for at, word in enumerate(title.split(" ")))


def _with_capital(word: str, *, leads: bool) -> str:
    bare = word.rstrip(":,.;!?") if _is_name(word, leads=leads) else ""
    kept = f"{{{bare.translate(_TEX)}}}" if bare else ""
    return kept + word[len(bare) :].translate(_TEX)


def _is_name(word: str, *, leads: bool) -> bool:
    """Whether the capitals of a word are its own, and not those of any title or beginning.

    leads: whether it stands in the name that a title gives before its colon.
    """
    capitals = [at for at, letter in enumerate(word) if letter.isupper()]
    inside = any(at and word[at - 1].isalnum() for at in capitals)
    formula = any(letter in "()&^_" or (letter.isalnum() and not letter.isalpha()) for letter in word)
    return bool(capitals) and (leads or inside or formula)


def _bibtex_name(name: _Name) -> str:
    if name.given:
        parts = (name.family, name.suffix, name.given)
        return ", ".join(part.translate(_TEX) for part in parts if part)
    whole = re.sub(r"\b(and)\b", r"{\1}", name.family.translate(_TEX), flags=re.IGNORECASE)
    return f"{{{whole}}}" if name.is_group or whole != name.family else whole


def _name(line: str) -> _Name:
    """The parts of a name, where its form says which is which."""
    words = line.split()
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    if len(words) < 2 or "," in line or _GROUP.search(line) or max(line) >= _EASTERN:
        return _Name(line, is_group=True)
    # `van der Maaten`: from the first small word on, it is the family's.
    small = next((at for at, word in enumerate(words[1:-1], start=1) if word[0].islower()), None)
    # A `Jr.` stands behind the family, and BibTeX would take it for the family.
    if small is None and (suffix or all(_INITIAL.fullmatch(word) for word in words[1:-1])):
        small = len(words) - 1
    return _Name(" ".join(words[small:]), " ".join(words[:small]), suffix) if small else _Name(line)


def _key(names: tuple[_Name, ...], year: str, title: str) -> str:
    """The first author's family, the year, the first word of the title, as far as they are known."""
    family = ""
    if names:
        said = names[0].family.split()
        family = "".join(re.findall("[a-z0-9]+", _ascii(said[0 if names[0].is_group else -1])))
    words = (word for word in re.findall("[a-z0-9]+", _ascii(title)) if word not in _ARTICLES)
    parts = (family[:_LONGEST_PART], year, next(words, "")[:_LONGEST_PART])
    return "".join(parts) or "paper"


def _ascii(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.lower().translate(_PLAIN))
    return "".join(letter if letter.isascii() else "" for letter in folded)


def _year(paper: Paper) -> str:
    """The year of the paper, or the one that its arXiv id tells; "" where neither is known."""
    if paper.published:
        return str(paper.published.year)
    if not _on_arxiv(paper):
        return ""
    short = int((paper.arxiv_id or "").rpartition("/")[2][:2])
    # arXiv began in 1991.
    return str(short + (1900 if short >= 91 else 2000))


def _on_arxiv(paper: Paper) -> bool:
    found = identity.arxiv_id(paper.arxiv_id or "")
    return found is not None and found.id == paper.arxiv_id


def _doi(paper: Paper) -> str:
    return identity.doi(_line(paper.doi or "")) or ""


def _url(paper: Paper) -> str:
    """Where the paper stands; "" where that is no address of the web."""
    url = f"https://arxiv.org/abs/{paper.arxiv_id}" if _on_arxiv(paper) else paper.url
    if not url.lower().startswith(("https://", "http://")):
        return ""
    return quote(_UNSEEN.sub("", url), safe=_ADDRESS)
