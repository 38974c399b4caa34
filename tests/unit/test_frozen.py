"""The content of an issue as data, and back."""

import json
from dataclasses import replace
from datetime import date

import pytest

from newsletter import frozen
from newsletter.model import (
    Evidence,
    Issue,
    Link,
    LinkKind,
    Mark,
    Rank,
    Repair,
    Section,
    Trend,
)
from tests.builders import issue, mailing_list, paper, pick, theme

FULL = issue(
    Section(
        "kv-cache",
        "KV cache",
        "Its memory.",
        (
            pick(
                paper=paper(
                    published=date(2026, 1, 5),
                    links=(Link(LinkKind.CODE, "https://code.example.org/a"),),
                    repairs=(Repair(3, "2times", "2×"),),
                    marks=(Mark.CUT,),
                    authors=("Ada", "Bo"),
                ),
                evidence=(Evidence("KV cache", "title", 1, 8.0, ((0, 8), (9, 12))),),
                rank=Rank(1.0, 0.5, 0.25, 0.1),
                edit="pinned",
            ),
        ),
    ),
    list=mailing_list(themes=(theme("kv-cache", require=(("cache", "memory"),), like=("2402.02750",)),)),
    note="Good morning.\nTea?",
    trends=(Trend("kv-cache", "KV cache", 8, 5.5, 2),),
    new_terms=("GRPO-λ",),
)


@pytest.mark.parametrize("written", [FULL, issue()])
def test_an_issue_comes_back_from_its_json_as_it_was(written: Issue) -> None:
    assert frozen.from_data(json.loads(json.dumps(frozen.as_data(written)))) == written


def test_a_field_that_another_version_wrote_or_did_not_write_does_no_harm() -> None:
    values = frozen.as_data(FULL)
    values["of_tomorrow"] = 1
    del values["trends"]

    assert frozen.from_data(values) == replace(FULL, trends=())


def test_a_field_that_has_to_be_there_is_missed() -> None:
    with pytest.raises(KeyError, match="headline"):
        frozen.from_data({name: value for name, value in frozen.as_data(FULL).items() if name != "headline"})
