"""From bytes to a digest: which format, which encoding, and what a refusal says."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import sources
from newsletter.errors import DigestError
from newsletter.model import Digest, Skipped
from newsletter.sources.document import Document

DIGESTS = Path(__file__).parents[1] / "data" / "digests"
SAMPLES = sorted(path for path in DIGESTS.glob("*/*.*") if not path.name.endswith(".expected.json"))
PAGE = (
    "Daily Papers\n\nJul 30\n\nCounting Sheep\n\nSheep look alike – we count “them”.\n\nBoats\n\nThey float."
)


def parsed(data: bytes) -> Digest:
    return sources.parse(data, "page.txt")


def refusal(data: bytes) -> str:
    with pytest.raises(DigestError) as caught:
        parsed(data)
    return str(caught.value)


def told(value: Any) -> Any:
    """The value without what a source does not say, so that an expectation shows what it does."""
    if isinstance(value, dict):
        return {key: told(each) for key, each in value.items() if each not in (None, "", [])}
    return [told(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.parent.name}/{sample.stem}")
def test_a_sample_gives_what_its_neighbour_expects(sample: Path) -> None:
    digest = sources.parse(sample.read_bytes(), sample.name)

    expected = json.loads(sample.with_suffix(".expected.json").read_text(encoding="utf-8"))
    assert told(json.loads(json.dumps(asdict(digest), default=str))) == expected


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.parent.name}/{sample.stem}")
def test_exactly_the_format_of_its_folder_recognises_a_sample(sample: Path) -> None:
    text = sample.read_text(encoding="utf-8")

    found = [name for name, module in sources.FORMATS.items() if module.sniff(Document(text, sample.name))]
    assert found == [sample.parent.name]


def test_no_letter_keeps_more_marks_than_a_script_has() -> None:
    one, other = "\u05b0", "\u05b1"
    page = "Daily Papers\n\nJul 30\n\nCounting Sheep\n\nSheep \u05d0%s look – – – alike."

    [paper] = parsed((page % ((other + one) * 500)).encode()).papers

    assert paper.abstract == "Sheep \u05d0%s look – – – alike." % (one * 15 + other * 15)


def test_every_format_has_a_sample() -> None:
    assert {sample.parent.name for sample in SAMPLES} == set(sources.FORMATS)


@pytest.mark.parametrize(
    "data",
    [
        PAGE.encode("utf-8-sig"),
        PAGE.encode("utf-16"),
        b"\xfe\xff" + PAGE.encode("utf-16-be"),
        PAGE.encode("utf-32"),
        PAGE.replace("\n", "\r\n").encode(),
        PAGE.replace("\n", "\r").encode(),
        PAGE.replace("\n", "\u2028").encode(),
        PAGE.replace("\n", "\x0c \t\n").encode(),
        PAGE.replace(" ", "\u00a0").encode(),
        PAGE.replace("S", "\x00\x07S\u200b\u202e").replace("\x00", "", 4).encode(),
    ],
    ids=[
        "bom",
        "utf-16",
        "utf-16-be",
        "utf-32",
        "crlf",
        "cr",
        "line separators",
        "form feeds",
        "nbsp",
        "controls",
    ],
)
def test_encoding_and_line_ends_make_no_difference(data: bytes) -> None:
    assert parsed(data) == parsed(PAGE.encode())


def test_a_windows_file_is_read_and_the_digest_says_so() -> None:
    digest = parsed(PAGE.encode("cp1252"))

    assert digest.papers == parsed(PAGE.encode()).papers
    assert digest.skipped[0] == Skipped(7, "96", "not UTF-8: the text is read as Windows-1252")


def test_one_broken_character_does_not_change_the_encoding() -> None:
    digest = parsed(PAGE.encode() + " They “sink”.".encode() + b"\xff.")

    assert digest.papers[-1].abstract == "They float. They “sink”.\ufffd."
    assert digest.skipped[0] == Skipped(11, "ff", "not UTF-8: the character is lost")


@pytest.mark.parametrize("read_as", ["latin-1", "cp1252"])
def test_a_text_that_was_encoded_twice_is_read_as_it_was(read_as: str) -> None:
    page = PAGE.replace("alike", "alike to José à “Zoë” β")

    # Where Windows-1252 has no character, browsers take that of Latin-1.
    twice = "".join(
        chr(byte) if byte in (0x81, 0x9D) else bytes([byte]).decode(read_as) for byte in page.encode()
    )
    digest = parsed(twice.encode())

    assert digest.papers == parsed(page.encode()).papers
    assert digest.skipped[0].why == "UTF-8 encoded twice: read as it was before"


@pytest.mark.parametrize("words", ["CAFÃ É", "Ã and ∼", "â€ or 日本"])
def test_letters_that_only_look_encoded_twice_stay(words: str) -> None:
    digest = parsed((PAGE + words + ".").encode())

    assert digest.papers[-1].abstract.endswith(words + ".")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "this is empty"),
        (b" \r\n\t ", "this is empty"),
        (b"\xef\xbb\xbf", "this is empty"),
        (b"%PDF-1.7 ...", "this is a PDF"),
        (b"PK\x03\x04 ...", "a ZIP archive"),
        (b"\x1f\x8b\x08 ...", "a gzip archive"),
        (b"\x89PNG\r\n", "a PNG image"),
        (b"\x00\x01\x02" * 100, "binary data"),
        (b"<!DOCTYPE html><html>", "looks like an HTML page"),
        (b'<?xml version="1.0"?><urlset/>', "looks like XML"),
        (b'[{"paper": {}}]', "looks like JSON"),
        (b"x" * (sources.MAX_BYTES + 1), "larger than 25 MB"),
        (b"Shopping list: eggs.", "this is no digest that is known (a papers page"),
    ],
)
def test_what_is_no_digest_is_named_and_the_next_step_told(data: bytes, words: str) -> None:
    message = refusal(data)

    assert message.startswith("page.txt: ")
    assert words in message
    assert message.endswith("open the page in a browser, select all, copy, and save the text as a .txt file")


def test_a_page_without_papers_is_refused() -> None:
    assert refusal(b"Daily Papers\n\nJul 30\n\nPrevious\nNext") == (
        "page.txt: this is in the format hf-page, but no paper is in it; give one that lists papers"
    )


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: (PAGE + text).encode())))
def test_any_bytes_give_a_digest_or_a_refusal(data: bytes) -> None:
    try:
        digest = parsed(data)
    except DigestError:
        return
    assert digest.papers
