"""Rendering in a child: whatever a look does to it, the parent goes on and says what happened."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter import rendering
from newsletter.bounded import Renderer
from newsletter.errors import RenderError
from newsletter.model import RenderedIssue
from newsletter.templating import Look
from tests.builders import LINKS, issue

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits of a process are those of Linux")

FOLDER = Path(__file__).parents[2] / "templates" / "default"
LOOK = Look("default", {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()})
MILLIONS = "{% for _ in range(10**5) %}{% for _ in range(10**5) %}{% endfor %}{% endfor %}"
# Arithmetic that no signal interrupts.
DEAF = "{% set x = 7 ** (10**8) %}"


@pytest.fixture
def renderer() -> Iterator[Renderer]:
    """One with time enough on a busy machine; afterwards none of its children is left."""
    with Renderer(timeout_s=60) as opened:
        yield opened
    assert children() == []


@pytest.fixture
def hurried() -> Iterator[Renderer]:
    """One that has little time."""
    with Renderer(timeout_s=1) as opened:
        yield opened


def look_with(added: str, name: str = "issue.mjml.j2", before: str = '<div class="foot">') -> Look:
    assert before in LOOK.files[name]
    return Look("default", {**LOOK.files, name: LOOK.files[name].replace(before, added + before, 1)})


def render(renderer: Renderer, look: Look = LOOK) -> RenderedIssue:
    return renderer.render(issue(), look=look, links=LINKS)


def refused(renderer: Renderer, look: Look = LOOK) -> RenderError:
    """What the look is refused with; the same Renderer makes the next issue all the same."""
    with pytest.raises(RenderError) as caught:
        render(renderer, look)
    if look is not LOOK:
        assert render(renderer) == rendering.render(issue(), look=LOOK, links=LINKS)
    return caught.value


def children() -> list[int]:
    """The process ids of our own that render."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            command = (status.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == os.getpid() and b"bounded" in command:
            found.append(int(status.parent.name))
    return found


def child_that(does: str, *, once: Path | None = None) -> tuple[str, ...]:
    """The command of a child that does this where it should render. once: only where that file is missing."""
    first = f"not os.path.exists({str(once)!r})" if once else "True"
    code = f"""
import os, signal, sys, time
from newsletter import rendering
from newsletter.bounded import __main__ as child
whole, first = rendering.render, {first}
{f"os.close(os.open({str(once)!r}, os.O_CREAT))" if once else ""}
def render(*issue, **values):
    if first:
        {does}
    return whole(*issue, **values)
rendering.render = render
child.serve(float(sys.argv[1]), int(sys.argv[2]))
"""
    return (sys.executable, "-c", code)


def test_an_issue_is_the_same_as_in_this_process(renderer: Renderer) -> None:
    assert render(renderer) == rendering.render(issue(), look=LOOK, links=LINKS)


def test_an_error_of_a_look_is_the_same_as_in_this_process(renderer: Renderer) -> None:
    look = look_with("{{ nobody.knows }}")
    with pytest.raises(RenderError) as here:
        rendering.render(issue(), look=look, links=LINKS)

    there = refused(renderer, look)

    assert (str(there), there.look, there.template, there.line) == (
        *(str(here.value), "default", "issue.mjml.j2"),
        here.value.line,
    )


@pytest.mark.parametrize(
    ("look", "template", "says"),
    [
        (look_with("{% for i in range(10**9) %}{% endfor %}"), "issue.mjml.j2", "Range too big"),
        (look_with("{{ 'a' * 10**9 }}"), "issue.mjml.j2", "takes more than 512 MB of memory; a loop"),
        (look_with("{% set x = 'a' * 10**8 %}{{ x ~ x ~ x ~ x }}"), "issue.mjml.j2", "more than 512 MB"),
        (look_with("{{ 'a' * 3 * 10**6 }}"), "issue.mjml.j2", "comes to more than 2,000,000 characters"),
        (look_with("x" * 2_000_001), "issue.mjml.j2", "comes to more than 2,000,000 characters"),
        (look_with("{% include 'subject.txt.j2' %}", "subject.txt.j2", "{{"), "subject.txt.j2", "recursion"),
        (look_with("{% for _ in [1] %}" * 30 + "{% endfor %}" * 30), "issue.mjml.j2", "too many statically"),
        (look_with("{{" + "(" * 9999 + "1" + ")" * 9999 + "}}"), "issue.mjml.j2", "recursion"),
        (look_with("<i>" * 20_000 + "</i>" * 20_000), "issue.mjml.j2", "nested more than 100 deep"),
    ],
)  # fmt: skip
def test_a_look_beyond_a_limit_is_told_which_and_where(
    renderer: Renderer, look: Look, template: str, says: str
) -> None:
    error = refused(renderer, look)

    assert says in str(error)
    assert error.template == template


