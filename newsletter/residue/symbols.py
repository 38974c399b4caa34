"""What a TeX command prints as.

Owns the tables from command names, Greek letters, digits and accents to Unicode characters; of what is not
here, pylatexenc has more.
Decides nothing about whether a word in a text was such a command: that is `rules`.
"""

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "varepsilon": "ε", "vartheta": "θ", "varrho": "ρ", "varsigma": "σ", "varphi": "φ", "varpi": "π",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip

ARROWS = {
    "rightarrow": "→", "leftarrow": "←", "uparrow": "↑", "downarrow": "↓", "leftrightarrow": "↔",
    "Rightarrow": "⇒", "Leftarrow": "⇐", "Uparrow": "⇑", "Downarrow": "⇓", "Leftrightarrow": "⇔",
}  # fmt: skip

RELATIONS = {
    "sim": "∼", "approx": "≈", "pm": "±", "leq": "≤", "geq": "≥", "le": "≤", "ge": "≥", "neq": "≠", "ne": "≠",
}  # fmt: skip

# Read only behind a backslash or alone in braces: as bare words most of these are English.
SYMBOLS = GREEK | ARROWS | RELATIONS | {
    "times": "×", "cdot": "⋅", "cdots": "⋯", "ldots": "…", "dots": "…", "dotsc": "…", "infty": "∞",
    "ell": "ℓ",
    "circ": "∘", "deg": "°", "degree": "°", "textdegree": "°", "to": "→", "longrightarrow": "→",
    "Longrightarrow": "⇒", "longleftrightarrow": "↔", "mapsto": "↦", "gets": "←", "implies": "⇒", "iff": "⇔",
    "in": "∈", "notin": "∉", "subset": "⊂", "subseteq": "⊆", "cup": "∪", "cap": "∩", "ll": "≪", "gg": "≫",
    "leqslant": "≤", "geqslant": "≥", "equiv": "≡", "simeq": "≃", "propto": "∝", "sum": "∑", "prod": "∏",
    "int": "∫", "partial": "∂", "nabla": "∇", "forall": "∀", "exists": "∃", "star": "⋆", "oplus": "⊕",
    "otimes": "⊗", "odot": "⊙", "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈",
    "rceil": "⌉", "div": "÷", "dagger": "†", "gtrsim": "≳", "lesssim": "≲", "top": "⊤", "perp": "⊥",
    "prime": "′", "mid": "|", "vert": "|", "lvert": "|", "rvert": "|", "Vert": "‖", "lVert": "‖",
    "rVert": "‖",
    "ast": "*", "setminus": "∖", "checkmark": "✓", "triangle": "△", "bullet": "•", "item": "•",
    "backslash": "∖",
    "textemdash": "—", "textendash": "–", "textgreater": ">", "textless": "<", "textasciitilde": "~",
    "textasciicircum": "^", "textbar": "|", "textmu": "μ", "texttimes": "×", "textpm": "±", "hbar": "ħ",
}  # fmt: skip

# The letters that have commands, which are too short to be believed without their backslash.
LETTERS = {
    "i": "i", "j": "j", "l": "ł", "L": "Ł", "o": "ø", "O": "Ø", "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ",
    "OE": "Œ", "aa": "å", "AA": "Å",
}  # fmt: skip

# Commands that print their own name, or an abbreviation that many authors define.
FUNCTIONS = {
    name: name
    for name in (
        "log", "ln", "lg", "exp", "max", "min", "arg", "sup", "inf", "lim", "sin", "cos", "tan", "tanh",
        "det",
        "dim", "gcd", "ker", "Pr", "mod", "bmod", "argmax", "argmin", "softmax", "limsup", "liminf",
    )
} | {"bmod": "mod"}  # fmt: skip
WORDS = {
    "LaTeX": "LaTeX", "TeX": "TeX", "eg": "e.g.", "ie": "i.e.", "etc": "etc.", "vs": "vs.", "etal": "et al.",
    "quad": " ", "qquad": " ", "par": " ", "newline": " ", "log": "log", "ln": "ln", "exp": "exp",
    "max": "max", "min": "min", "arg": "arg",
}  # fmt: skip

# Signs that keep the blanks around them where the author put one before; a comparison always has them.
COMPARISONS = set("≤≥≠≪≫∈∉⊂⊆≡≃∝≳≲≺≻⪯⪰↦")
OPERATORS = set("×⋅⋯…∼≈±∓→←↔⇒⇐⇔÷∪∩⊕⊗⊙∖|⋆*∘∧∨∀∃")

# Commands that print nothing themselves: fonts, sizes, spacing.
SILENT = {
    "em", "it", "bf", "tt", "sc", "rm", "sf", "sl", "cal", "text", "textbf", "textit", "texttt", "textsc",
    "emph",
    "textrm", "textsf", "textnormal", "mbox", "underline", "uline", "boldsymbol", "boldmath", "bm", "mathcal",
    "mathbb", "mathbf", "mathrm", "mathsf", "mathtt", "mathit", "mathfrak", "mathscr", "mathbin", "mathop",
    "mathrel", "ensuremath", "left", "right", "big", "Big", "bigl", "bigr", "tiny", "small", "large", "Large",
    "displaystyle", "textstyle", "limits", "nolimits", "noindent", "nobreakdash", "allowbreak", "xspace",
    "textbackslash", "protect", "smash", "itshape", "bfseries", "ttfamily", "scshape", "centering", "relax",
}  # fmt: skip

# Commands whose first argument is for the machine.
WITHOUT_TEXT = {
    "color", "cite", "citep", "citet", "citealp", "citeauthor", "ref", "eqref", "cref", "Cref", "label",
    "tag",
    "vspace", "hspace", "phantom", "begin", "end", "footnotemark", "input", "bibliography",
}  # fmt: skip
# Commands that print their second argument only.
SECOND_ONLY = {"textcolor", "colorbox", "hyperlink", "hyperref", "foreignlanguage", "texorpdfstring"}

_SUPERSCRIPT = str.maketrans(
    "0123456789+-()=abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδθφχ′″",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾⁼ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᶿᵠᵡ′″",
)
SUPERSCRIPTS = _SUPERSCRIPT | {ord(sign): sign for sign in "°†⋆"}
SUBSCRIPTS = str.maketrans("0123456789+-()=aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎₌ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ")

# The accent commands of TeX, as combining characters.
ACCENTS = {
    "'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a", "b": "\u0331",
    "d": "\u0323", "t": "",
}  # fmt: skip
# Those of formulas. A wide one spans more than one letter and shows over a single one only.
MATH_ACCENTS = {
    "bar": "\u0304", "overline": "\u0304", "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303",
    "widetilde": "\u0303", "dot": "\u0307", "ddot": "\u0308", "vec": "\u20d7", "check": "\u030c",
    "breve": "\u0306", "acute": "\u0301", "grave": "\u0300",
}  # fmt: skip

# Code points that arXiv abstracts write as \unicode{x2014}: dashes only.
DASHES = {"13": "–", "14": "—"}
