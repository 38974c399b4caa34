"""The built-in themes take what their readers expect, and leave out what only sounds like it."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import config, selection
from newsletter.model import Paper, Theme
from newsletter.selection import phrases, words
from tests.builders import paper

THEMES = config.themes(config.load(None))
MISSION = [THEMES[slug] for slug in config.DEFAULT_THEMES]


def themes_of(title: str, abstract: str) -> list[str]:
    [matches] = selection.match_all([paper(title, abstract)], MISSION)
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


@pytest.mark.parametrize(
    ("title", "abstract", "theme"),
    [
        (
            "Fewer Chefs in the Kitchen",
            "A sparse mixture of experts wakes eight of its experts for each token. We merge experts whose "
            "routing agrees; half of them suffice, and the router needs no load-balancing loss.",
            "mixture-of-experts",
        ),
        (
            "Weights on a Diet",
            "Post-training quantization to 3-bit weights breaks on outliers. We rotate them away, and a "
            "quantized model of 70 billion parameters fits one card.",
            "quantization-pruning",
        ),
        (
            "A Queue for Every Token",
            "LLM serving wastes GPUs between prefill and decode. Our scheduler batches requests by deadline; "
            "throughput doubles and the time to first token falls.",
            "llm-serving",
        ),
        (
            "Guess Twice, Check Once",
            "Speculative decoding lives on its acceptance rate. Our draft model learns from what the target "
            "model refused.",
            "llm-serving",
        ),
        (
            "Reading the Whole Shelf",
            "We extend the context window to two million tokens by position interpolation, and test "
            "long-context retrieval at every depth.",
            "long-context",
        ),
        (
            "Praise Without Flattery",
            "Language models trained by preference optimization learn to agree. We add a reward model that "
            "pays for correction, and use it in RLHF.",
            "post-training",
        ),
        (
            "Clicking Through the Forms",
            "GUI agents lose their way on long forms. Our LLM agent keeps a map of the screens and calls "
            "tools only when it is sure.",
            "agents",
        ),
        (
            "Stop When You Know",
            "Large reasoning models go on thinking after the answer stands. We end the chain of thought by a "
            "probe, and save half the thinking tokens on math problems.",
            "reasoning",
        ),
        (
            "The Right Page First",
            "Retrieval-augmented generation is as good as its reranker. We train one on questions whose "
            "passages were retrieved and not used.",
            "retrieval",
        ),
    ],
)
def test_the_other_themes_take_their_own(title: str, abstract: str, theme: str) -> None:
    assert selection.score(paper(title, abstract), THEMES[theme]).member


@pytest.mark.parametrize(
    ("title", "abstract", "theme"),
    [
        (
            "Ask the Doctors",
            "Human experts graded answers. Domain experts disagreed in a third of the cases.",
            "mixture-of-experts",
        ),
        (
            "Codebooks for Sound",
            "A tokenizer with vector quantization turns speech into tokens; residual quantization keeps the "
            "voice, and quantization error falls.",
            "quantization-pruning",
        ),
        (
            "A Robot That Learns to Walk",
            "Reinforcement learning in simulation, a reward for each step, and a policy gradient: the robot "
            "walks on ice after proximal policy optimization.",
            "post-training",
        ),
        (
            "Warehouse Robots Meet",
            "Embodied agents plan routes. Robot agents avoid each other by multi-agent reinforcement "
            "learning.",
            "agents",
        ),
        (
            "Films of an Hour",
            "Long video generation with a sliding window: video generation stays sharp for long sequences.",
            "long-context",
        ),
    ],
)
def test_the_other_themes_leave_out_what_only_sounds_like_them(title: str, abstract: str, theme: str) -> None:
    assert not selection.score(paper(title, abstract), THEMES[theme]).member


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_one_mention_of_any_phrase_is_found_and_is_not_enough(theme: Theme) -> None:
    for phrase in theme.phrases:
        for way in phrases.ways(phrase.text):
            # Far from what the theme and the phrase itself ask for, so that nothing else is near it.
            company = [phrases.ways(text)[0].parts for text in (*_required(theme), *phrase.beside[:1])]
            said = (" and so on" * 10 + ". ").join(" ".join(parts) for parts in (way.parts, *company))
            match = selection.score(paper("Untitled", said), theme)

            assert match.evidence, said
            assert not match.member, said


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_no_two_phrases_of_a_theme_are_the_same_words(theme: Theme) -> None:
    keys = Counter(
        (tuple(map(words.key, way.parts)), way.between)
        for phrase in theme.phrases
        for way in {tuple(map(words.key, way.parts)): way for way in phrases.ways(phrase.text)}.values()
    )

    assert [key for key, count in keys.items() if count > 1] == []


def _required(theme: Theme) -> list[str]:
    return [group[0] for group in theme.require]


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_a_theme_has_a_line_for_its_reader(theme: Theme) -> None:
    assert theme.title[0].isupper()
    assert theme.blurb.endswith(".")
    assert len(theme.blurb) <= 105


SAID = sorted(
    {part for theme in THEMES.values() for one in theme.phrases for part in phrases.ways(one.text)[0].parts}
)
SAYING = st.lists(st.sampled_from([*SAID, "(KV)", "(SP)", "(MoE)", "and", "."]), max_size=20).map(" ".join)


# Every theme is made ready again for every score, which is slow.
@settings(max_examples=25)
@given(st.lists(st.builds(paper, SAYING, SAYING), min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_a_score_depends_on_no_other_paper_and_on_no_other_theme(
    papers: list[Paper], chance: random.Random
) -> None:
    themes = chance.sample([*THEMES.values()], chance.randint(1, len(THEMES)))
    together = selection.match_all(papers, themes)

    assert [match for row in together for match in row] == [
        selection.score(one, each) for one in papers for each in themes
    ]
