r"""The ordered table of repairs: which stretch of damaged text is put right, and how safely.

Owns the patterns. Runs nothing: `residue.repair` walks the table; `replacements` says what comes instead.
The order matters: links and braces, commands, escapes, marks, blanks. Every pattern is linear in the text
(bounded repetition, no nesting), because hostile text enters here.

"a of b" in a comment: in 74,728 arXiv abstracts damaged the way Hugging Face damages them the rule changed
b places, and a of them stood in TeX before. "clean c": it changed c of the 63,455 abstracts among them that
never held a backslash or a dollar; a rule of the family MENDS is meant to. Of 252 such changes that were
read, 247 were right. Source: tests/benchmarks/residue_precision.py, abstracts of 2025-03 to 2026-07.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from newsletter.residue import replacements as to
from newsletter.residue.symbols import ARROWS, GREEK, SYMBOLS

Match = re.Match[str]

# A group in a template.
_GROUP = re.compile(r"\\(\d)")


class Family(Enum):
    """What a rule undoes, and so how a change in a text that never was LaTeX is judged."""

    LOST = "LaTeX that lost its marks: on any other text a change is a false repair"
    DOUBTFUL = "the same, but only believed in a text that shows damage elsewhere"
    MENDS = "what authors mistyped, or typed as in TeX, themselves"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of damage.

    needles: a text that holds none of them cannot match, which is cheaper to see than to search, and
    cheapest where a needle is one rare character.
    replacement: a template, or a function of the match and the paper's title; the match's own text
    means no repair. in_addresses: whether the rule may change a web address.
    greek_title: whether the rule needs a letter in the title that is not ASCII.
    """

    name: str
    needles: tuple[str, ...]
    pattern: re.Pattern[str]
    replacement: str | Callable[[Match, str], str]
    in_addresses: bool = False
    greek_title: bool = False
    family: Family = Family.LOST

    def after(self, match: Match, title: str) -> str:
        """What stands in place of the match."""
        if isinstance(self.replacement, str):
            # Not `expand`, which reads the template anew for every match.
            return _GROUP.sub(lambda group: match[int(group[1])] or "", self.replacement)
        return self.replacement(match, title)


_FONTS = "textbf|textit|texttt|textsc|mathcal|mathbb|mathbf|mathrm|boldsymbol"
# Names that an author may put in braces as the words they are.
_WORDS = {
    "in", "to", "mu", "int", "sum", "star", "cap", "cup", "div", "exists", "partial", "subset", "dagger",
    "bullet", "gets", "iff", "implies", "item", "perp", "prime", "top", "triangle",
}  # fmt: skip
_SYMBOLS = "|".join(name for name, sign in SYMBOLS.items() if not sign.isascii() and name not in _WORDS)
_ARROWS = "|".join(sorted(ARROWS, key=len, reverse=True))
_GREEK = "|".join(GREEK)
_COLOURS = "black|blue|red|magenta|cyan|teal|purple|orange|green|gray|violet|brown"
# Letters that stand in formulas only.
_MATH = "α-ωΔℓ∞"

