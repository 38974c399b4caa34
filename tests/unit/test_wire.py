"""Mails spliced of one template: those that would have been made for each reader, and none that cannot go."""

import email
import os
import re
from dataclasses import replace
from email import policy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from newsletter import links
from newsletter.errors import NewsletterError, RenderError
from newsletter.model import Attachment, Figure, Issue, Section
from newsletter.templating import Look
from newsletter.wire import Reader, WireTemplate
from tests.builders import issue, paper, pick
from tests.looks import LOOKS, busy_issue, every_look, load
from tests.spliced import MARK_KEY, Setup, address, randomly

RUNS = int(os.environ.get("NEWSLETTER_TEST_RUNS", "200"))
FILES = (Attachment("weekly-7.bib", "x-bibtex", b"@misc{a,\n title={A}\n}\n.\n" * 40),)


FIELDS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Archive",
    "List-Help",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
]


def setup(folder: Path = LOOKS[-1], of: Issue | None = None, **values: object) -> Setup:
    return Setup(of or busy_issue(), load(folder), **values)  # type: ignore[arg-type]


def small(**values: object) -> Setup:
    return setup(LOOKS[0], issue(), **values)


@every_look
@pytest.mark.parametrize("files", [(), FILES], ids=["bare", "with a file"])
def test_a_spliced_mail_is_the_one_that_would_be_made_for_its_reader(
    folder: Path, files: tuple[Attachment, ...]
) -> None:
    made = setup(folder, attachments=files)
    template, rng = made.template(), randomly(7)

    for _ in range(3):
        reader, key = address(rng), rng.randbytes(16)
        assert template.splice(made.reader(reader, key)) == made.composed(reader, key)


def test_a_spliced_mail_is_made_of_what_was_rendered_once() -> None:
    """Thousands of readers, whose texts differ from the marked one in their tokens alone."""
    made, rng = small(), randomly(11)
    template, marked = made.template(), made.rendered(MARK_KEY)
    marks = made.reader("", MARK_KEY)

    for _ in range(RUNS):
        reader, key = address(rng), rng.randbytes(16)
        own = made.reader(reader, key)
        html, text = (
            body.replace(marks.preferences_token, own.preferences_token).replace(
                marks.unsubscribe_token, own.unsubscribe_token
            )
            for body in (marked.html, marked.text)
        )
        assert template.splice(own) == made.composed(reader, key, replace(marked, html=html, text=text))


WORDS = some.text(
    some.characters(exclude_categories=["Cs"]) | some.sampled_from("אבגشع=.\n x\u00ad\u200f"), max_size=300
)


