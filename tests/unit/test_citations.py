"""An issue's papers as BibTeX and RIS, read back by bibtexparser and by our own parsers."""

import re
from datetime import date

import pytest
from bibtexparser.entrypoint import parse_string
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from newsletter import citations, residue, sources
from newsletter.model import TRENDING, Issue, Paper, Section
from tests.builders import issue, mailing_list, paper, pick

FORMS = sorted(citations.FORMS)
HOSTILE = [
    "}\n@misc{stolen, title = {x}}",
    "Boats\r\nER  - \r\nTY  - JOUR",
    'a " = , # { {{ }}} end',
    "\\} \\{ \\",
    "@comment{ @string{x} (y)",
    "\u202eturned\u202c \u2028next\u2029 \x00\x1b[31m \ud800",
    "% all that follows $ & _ ^ ~",
]


def holding(*papers: Paper) -> Issue:
    return issue(Section("kv-cache", "KV cache", "", tuple(pick(paper=one) for one in papers)))


def entry(**values: object) -> dict[str, str]:
    """The fields of one paper's entry, by a parser that is not ours."""
    title = str(values.pop("title", "Larder: Half of a Cache"))
    (found,) = parse_string(citations.bibtex(holding(paper(title, **values)))).entries
    return {field.key: field.value for field in found.fields} | {"key": found.key, "type": found.entry_type}


def tags(**values: object) -> list[str]:
    title = str(values.pop("title", "Larder: Half of a Cache"))
    return citations.ris(holding(paper(title, **values))).split("\r\n")


def read_back(form: str, of: Issue) -> tuple[Paper, ...]:
    text = citations.FORMS[form](of)
    found = sources.parse(text.encode("utf-8", "replace"), f"library.{form}")
    assert found.format == {"bib": "bibtex", "ris": "ris"}[form]
    return found.papers


def test_a_preprint_is_an_entry_with_its_eprint() -> None:
    assert entry(
        authors=("Åsa Holm", "Ben Ito"),
        arxiv_id="2402.02750",
        published=date(2024, 2, 5),
        categories=("cs.CL", "cs.LG"),
        doi="10.5555/boats.1",
    ) == {
        "type": "misc",
        "key": "holm2024larder",
        "title": "{Larder}: Half of a Cache",
        "author": "Holm, Åsa and Ito, Ben",
        "year": "2024",
        "month": "feb",
        "day": "5",
        "eprint": "2402.02750",
        "archiveprefix": "arXiv",
        "primaryclass": "cs.CL",
        "doi": "10.5555/boats.1",
        "url": "https://arxiv.org/abs/2402.02750",
        "keywords": "KV cache",
    }


def test_a_preprint_is_a_record_of_ris_with_the_line_ends_of_its_specification() -> None:
    assert tags(
        authors=("Åsa Holm", "Sammy Davis Jr."),
        arxiv_id="2402.02750",
        published=date(2024, 2, 5),
        doi="10.5555/boats.1",
    ) == [
        "TY  - UNPB",
        "AU  - Holm, Åsa",
        "AU  - Davis, Sammy, Jr.",
        "TI  - Larder: Half of a Cache",
        "PY  - 2024",
        "DA  - 2024/02/05",
        "DO  - 10.5555/boats.1",
        "AN  - arXiv:2402.02750",
        "KW  - KV cache",
        "UR  - https://arxiv.org/abs/2402.02750",
        "ER  - ",
        "",
    ]


def test_what_is_not_known_is_left_out() -> None:
    assert entry(title="Boats", url="javascript:alert(1)") == {
        "type": "misc",
        "key": "boats",
        "title": "Boats",
        "keywords": "KV cache",
    }
    assert tags(title="Boats", url="") == ["TY  - GEN", "TI  - Boats", "KW  - KV cache", "ER  - ", ""]


def test_what_only_trends_has_no_keyword_but_what_it_fits_besides() -> None:
    trending = Section(TRENDING, "Also trending", "", (pick(also=("Agents, tools",)), pick("Boats")))

    text = citations.bibtex(issue(trending))
    assert re.findall("keywords = (.*),", text) == ["{Agents tools}"]


@pytest.mark.parametrize(
    ("name", "bibtex", "ris"),
    [
        ("Ada Holm", "Holm, Ada", "Holm, Ada"),
        ("Geoffrey E. Quill", "Quill, Geoffrey E.", "Quill, Geoffrey E."),
        ("J.-P. Ito", "Ito, J.-P.", "Ito, J.-P."),
        ("Lot van der Boat", "van der Boat, Lot", "van der Boat, Lot"),
        ("Sammy Davis Jr.", "Davis, Jr., Sammy", "Davis, Sammy, Jr."),
        ("Martin Luther King Jr.", "King, Jr., Martin Luther", "King, Martin Luther, Jr."),
        ("Maria Garcia Lopez", "Maria Garcia Lopez", "Maria Garcia Lopez"),
        ("Plato", "{Plato}", "Plato"),
        ("Larder Team", "{Larder Team}", "Larder Team"),
        ("Boats and Sheep", "{Boats {and} Sheep}", "Boats and Sheep"),
        ("Boats, Inc.", "{Boats, Inc.}", "Boats Inc."),
        ("船 小舟", "{船 小舟}", "船 小舟"),
        ("A_B {C}", r"\textbraceleft{}C\textbraceright{}, A\_B", "{C}, A_B"),
        ("Ada* Holm", "Holm, Ada*", "Holm, Ada"),
    ],
)
def test_a_name_is_parted_only_where_its_form_says_how(name: str, bibtex: str, ris: str) -> None:
    assert entry(authors=(name,))["author"] == bibtex
    assert tags(authors=(name,))[1] == f"AU  - {ris}"


