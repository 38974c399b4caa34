"""The built-in themes take what their readers expect, and leave out what only sounds like it."""

import pytest

from newsletter import config, selection
from newsletter.model import Theme
from newsletter.selection import phrases
from tests.builders import paper

THEMES = tuple(config.themes(config.load(None)).values())
SLUGS = tuple(theme.slug for theme in THEMES)


def themes_of(title: str, abstract: str) -> list[str]:
    [matches] = selection.match_all([paper(title, abstract)], THEMES)
    return [match.theme for match in matches if match.member]


@pytest.mark.parametrize(
    ("title", "abstract", "themes"),
    [
        (
            "Forgetting Gracefully",
            "Long prompts make the key-value (KV) cache outgrow the GPU. We evict what later tokens will "
            "not read and keep the KV cache at a fixed size.",
            ["kv-cache"],
        ),
        (
            "Two Bits Suffice for the KV-Cache",
            "We store attention memory in two bits without training.",
            ["kv-cache"],
        ),
        (
            "Serving Many Chats at Once",
            "Requests that share a system prompt compute it again and again. Prefix caching with paged "
            "attention and KV reuse across replicas saves most of that work.",
            ["kv-cache"],
        ),
        (
            "Bubbles No More",
            "Deep networks are trained in stages. Our pipeline schedule splits each micro-batch so that "
            "pipeline parallelism leaves no stage idle.",
            ["parallelism"],
        ),
        (
            "Rings of Attention",
            "Sequence parallelism (SP) moves keys around a ring of GPUs. Balanced SP halves the waiting.",
            ["parallelism"],
        ),
        (
            "Training Across Town",
            "Decentralised training over home connections is bound by communication cost; we exchange "
            "gradients rarely and reach the loss of one data centre.",
            [],
        ),
        (
            "Training Across Town",
            "Decentralised training over home connections suffers from communication overhead and "
            "stragglers; we exchange weights rarely and reach the loss of one data centre.",
            ["parallelism"],
        ),
        (
            "One Look Is Enough",
            "Diffusion models paint in fifty steps. We distil a text-to-image model into a one-step "
            "generator with a consistency distillation that needs no images.",
            ["diffusion-efficiency"],
        ),
        (
            "Lazy Blocks",
            "Neighbouring denoising steps of a diffusion transformer compute nearly the same. Feature "
            "caching skips them, which halves latency: a 2.1x speed-up without training.",
            ["diffusion-efficiency"],
        ),
        (
            "Four Bits for Pictures",
            "Post-training quantization breaks flow matching models at the last steps. Quantized to 4 "
            "bits, ours keep their quality and run on mobile devices.",
            ["diffusion-efficiency"],
        ),
        (
            "Every GPU Paints a Patch",
            "We accelerate diffusion inference with sequence parallelism across GPUs: all-to-all "
            "exchanges overlap with denoising. Sampling is four times faster and latency falls.",
            ["parallelism", "diffusion-efficiency"],
        ),
    ],
)
def test_a_paper_on_the_subject_is_taken(title: str, abstract: str, themes: list[str]) -> None:
    assert themes_of(title, abstract) == themes


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        (
            "Sparse Key-Value Memories for Lifelong Classifiers",
            "A bottleneck of learnable key-value codes keeps what was learnt. Only a few key-value pairs "
            "are read and updated for each class.",
        ),
        (
            "Which Expert Next?",
            "Experts of a mixture are offloaded to main memory. We predict the next experts and keep them "
            "in an expert cache, whose eviction follows the router; cache misses fall by half.",
        ),
        (
            "A Chat Model for Twelve Languages",
            "We release weights and data. Grouped-query attention keeps its KV cache small.",
        ),
        (
            "Parallel Yields a Better Scaling Law",
            "We run parallel streams over one input and learn to merge them. Parallel streams act like "
            "more parameters; parallel training of the streams costs little.",
        ),
        (
            "Contrastive Learning at a Thousand Labels",
            "Accuracy grows with batch and model. Model parallelism let us fit the largest batch.",
        ),
        (
            "Private Hospitals, Shared Model",
            "In federated learning, clients send updates. Compressing them lowers communication overhead "
            "and the communication cost of each round of federated learning.",
        ),
        (
            "Next-Scale Prediction, Quicker",
            "Visual autoregressive models outperform diffusion models. We make autoregressive image "
            "generation efficient: a draft model proposes the coarse scales and inference is 1.7x faster.",
        ),
        (
            "Faithful Portraits",
            "We steer a diffusion model towards one face. The adapter is lightweight and efficient to train.",
        ),
        (
            "Small Language Models, Fast",
            "Pruning, post-training quantization and sparse attention: a speed-up, and lower latency.",
        ),
    ],
)
def test_a_paper_that_only_sounds_like_a_theme_is_left_out(title: str, abstract: str) -> None:
    assert themes_of(title, abstract) == []


@pytest.mark.parametrize("theme", THEMES, ids=SLUGS)
def test_one_mention_of_any_phrase_is_found_and_is_not_enough(theme: Theme) -> None:
    for phrase in theme.phrases:
        beside = "; ".join(phrase.beside and written(phrase.beside[0]))
        text = f"{' '.join(written(phrase.text))}; unlike diffusion; {beside}"
        match = selection.score(paper("Untitled", text), theme)

        assert phrase.text in [piece.phrase for piece in match.evidence]
        assert not match.member


def written(text: str) -> tuple[str, ...]:
    """The parts of the first way to write a phrase."""
    return phrases.ways(text)[0].parts


@pytest.mark.parametrize("theme", THEMES, ids=SLUGS)
def test_a_theme_has_a_line_for_its_reader(theme: Theme) -> None:
    assert theme.title[0].isupper()
    assert theme.blurb.endswith(".")
    assert len(theme.blurb) <= 90
