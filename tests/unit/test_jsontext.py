"""JSON that is broken, flawed, deep or large: named with its place, and never a crash."""

import contextlib
import json
import time
from pathlib import Path

import pytest

from newsletter import sources
from newsletter.errors import DigestError
from newsletter.model import Digest, Skipped
from newsletter.sources import jsontext

DIGESTS = Path(__file__).parents[1] / "data" / "digests"
SAMPLES = [path for path in sorted(DIGESTS.glob("*/*.json*")) if ".expected." not in path.name]
GOOD = {"paper": {"id": "2503.00001", "title": "Sheep", "summary": "They look alike."}}


def parsed(text: str) -> Digest:
    return sources.parse(text.encode("utf-8", "surrogatepass"), "digest.json")


def refusal(text: str) -> str:
    with pytest.raises(DigestError) as caught:
        parsed(text)
    return str(caught.value)


def with_item(upvotes: str) -> str:
    """Two entries, the second with these upvotes, written as they stand."""
    item = '{"paper": {"id": "2503.00002", "title": "Boats", "summary": "They float.", "upvotes": %s}}'
    return f"[{json.dumps(GOOD)}, {item % upvotes}]"


@pytest.mark.parametrize(
    ("upvotes", "what"),
    [
        ("NaN", "NaN is no number"),
        ("Infinity", "Infinity is no number"),
        ("-Infinity", "-Infinity is no number"),
        ("1e999", "1e999 is too large a number"),
        ("9" * 5000, "a number of too many digits"),
        ('1, "upvotes": 2', "the key stands twice"),
        ('"\\ud800"', "half a character"),
    ],
)
def test_a_flaw_spoils_its_item_and_no_other(upvotes: str, what: str) -> None:
    digest = parsed(with_item(upvotes))

    assert [paper.title for paper in digest.papers] == ["Sheep"]
    assert digest.skipped == (Skipped(2, "Boats", f"paper.upvotes: {what}"),)


def test_a_whole_character_of_two_escapes_is_no_flaw() -> None:
    digest = parsed(with_item('"\\ud83d\\udc11"'))

    assert len(digest.papers) == 2
    assert digest.skipped == ()


def test_a_digest_of_nothing_but_flaws_says_what_the_first_is() -> None:
    text = json.dumps([{"paper": {**GOOD["paper"], "upvotes": float("nan")}}])

    assert refusal(text) == (
        "digest.json: this is in the format hf-api, but no paper in it can be read; "
        "item 1: paper.upvotes: NaN is no number; save the file again"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '[{"title": "A",',
            "line 1: broken JSON: Expecting property name enclosed in double quotes at column 16",
        ),
        ('[\n  {"title": "A', "line 2: broken JSON: Unterminated string starting at column 13"),
        ('{"papers": [], "papers": []}', "broken JSON: papers: the key stands twice"),
        ('{"title": NaN}', "broken JSON: title: NaN is no number"),
        ("[NaN]", "broken JSON: [0]: NaN is no number"),
        ('{"a": "\\ud800"}', "broken JSON: a: half a character"),
        ('[{"title": "A"}]\n[]', "line 1: more text after the end of the JSON"),
        ("[" * 100_000, "JSON nested deeper than any digest is"),
        ('{"a":' * 100_000, "JSON nested deeper than any digest is"),
        ("[" * 100_000 + "]" * 100_000, "JSON nested deeper than any digest is"),
        ("[" + "1," * jsontext.MAX_VALUES + "1]", "more than 1,000,000 values, which no digest has"),
        ('{"raw": "A"}\n{"raw": "B"}', "looks like JSON, but holds no papers in a form that is known"),
        ('{"error": "Not found"}', "looks like JSON, but holds no papers in a form that is known"),
    ],
    ids=range(13),
)
def test_what_is_no_digest_is_refused_with_its_place(text: str, words: str) -> None:
    assert words in refusal(text)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.parent.name}/{sample.name}")
def test_a_sample_cut_off_anywhere_is_refused_or_keeps_its_first_papers(sample: Path) -> None:
    whole = sample.read_bytes().rstrip()
    titles = [paper.title for paper in sources.parse(whole, sample.name).papers]

    for end in range(len(whole)):
        try:
            digest = sources.parse(whole[:end], sample.name)
        except DigestError:
            continue
        assert sample.suffix == ".jsonl", "only lines are whole before the end"
        assert [paper.title for paper in digest.papers] == titles[: len(digest.papers)]


def test_a_sample_cut_off_says_on_which_line_and_column() -> None:
    whole = (DIGESTS / "hf-api" / "day.json").read_text(encoding="utf-8")

    for end in range(2, len(whole.rstrip())):
        message = refusal(whole[:end])
        assert message.startswith("digest.json, line ")
        assert " at column " in message


@pytest.mark.parametrize(
    "text",
    [
        '{"title":"T","abstract":"A"}\n' + "{\n" * 1_000_000,
        '{"title":"T","abstract":"A"}\n' + "[" * 1_000_000,
        json.dumps([{"title": "T", "abstract": "<p>" * 1_000_000}]),
        json.dumps([{"title": "T", "abstract": "A", "authors": "a and " * 500_000}]),
        json.dumps([{"title": "T", "abstract": "A", "authors": ["a" + "b" * at for at in range(2_000)]}]),
        json.dumps([{"title": "T", "abstract": "A", "id": "1" * 3_000_000, "date": "2" * 1_000_000}]),
        json.dumps({"topic": {str(at): "|**2025-01-01**|**" for at in range(100_000)}}),
        json.dumps(["{'a': '" + "\\'" * 1_000_000]),
        "[{'title': '" + "\\'" * 1_000_000,
    ],
    ids=range(9),
)
def test_hostile_megabytes_take_a_moment(text: str) -> None:
    start = time.process_time()

    with contextlib.suppress(DigestError):
        parsed(text)
    assert time.process_time() - start < 5
