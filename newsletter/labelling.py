"""Judging papers for a theme one after the other: in which order, what an answer means, what is written down.

Decides and remembers; asks nobody, writes nothing. The same papers are always asked about in one order, first
where the theme is least sure, because a judgement says most there.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from newsletter import evaluation
from newsletter.evaluation import ARGUABLE, BELONGS, FOREIGN, Label
from newsletter.model import Paper, Theme
from newsletter.selection import Match

# A score within half a threshold of it could as well stand on the other side.
NEAR = 0.5
# Papers without a phrase that are asked about: enough to see that a theme overlooks papers, few enough to get
# through.
SILENT = 10


class Answer(StrEnum):
    """What a person says to a paper, by its key."""

    YES = "y"  # it belongs
    NO = "n"  # it does not belong
    MAYBE = "m"  # either could be said; it will not count
    SKIP = "s"  # another time
    UNDO = "u"  # the last judgement was wrong
    QUIT = "q"  # enough; what is judged is kept


GRADES = {Answer.YES: BELONGS, Answer.NO: FOREIGN, Answer.MAYBE: ARGUABLE}


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a paper belongs to a theme, with what the theme itself says."""

    paper: Paper
    match: Match


def questions(
    papers: Iterable[Paper],
    matches: Iterable[Match],
    theme: Theme,
    labels: Iterable[Label],
    most: int | None = None,
) -> tuple[Question, ...]:
    """What to ask about a theme, the most telling first, without the papers that have a label for it.

    matches: of each paper with the theme. First those near the threshold on either side, the nearest first;
    then the other members, then the others with a phrase, and last a few without any.
    """
    ours = [label for label in labels if label.theme == theme.slug]
    asked = [Question(paper, match) for paper, match in zip(papers, matches, strict=True)]
    done = evaluation.labelled((one.paper for one in asked), ours)
    ordered = sorted((one for one in asked if one.paper not in done), key=lambda one: _order(one, theme))
    silent = [one for one in ordered if _is_silent(one.match)]
    telling = [one for one in ordered if not _is_silent(one.match)]
    return tuple([*telling, *silent[:SILENT]][:most])


def parse(text: str) -> Answer | None:
    """The answer that a person typed, as a letter or a whole word; None where it is none."""
    word = text.strip().casefold()
    return next((one for one in Answer if word and one.name.casefold().startswith(word)), None)


def record(question: Question, grade: int) -> str:
    """The line of a file of labels that holds a judgement."""
    paper = question.paper
    values = {"title": paper.title, "theme": question.match.theme, "grade": grade}
    named = {"arxiv_id": paper.arxiv_id} if paper.arxiv_id else {}
    return json.dumps(values | named, ensure_ascii=False) + "\n"


class Session:
    """Where a person is among the questions, and what was answered."""

    def __init__(self, asked: Sequence[Question]) -> None:
        self._asked = asked
        self._at = 0
        self._judged: list[tuple[int, Answer]] = []

    @property
    def current(self) -> Question | None:
        """What is asked now; None after the last."""
        return self._asked[self._at] if self._at < len(self._asked) else None

    @property
    def progress(self) -> str:
        """Such as "12 of 97, 5 yes"."""
        return f"{min(self._at + 1, len(self._asked))} of {len(self._asked)}, {self.count(Answer.YES)} yes"

    def count(self, answer: Answer) -> int:
        """How often that was the judgement."""
        return sum(given is answer for _, given in self._judged)

    def take(self, answer: Answer) -> None:
        """Goes on to the next question, with a judgement or without."""
        if answer in GRADES:
            self._judged.append((self._at, answer))
        self._at += 1

    def undo(self) -> bool:
        """Goes back to the last judgement and forgets it; False where there is none."""
        if not self._judged:
            return False
        self._at, _ = self._judged.pop()
        return True


def _order(question: Question, theme: Theme) -> tuple[int, float, str]:
    """The least is asked first; among equals a hash decides, which favours no place of a digest."""
    match, key = question.match, hashlib.sha256(question.paper.title.encode()).hexdigest()
    distance = match.score / theme.threshold - 1 if theme.threshold > 0 else match.score
    if abs(distance) <= NEAR or (distance > 0 and not match.member):
        return (0, abs(distance), key)
    if match.member:
        return (1, distance, key)
    return (3, 0.0, key) if _is_silent(match) else (2, -distance, key)


def _is_silent(match: Match) -> bool:
    return not match.member and match.score <= 0
