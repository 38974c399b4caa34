"""Which records are of one paper: many near misses that are not, and what sources do to titles that are."""

from dataclasses import replace

import pytest

from newsletter import titles
from newsletter.model import Paper
from tests.builders import paper

ABSTRACT = (
    "Serving long prompts fills the memory of a model until nothing else fits, and the cost grows with every "
    "token that is kept. We present a method that keeps one token in four, chosen by how often later tokens "
    "look at it, and show on six benchmarks that answers stay the same while memory falls to a quarter."
)
OTHER_ABSTRACT = (
    "Robots that fold laundry seldom see the cloth from below. We collect nine thousand folds from two "
    "kitchens and train a policy on them which folds shirts that it has never met, by day and in the dark."
)
# Two titles of two papers, however alike they look.
NEAR_MISSES = [
    (
        "KIVI: A Tuning-Free Asymmetric 2bit Quantization for KV Cache",
        "KIVI 2: A Tuning-Free Asymmetric 2bit Quantization for KV Cache",
    ),
    (
        "KIVI: A Tuning-Free Asymmetric 2bit Quantization for KV Cache",
        "KIVI: A Tuning-Free Asymmetric 4bit Quantization for KV Cache",
    ),
    ("Attention Is All You Need", "Attention Is Not All You Need"),
    ("Attention Is All You Need", "Attention Is All You Need in Speech Separation"),
    ("Attention Is All You Need", "Attention Is All You Need?: A Rebuttal"),
    ("Attention Is Not All You Need Anymore", "Attention Is All You Need"),
    ("A Survey of Large Language Models, Part I", "A Survey of Large Language Models, Part II"),
    ("A Survey of Large Language Models: Part 1", "A Survey of Large Language Models: Part 2"),
    ("A Survey of Large Language Models I", "A Survey of Large Language Models III"),
    ("A Survey of Large Language Models", "A Survey of Large Vision Models"),
    (
        "A Survey on Efficient Inference for Large Language Models",
        "A Survey on Efficient Training for Large Language Models",
    ),
    ("Qwen2 Technical Report", "Qwen2.5 Technical Report"),
    ("Qwen2 Technical Report", "Qwen3 Technical Report"),
    ("Qwen2.5 Technical Report", "Qwen25 Omni Technical Report"),
    ("Qwen2.5-VL Technical Report", "Qwen2.5-Omni Technical Report"),
    ("The Llama 3 Herd of Models", "The Llama 4 Herd of Models"),
    (
        "Llama 2: Open Foundation and Fine-Tuned Chat Models",
        "Llama: Open Foundation and Fine-Tuned Chat Models",
    ),
    (
        "DeepSeek-V2: A Strong Mixture-of-Experts Language Model",
        "DeepSeek-V3: A Strong Mixture-of-Experts Language Model",
    ),
    (
        "FlashAttention-2: Faster Attention with Better Parallelism",
        "FlashAttention-3: Faster Attention with Better Parallelism",
    ),
    ("FlashAttention: Fast Exact Attention", "FlashAttention-2: Fast Exact Attention"),
    ("Training on ImageNet-1k Without Labels", "Training on ImageNet-21k Without Labels"),
    ("Training on CIFAR-10 Without Labels", "Training on CIFAR-100 Without Labels"),
    ("Question Answering on SQuAD with Small Models", "Question Answering on TriviaQA with Small Models"),
    ("A Benchmark of Arabic Question Answering", "A Benchmark of Persian Question Answering"),
    (
        "Machine Translation from German to English with Large Models",
        "Machine Translation from English to German with Large Models",
    ),
    ("Learning C with Large Language Models", "Learning C++ with Large Language Models"),
    ("Learning C# with Large Language Models", "Learning C++ with Large Language Models"),
    ("Planning with A* and Neural Heuristics", "Planning with A and Neural Heuristics"),
    ("LLaMA-Adapter: Efficient Fine-tuning", "LLaMA-Adapter V2: Efficient Fine-tuning"),
    ("Scaling Laws for Sparse Models", "No Scaling Laws for Sparse Models"),
    ("Learning With Noisy Labels in Deep Networks", "Learning Without Noisy Labels in Deep Networks"),
    ("Language Models Can Reason Over Tables", "Language Models Cannot Reason Over Tables"),
    ("Large Language Models Do Plan", "Large Language Models Do Not Plan"),
    ("Do Large Language Models Plan Well", "Why Do Large Language Models Plan Well"),
    ("Supervised Learning of Depth from Video", "Unsupervised Learning of Depth from Video"),
    ("Supervised Learning of Depth from Video", "Self-Supervised Learning of Depth from Video"),
    ("Robust Reward Models for Alignment", "Non-Robust Reward Models for Alignment"),
    ("Convex Optimization of Transformers", "Nonconvex Optimization of Transformers"),
    ("Parametric Memory in Language Models", "Non-Parametric Memory in Language Models"),
    ("Speculative Decoding with Two Drafts", "Speculative Decoding with Three Drafts"),
    ("Training a 7B Model on One GPU", "Training a 70B Model on One GPU"),
    ("Context Windows of 128k Tokens", "Context Windows of 1M Tokens"),
    ("Winners of the 2024 Challenge on Deepfakes", "Winners of the 2025 Challenge on Deepfakes"),
    ("Report on the First Workshop on Agents", "Report on the Second Workshop on Agents"),
    ("GPT-4 Technical Report", "GPT-4o Technical Report"),
    (
        "Gemma 2: Improving Open Language Models at a Practical Size",
        "Gemma 3: Improving Open Language Models at a Practical Size",
    ),
    ("SAM: Segment Anything in Images", "SAM 2: Segment Anything in Images"),
    ("Segment Anything in High Quality", "Segment Anything in Medical Images"),
    ("Segment Anything", "Segment Anything in Medical Images"),
    ("Mamba: Linear-Time Sequence Modeling", "MambaByte: Linear-Time Sequence Modeling"),
    (
        "Mamba: Linear-Time Sequence Modeling with Selective State Spaces",
        "Mamba: Linear-Time Graph Modeling with Selective State Spaces",
    ),
    ("Chain-of-Thought Prompting Elicits Reasoning", "Tree-of-Thought Prompting Elicits Reasoning"),
    ("Diffusion Models Beat GANs on Image Synthesis", "GANs Beat Diffusion Models on Image Synthesis"),
    ("Diffusion Models Beat GANs on Image Synthesis", "Diffusion Models Beat GANs on Image Classification"),
    ("Low-Rank Adaptation of Large Language Models", "High-Rank Adaptation of Large Language Models"),
    ("LoRA: Low-Rank Adaptation of Language Models", "QLoRA: Low-Rank Adaptation of Language Models"),
    ("LoRA: Low-Rank Adaptation of Language Models", "LoRA+: Low-Rank Adaptation of Language Models"),
    ("Mixtral of Experts", "Mixture of Experts"),
    ("A Comprehensive Study of Jailbreaks", "A Comprehensive Survey of Jailbreaks"),
    ("Vision Transformers for Dense Prediction", "Vision Transformers for Sparse Prediction"),
    ("Long-Context Language Models", "Long-Context Language Modeling"),
    ("Image Captioning with Reinforcement Learning", "Video Captioning with Reinforcement Learning"),
    ("Faster Decoding by Early Exits for Text", "Faster Decoding by Early Exits for Speech"),
    (
        "A Dataset of Chest X-Rays from Vietnam: Version 1",
        "A Dataset of Chest X-Rays from Vietnam: Version 2",
    ),
    ("On the Convergence of Adam and Beyond", "On the Convergence of AdamW and Beyond"),
    ("Learning to Rank with $k$ Labels and Noise", "Learning to Rank with $n$ Labels and Noise"),
    ("Better Bounds of $\\alpha$-Divergences", "Better Bounds of $\\beta$-Divergences"),
    ("Better Bounds of α-Divergences", "Better Bounds of β-Divergences"),
    ("Robust Policies against $\\ell_1$ Attacks", "Robust Policies against $\\ell_2$ Attacks"),
    ("M²ViT: Mixtures of Experts", "M³ViT: Mixtures of Experts"),
    ("KIVI: A Tuning-Free…", "KIVI: A Tuning-Based Quantization"),
    ("A Survey on…", "A Survey on Efficient Inference for Large Language Models"),
    ("Attention Is All…", "Attention Is All You Need"),
    ("KIVI", "KIVI: A Tuning-Free Asymmetric 2bit Quantization for KV Cache"),
    ("Segment Anything", "Segment Anything: Extended Report"),
]
# One title, and what a source makes of it.
VARIANTS = [
    ("Attention Is All You Need", "Attention is all you need"),
    ("Attention Is All You Need", "ATTENTION IS ALL YOU NEED"),
    ("Attention Is All You Need", "Attention Is All You Need."),
    ("Attention Is All You Need", "  Attention Is All\n  You Need "),
    ("KIVI: A Tuning-Free Asymmetric 2bit Quantization", "KIVI - A Tuning Free Asymmetric 2bit Quantization"),
    ("KIVI: A Tuning-Free Asymmetric 2bit Quantization", "KIVI: A Tuning‑Free Asymmetric 2bit Quantization"),
    (
        "KIVI: A Tuning-Free Asymmetric 2bit Quantization",
        "“KIVI: A Tuning-Free Asymmetric 2bit Quantization”",
    ),
    ("M³ViT: Mixture-of-Experts Vision Transformer", "M$^3$ViT: Mixture-of-Experts Vision Transformer"),
    ("M³ViT: Mixture-of-Experts Vision Transformer", "M^3ViT: Mixture-of-Experts Vision Transformer"),
    ("M³ViT: Mixture-of-Experts Vision Transformer", "M$^{3}$ViT: Mixture-of-Experts Vision Transformer"),
    ("ε-Shrinking for Fair Networks", "$\\epsilon$-Shrinking for Fair Networks"),
    ("ε-Shrinking for Fair Networks", "epsilon-Shrinking for Fair Networks"),
    ("Better Bounds of α-Divergences", "Better Bounds of $\\alpha$-Divergences"),
    ("Robust Policies against ℓ₁ Attacks", "Robust Policies against $\\ell_1$ Attacks"),
    ("Robust Policies against ℓ₁ Attacks", "Robust Policies against ell_1 Attacks"),
    (
        "Hyper Z⋅Z⋅W Operator Connects Slow-Fast Networks",
        "Hyper ZcdotZcdotW Operator Connects Slow-Fast Networks",
    ),
    ("4× Faster Decoding of Text", "4$\\times$ Faster Decoding of Text"),
    ("4× Faster Decoding of Text", "4times Faster Decoding of Text"),
    ("π0: A Flow Model for Robots", "$\\pi_0$: A Flow Model for Robots"),
    ("Learning with \\textbf{Bold} Labels and Noise", "Learning with Bold Labels and Noise"),
    ("Learning with $\\mathcal{O}(n)$ Memory and Noise", "Learning with O(n) Memory and Noise"),
    ("Schrödinger Bridges for Speech Enhancement", "Schrodinger Bridges for Speech Enhancement"),
    ("Reasoning & Acting in Language Models", "Reasoning and Acting in Language Models"),
    ("Learning C++ with Large Language Models", "Learning C++ With Large Language Models"),
    (
        "Efficient fine-tuning of large models for code generation",
        "Efficient ﬁne-tuning of large models for code generation",
    ),
    (
        "A Survey on Efficient Inference for Large Language Models in Practice",
        "A Survey on Efficient Inference for Large Language…",
    ),
    (
        "A Survey on Efficient Inference for Large Language Models in Practice",
        "A Survey on Efficient Inference for Large Langua...",
    ),
    ("Do Models Plan Ahead When They Write Code?", "Do Models Plan Ahead When They Write Code"),
    ("Vision Transformers: A Study in Dense Prediction", "Vision transformers; a study in dense prediction"),
    ("RAG+: Retrieval for Applied Reasoning", "RAG+ : Retrieval for Applied Reasoning"),
]
# What is found only where both records have the abstract.
VARIANTS_BY_ABSTRACT = [
    ("KIVI", "KIVI: A Tuning-Free Asymmetric Quantization for KV Cache"),
    (
        "A Tuning-Free Asymmetric Quantization for KV Cache",
        "KIVI: A Tuning-Free Asymmetric Quantization for KV Cache",
    ),
    ("Modelling Long Sequences with Sparse Attention", "Modeling Long Sequences with Sparse Attention"),
    ("Scaling Sparse Attention to Long Sequences", "Scaling Sparse Attention to Very Long Sequences"),
    ("Attention Is All You…", "Attention Is All You Need"),
]


