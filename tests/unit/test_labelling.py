"""Judging papers for a theme: the order of questions, the answers, and what is written down."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import evaluation, labelling
from newsletter.evaluation import Label
from newsletter.labelling import Answer, Question, Session
from newsletter.model import Paper
from newsletter.selection import Match
from tests.builders import paper, theme

THEME = theme(threshold=4.0)


def match(score: float, *, member: bool | None = None) -> Match:
    return Match(THEME.slug, score, (), member=score >= 4 if member is None else member, why_not="")


def asked(scores: dict[str, Match], labels: tuple[Label, ...] = (), most: int | None = None) -> list[str]:
    papers = [paper(title) for title in scores]
    found = labelling.questions(papers, scores.values(), THEME, labels, most)
    return [question.paper.title for question in found]


def test_the_nearest_to_the_threshold_on_either_side_are_asked_first() -> None:
    scores = {
        "sure": 30.0,
        "silent": 0.0,
        "under": 3.0,
        "well in": 8.0,
        "far": 0.5,
        "over": 4.5,
        "against": -2.0,
    }

    order = asked({title: match(score) for title, score in scores.items()})

    assert order[:5] == ["over", "under", "well in", "sure", "far"]
    assert set(order[5:]) == {"silent", "against"}


def test_a_paper_that_a_rule_keeps_out_in_spite_of_its_score_is_asked_early() -> None:
    assert asked({"sure": match(30), "barred": match(9, member=False)}) == ["barred", "sure"]


def test_of_papers_without_a_phrase_only_a_few_are_asked() -> None:
    silent = {f"Silent {at}": match(0) for at in range(50)}

    assert len(asked(silent)) == labelling.SILENT
    assert asked(silent) == asked(dict(reversed(silent.items())))


def test_no_more_are_asked_than_wanted() -> None:
    assert asked({"far": match(1), "near": match(4)}, most=1) == ["near"]


def test_a_paper_that_has_a_label_for_the_theme_is_passed_over() -> None:
    labels = (Label("done", THEME.slug, 2), Label("other theme", "speech", 2))

    assert asked({"Done": match(4), "Other Theme": match(4)}, labels) == ["Other Theme"]


def test_a_label_by_arxiv_id_is_known_again() -> None:
    papers = [paper("Renamed", arxiv_id="2601.00001"), paper("New", arxiv_id="2601.00002")]
    labels = [Label("", THEME.slug, 0, "2601.00001"), Label("New", THEME.slug, 0, "2601.00003")]

    [question] = labelling.questions(papers, [match(4), match(4)], THEME, labels)

    assert question.paper.title == "New"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("y", Answer.YES),
        ("Yes\n", Answer.YES),
        (" N ", Answer.NO),
        ("m", Answer.MAYBE),
        ("undo", Answer.UNDO),
        ("s", Answer.SKIP),
        ("q", Answer.QUIT),
        ("", None),
        ("\n", None),
        ("yess", None),
        ("1", None),
        ("\x1b[A", None),
    ],
)
def test_an_answer_is_a_letter_or_a_word(text: str, answer: Answer | None) -> None:
    assert labelling.parse(text) is answer


titles = st.text(min_size=1).filter(lambda text: text.strip())


@given(titles, st.sampled_from([None, "2601.00001"]), st.sampled_from([0, 1, 2]))
def test_what_is_written_down_is_read_back(title: str, arxiv_id: str | None, grade: int) -> None:
    question = Question(paper(title, arxiv_id=arxiv_id), match(4))

    line = labelling.record(question, grade)

    assert line.count("\n") == 1
    assert evaluation.read_labels(line, "x") == (Label(title, THEME.slug, grade, arxiv_id),)


def test_a_record_names_the_id_only_where_there_is_one() -> None:
    assert json.loads(labelling.record(Question(paper("A"), match(4)), 2)).keys() == {
        "title",
        "theme",
        "grade",
    }


def session(*names: str) -> Session:
    return Session([Question(paper(name), match(4)) for name in names])


def current(at: Session) -> Paper | None:
    return at.current and at.current.paper


def test_a_session_counts_where_it_is() -> None:
    ongoing = session("A", "B", "C")

    ongoing.take(Answer.YES)
    ongoing.take(Answer.SKIP)

    assert (ongoing.progress, ongoing.count(Answer.YES), current(ongoing)) == ("3 of 3, 1 yes", 1, paper("C"))


def test_undoing_goes_back_to_the_last_judgement_over_what_was_skipped() -> None:
    ongoing = session("A", "B", "C")
    ongoing.take(Answer.NO)
    ongoing.take(Answer.SKIP)

    assert ongoing.undo()
    assert (current(ongoing), ongoing.count(Answer.NO)) == (paper("A"), 0)
    assert not ongoing.undo()


def test_a_session_ends_after_the_last_question() -> None:
    ongoing = session("A")
    ongoing.take(Answer.MAYBE)

    assert (ongoing.current, ongoing.progress, session().current) == (None, "1 of 1, 0 yes", None)
