"""The claim of an issue: its headline and its intro, worded from the chosen sections.

Owns the few sentences that the product writes itself. They name papers and count them; what the papers are
worth is left to their own words.
"""

from collections.abc import Iterator, Sequence
from datetime import date as Date
from itertools import chain

from newsletter import naming
from newsletter.model import TRENDING, LinkKind, Paper, Section

# Characters. A subject line of that length is shown whole by the common mail clients.
_MOST = 60

# Papers. Further down a section none is called a leader.
_OPENING = 3


def headline(sections: Sequence[Section]) -> str:
    """The claim of an issue, at most 60 characters: who leads, among how many."""
    papers = _papers(sections)
    leaders = [_leader(section) for section in _themes_first(sections) if section.picks]
    alone = _alone(sections) if len(papers) == 1 else ()
    claims = chain(alone, _leading(leaders, len(papers)), _listing(papers), _counting(sections, len(papers)))
    return next(claim for claim in claims if len(claim) <= _MOST)


def intro(sections: Sequence[Section], *, read: int) -> str:
    """One or two sentences under the headline: how many papers, out of how many, on what, how many with code.

    read: how many papers the sections were chosen from.
    """
    papers = _papers(sections)
    if not papers:
        return f"None of the {_count(read, 'paper')} read fits a theme this time."
    chosen = (
        f"All {len(papers)} papers"
        if len(papers) == read > 1
        else f"{_count(len(papers), 'paper')} chosen from {read}"
    )
    return _told(chosen, sections)


def recap_headline(sections: Sequence[Section], *, month: Date, issues: int) -> str:
    """The claim of a recap, at most 60 characters. month: any day of it. issues: how many it sums up."""
    papers = _count(len(_papers(sections)), "paper")
    return f"The best of {month:%B}: {papers} of {_count(issues, 'issue')}"


def recap_intro(sections: Sequence[Section], *, read: int, issues: int) -> str:
    """One or two sentences under the headline of a recap, as `intro` words them.

    read: how many papers its issues carried; issues: how many those are. There is a paper in the sections.
    """
    carried = f"that its {'issue' if issues == 1 else 'issues'} carried"
    chosen = len(_papers(sections))
    if chosen < read:
        return _told(f"{chosen} of the {read} papers {carried}", sections)
    return _told(f"{'The only paper' if read == 1 else f'All {read} papers'} {carried}", sections)


def _told(chosen: str, sections: Sequence[Section]) -> str:
    """How many papers there are, on what, and how many with code. chosen: the first words of it."""
    filled = [section for section in _themes_first(sections) if section.picks]
    if len(filled) == 1:
        told = f"{chosen}, {_subject(filled[0])}."
    else:
        told = f"{chosen}: {_series([_part(section) for section in filled])}."
    return " ".join(filter(None, (told, _code(_papers(sections)))))


def _papers(sections: Sequence[Section]) -> list[Paper]:
    return [pick.paper for section in sections for pick in section.picks]


def _themes_first(sections: Sequence[Section]) -> list[Section]:
    return sorted(sections, key=lambda section: section.theme == TRENDING)


def _leader(section: Section) -> Paper:
    """The first paper of a section that has a name, among those that open it; else its first."""
    opening = [pick.paper for pick in section.picks[:_OPENING]]
    return next((paper for paper in opening if naming.name(paper.title)), opening[0])


def _names(papers: Sequence[Paper]) -> list[str]:
    return list(dict.fromkeys(filter(None, (naming.name(paper.title) for paper in papers))))


def _alone(sections: Sequence[Section]) -> Iterator[str]:
    """The title of the only paper, else its name and what it is about: alone a name tells few readers."""
    section = next(section for section in sections if section.picks)
    title = section.picks[0].paper.title
    yield title
    trends = section.theme == TRENDING
    if name := naming.name(title):
        yield f"{name}, a {'trending paper' if trends else f'paper on {_in_a_sentence(section.title)}'}"


def _leading(leaders: Sequence[Paper], total: int) -> Iterator[str]:
    names = _names(leaders)
    for few in range(min(3, len(names)), 0, -1):
        who = _listed(names[:few])
        yield who if few == total else f"{who} {'leads' if few == 1 else 'lead'} {_count(total, 'paper')}"


def _listing(papers: Sequence[Paper]) -> Iterator[str]:
    """Where no leader has a name: any that has one, without saying that it leads."""
    names = _names(papers)
    for few in range(min(3, len(names), len(papers) - 1), 0, -1):
        yield f"{', '.join(names[:few])} and {_count(len(papers) - few, 'more paper')}"


def _counting(sections: Sequence[Section], total: int) -> Iterator[str]:
    themes = [
        _in_a_sentence(section.title) for section in sections if section.picks and section.theme != TRENDING
    ]
    if themes:
        yield f"{_count(total, 'paper')} on {_listed(themes)}"
        yield f"{_count(total, 'paper')} on {_count(len(themes), 'theme')}"
    yield _count(total, "trending paper") if total else "No papers this time"


def _subject(section: Section) -> str:
    one = len(section.picks) == 1
    if section.theme == TRENDING:
        return "trending" if one else "all trending"
    return f"{'' if one else 'all '}on {_in_a_sentence(section.title)}"


def _part(section: Section) -> str:
    count = len(section.picks)
    if section.theme == TRENDING:
        return f"{count} more that {'is' if count == 1 else 'are'} trending"
    return f"{count} on {_in_a_sentence(section.title)}"


def _code(papers: Sequence[Paper]) -> str:
    count = sum(any(link.kind is LinkKind.CODE for link in paper.links) for paper in papers)
    if not count:
        return ""
    if len(papers) == 1:
        return "It links to its code."
    who = (
        "All of them link"
        if count == len(papers)
        else "1 of them links"
        if count == 1
        else f"{count} of them link"
    )
    return f"{who} to code."


def _in_a_sentence(title: str) -> str:
    """A section's title with its first letter lowered, unless its first word is a name or an abbreviation."""
    return (
        title
        if any(letter.isupper() for letter in title.split(" ", 1)[0][1:])
        else title[:1].lower() + title[1:]
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _series(parts: Sequence[str]) -> str:
    """Like a list of names, with the comma that keeps longer parts apart."""
    return f"{', '.join(parts[:-1])}, and {parts[-1]}" if len(parts) > 2 else " and ".join(parts)