@settings(deadline=None, max_examples=max(20, RUNS // 50))
@given(
    title=WORDS, line=WORDS, look=some.sampled_from(LOOKS), site=some.integers(0, 90), seed=some.integers(0)
)
def test_no_text_of_an_issue_comes_between_a_reader_and_their_own_mail(
    title: str, line: str, look: Path, site: int, seed: int
) -> None:
    picked = pick(paper=paper(f"A {title}"), one_liner=line, figures=(Figure("2×", title[:20]),))
    of = issue(Section("kv-cache", f"K {title[:40]}", line, (picked,)), headline=f"A {title}")
    made, rng = setup(look, of, site=f"https://{'w' * site}.example.org"), randomly(seed)
    reader, key = address(rng), rng.randbytes(16)

    assert made.template().splice(made.reader(reader, key)) == made.composed(reader, key)


@pytest.mark.parametrize("length", [*range(60, 78), 200, 500, 900])
def test_an_address_of_any_length_stays_whole_wherever_lines_break(length: int) -> None:
    """The tokens slide over the end of a line of quoted-printable, one place at a time."""
    made = small(site=f"https://news.example.org/{'u' * (length - 25)}", leave="")
    own = made.reader("ada@example.net", bytes(range(16)))

    mail = made.template().splice(own)

    where = f"{made.site}/weekly/unsubscribe/{own.unsubscribe_token}"
    assert f"\r\nList-Unsubscribe: <{where}>\r\n".encode() in mail
    read = email.message_from_bytes(mail, policy=policy.strict)
    assert [part.get_content().count(where) for part in read.iter_parts()] == [1, 1]
    assert max(map(len, mail.split(b"\r\n"))) <= 998


def test_a_mail_travels_as_it_is_to_every_reader() -> None:
    made, rng = setup(attachments=FILES), randomly(13)
    template, half = made.template(), re.compile(rb"\r(?!\n)|(?<!\r)\n|[\0\x80-\xff]")

    for _ in range(RUNS):
        own = made.reader(address(rng), rng.randbytes(16))
        mail = template.splice(own)
        assert not half.search(mail)
        assert max(map(len, mail.split(b"\r\n"))) <= 998
        head = mail.partition(b"\r\n\r\n")[0].decode()
        assert re.findall(r"^([\w-]+):", head, re.M) == FIELDS
        where = f"{made.site}/weekly/unsubscribe/{own.unsubscribe_token}"
        assert f"\r\nList-Unsubscribe: <{where}>,\r\n <mailto:leave+{own.unsubscribe_token}@news.e" in head


def test_a_strict_reader_finds_no_defect_in_the_mail_of_anybody() -> None:
    made, rng = small(), randomly(17)
    template = made.template()

    for _ in range(30):
        own = made.reader(address(rng), rng.randbytes(16))
        mail = email.message_from_bytes(template.splice(own), policy=policy.strict)
        assert not [defect for value in mail.values() for defect in value.defects]
        domain = own.address.rpartition("@")[2]
        assert [one.domain for one in mail["To"].addresses] == [domain] * ("=?" not in own.address)


@pytest.mark.parametrize("length", range(60, 90))
def test_an_address_is_folded_as_any_other_mail_folds_it(length: int) -> None:
    made = small()
    reader = f"{'a' * (length - 20)}@{'b' * 16}.org"[-length:]

    mail = made.template().splice(made.reader(reader, bytes(16)))

    assert mail == made.composed(reader, bytes(16), made.rendered(bytes(16)))


def test_two_tries_for_one_reader_are_the_same_bytes_and_two_readers_differ_in_what_is_theirs() -> None:
    """What a preview shows is what is sent: all mails are one, but for five fields and the links."""
    made = setup()
    first, again, template = made.pattern(), made.pattern(), made.template()
    rng, plain = randomly(19), set()
    for _ in range(RUNS):
        own = made.reader("ada@example.net", rng.randbytes(16))
        mail = template.splice(own).replace(b"=\r\n", b"")
        for value in (own.preferences_token, own.unsubscribe_token, own.key):
            mail = mail.replace(value.encode(), b"")
        plain.add(mail)

    assert first == again
    assert len(plain) == 1


def test_a_template_knows_whether_a_line_of_it_begins_with_a_dot() -> None:
    words = "Short words.\n" + "x" * 75 + ". And so on."

    for note in (words, ""):
        of = small()
        made = replace(of, issue=replace(of.issue, note=note))
        spliced = made.template().splice(made.reader("ada@example.net", bytes(16)))
        assert made.template().dotted == (b"\r\n." in spliced)


def changed(template: str, old: str, new: str) -> Setup:
    made = setup()
    assert old in made.look.files[template]
    files = {**made.look.files, template: made.look.files[template].replace(old, new)}
    return replace(made, look=Look(made.look.name, files))


@pytest.mark.parametrize(
    ("template", "new"),
    [
        ("issue.txt.j2", "links.unsubscribe | upper"),
        ("issue.txt.j2", "links.unsubscribe[:-9]"),
        ("issue.txt.j2", "links.unsubscribe | wordwrap(30)"),
        ("issue.mjml.j2", "links.unsubscribe[:-1] ~ '-' ~ links.unsubscribe[-1]"),
        ("issue.mjml.j2", "links.unsubscribe | replace('/', '/') | upper"),
    ],
)
def test_a_look_that_changes_a_readers_address_is_told_where_and_what_to_write(
    template: str, new: str
) -> None:
    made = changed(template, "links.unsubscribe | address", new)

    with pytest.raises(RenderError, match=r"write (it as it is: )?\{\{ links\.unsubscribe") as caught:
        made.pattern()

    assert caught.value.template == template


@pytest.mark.parametrize("template", ["issue.txt.j2", "issue.mjml.j2"])
def test_a_look_without_a_way_to_leave_is_told_so(template: str) -> None:
    made = changed(template, "links.unsubscribe | address", "links.archive | address")

    with pytest.raises(RenderError, match="no way to leave"):
        made.pattern()


def test_a_look_keeps_the_addresses_of_readers_out_of_the_subject() -> None:
    made = setup()
    files = {**made.look.files, "subject.txt.j2": "Hello {{ links.unsubscribe }}"}

    with pytest.raises(RenderError, match=r"subject.txt.j2: shows the address"):
        replace(made, look=Look(made.look.name, files)).pattern()


def test_an_address_too_long_for_a_line_of_a_mail_is_found_before_anybody_is_mailed() -> None:
    made = small(site=f"https://news.example.org/{'u' * 960}")

    with pytest.raises(NewsletterError, match=r"has 1\d+ characters.*base_url"):
        made.pattern()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b"List-Help: <", b"List-Help: <x", ""),
        (b"\r\nSubject: ", b"\r\nSubject: a\r\nSubject: ", "not one field Subject"),
        (b"\r\nAuto-Submitted: ", b"\r\nX-A: \0\r\nAuto-Submitted: ", "octet"),
        (b"\r\nAuto-Submitted: ", b"\nAuto-Submitted: ", "octet"),
        (b"\r\nAuto-Submitted: ", b"\rAuto-Submitted: ", "octet"),
        (b"\r\nAuto-Submitted: ", b"\r\nX-A: \xc3\xa9\r\nAuto-Submitted: ", "octet"),
        (b"multipart/alternative", b"multipart/alternative; x=; y", "finds"),
    ],
)
def test_a_damaged_pattern_is_told_what_is_wrong(old: bytes, new: bytes, problem: str) -> None:
    damaged = small().pattern().replace(old, new, 1)

    if not problem:
        WireTemplate.of(damaged).check()
        return
    with pytest.raises(NewsletterError, match=problem):
        WireTemplate.of(damaged).check()


