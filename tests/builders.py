"""One line for each value a test needs, with sensible defaults."""

from datetime import UTC, date, datetime

from newsletter.model import (
    Digest,
    Figure,
    Issue,
    Link,
    LinkKind,
    MailingList,
    Paper,
    Phrase,
    Pick,
    ReaderLinks,
    Section,
    Theme,
    Trend,
)

NOW = datetime(2026, 1, 6, 9, 30, 15, 250, tzinfo=UTC)
LINKS = ReaderLinks(
    web="https://news.example.org/issues/7",
    archive="https://news.example.org/",
    preferences="https://news.example.org/preferences/p9q2",
    unsubscribe="https://news.example.org/unsubscribe/p9q2",
)


def paper(title: str = "A Paper", abstract: str = "We show a thing.", **values: object) -> Paper:
    fields: dict[str, object] = {"url": "https://huggingface.co/papers?q=A+Paper", **values}
    return Paper(title=title, abstract=abstract, **fields)  # type: ignore[arg-type]


def digest(*papers: Paper, **values: object) -> Digest:
    fields: dict[str, object] = {"format": "hf-page", "source": "page.txt", **values}
    return Digest(papers=papers, **fields)  # type: ignore[arg-type]


def theme(slug: str = "kv-cache", phrases: dict[str, float] | None = None, **values: object) -> Theme:
    weights = {"KV cache": 4.0} if phrases is None else phrases
    fields: dict[str, object] = {"title": slug.replace("-", " ").capitalize(), "blurb": "What it is about."}
    fields |= values
    return Theme(
        slug=slug,
        phrases=tuple(Phrase(text, weight) for text, weight in weights.items()),
        **fields,  # type: ignore[arg-type]
    )


def pick(title: str = "A Paper", **values: object) -> Pick:
    fields: dict[str, object] = {
        "one_liner": "We show a thing.",
        "figures": (Figure("2.6×", "less peak memory"),),
        **values,
    }
    chosen = fields.pop("paper", None) or paper(
        title, links=(Link(LinkKind.CODE, "https://github.com/example/thing"),)
    )
    return Pick(paper=chosen, **fields)  # type: ignore[arg-type]


def mailing_list(**values: object) -> MailingList:
    fields: dict[str, object] = {
        "slug": "weekly",
        "title": "Paper Weekly",
        "sender": "Paper Weekly <digest@news.example.org>",
        **values,
    }
    return MailingList(**fields)  # type: ignore[arg-type]


def issue(*sections: Section, **values: object) -> Issue:
    chosen = sections or (
        Section("kv-cache", "KV cache", "Smaller and faster memory of attention.", (pick(),)),
    )
    fields: dict[str, object] = {
        "list": mailing_list(),
        "date": date(2026, 1, 6),
        "headline": "A Paper leads 1 paper this week",
        "intro": "One paper chosen from 12.",
        "read": 12,
        **values,
    }
    return Issue(sections=chosen, **fields)  # type: ignore[arg-type]


def trend(theme: str = "kv-cache", count: int = 8, mean: float = 5.2, issues: int = 12) -> Trend:
    return Trend(theme, theme.replace("-", " ").capitalize(), count, mean, issues)


def page_text(*papers: tuple[str, str]) -> str:
    """A saved Daily Papers page, as its plain text."""
    header = ["new", "Get trending papers in your email inbox!", "Subscribe", "Daily Papers"]
    header += ["byAK and the research community", "Jan 6"]
    return "\n\n".join([*header, *(block for pair in papers for block in pair)]) + "\n"


CACHE_PAPER = (
    "Larder: Keeping the Right Half of the KV Cache",
    "Long conversations fill the KV cache of a language model until nothing else fits. "
    "We introduce Larder, a KV cache eviction policy that keeps the tokens which later answers will need. "
    r"Larder reduces KV cache memory by 50\% and gives 2.5times higher throughput on long prompts. "
    "Code is available at https://code.example.org/larder.",
)
OTHER_PAPER = (
    "Plumbline: A Benchmark of Upright Answers",
    "Benchmarks of question answering seldom ask whether an answer can be checked. "
    "We present Plumbline, a benchmark of nine hundred questions whose answers name their source. "
    "The best of twelve systems answers 41% of them.",
)