@pytest.mark.parametrize(
    ("title", "printed"),
    [
        ("Larder: The Half", "{Larder}: The Half"),
        ("Keeping Half of a Cache", "Keeping Half of a Cache"),
        ("A KV Cache for LLaMA-3, and DeepSeek", "A {KV} Cache for {LLaMA-3}, and {DeepSeek}"),
        ("O(n²) Fine-Tuning", "{O(n²)} Fine-Tuning"),
        (
            "R&D at 5% of $6, #1 a_b~c^d",
            r"{R\&D} at 5\% of \$6, \#1 a\_b\textasciitilde{}c\textasciicircum{}d",
        ),
    ],
)
def test_capitals_of_names_stand_in_braces_and_signs_of_tex_are_escaped(title: str, printed: str) -> None:
    assert entry(title=title)["title"] == printed


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"authors": ("Łukasz Ørsted-Straße",), "arxiv_id": "cs/0601001"}, "orstedstrasse2006larder"),
        ({"authors": ("Larder Team",), "arxiv_id": "hep-th/9901001"}, "larder1999larder"),
        ({"title": "The 船"}, "paper"),
        ({"title": "A Boat", "authors": ("Ada Holm",)}, "holmboat"),
        ({"published": date(2025, 1, 2), "arxiv_id": "2412.00001"}, "2025larder"),
    ],
)
def test_a_key_is_the_family_the_year_and_a_word(values: dict[str, object], key: str) -> None:
    assert entry(**values)["key"] == key


def test_papers_of_one_key_are_numbered() -> None:
    text = citations.bibtex(holding(paper("Boats"), paper("Boats at Sea"), paper("The boats")))

    assert re.findall("@misc{(.*),", text) == ["boats", "boats-2", "boats-3"]


def test_the_abstract_is_in_neither_form() -> None:
    of = holding(paper("Boats", "An abstract of its authors."))

    assert not any("abstract" in citations.FORMS[form](of).lower() for form in FORMS)


def test_a_file_is_called_after_the_list_and_the_day() -> None:
    assert citations.file_name(issue(), "bib") == "paper-weekly-2026-01-06.bib"
    assert citations.file_name(issue(list=mailing_list(title="論文/../")), "ris") == "weekly-2026-01-06.ris"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_out_of_its_entry(text: str) -> None:
    breaks_nothing(text)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_stays_in_its_entry(text: str) -> None:
    breaks_nothing(text)


def breaks_nothing(text: str) -> None:
    one = paper(
        text, authors=(text, "Ada Holm"), url=f"https://x.example.org/{text}", doi=text, arxiv_id=text,
        categories=(text,),
    )  # fmt: skip
    part = Section("a", text, "", (pick(paper=one, also=(text,)), pick(paper=paper("Boats"))))

    library = parse_string(citations.bibtex(issue(part)))
    assert len(library.entries) == 2
    assert len(library.blocks) == 2
    for braces in citations.bibtex(issue(part)).split("\n\n"):
        assert braces.count("{") == braces.count("}")
    lines = citations.ris(issue(part)).split("\r\n")
    assert [line for line in lines if line.startswith(("TY", "ER"))] == ["TY  - GEN", "ER  - "] * 2
    assert all(re.fullmatch(r"[A-Z]{2}  - [^\n\r\x00-\x1f\u202e]*", line) for line in lines[:-1])


WORDS = st.sampled_from(
    ["Larder", "KV", "the", "R&D", "5%", "$6", "#1", "a_b", "LLaMA-3", "{x}", "Straße", "船", "“half”", "p@q",
     "a=b", "c,", '"quoted"', "Recall@", "(KV)", "and", "über:", "O(n²)", "~5%", "x^y", "2.6×", "\\n", "}"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["Ada", "Holm", "B.", "J.-P.", "van", "der", "O'Neil", "Straße", "Ørsted-Ito", "Team", "and", "III",
     "小舟", "Łukasz", "Jr.", "AI", "de"]
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
# The first example loads a parser.
@settings(deadline=None)
@given(
    words=st.lists(WORDS, min_size=1, max_size=9),
    names=st.lists(st.lists(NAMES, min_size=1, max_size=4).map(" ".join), max_size=4, unique=True),
    number=st.integers(1, 99999),
    day=st.none() | st.dates(date(1995, 1, 1), date(2026, 12, 31)),
)
def test_our_own_parsers_read_back_the_same_papers(
    form: str, words: list[str], names: list[str], number: int, day: date | None
) -> None:
    title = " ".join(words)
    # What the repair would change stands in no paper that was read.
    assume(any(map(str.isalnum, title)) and residue.repair(title).text == title)
    one = paper(title, "", authors=tuple(names), arxiv_id=f"2402.{number:05}", published=day)

    first, second = read_back(form, holding(one, paper("Boats", "", doi="10.5555/boats.1")))

    assert (first.title, first.authors) == (title, tuple(names))
    assert (first.arxiv_id, first.published, second.doi) == (one.arxiv_id, day, "10.5555/boats.1")