@pytest.mark.parametrize("name", [b"To", b"Message-ID", b"List-Unsubscribe", b"List-Help"])
def test_a_mail_without_marks_is_no_pattern(name: bytes) -> None:
    lacking = small().pattern().replace(b"\r\n%b: " % name, b"\r\nX-%b: " % name)

    with pytest.raises(NewsletterError, match="no marks"):
        WireTemplate.of(lacking)


def test_no_value_of_another_length_is_spliced() -> None:
    template = small().template()
    whole = Reader("ada@example.net", "a" * 52, "b" * 52, "c" * 20)

    for wrong in ({"key": "c"}, {"preferences_token": "a" * 51}, {"unsubscribe_token": "b" * 53}):
        with pytest.raises(ValueError, match="would not fit"):
            template.splice(replace(whole, **wrong))


def test_a_reader_is_not_shown_in_a_log() -> None:
    assert repr(Reader("ada@example.net", "a" * 52, "b" * 52, "c" * 20)) == "Reader()"


def test_marks_are_those_of_nobody_and_nobody_can_write_them() -> None:
    """A paper that holds what another installation uses as marks is a paper like any other."""
    theirs = links.Keys((b"another secret",))
    mark = links.sign(links.mark_key(theirs), links.Purpose.UNSUBSCRIBE, list="weekly", keys=theirs)
    other = replace(small(), issue=issue(note=mark))
    key = bytes(range(16))

    assert other.template().splice(other.reader("a@b.org", key)) == other.composed("a@b.org", key)


@every_look
def test_a_template_for_smtp_doubles_the_dots_of_every_mail_once(folder: Path) -> None:
    made = setup(folder, attachments=FILES, of=issue(note=".a note\n\n...and its end\n\n.\n"))
    plain, stuffed = made.template(), WireTemplate.of(made.pattern(), stuffed=True)
    rng = randomly(8)

    for _ in range(20):
        reader = made.reader(address(rng), rng.randbytes(16))
        assert stuffed.splice(reader) == plain.splice(reader).replace(b"\r\n.", b"\r\n..")
    assert (plain.dotted, stuffed.dotted) == (True, False)