def known(title: str, abstract: str = "", id: str = "1706.03762", **values: object) -> Paper:
    return paper(title, abstract, arxiv_id=id, **values)


@pytest.mark.parametrize(("title", "other"), NEAR_MISSES)
def test_a_near_miss_is_no_match_either_way(title: str, other: str) -> None:
    assert titles.best_match(paper(title, ""), [known(other)]) is None
    assert titles.best_match(paper(other, ""), [known(title)]) is None


@pytest.mark.parametrize(("title", "other"), NEAR_MISSES)
def test_a_near_miss_with_another_abstract_is_no_match(title: str, other: str) -> None:
    assert titles.best_match(paper(title, ABSTRACT), [known(other, OTHER_ABSTRACT)]) is None


def test_the_near_misses_are_many() -> None:
    assert len(NEAR_MISSES) >= 60


@pytest.mark.parametrize(("title", "variant"), VARIANTS)
def test_a_variant_of_a_title_is_found(title: str, variant: str) -> None:
    match = titles.best_match(paper(variant, ""), [known("Another Paper", id="2402.02750"), known(title)])

    assert match is not None
    assert match.candidate == known(title)
    assert titles.SURE <= match.confidence < 1


@pytest.mark.parametrize(("title", "variant"), VARIANTS_BY_ABSTRACT)
def test_a_looser_variant_is_found_where_the_abstracts_agree(title: str, variant: str) -> None:
    found = titles.best_match(paper(variant, ABSTRACT), [known(title, ABSTRACT + " Code is public.")])

    assert found is not None
    assert titles.best_match(paper(variant, ""), [known(title, ABSTRACT)]) is None


