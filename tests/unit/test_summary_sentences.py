"""Where sentences begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.summary import sentences

WHOLE = [
    "Larder keeps the caches, e.g. those of Wren-2.1 8B, i.e. the large ones, on disk.",
    "We follow Oakes et al. (2021) and J. P. Reed in counting steps, tokens, etc. as costs.",
    "It renders 4k res. at 60 FPS, see Fig. 3 and Eq. 4, w.r.t. the v2.0 baseline vs. ours.",
    "A loss of 0.3 at 2.5 bits is what Sec. 4 reports for approx. 90% of layers.",
    "Code stands at https://code.example.org/larder.v2?x=1. as of today.",
    'Prompts such as "Open the door. Then wait." are given in pairs.',
    "The bracket (Each step is cheap. So is the next.) explains it.",
    "We train on No. 1 of the lists, and test on nos. 2 and 3.",
    "Dr. Zero was named before the U.S. Patents were.",
    "We wait ... and then go on.",
]

PAIRS = [
    ("The answer is no. We go on.", ("The answer is no.", "We go on.")),
    ("Caches grow. We shrink them.", ("Caches grow.", "We shrink them.")),
    ("It has lower latency.Codes are here.", ("It has lower latency.", "Codes are here.")),
    ("Caches, pages, etc. We keep all.", ("Caches, pages, etc.", "We keep all.")),
    ("Why so slow? Because of copies!", ("Why so slow?", "Because of copies!")),
    ("He said “go on.” We did.", ("He said “go on.”", "We did.")),
    ("It scales with GPUs. vLarder is faster.", ("It scales with GPUs.", "vLarder is faster.")),
    ("Two faults: 1) Slow disks. 2) Idle GPUs.", ("Two faults: 1) Slow disks.", "2) Idle GPUs.")),
    ("We train it as in Reed et al. We then stop.", ("We train it as in Reed et al.", "We then stop.")),
    ("It is (almost) free. 3D scenes follow.", ("It is (almost) free.", "3D scenes follow.")),
    ("An open ( bracket stays. We go on.", ("An open ( bracket stays.", "We go on.")),
    ("", ()),
    (" \n ", ()),
]


@pytest.mark.parametrize("sentence", WHOLE)
def test_a_stop_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    assert sentences.split(sentence) == (sentence,)


@pytest.mark.parametrize(("text", "expected"), PAIRS)
def test_a_sentence_ends_where_the_next_begins(text: str, expected: tuple[str, ...]) -> None:
    assert sentences.split(text) == expected


def test_white_space_is_folded_and_nothing_else_is_changed() -> None:
    assert sentences.split("We fold\n  lines.\n\nAnd   blanks.") == ("We fold lines.", "And blanks.")


@given(st.text(alphabet="aA .?!…)(“”\"'1,é\n", max_size=200))
def test_the_sentences_together_are_the_text(text: str) -> None:
    parts = sentences.split(text)

    assert "".join(parts).replace(" ", "") == "".join(text.split())
    assert all(part == part.strip() != "" for part in parts)
