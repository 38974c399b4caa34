"""What a TeX command prints as.

Owns the tables from command names, Greek letters, digits and accents to Unicode characters.
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
COMMANDS = GREEK | ARROWS | RELATIONS | {
    "times": "×", "cdot": "⋅", "cdots": "⋯", "ldots": "…", "dots": "…", "infty": "∞", "ell": "ℓ", "circ": "°",
    "deg": "°", "degree": "°", "to": "→", "in": "∈", "notin": "∉", "subset": "⊂", "subseteq": "⊆",
    "cup": "∪", "cap": "∩", "ll": "≪", "gg": "≫", "equiv": "≡", "simeq": "≃", "propto": "∝", "sum": "∑",
    "prod": "∏", "int": "∫", "sqrt": "√", "partial": "∂", "nabla": "∇", "forall": "∀", "exists": "∃",
    "star": "⋆", "oplus": "⊕", "otimes": "⊗", "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋",
    "lceil": "⌈", "rceil": "⌉", "div": "÷", "dagger": "†", "gtrsim": "≳", "lesssim": "≲",
    "log": "log", "ln": "ln", "exp": "exp", "max": "max", "min": "min", "arg": "arg", "mid": "|", "ast": "*",
    "LaTeX": "LaTeX", "TeX": "TeX", "eg": "e.g.", "ie": "i.e.", "etc": "etc.", "vs": "vs.",
    "textemdash": "—", "textendash": "–", "textgreater": ">", "textless": "<", "textasciitilde": "~",
    "quad": " ", "qquad": " ", "par": " ", "newline": " ",
}  # fmt: skip

# Commands that print nothing themselves: fonts, sizes, spacing.
SILENT = {
    "em", "it", "bf", "tt", "sc", "rm", "sf", "sl", "text", "textbf", "textit", "texttt", "textsc", "emph",
    "underline", "boldsymbol", "mathcal", "mathbb", "mathbf", "mathrm", "left", "right", "big", "Big", "bigl",
    "bigr", "tiny", "small", "large", "displaystyle", "noindent", "nobreakdash", "allowbreak", "xspace",
    "textbackslash",
}  # fmt: skip

SUPERSCRIPTS = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
SUBSCRIPTS = str.maketrans("0123456789p", "₀₁₂₃₄₅₆₇₈₉ₚ")

# The accent commands of TeX, as combining characters.
ACCENTS = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303"}

# Code points that arXiv abstracts write as \unicode{x2014}: dashes only.
DASHES = {"13": "–", "14": "—"}