@pytest.mark.parametrize(("title", "other"), [pair for pair in NEAR_MISSES if titles.tells_apart(*pair)])
def test_numbers_parts_and_negations_tell_papers_apart_even_with_one_abstract(title: str, other: str) -> None:
    assert titles.best_match(paper(title, ABSTRACT), [known(other, ABSTRACT)]) is None


def test_a_sister_paper_with_most_of_the_abstract_is_no_match() -> None:
    sister = ABSTRACT.replace("one token in four", "a sketch of all tokens").replace(
        "six benchmarks", "phones"
    )
    one, other = (
        "On-Device Larder: Eviction for Mobile Devices",
        "On-Device Larder: Training-Free Eviction for Mobile Devices",
    )

    assert titles.best_match(paper(one, ABSTRACT), [known(other, ABSTRACT)]) is not None
    assert titles.best_match(paper(one, ABSTRACT), [known(other, sister)]) is None


def test_the_same_title_and_abstract_are_certain() -> None:
    match = titles.best_match(paper("Attention", ABSTRACT), [known("attention", ABSTRACT)])

    assert match == titles.Match(known("attention", ABSTRACT), 1.0)


def test_a_short_title_alone_says_too_little() -> None:
    assert titles.best_match(paper("Attention", ""), [known("Attention")]) is None


