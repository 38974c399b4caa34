"""What would go wrong in a reader's client: each rule is seen to fire at its place, and to keep still."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import lint
from newsletter.lint.support import FEATURES
from newsletter.model import Finding, RenderedIssue
from tests.lint_cases import CASES, PARTS, Case


def changed(case: Case, text: str) -> tuple[Finding, ...]:
    assert case.sound in PARTS[case.part]
    parts = PARTS | {case.part: PARTS[case.part].replace(case.sound, text.replace("¦", ""), 1)}
    raw = parts.pop("headers").encode("latin-1")
    return lint.check(RenderedIssue(**parts), raw)


def test_a_mail_in_order_has_no_finding() -> None:
    parts = {name: text for name, text in PARTS.items() if name != "headers"}

    assert lint.check(RenderedIssue(**parts), PARTS["headers"].encode()) == ()
    assert lint.check(RenderedIssue(**parts)) == ()


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule} {number}" for number, case in enumerate(CASES)])
def test_a_rule_finds_its_fault_and_not_its_twin(case: Case) -> None:
    found = [finding for finding in changed(case, case.fault) if finding.rule == case.rule]

    assert found
    if "¦" in case.fault:
        before = PARTS[case.part].partition(case.sound)[0] + case.fault.partition("¦")[0]
        lines = before.split("\n")
        assert (found[0].line, found[0].column) == (len(lines), len(lines[-1]) + 1)
    assert case.rule not in {finding.rule for finding in changed(case, case.twin)}


def test_every_rule_has_a_case_a_reason_and_a_source() -> None:
    slugs = [rule.slug for rule in lint.RULES]

    assert set(slugs) == {case.rule for case in CASES}
    assert len(set(slugs)) == len(slugs)
    assert all(
        rule.why.endswith(".") and rule.source and rule.level in {"error", "warning"} for rule in lint.RULES
    )


def test_findings_come_in_the_order_of_the_rules_and_then_of_the_page() -> None:
    page = '<p style="display:flex">a</p><p style="display:grid">b</p><script></script>'

    found = lint.check_page(page)

    order = [rule.slug for rule in lint.RULES]
    assert [order.index(one.rule) for one in found] == sorted(order.index(one.rule) for one in found)
    assert [one.column for one in found if one.rule == "support"] == [11, 40]


def test_many_of_one_kind_are_told_together() -> None:
    page = '<img src="cid:1" width="9" height="9">' * 15

    found = [one.message for one in lint.check_page(page) if one.rule == "alt"]

    assert len(found) == 3
    assert found[-1].endswith("(and 12 more)")


def test_a_large_page_is_a_warning_and_a_huge_one_an_error() -> None:
    for size, level in ((79_999, None), (80_000, "warning"), (95_000, "error")):
        levels = [one.level for one in lint.check_page(" " * size) if one.rule == "html-size"]
        assert levels == [level] * bool(level)


def test_the_preheader_of_a_page_is_its_first_hidden_text() -> None:
    short = '<body><div style="display:none">Too short.</div><p>Words.</p></body>'

    assert "preheader-length" in {one.rule for one in lint.check_page(short)}
    assert "preheader-length" not in {one.rule for one in lint.check_page("<body><p>Words.</p></body>")}


def test_a_mail_is_looked_at_as_its_parts_are_decoded() -> None:
    raw = PARTS["headers"].replace("<p>Words", "<p>=C3=B6<img=20src=3D'cid:1'>").encode()

    assert lint.unpacked(raw).html == "<p>ö<img src='cid:1'> of a paper.</p>"
    assert [(one.line, one.column) for one in lint.check_mail(raw) if one.rule == "alt"] == [(1, 5)]


def test_what_only_outlook_reads_is_no_concern_of_others() -> None:
    page = "<h1>A</h1><!--[if mso]><table><tr><td style='font-size:8px'><img></td></tr></table><![endif]-->"

    rules = {one.rule for one in lint.check_page(page)}

    assert not rules & {"alt", "font-size", "table-role", "image-size"}


def test_every_client_of_a_feature_is_one_of_ours() -> None:
    clients = {client for feature in FEATURES for client in feature.fails}

    assert clients == {"Gmail", "Outlook for Windows", "Outlook.com", "Yahoo"}
    assert all(2018 < feature.year < 2027 and feature.source for feature in FEATURES)


PIECES = [
    "<p ",
    "<a href='",
    "<style>",
    "</style>",
    "<!--[if mso]>",
    "<![endif]-->",
    "style='color:#1",
    "rgb(1 2 3)",
]
PIECES += [
    "'>",
    ">",
    '"',
    "{",
    "}",
    "@media (",
    ":",
    ";",
    "&#x",
    "{{ a }}",
    "https://[",
    "h1",
    "\n",
    "\r\n",
    "\0",
    "é",
    "=?utf-8?q?",
]
PIECES += [
    "From: ",
    "Subject: ",
    "Content-Type: multipart/mixed; boundary=a\r\n",
    "--a",
    "=",
    "<td>",
    "</td>",
    "*",
    "#",
    "\ud800",
]


@given(st.lists(st.sampled_from(PIECES), max_size=50).map("".join))
def test_whatever_a_page_is_there_is_an_answer(text: str) -> None:
    for finding in (*lint.check_page(text, text), *lint.check(RenderedIssue(text, text, text, text))):
        assert finding.message
        assert "\n" not in finding.message


@given(st.lists(st.sampled_from(PIECES), max_size=50).map("".join) | st.text())
def test_whatever_the_bytes_there_is_an_answer(text: str) -> None:
    raw = text.encode("utf-8", errors="surrogatepass")

    assert all(finding.rule for finding in lint.check_mail(raw))
    assert lint.unpacked(raw).preheader == lint.unpacked(raw).preheader
