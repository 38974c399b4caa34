"""Choosing again from what issues had chosen: the sections of a recap.

Nothing is scored or told anew. A paper stands where its issue had it, with the rank, the evidence and the
words of that issue; of several issues that carried it, those of the best. What an editor did to an issue is
done there.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from newsletter import identity
from newsletter.model import TRENDING, Issue, MailingList, Pick, Section
from newsletter.selection import lineup, ranking

_Order = tuple[bool, float, float, tuple[int, int, str, str]]


def recall(issues: Sequence[Issue], *, list: MailingList) -> tuple[tuple[Section, ...], int]:
    """The best of those issues, within the limits of the list, and how many papers they carried.

    The sections come in the order of the list's themes, then those of themes that it has no more, then what
    was trending; none is empty. issues: by day.
    """
    papers = _each_once(issues)
    kept = _within(list.limit, _lines(papers, _limits(issues, list)))
    sections = (replace(head, picks=tuple(kept.get(head.theme, ()))) for head in _heads(issues, list))
    return tuple(section for section in sections if section.picks), len(papers)


def _each_once(issues: Iterable[Issue]) -> list[tuple[str, Pick]]:
    """Each paper with its section: a theme rather than what was trending, then where its rank is best."""
    seen = [(part.theme, pick) for issue in issues for part in issue.sections for pick in part.picks]
    papers = [pick.paper for _, pick in seen]
    first = identity.groups([paper.arxiv_id for paper in papers], [identity.keys(paper) for paper in papers])
    records: dict[int, list[tuple[str, Pick]]] = {}
    for at, one in zip(first, seen, strict=True):
        records.setdefault(at, []).append(one)
    return [min(of_one, key=lambda one: (one[0] == TRENDING, _order(one[1]))) for of_one in records.values()]


def _lines(papers: Iterable[tuple[str, Pick]], limits: Mapping[str, int]) -> dict[str, list[Pick]]:
    """The papers of each section within its limit, the best first."""
    lines: dict[str, list[Pick]] = {}
    for theme, pick in papers:
        lines.setdefault(theme, []).append(replace(pick, edit="", brief=False))
    return {theme: sorted(line, key=_order)[: max(0, limits[theme])] for theme, line in lines.items()}


def _order(pick: Pick) -> _Order:
    """The least comes first: by rank, which votes are a part of, then by what decides among equals."""
    total = ranking.rounded(pick.rank) if pick.rank else 0.0
    return (pick.rank is None, -total, -pick.score, lineup.standing(pick.paper))


def _limits(issues: Iterable[Issue], list: MailingList) -> dict[str, int]:
    """The most papers of each section: as the list says now, or as it said when it had the theme."""
    said = [*(issue.list for issue in issues), list]
    limits = {part.theme: len(part.picks) for issue in issues for part in issue.sections}
    limits |= {theme.slug: theme.limit for one in said for theme in one.themes}
    return limits | {TRENDING: list.trending_limit}


def _heads(issues: Sequence[Issue], list: MailingList) -> Iterable[Section]:
    """The sections that there may be, as the list calls them now, else as the last issue did; empty."""
    heads = {theme.slug: Section(theme.slug, theme.title, theme.blurb, ()) for theme in list.themes}
    for issue in reversed(issues):
        for part in issue.sections:
            heads.setdefault(part.theme, replace(part, picks=()))
    return sorted(heads.values(), key=lambda head: head.theme == TRENDING)


def _within(limit: int | None, lines: dict[str, list[Pick]]) -> dict[str, list[Pick]]:
    """The lines within the limit of an issue: as in `seating`, the first paper of a theme leaves last."""
    places = [(theme, place) for theme, line in lines.items() for place in range(len(line))]
    places.sort(key=lambda at: (at[0] == TRENDING or at[1] > 0, _order(lines[at[0]][at[1]])))
    stay = Counter(theme for theme, _ in places[: None if limit is None else max(0, limit)])
    return {theme: line[: stay[theme]] for theme, line in lines.items()}
