"""What would go wrong in a reader's client, each rule seen to fire and to keep still."""

from dataclasses import replace

import pytest

from newsletter import lint
from newsletter.model import Finding, RenderedIssue

GOOD = RenderedIssue(
    subject="KIVI leads 3 papers",
    preheader="Three papers chosen from twelve, on caches.",
    html='<!--[if mso]><p></p><![endif]--><a href="https://example.org/a?b=1&amp;c=2">A</a>',
    text="A\nhttps://example.org/a?b=1&c=2\n",
)


def linked(address: str) -> RenderedIssue:
    return replace(GOOD, html=f'<a href="{address}">A</a>', text=address)


def test_an_issue_in_order_has_no_finding() -> None:
    assert lint.check(GOOD) == ()


@pytest.mark.parametrize(("size", "level"), [(80_000, "warning"), (95_000, "error")])
def test_a_page_that_gmail_would_clip_is_found(size: int, level: str) -> None:
    (finding,) = lint.check(replace(GOOD, html=GOOD.html + "x" * (size - len(GOOD.html))))

    assert (finding.rule, finding.level) == ("html-size", level)


def test_a_page_one_byte_smaller_is_not_found() -> None:
    assert lint.check(replace(GOOD, html=GOOD.html + "x" * (79_999 - len(GOOD.html)))) == ()


@pytest.mark.parametrize(
    ("issue", "finding"),
    [
        (replace(GOOD, subject=""), Finding("subject-length", "error", "The subject is empty.")),
        (
            replace(GOOD, subject="x" * 71),
            Finding("subject-length", "warning", "71 characters; a phone shows about 70."),
        ),
        (
            replace(GOOD, preheader="Short."),
            Finding("preheader-length", "warning", "6 characters; 30 to 140 read well."),
        ),
        (
            linked("https://example.org/{{ token }}"),
            Finding(
                "placeholder", "error", "A link still holds a placeholder: https://example.org/{{ token }}"
            ),
        ),
        (
            linked("http://example.org/"),
            Finding("link-scheme", "warning", "Neither https nor mailto: http://example.org/"),
        ),
        (linked("javascript:x"), Finding("link-scheme", "error", "Neither https nor mailto: javascript:x")),
        (linked(""), Finding("link-scheme", "error", "Neither https nor mailto: an empty link")),
        (
            replace(GOOD, text="A\n"),
            Finding(
                "text-parity", "warning", "In the HTML, not in the plain text: https://example.org/a?b=1&c=2"
            ),
        ),
        (
            replace(GOOD, html=GOOD.html + "<!--[if mso]>"),
            Finding("mso-balance", "error", "2 Outlook comments opened, 1 closed."),
        ),
    ],
)
def test_each_fault_is_found_and_named(issue: RenderedIssue, finding: Finding) -> None:
    assert finding in lint.check(issue)


def test_a_broken_address_is_a_finding_and_not_an_error() -> None:
    assert Finding("link-scheme", "error", "Neither https nor mailto: https://[") in lint.check(
        linked("https://[")
    )
