"""A sample, damaged: what a broken download, a careless copy or malice makes of it."""

from hypothesis import strategies as st

from newsletter import sources
from newsletter.errors import DigestError

_NOISE = st.one_of(
    st.sampled_from(
        ["\n", "\n\n", "{", "}", '"', "<", "</div>", "<table><tr><th>", "|", "[", "](", "$", "\\", "#", "@a{"]
    ),
    st.text(max_size=20),
)


@st.composite
def mutations(draw: st.DrawFn, sample: str) -> str:
    """The sample with a few stretches of it cut out, doubled, or replaced by noise."""
    text = sample
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 200)))
        middle = draw(st.one_of(st.just(""), st.just(text[start:end] * 2), _NOISE))
        text = text[:start] + middle + text[end:]
    return text


def is_read_or_refused(text: str) -> bool:
    """Whether the text gives a digest that keeps what every digest promises, or a refusal."""
    try:
        digest = sources.parse(text.encode("utf-8", "replace"), "sample")
    except DigestError as error:
        return str(error).startswith("sample")
    positions = [paper.position for paper in digest.papers]
    return positions == list(range(1, len(positions) + 1)) and all(paper.title for paper in digest.papers)
