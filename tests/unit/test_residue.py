"""Text that lost its LaTeX: what is put right, what stays, and that a second repair finds nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.residue import RULES, Change, Repaired, repair

# Damaged, right: every kind that was seen on a page or in the corpus, by the rule that mends it.
DAMAGED = {
    "link": ("at https://a.org/x{https://a.org/x}.", "at https://a.org/x."),
    "coloured link": ("see https://a.org/x{blue{here}}.", "see here (https://a.org/x)."),
    "words before a link": ("see the code{https://a.org/x}.", "see the code (https://a.org/x)."),
    "font switch": ("called {em Sieve} here", "called Sieve here"),
    "colour": ("we show that blue{boats float}", "we show that boats float"),
    "braces around a name": ("the {B}oat and {BERT} models", "the Boat and BERT models"),
    "font": ("employing boldsymbol v-prediction", "employing v-prediction"),
    "degree": ("full 360^circ views, off by 0.5^{circ}", "full 360° views, off by 0.5°"),
    "infinity": ("the L_{infty} norm", "the L_∞ norm"),
    "symbol in braces": ("up to 8{times} faster", "up to 8× faster"),
    "brace before cdot": ("a HyperZ{cdotZ{cdot}W} operator", "a HyperZ⋅Z⋅W operator"),
    "mark in braces": ("all 3{,}000 dialogues with K{=}4", "all 3,000 dialogues with K=4"),
    "fraction": ("uses N^2d^2{M} I/O", "uses N²d²/M I/O"),
    "times": ("7.93times over 4times larger 256times256", "7.93× over 4× larger 256×256"),
    "times of letters": ("a matrix of n times m and 3 times k", "a matrix of n × m and 3 × k"),
    "sim of letters": ("5\\% of X sim P", "5% of X ∼ P"),
    "to a limit": ("as n to infty and cto 0, from 127to62", "as n → ∞ and c→ 0, from 127→62"),
    "to between blanks": ("from NL!to!PL", "from NL→PL"),
    "times of names": ("an Input times Gradient map", "an Input × Gradient map"),
    "sim": ("2.35times sim 3.47times, sim 80%, by sim3x", "2.35× ∼ 3.47×, ∼80%, by ∼3x"),
    "approx": ("only approx20% of them", "only ≈20% of them"),
    "approx before a number": ("5\\% for approx 20 users", "5% for ≈20 users"),
    "pm": ("0.81 pm 0.14 and 5.2pm0.1 within pm 35 steps", "0.81 ± 0.14 and 5.2±0.1 within ±35 steps"),
    "leq": ("here Tgeq 0, M geq d, (leq5B)", "here T ≥ 0, M ≥ d, (≤5B)"),
    "le": ("scores ge 0.9 and le5%, tge1, 3le n le m", "scores ≥ 0.9 and ≤5%, t ≥ 1, 3 ≤ n ≤ m"),
    "arrow": ("EnglishrightarrowGerman, +3%uparrow", "English→German, +3%↑"),
    "cdot": ("HyperZcdotZcdotW", "HyperZ⋅Z⋅W"),
    "angle brackets": ("a pair langlequery, answerrangle of", "a pair ⟨query, answer⟩ of"),
    "ldots": ("{g(1),g(2),ldots,g(J)}", "{g(1),g(2),…,g(J)}"),
    "ell": ("an ell_1-loss", "an ℓ₁-loss"),
    "symbol by name": ("a depth D propto n", "a depth D ∝ n"),
    "Greek with index": (r"5\% of theta_{new}", "5% of θ_new"),
    "Greek variant": ("a varepsilon-optimal plan", "a ε-optimal plan"),
    "epsilon in a name": ("shrinking (DepsilonpS)", "shrinking (DεpS)"),
    "order of growth": (r"5\% and M=Theta(Nd) is Omega(Nd)", "5% and M=Θ(Nd) is Ω(Nd)"),
    "muP": (r"5\% under muP", "5% under μP"),
    "superscript": ("10^23 FLOPs, d^2, M^{3}ViT, 10^-5", "10²³ FLOPs, d², M³ViT, 10⁻⁵"),
    "script in braces": ("x_{t+1}, L_{model}, f^{i,j}", "xₜ₊₁, L_model, f^(i,j)"),
    "index of one character": ("the x_i in R^n", "the xᵢ in Rⁿ"),
    "named exponent": ("a guide lambda^star here", "a guide lambda⋆ here"),
    "log": ("in O(nlog n) steps", "in O(n log n) steps"),
    "dash by number": ("per tokenx2014only scratchx2013even", "per token—only scratch–even"),
    "lost dollar": (r"valued at \1 million", "valued at $1 million"),
    "comment mark": ("is lost. % To mend it", "is lost. To mend it"),
    "escape": (r"3.1\% of 25-40\%, Tan \& Le", "3.1% of 25-40%, Tan & Le"),
    "dollar": (r"5.18\times$ latency, 42.9%$ energy", "5.18× latency, 42.9% energy"),
    "tilde": ("a~failure of models~(LLMs)", "a failure of models (LLMs)"),
    "emphasis": ("**Larder** is **2x** faster than x**2 and y**3", "Larder is 2x faster than x**2 and y**3"),
    "quotes": ("``the bottleneck'' and ``the wall\"", "“the bottleneck” and “the wall”"),
    "quotes of apostrophes": ("an ''old boat'' or \"new boat''", "an “old boat” or “new boat”"),
    "opening quote": ("they ask ``why", "they ask “why"),
    "closing quote": ("they ask why''.", "they ask why”."),
    "dash": ("(FFT)--which is -- so far-- new", "(FFT)—which is — so far — new"),
    "doubled period": ("caches, etc.. With them", "caches, etc. With them"),
    "blank before a mark": ("more users , such as these .", "more users, such as these."),
    "blank after a period": ("low latency.Codes are here", "low latency. Codes are here"),
    "blank after a comma": ("in the meantime,the delay", "in the meantime, the delay"),
    "blank before a bracket": ("language models(LLMs) are", "language models (LLMs) are"),
}

# Words and marks that look like residue and are none.
INTACT = (
    "an IDV score approx 1.21, Omega(T) and muP, a set of {A, B}",
    "AdaptoVision, OntoNotes, PAKAN 2to1, 2Dto3D-SR, age 5, Flex-Net, 23 people at times 5",
    "83 times smaller, 1.5 times lower, by 10 times, at times 5 users",
    "timesteps, runtimes and lifetimes of 64 timesteps",
    "a sim-to-real gap, sim2real, real2sim, cos_sim 0.8",
    "Four times LLMs fail",
    "Four times LLMs fail",
    "in step 3 to 5, mid 7, log 2, top 1, max 8, sum 9, left 2, right 3, text 4",
    "anecdotal evidence that triangles strangle simpleqa and Ineq-Comp",
    "alpha 3, beta=2, an epsilon-greedy policy with lambda_cycle",
    "block_out, block_lse, Q4_0 and W_Q, W_K",
    "Boats-{A,R,V2} and {1, 2}",
    "a 6'' screen, an empty '' and ```code```",
    "only ~0.25% of it (~50%), n~300, 5~10 images, 1M~4M tokens",
    "Earn $1 Million, under $0.1, for 1$, a $200k budget",
    "a range of 1.7x - 2.7x, 32x, 1.5X-55X, 240x240x155x4, 2048x2048, Phoenix2014T",
    "run it with --flag, rm -rf --force and a -->b",
    "<500 images, >90%, T>0, M < d, Tan & Le, +10+%",
    "i.e., e.g., v1.2.Beta, hf.co/Name, O(N), o(Nd), softmax(QK), f(X), etc.",
    "of (key,value) pairs and a,b,c",
    r"a path C:\data\new and item \3) of it",
    "https://a.org/stable-sim2/x_10times5--y^2.Code/a~b,the",
)


# What a hostile or unlucky text is made of.
PIECES = st.one_of(
    st.sampled_from([damaged for damaged, _ in DAMAGED.values()]),
    st.sampled_from(INTACT),
    st.sampled_from(
        ["times", "sim ", "{", "}", "\\", "$", "~", "``", "''", "^2", "--", " .", ",", "https://a.org/"]
    ),
    st.text(max_size=5),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)
TITLES = st.one_of(st.just(""), st.just("ε-Net: Small Nets"), TEXTS)


@pytest.mark.parametrize(("rule", "damaged", "right"), [(rule, *texts) for rule, texts in DAMAGED.items()])
def test_each_kind_of_damage_is_put_right(rule: str, damaged: str, right: str) -> None:
    repaired = repair(damaged)

    assert repaired.text == right
    assert rule in {change.rule for change in repaired.changes}


def test_every_rule_has_its_example_and_its_own_name() -> None:
    names = [rule.name for rule in RULES]

    assert sorted(names) == sorted([*DAMAGED, "Greek of the title", "Greek in the title"])


@pytest.mark.parametrize("text", INTACT)
def test_what_only_looks_like_residue_stays(text: str) -> None:
    assert repair(text) == Repaired(text)


def test_a_change_says_where_and_shows_the_words_before_and_after() -> None:
    repaired = repair("It is 7.93times faster at sim 80% of the cost.")

    assert repaired == Repaired(
        "It is 7.93× faster at ∼80% of the cost.",
        (Change(6, "7.93times", "7.93×", "times"), Change(26, "sim 80%", "∼80%", "sim")),
    )


def test_a_change_never_shows_half_of_its_neighbour() -> None:
    changes = repair("in ``slow motion'' -- one frame").changes

    assert [(change.before, change.after) for change in changes] == [
        ("``slow motion''", "“slow motion”"),
        ("``slow motion'' -- one", "“slow motion” — one"),
    ]


def test_a_private_command_takes_the_name_that_opens_the_title() -> None:
    repaired = repair(r"we build \proj, a cache, and \proj{} wins.", title="Paper Boats: Caches That Float")

    assert repaired.text == "we build Paper Boats, a cache, and Paper Boats wins."


@pytest.mark.parametrize("title", ["", "Caches That Float", "A Long Clause of Many Words: Caches"])
def test_a_private_command_without_a_name_is_dropped_and_reported(title: str) -> None:
    repaired = repair(r"we build \proj, a cache", title=title)

    assert repaired.text == "we build, a cache"
    assert Change(3, "build \\proj,", "build,", "raw LaTeX") in repaired.changes


def test_a_greek_name_follows_the_title_that_prints_the_letter() -> None:
    text = "epsilon-Sieves and alpha stay small"

    assert repair(text, title="ε-Sieves: Fine Sand").text == "ε-Sieves and alpha stay small"
    assert repair(text, title="Epsilon-Sieves: Fine Sand").text == text


def test_a_per_cent_sign_between_blanks_is_a_comment_where_others_are_escaped() -> None:
    assert repair(r"12\% of boats % and more").text == "12% of boats and more"
    assert repair("0.003 per % load").text == "0.003 per % load"


@pytest.mark.parametrize(
    ("damaged", "right"),
    [
        ("50--73% of 1B--4B in 2019--2024", "50–73% of 1B–4B in 2019–2024"),
        ("in Human--AI teams", "in Human–AI teams"),
        ("a plan--act--check loop", "a plan–act–check loop"),
        ("memory---or none", "memory—or none"),
        ("5 -- 10 steps", "5 – 10 steps"),
    ],
)
def test_a_double_hyphen_is_a_short_dash_in_ranges_pairs_and_chains(damaged: str, right: str) -> None:
    assert repair(damaged).text == right


def test_words_of_a_link_stay_before_its_address() -> None:
    assert repair("on https://a.org/x{our site}.").text == "on our site (https://a.org/x)."


def test_a_title_and_its_abstract_end_with_the_same_name() -> None:
    assert repair("R^textbf{2AI}: M^3ViT").text == repair("R^2AI: M^{3}ViT").text == "R²AI: M³ViT"


@given(TEXTS, TITLES)
def test_a_second_repair_changes_nothing(text: str, title: str) -> None:
    once = repair(text, title=title).text

    assert repair(once, title=title) == Repaired(once)


@given(TEXTS)
def test_every_change_quotes_the_text_as_it_came(text: str) -> None:
    for change in repair(text).changes:
        assert text[change.offset : change.offset + len(change.before)] == change.before