RULES: tuple[Rule, ...] = (
    # \href{X}{words}, and \url inside it, lose the command and keep the braces: `X{X}`, `X{words}`. 496 of
    # 500, clean 1.
    Rule("link", ("{",),
         re.compile(r"(https?://[^\s{}]{1,300}) ?\{([^{}]{0,200})\}(?![a-z\d_/])"), to.link,
         in_addresses=True),
    # The same, its words in a colour. 22 of 22, clean 0.
    Rule("coloured link", ("{",),
         re.compile(r"(https?://[^\s{}]{1,300})\{[A-Za-z]{3,20}\{([^{}]{0,200})\}\}"), to.link,
         in_addresses=True),
    # The same with its arguments in the wrong order. 19 of 19, clean 0.
    Rule("words before a link", ("{",),
         re.compile(r"(?<=[A-Za-z])\{(https?://[^\s{}]{1,300})\}"), r" (\1)"),
    # None of these names is a word. 165 of 171, clean 2.
    Rule("font", ("math", "textbf", "textit", "texttt", "textsc", "boldsymbol", "text{"),
         re.compile(rf"\\?(?:(?:{_FONTS})(?:\{{([^{{}}]{{0,300}})\}}|(?![a-z]) ?)"
                    r"|(?<![A-Za-z])text\{([^{}]{0,300})\})"), r"\1\2"),
    # `{\bf words}` in a formula. 11 of 11, clean 0.
    Rule("font switch", ("{",), re.compile(r"\{(?:em|it|bf|tt|sc|rm|sf|sl) ([^{}]{1,300})\}"), r"\1"),
    # \textcolor{blue}{words}. 19 of 19, clean 0.
    Rule("colour", ("{",), re.compile(rf"\b(?:{_COLOURS})\{{([^{{}}]{{1,300}})\}}"), r"\1"),
    # TeX's way to keep a capital, `{BERT}`, `{B}ias`, and accents that were read already. `{A, B}` is a set.
    # 57 of 57, clean 15.
    Rule("braces around a name", ("{",),
         re.compile(r"(?<![\w^_}\\$=({,])(?<!, )\{([A-Z][\w-]{1,30})\}(?![\w{])"
                    r"|(?<=[a-z-])\{([A-ZÀ-ÿ])\}(?=[a-z])|(?<=[a-z])\{([À-ÿ])\}"
                    r"|(?<![\w^_}\\$=])\{([A-Z])\}(?=[a-z]{2})"),
         to.first_group, family=Family.MENDS),
    # `360^circ`, `0.5^{circ}`, `360{\deg}`. 123 of 123, clean 0.
    Rule("degree", ("circ", "deg"), re.compile(r"\^ ?\{?\\?circ\}?|\{\\deg\}"), "°"),
    # Before the braces, so that `L_{infty}` keeps none. 62 of 63, clean 0.
    Rule("infinity", ("infty",), re.compile(r"\{\\?infty\}|\\?infty"), "∞"),
    # `_{sim}` is a subscript in words. 89 of 89, clean 0.
    Rule("symbol in braces", ("{",), re.compile(rf"(?<![_^])\{{ ?\\?({_SYMBOLS}) ?\}}"), to.symbol),
    # What is left of nested braces: `Z{cdotZ⋅W}`. 0 of 0, clean 0.
    Rule("brace before cdot", ("{",), re.compile(r"\{cdot(?![a-z])([^{}\s]{1,40})\}"), r"⋅\1"),
    # TeX's way to print a mark without the blanks around it, `3{,}000`, `K{=}4`. 214 of 214, clean 26.
    Rule("mark in braces", ("{",), re.compile(r"(?<=[\w}=])\{([-,=<>])\}"), r"\1", family=Family.MENDS),
    # \frac{A}{B} keeps the second pair. Only a plain number or powers of letters over a number, a letter or a
    # power, and no operator before it: what `q+1{2}` was cannot be told. 25 of 25, clean 0.
    Rule("fraction", ("{",),
         re.compile(r"(?<![\w}^_{\\.+*/=-])(?<![-+*/=] )((?:[A-Za-z]\^\d){1,4}|\d{1,3})"
                    r"\{(\d{1,3}|[A-Za-z]|varepsilon|[A-Za-z]{1,2}\^\d)\}(?![\w{])"), r"\1/\2"),
    # After a digit, a capital or a bracket, and before a digit. 1,624 of 1,630, clean 2.
    Rule("times", ("times",),
         re.compile(r"(?<=[\d°])!?\\?times!?(?=sim|[^a-z]|$)(?: (?=\d))?|(?<=\d )times(?= \d)"
                    r"|(?<=[A-Z)\]}%])\\?times(?=[\dA-Z({ ])|(?<=\b[A-Z] )times(?= [A-Z]\b)"
                    r"|(?<=\d[KkMm] )times(?= \d)|(?<![A-Za-z\d_-])times(?=\d)|(?<=[(,])times(?= ?\d)"), "×"),
    # Between two variables, before a number, and in `modeltimestask`, which is no `timestep` or `timescale`:
    # `at times 5` is words, and so is `2 times` in four cases of five. 67 of 73, clean 0.
    Rule("times of letters", ("times",),
         re.compile(rf"times(?:(?<=\b[b-zB-HJ-Z)\]] times)(?= (?:[b-zB-HJ-Z]\b|\(|\d))|(?<=[{_MATH}]times)"
                    r"|(?<=\d times)(?= (?:[b-zB-HJ-Z]\b|- ?\d))|(?<=\b[mck]mtimes)(?= \d)"
                    r"|(?<=\b[b-zB-HJ-Z]times)(?= ?(?:[b-zB-HJ-Z(]\b|\d))"
                    r"|(?<=[a-z),] times)(?<!\bat times)(?<!many times)(?= \d)"
                    r"|(?<=[a-z]{3}times)(?<!sometimes)(?<!runtimes)(?=[A-Z][a-z])"
                    r"|(?<=[a-z]{4}times)(?<!sometimes)(?<!runtimes)(?=[a-z]{4})(?!tep|cale|tamp|eries|lot|pan))"),
         "×"),
    # `Input times Gradient`: between two names, the first of which counts nothing (`Four times LLMs fail`).
    # 7 of 7, clean 0.
    Rule("times of names", ("times ",),
         re.compile(r"\b([A-Z]\w{1,30}) times (?=[A-Z]\w|0\.\d)"), to.product),
    # Before a number, not `sim2real`; elsewhere it is mostly a word. 289 of 289, clean 0.
    Rule("sim", ("sim",),
         re.compile(r"(sim)(?:(?<![A-Za-z0-9_./\\-]sim)|(?<=[\dA-Z%×]sim)|(?<=×/sim))[!,]{0,2}( ?)"
                    r"(?=\$?\+?\d)(?!2[A-Za-z]{3})"), to.relation),
    # Before a variable. 8 of 8, clean 0.
    Rule("sim of letters", ("sim",),
         re.compile(r"sim(?:(?<=\b[A-Z] sim)(?= [A-Za-z](?![a-z]))|(?<=\b[A-Z]sim) ?(?=[A-Za-z](?![a-z]))"
                    r"|(?<=_\dsim) ?(?=[A-Z]\b)|(?<![A-Za-z\d./_\\-]sim) (?=[A-Z](?![a-z])))"),
         "∼"),
    # Glued to a number; after a blank it may be the authors' own word. 43 of 43, clean 0.
    Rule("approx", ("approx",), re.compile(r"(approx)(?<![A-Za-z0-9_./\\-]approx)()(?=\$?\d)"), to.relation),
    # 57 of 57, clean 0.
    Rule("approx before a number", ("approx ",),
         re.compile(r"(approx)(?<![A-Za-z0-9_./\\-]approx)( )(?=\$?\d)"), to.relation,
         family=Family.DOUBTFUL),
    # Before a number, or in `mean pm std`. 327 of 332, clean 0.
    Rule("pm", ("pm",),
         re.compile(r"(pm)(?:(?<![A-Za-z./\\-]pm)( ?)(?=\.?\d)|(?<=meanpm)(?=st)|(?<=[Mm]ean pm)(?= st)"
                    r"|(?<=\dpm)(?= ?[oO]\()"
                    r"|(?<=_pm)(?=\()|(?<=\(pm)(?= st)|(?<=°/pm) (?=\d)|(?<![\w.:/-]pm) (?=[a-z]_))"),
         to.relation),
    # With a letter after it, or before `neq`, it is part of a name (`simpleqa`, `Ineq`). 245 of 249, clean 0.
    Rule("leq", ("leq", "geq", "neq"),
         re.compile(r"\\?(leq|geq|(?<![A-Za-z])neq)(?:slant)?(?:(?![a-z])|(?=log|sqrt))( ?)"), to.comparison),
    # Before a number, and between variables or numbers: not `age 5`, `Flex`. 141 of 144, clean 0.
    Rule("le", ("le", "ge"),
         re.compile(rf"([lg]e)(?![a-z])(?<![a-km-z][a-z]..)(?:(?<![\w./\\-]..)( ?)(?=-?\.?\d)"
                    rf"|(?:(?<=(?<![A-Za-z.-])[b-np-zB-HJ-NP-Z]..)|(?<=[{_MATH}\d)|}}\]]..)(?<![/.-]...)"
                    r"|(?<=ell..))"
                    rf"( ?)(?=-?\d|[{_MATH}]|(?<= )-?[A-Za-z(](?![A-Za-z]))"
                    rf"|(?:(?<=\b[b-zB-HJ-Z] ..)|(?<=[{_MATH}\d)\]|] ..)|(?<=_\w ..)|(?<=\d[a-z] ..))"
                    rf"( )(?=-?(?:\d|[A-Za-z{_MATH}(](?![A-Za-z]))))"), to.comparison),
    # 216 of 218, clean 0.
    Rule("arrow", ("arrow",), re.compile(rf"\\?(?:text|[lL]ong)?({_ARROWS})(?!s)"), to.symbol),
    # `n to ∞`, `x to 0` glued, `127to62`, `5%to6%`, `2Dto4D`, `ENtoDE`, `EntoDe`: not `Onto`, `2to1`,
    # `2Dto3D-SR`. `0.2 to 0.5` reads well as it is, and so do 257,000 other words. 32 of 33, clean 0.
    Rule("to a limit", ("to",),
         re.compile(rf"to(?! [a-zA-Z])(?:(?<=\b[b-zB-Z{_MATH}] to)(?= ∞)"
                    rf"|(?<=\b[b-zB-Z{_MATH}]to)(?= ?(?:∞|[01]\b))"
                    r"|(?<=[,_][A-Za-z]to)(?=∞)|(?<=\d[A-Z]to)(?=\d[A-Z]\b(?!-))|(?<=[\d%]to)(?=\.\d)"
                    r"|(?<=\d[\d%]to)(?=\d)|(?<=\dto)(?=\d\d)|(?<=[A-Z]{2}to)(?=[A-Z]{1,4}\b)|(?<=\b[A-Z]to)(?=[A-Z]{2}\b)"
                    r"|(?<=\b[A-Z][a-z]to)(?=[A-Z][a-z](?![\w-])))"), "→"),
    # Between the halves of `\\!`. 4 of 4, clean 0.
    Rule("to between blanks", ("!to!",), re.compile(r"!to!(?=[A-Za-z])"), "→"),
    # `anecdotal` goes on with a letter. 47 of 47, clean 0.
    Rule("cdot", ("cdot",), re.compile(r"\\?cdot(?![a-z])"), "⋅"),
    # In pairs only (`strangle`, `wrangle`). 30 of 31, clean 0.
    Rule("angle brackets", ("langle",),
         re.compile(r"\\?(?<![A-Za-z])langle ?([^⟨⟩]{1,120}?) ?\\?rangle(?![a-z])"), r"⟨\1⟩"),
    # `dots` only inside a list. 69 of 69, clean 0.
    Rule("ldots", ("dots",),
         re.compile(r"\\?(?:ldots|dotsc|cdots)(?![a-z])|(?<=,)\\?dots(?=,)|(?<=, )\\?dots(?=,)"), "…"),
    # A single digit goes down with it; `ell_{1,2}` cannot. 200 of 205, clean 1.
    Rule("ell", ("ell", "ℓ_"),
         re.compile(r"(?:ell(?<![A-Za-z\\]ell)|ℓ(?=_\d))(?:(?:_([0-9p])(?!\w))?(?![A-Za-z])"
                    r"|(?=[lg]eq?[ \d]))"),
         to.norm),
    # No English word among them. 61 of 61, clean 0.
    Rule("symbol by name", ("propto", "nabla", "floor", "ceil", "otimes", "simeq", "mapsto"),
         re.compile(r"\\?(mapsto)(?<=\b[A-Za-z!]mapsto)!?"
                    r"|(?<![A-Za-z])\\?(mapsto|propto|nabla|[lr]floor|[lr]ceil|otimes|simeq)(?![a-z])"),
         to.symbol),
    # A brace after the index is TeX; `lambda_cycle` is a variable of a program. 10 of 10, clean 0.
    Rule("Greek with index", ("{",), re.compile(rf"(?<![A-Za-z])\\?({_GREEK})(?=[_^]\{{)"), to.symbol,
         family=Family.DOUBTFUL),
    # 157 of 158, clean 0.
    Rule("Greek variant", ("var",),
         re.compile(r"(var(?:epsilon|phi|theta|rho|sigma))(?![a-z])"), to.symbol),
    # `DepsilonpS`: no word has it between capitals. 0 of 0, clean 0.
    Rule("epsilon in a name", ("epsilon",), re.compile(r"(?<=[A-Z])(epsilon)(?=[a-z]?[A-Z])"), to.symbol),
    # The authors' own `Omega(T)` says the same. 0 of 1, clean 1 (damaged).
    Rule("order of growth", ("Theta(", "Omega("),
         re.compile(r"(?<![A-Za-z\\])\\?(Theta|Omega)(?=\()"), to.symbol, family=Family.DOUBTFUL),
    # Maximal update parametrization. 0 of 0, clean 0.
    Rule("muP", ("muP",), re.compile(r"(?<![A-Za-z])(mu)(?=P\b)"), to.symbol, family=Family.DOUBTFUL),
    # Title and abstract agree on a name: `ε-Net`. 0 of 6 (authors who spell it), clean 2.
    Rule("Greek of the title", ("-",), re.compile(rf"(?<![A-Za-z\\])({_GREEK})(?![a-z])"),
         to.greek_name_of_title, greek_title=True, family=Family.MENDS),
    # `epsilon` as a word is the authors' own in 3 of 10, but hardly beside a title that prints the letter.
    # 4 of 5, clean 0.
    Rule("Greek in the title", ("a", "i", "u", "o"), re.compile(rf"(?<![A-Za-z\\])({_GREEK})(?![a-z])"),
         to.greek_of_title, greek_title=True, family=Family.DOUBTFUL),
    # Only formulas have braces there. 1,293 of 1,294, clean 33.
    Rule("script in braces", ("{",),
         re.compile(r"(?<=[\w)\]}|∥∞∇])([\^_])\{([^{}]{1,60})\}"), to.script, family=Family.MENDS),
    # `^2` reads the same wherever it comes from. 1,667 of 1,669, clean 216.
    Rule("superscript", ("^",),
         re.compile(r"(?<=[\w)\]}|∥∞∇])\^[+-]?\d{1,6}(?!\.?\d)"), to.raised, family=Family.MENDS),
    # `x_i`, `R^n`, `θ_0`: one letter, and one character that has a small form. `Q4_0`, `block_out` are names.
    # 937 of 1,016, clean 41.
    Rule("index of one character", ("_", "^"),
         re.compile(r"[_^](?<=(?<![\w^.])[A-Za-zα-ωΑ-Ω].)(?:(?<=_)[aehijklmnoprstuvx\d]|(?<=\^)[a-pr-zT*])(?![\w{^'])"),
         to.raised, family=Family.MENDS),
    # `λ^star`, without braces. 42 of 42, clean 0.
    Rule("named exponent", ("^",),
         re.compile(r"(?<=[\w)])\^\\?(star|prime|dagger|top|ast)(?![a-z])"), to.named_exponent),
    # Glued on both sides; `Phoenix2014T` goes on with a capital. 49 of 49, clean 0.
    Rule("dash by number", ("x20",), re.compile(r"(?<=[a-z)])x20(13|14)(?=[a-z(\"“])"), to.numbered_dash),
    # `\$1 million` between two dollars loses all but the backslash. `\3)` counts a list. 26 of 26, clean 0.
    Rule("lost dollar", ("\\",), re.compile(r"\\(?=\d)(?!\d\))"), "$"),
    # A line of the source that TeX leaves out; what stays says `per % load`. 1 of 80, clean 20.
    Rule("comment mark", ("% ",), re.compile(r"% (?<=[^\d\s] % )(?=\S)"), to.comment, family=Family.MENDS),
    # 6,318 of 6,318, clean 0.
    Rule("escape", ("\\",), re.compile(r"\\([%&_#${}]|~(?=\d))"), r"\1", in_addresses=True),
    # Half of a pair, after a mark; `for 1$`, `$200k` and `$1 Million` are money. 1 of 1, clean 0.
    Rule("dollar", ("$",), re.compile(r"(?<=[%×°∼≈≤≥±→⋅∞…⁰¹²³⁴⁵⁶⁷⁸⁹])\$(?!\d)"), ""),
    # TeX's fixed blank. After a blank, a bracket or a variable (`n~300`) it is "about", in `1M~4M` a range.
    # 910 of 910, clean 221.
    Rule("tilde", ("~",),
         re.compile(r"(?<=[\w.,;:)\]}%])~(?=[A-Za-z(\[\\“])"
                    r"|(?:(?<=[A-Za-z]{2})|(?<=\)))(?<!\bonly)(?<!about)~(?=\d)"),
         " ", family=Family.MENDS),
    # Authors type it so themselves, too. 15 of 17, clean 2.
    Rule("log", ("log",), re.compile(r"log(?<=\b[nNdDTkKm]log) ?(?=[nNdDTkKm\d(])"), to.logarithm,
         family=Family.MENDS),
    # Markdown that nobody set; `x**2` and a row of stars are none. 145 places, clean 120; the 25 that were
    # read are real.
    Rule("emphasis", ("**",),
         re.compile(r"(?<![\w*])\*\*(?=[^\s*])([^*\n]{1,120})(?<=[^\s*])\*\*(?![\w*])"), r"\1",
         family=Family.MENDS),
    # Closed by '' or, as often, by ". 1,329 of 1,331, clean 673.
    Rule("quotes", ("`",), re.compile(r"``([^`\"“”]{1,200}?)(?:''|\")"), r"“\1”", family=Family.MENDS),
    # The wrong keys for either end: `''words''`, `"words''`, `''words"`. 207 of 207, clean 123.
    Rule("quotes of apostrophes", ("''",),
         re.compile(r"(?<![\w'])(?:''(?=[\w<])([^\"'“”]{1,200}(?:'[a-z][^\"'“”]{1,100})?)(?:''(?!')|\")"
                    r"|\"(?=\w)([^\"'“”]{1,200})''(?!'))"), to.quoted, family=Family.MENDS),
    # What has no partner in reach. After a digit it is inches; a backtick more is code. 6 of 6, clean 4.
    Rule("opening quote", ("`",), re.compile(r"``(?<![`\w]``)(?=[\w\[($\\])"), "“", family=Family.MENDS),
    # 19 of 19, clean 5.
    Rule("closing quote", ("`", "''"),
         re.compile(r"(?:''(?<=[A-Za-z.,!?)\]%]'')|``(?<=[a-z]``))(?!['\w`])"), "”", family=Family.MENDS),
    # A blank before it only is a minus, an option or an arrow. 10,512 of 10,529, clean 4,107.
    Rule("dash", ("--",), re.compile(r"(?<=[^\s-])(?:( ?)(---?)\1(?=[^\s>-])|(?<=[a-z)])--(?= [a-z]))"),
         to.dash, family=Family.MENDS),
    # 9 of 26, clean 10.
    Rule("doubled period", ("..",), re.compile(r"(?<=\w)\.\.(?=\s|$)"), ".", in_addresses=True,
         family=Family.MENDS),
    # A colon or a question mark after a blank may be meant (`f : X`). All real. 104 of 620, clean 409.
    Rule("blank before a mark", (" .", " ,", " ;"),
         re.compile(r" (?<=[\w)%\]”\"'] )([.,;])(?=\s|$)"), r"\1", in_addresses=True,
         family=Family.MENDS),
    # A word of three letters, then a capitalised word and its end. All real. 11 of 1,210, clean 676.
    Rule("blank after a period", (".",),
         re.compile(r"\.(?=[A-Z][a-z]{0,14}[ ,])(?<=[a-z]{3}\.)"), to.spaced_period,
         family=Family.MENDS),
    # Words only: `(key,value)`, `alpha,beta` and citation keys stay. All real. 0 of 263, clean 140.
    Rule("blank after a comma", (",",), re.compile(r",(?=[a-z]{2})(?<=[a-z]{2},)"), to.spaced_comma,
         family=Family.MENDS),
    # All real. 0 of 343, clean 243.
    Rule("blank before a bracket", ("(",),
         re.compile(r"\((?<=[a-z]{3}\()(?=[A-Z0-9]{1,7}[A-Z]s?\))"), to.spaced_bracket,
         family=Family.MENDS),
)  # fmt: skip