def test_a_loop_is_told_with_its_line(hurried: Renderer) -> None:
    look = look_with(MILLIONS, "issue.txt.j2", "Read on the web:")
    line = LOOK.files["issue.txt.j2"].split("Read on the web:")[0].count("\n") + 1

    error = refused(hurried, look)

    assert "took longer than 1 s to render; a loop" in str(error)
    assert (error.template, error.line) == ("issue.txt.j2", line)


@pytest.mark.parametrize(
    "look", [look_with(DEAF), look_with("p {}" * 10**6, "inline.css", "p {")], ids=["arithmetic", "css"]
)
def test_what_takes_too_long_between_two_steps_is_ended_too(hurried: Renderer, look: Look) -> None:
    assert str(refused(hurried, look)) == (
        "default/issue.mjml.j2: the look took longer than 1 s to render; a loop or a repetition without end?"
    )


def test_a_child_that_is_killed_between_two_issues_is_replaced(renderer: Renderer) -> None:
    render(renderer)
    for child in children():
        os.kill(child, signal.SIGKILL)

    assert render(renderer).subject


def test_a_child_that_dies_once_in_the_middle_is_asked_again(tmp_path: Path) -> None:
    command = child_that("os.kill(os.getpid(), signal.SIGKILL)", once=tmp_path / "died")

    with Renderer(command=command) as renderer:
        assert render(renderer) == rendering.render(issue(), look=LOOK, links=LINKS)

    assert (tmp_path / "died").exists()


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "died of SIGSEGV, twice; compare the look with"),
        ("os.abort()", "died of SIGABRT, twice"),
        ("os._exit(0)", "stopped without a whole answer, twice"),
        ("os.write(4, b'half'); os._exit(0)", "stopped without a whole answer, twice"),
        ("os.write(4, (99).to_bytes(8) + b'half'); os._exit(0)", "stopped without a whole answer, twice"),
        ("os.write(4, (4).to_bytes(8) + b'[1]}')", "an answer that makes no sense, twice"),
        ("os.write(4, (13).to_bytes(8) + b'{\"rendered\":7}')", "an answer that makes no sense, twice"),
        ("os.write(4, (10**9).to_bytes(8))", "made more than 16 MB of mail"),
        ("os.close(4); time.sleep(9)", "stopped without a whole answer, twice"),
        ("time.sleep(99)", "took longer than 1 s"),
        ("signal.alarm(0); signal.signal(signal.SIGALRM, signal.SIG_IGN); time.sleep(99)", "longer than 1 s"),
        ("os.kill(os.getpid(), signal.SIGSTOP)", "took longer than 1 s"),
        ("raise OSError('odd')", "OSError('odd'), which no look should cause"),
    ],
)  # fmt: skip
def test_a_child_that_fails_is_told_and_leaves_nobody_behind(does: str, says: str) -> None:
    with Renderer(timeout_s=1, command=child_that(does)) as failing:
        error = refused(failing)

    assert says in str(error)
    assert children() == []


def test_a_child_that_prints_and_reads_still_answers() -> None:
    noise = (
        "print('x' * 10**5, flush=True); os.write(1, b'y'); os.write(2, b'z'); assert sys.stdin.read() == ''"
    )

    with Renderer(command=child_that(noise)) as renderer:
        assert render(renderer).subject
        assert render(renderer).subject


def test_a_child_that_cannot_start_is_told_with_the_command_that_says_why() -> None:
    with Renderer(command=(sys.executable, "-c", "import bounded_is_missing")) as renderer:
        assert "could be started, twice; this says why: " in str(refused(renderer))
    with Renderer(command=("/nowhere/python",)) as renderer:
        assert "no process to render in could be started" in str(refused(renderer))


def test_many_threads_share_one_child(renderer: Renderer) -> None:
    made: list[RenderedIssue] = []
    threads = [threading.Thread(target=lambda: made.append(render(renderer))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == [rendering.render(issue(), look=LOOK, links=LINKS)] * 8
    assert len(children()) == 1


def test_a_child_whose_parent_is_gone_ends_by_itself() -> None:
    with Renderer() as renderer:
        render(renderer)
        [child] = children()
        renderer._child._to.close()  # type: ignore[union-attr]

        deadline = time.monotonic() + 20
        while "Z" not in Path(f"/proc/{child}/stat").read_text().rpartition(")")[2][:3]:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_secrets_of_the_parent_are_not_in_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER__SMTP__PASSWORD", "canary-4711")
    monkeypatch.setenv("API_KEY", "canary-4711")

    with Renderer() as renderer:
        render(renderer)
        [child] = children()
        environment = Path(f"/proc/{child}/environ").read_bytes()

    assert b"canary-4711" not in environment
    assert b"NEWSLETTER" not in environment


def test_a_file_of_the_folder_where_one_stands_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jinja2.py").write_text("raise SystemExit(1)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    with Renderer() as renderer:
        assert render(renderer).subject
