"""What an editor changes, as data: which papers an edit is about, and what several edits come to.

Decides who is meant and what was wanted; seating carries it out. An edit that comes to nothing is told, never
passed over. Of two edits about one paper the later counts, save that moving a paper that was pinned or moved
before keeps what it does not change.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from newsletter import identity
from newsletter.errors import Ambiguous, NotFound
from newsletter.model import Edit, EditKind, Paper
from newsletter.selection.lineup import standing


@dataclass(frozen=True, slots=True)
class Plan:
    """What the edits come to, by the index of a paper. moved: it is in only where the selection has it in.

    last: each paper's last edit, as it was given, the latest at the end. unused: edits about a paper that is
    not at hand, or for a section that the issue does not have.
    """

    dropped: frozenset[int] = frozenset()
    pinned: Mapping[int, Edit] = field(default_factory=dict)
    moved: Mapping[int, Edit] = field(default_factory=dict)
    last: Mapping[int, Edit] = field(default_factory=dict)
    unused: tuple[Edit, ...] = ()


def plan(edits: Iterable[Edit], papers: Sequence[Paper], sections: Collection[str]) -> Plan:
    """What the edits, in their order, come to for these papers. sections: the slugs that an issue has."""
    wanted = [edit for edit in edits if edit.kind is not EditKind.NOTE]
    if not wanted:
        return Plan()
    known = _names(papers)
    whole: dict[int, Edit] = {}
    last: dict[int, Edit] = {}
    unused = []
    for edit in wanted:
        index = next((known[name] for name in names(edit.paper) if name in known), None)
        if index is None or (edit.section and edit.section not in sections):
            unused.append(edit)
        else:
            whole[index] = _after(whole.get(index), edit)
            last.pop(index, None)
            last[index] = edit
    return Plan(
        dropped=frozenset(index for index, edit in whole.items() if edit.kind is EditKind.DROP),
        pinned={index: edit for index, edit in whole.items() if edit.kind is EditKind.PIN},
        moved={index: edit for index, edit in whole.items() if edit.kind is EditKind.MOVE},
        last=last,
        unused=tuple(unused),
    )


def names(text: str) -> tuple[str, ...]:
    """What an id, an address, a DOI, a title, or one of these names may stand for (`identity.keys`)."""
    arxiv, doi = identity.arxiv_id(text), identity.doi(text)
    found = [f"arxiv:{arxiv.id}"] if arxiv else []
    if doi and not doi.startswith(identity.ARXIV_DOI):
        found.append(f"doi:{doi}")
    title = identity.folded_title(text.removeprefix("title:"))
    return (*found, f"title:{title}", f"url:{text.strip().rstrip('/')}")


def find(papers: Sequence[Paper], text: str) -> Paper:
    """The paper that an editor means: by its number, arXiv id, DOI, address, title, or words of its title.

    Raises: NotFound; Ambiguous, which names the first few that could be meant.
    """
    wanted = text.strip()
    found = _named(papers, wanted)
    if not found:
        raise NotFound(
            f"no paper {text!r} among {len(papers)}; name its number, arXiv id, DOI or words of its title"
        )
    if len(found) > 1:
        shown = [f"“{paper.title}”{_telling(paper)}" for paper in found[: Ambiguous.NAMED]]
        raise Ambiguous.among(text, shown, len(found))
    return found[0]


def _named(papers: Sequence[Paper], text: str) -> list[Paper]:
    """Every paper of that name, by the surest kind of name that any of them has."""
    # Longer numbers are no position, and int() refuses the longest.
    numbered = text.isdecimal() and len(text) < 10
    if numbered and (found := [paper for paper in papers if paper.position == int(text)]):
        return found
    asked = names(text) if text else ()
    for name in asked:
        if found := [paper for paper in papers if name in _keys(paper)]:
            return found
    words = text.casefold().split()
    titles = [(paper, paper.title.casefold()) for paper in papers]
    together = [paper for paper, title in titles if words and " ".join(words) in title]
    whole = [paper for paper in together if says(paper.title, text)]
    return (
        whole
        or together
        or [paper for paper, title in titles if words and all(word in title for word in words)]
    )


def says(title: str, text: str) -> bool:
    """Whether the words stand in a title as whole words: “Rex” in “Rex: A Reader”, not in “T-Rexes”."""
    words = r"\s+".join(map(re.escape, text.split()))
    return bool(words) and re.search(rf"(?<!\w){words}(?!\w)", title, re.IGNORECASE) is not None


def _telling(paper: Paper) -> str:
    name = paper.arxiv_id or (f"#{paper.position}" if paper.position else "")
    return f" ({name})" if name else ""


def _keys(paper: Paper) -> tuple[str, ...]:
    return (*identity.keys(paper), f"url:{paper.url.rstrip('/')}")


def _names(papers: Sequence[Paper]) -> dict[str, int]:
    """The paper that each name stands for; of several the one that stands before the others."""
    known: dict[str, int] = {}
    for index in sorted(range(len(papers)), key=lambda index: standing(papers[index])):
        for name in _keys(papers[index]):
            known.setdefault(name, index)
    return known


def _after(before: Edit | None, edit: Edit) -> Edit:
    """What two edits of one paper come to."""
    if edit.kind is not EditKind.MOVE or before is None or before.kind is EditKind.DROP:
        return edit
    stays = edit.section in ("", before.section)
    return replace(
        before,
        section=edit.section or before.section,
        place=edit.place or (before.place if stays else None),
        who=edit.who,
        at=edit.at,
    )
