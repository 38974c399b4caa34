"""What rendering in a child costs: `python tests/benchmarks/bounded_rendering.py`.

Prints how long a child takes to be ready with its first issue, and how long an issue takes there and in this
process, once both are warm: the median of fifty, for issues of 3, 15 and 30 papers.
"""

import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from newsletter import rendering
from newsletter.bounded import Renderer
from newsletter.model import Figure, Issue, MailingList, Paper, Pick, ReaderLinks, RenderedIssue, Section
from newsletter.templating import Look

ROUNDS = 50
FOLDER = Path(__file__).parents[2] / "templates" / "default"
LOOK = Look("default", {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()})
HOME = "https://news.example.org/weekly"
LINKS = ReaderLinks(web=f"{HOME}/7", archive=HOME, preferences=f"{HOME}/p/1", unsubscribe=f"{HOME}/u/1")


def issue(papers: int) -> Issue:
    picks = tuple(
        Pick(
            Paper(f"Larder {at}: Half of a Cache", "", "https://example.org/", authors=("Ada Holm",)),
            one_liner="A policy that keeps the half of the cache which later answers will need, at no cost.",
            figures=(Figure("2.6×", "less peak memory"),),
        )
        for at in range(papers)
    )
    weekly = MailingList("weekly", "Paper Weekly", "Paper Weekly <digest@news.example.org>")
    section = Section("kv-cache", "KV cache", "What it is about.", picks)
    return Issue(weekly, date(2026, 1, 6), "Larder leads", "Chosen.", (section,), papers)


def median_ms(render: Callable[..., RenderedIssue], of: Issue) -> float:
    spent = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        render(of, look=LOOK, links=LINKS)
        spent.append(1000 * (time.perf_counter() - started))
    return statistics.median(spent)


def main() -> None:
    started = time.perf_counter()
    with Renderer() as renderer:
        renderer.render(issue(3), look=LOOK, links=LINKS)
        print(f"first issue of a new child: {1000 * (time.perf_counter() - started):.0f} ms")
        for papers in (3, 15, 30):
            of = issue(papers)
            here, there = median_ms(rendering.render, of), median_ms(renderer.render, of)
            print(
                f"{papers:>2} papers: {here:.1f} ms here, {there:.1f} ms in a child, {there - here:+.1f} ms"
            )


if __name__ == "__main__":
    main()
