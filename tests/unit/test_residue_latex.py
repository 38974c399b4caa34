"""Raw LaTeX: what a formula, a command and an accent become, what is money, and that nothing raises."""

import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.residue import Change, Repaired, repair

FORMULAS = {
    r"runs $7.93\times$ faster on $\sim$5\% of it": "runs 7.93× faster on ∼5% of it",
    r"in $\mathcal{O}(n^2)$ or \(\alpha\) steps": "in O(n²) or α steps",
    r"a $k$-means of \[ x_{i} + x_{t+1} \]": "a k-means of xᵢ + xₜ₊₁",
    r"$10^{-3}$, $360^\circ$, $A^\top$, $x^*$": "10⁻³, 360°, A⊤, x*",
    r"$L_{\text{model}}$ and $x^{(t+1)}$, $f_{i,j}$": "L_model and x⁽ᵗ⁺¹⁾, f_(i,j)",
    r"$\frac{a}{b}$, $\frac{a+1}{2}$, $\frac12$": "a/b, (a+1)/2, 1/2",
    r"$\sqrt{n}$, $\sqrt{n+1}$, $\sqrt[3]{n}$": "√n, √(n+1), ³√n",
    r"$\bar{x}$, $\hat y$, $\widetilde{xy}$": "x̄, ŷ, xy",
    r"$n\log n$, $\log\log n$, $\max_i x_i$": "n log n, log log n, maxᵢ xᵢ",
    r"$T\geq0$, $a \le b$, $\geq 5$": "T ≥ 0, a ≤ b, ≥5",
    r"$0.5 \pm 0.1$, $2\pm1$, $A\rightarrow B$": "0.5 ± 0.1, 2±1, A→B",
    r"$\left\{1,\ldots,n\right\}$ and $\|x\|_2$": "{1,…,n} and ‖x‖₂",
    r"$x \not= y$, $\binom{n}{k}$, $a \equiv b \pmod{p}$": "x ≠ y, C(n, k), a ≡ b (mod p)",
    r"$\operatorname{argmin}_x f$, $\unicode{x2014}$": "argminₓ f, —",
    r"rows $ T $, $-$3 and 1$-$2": "rows T, -3 and 1-2",
    "$$x = y$$": "x = y",
}

WORDS = {
    r"\emph{deep} \textit{\textbf{blue}} {\em sea}": "deep blue sea",
    r"a \texttt{boat_x} of \textcolor{red}{wood}": "a boat_x of wood",
    r"see \href{https://a.org/x}{our site}": "see our site (https://a.org/x)",
    r"at \url{https://b.org/a\_b}.": "at https://b.org/a_b.",
    r"as shown~\cite{boats2020}, twice\footnote{Or so.}": "as shown, twice (Or so.)",
    r"Schr\"odinger, na\"{\i}ve, {\o}re": "Schrödinger, naïve, øre",
    r"Stra\ss e, \c{c}a, \v{S}koda": "Straße, ça, Škoda",
    r"Ren\'e and the model\'s eye": "René and the model's eye",
    r"at 19.7\,FPS vs.\ 8, a\!b, one\\two": "at 19.7 FPS vs. 8, ab, one two",
    r"others, \eg, \ie, \LaTeX{} too": "others, e.g., i.e., LaTeX too",
    r"Spearman \r{ho} = 0.7 and \k{appa}": "Spearman ρ = 0.7 and κ",
    r"about 5 \textmu m and \textgreater 3": "about 5 μm and >3",
    "the ``bottleneck'' of pages~3--5": "the “bottleneck” of pages 3–5",
}

INTACT = (
    "Earn $1 Million, under $0.1, for 1$, a $200k budget",
    "from $5 million and $10 to $5-$10, US$5 or $3,000 and 40$ a day",
    r"a path C:\data\new and item \3) of it",
    "a cost of $5 for n=3 users and $10 for more",
)

# Pieces that open and never close, nest, or are no command at all.
PIECES = st.one_of(
    st.sampled_from(
        ["$", "$$", "\\", "{", "}", "^", "_", "\\(", "\\]", "\\frac", "\\hat", "\\emph{", "\\href{", "&", "~"]
    ),
    st.sampled_from([*FORMULAS, *WORDS, *INTACT]),
    st.sampled_from(
        ["\\'", '\\"', "\\r{ho}", "\\c{", "\\left", "\\unicode{xD800}", "\\ours", "{\\em ", "\\begin{x}"]
    ),
    st.text(max_size=4),
)
TEXTS = st.lists(PIECES, max_size=10).map("".join)

HOSTILE = {
    "a letter": "a" * 50_000 + "!",
    "braces": "{" * 50_000,
    "dollars": "$\\" * 20_000,
    "addresses": "https://" * 5_000,
    "words": "times " * 20_000,
    "quotes": "``" * 20_000,
    "fractions": "\\frac{" * 10_000,
    "nested formula": "$" + "{" * 10_000 + "}" * 10_000 + "$",
    "nested scripts": "x_{" * 10_000 + "}" * 10_000,
    "nested commands": "\\emph{" * 10_000 + "}" * 10_000,
    "half formulas": "$\\{" * 33_000,
    "accents": "\\hat" * 10_000,
}


@pytest.mark.parametrize(("raw", "plain"), FORMULAS.items())
def test_a_formula_reads_as_plain_unicode(raw: str, plain: str) -> None:
    assert repair(raw).text == plain


@pytest.mark.parametrize(("raw", "plain"), WORDS.items())
def test_a_command_in_the_words_prints_what_it_says(raw: str, plain: str) -> None:
    assert repair(raw).text == plain


@pytest.mark.parametrize("text", INTACT)
def test_money_and_paths_stay(text: str) -> None:
    assert repair(text) == Repaired(text)


def test_raw_latex_and_what_an_import_left_of_it_read_the_same() -> None:
    raw = r"a $7.93\times$ gain for $T\geq 0$, $x_i$, $\ell_1$ and $O(n^{-1})$ at $\sim$ 5\%"
    damaged = r"a 7.93times gain for Tgeq 0, x_i, ell_1 and O(n^{-1}) at sim 5\%"

    assert repair(raw).text == repair(damaged).text == "a 7.93× gain for T ≥ 0, xᵢ, ℓ₁ and O(n⁻¹) at ∼5%"


def test_a_change_tells_the_formula_and_what_it_became() -> None:
    assert repair(r"It is $7.93\times$ faster.").changes == (
        Change(6, r"$7.93\times$", "7.93×", "raw LaTeX"),
    )


def test_a_page_without_raw_latex_does_not_load_the_library() -> None:
    for name in [name for name in sys.modules if name.startswith("pylatexenc")]:
        del sys.modules[name]

    repair(r"It is 7.93times faster on 5\% of it, \eg, in $O(n^2)$.")

    assert not [name for name in sys.modules if name.startswith("pylatexenc")]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    started = time.process_time()

    repair(text)

    # Twenty times what it takes: shared machines are slow, quadratic readers are a thousand times slower.
    assert time.process_time() - started < 4


@given(TEXTS)
def test_any_text_comes_to_rest(text: str) -> None:
    once = repair(text).text

    assert repair(once) == Repaired(once)