def test_two_papers_of_one_title_are_told_apart_by_their_abstracts_or_not_at_all() -> None:
    one, other = (
        known("The Same Old Title of Two", ABSTRACT),
        known("The Same Old Title of Two", OTHER_ABSTRACT, "2402.02750"),
    )

    assert titles.best_match(paper("The Same Old Title of Two", ""), [one, other]) is None
    match = titles.best_match(paper("The Same Old Title of Two", OTHER_ABSTRACT), [one, other])
    assert match is not None
    assert match.candidate == other


def test_one_paper_given_twice_is_one_candidate() -> None:
    twice = [known("Attention Is All You Need"), known("Attention is all you need")]

    assert titles.best_match(paper("Attention Is All You Need", ""), twice) is not None


def test_a_cut_title_that_two_papers_begin_with_is_no_match() -> None:
    cut = "A Survey on Efficient Inference for Large Language Models: …"
    parts = [
        known(cut.replace("…", part), id=id)
        for part, id in (("Part I", "2402.00001"), ("Part II", "2402.00002"))
    ]

    assert titles.best_match(paper(cut, ""), parts) is None


def test_authors_in_common_are_needed_where_both_records_name_some() -> None:
    found = known("Attention Is All You Need", authors=("Ashish Vaswani", "Noam Shazeer"))
    question = paper("Attention Is All You Need", "")

    assert titles.best_match(replace(question, authors=("Vaswani, A.",)), [found])
    assert titles.best_match(replace(question, authors=("Jane Doe",)), [found]) is None


def test_two_ids_are_two_papers() -> None:
    assert (
        titles.confidence(
            known("Attention Is All You Need"), known("Attention Is All You Need", id="2402.02750")
        )
        == 0
    )
