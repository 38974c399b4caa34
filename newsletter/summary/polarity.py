"""What one wants more of, and what one wants less of.

Owns the vocabulary that tells a gain from its price: "45% less memory" is one, "5% less accuracy" is not.
A word that is not listed is neither, and callers then claim nothing that hangs on it.
"""

import re

_COST = re.compile(
    r"memory|latenc(?:y|ies)|costs?|flops?|macs?|times?|runtime|energy|power|overheads?|footprint|"
    r"param(?:eter)?s?|tokens?|size|storage|comput(?:e|ations?|ational)|communication|traffic|errors?|"
    r"perplexity|fid|(?:tcp)?wer|steps?|cache|vram|delays?|hours|usage|consumption|calls|requirements?|"
    r"complexity|bits|data|labels|annotations|samples|hallucinations?|failures|loss|emissions|price|"
    r"evaluations|nfes|iterations|rollouts|violations|ttft|tpot|time-to-first-token|gpus|redundancy|budget|"
    r"bubbles|operations|demands?|workload|toxicity|bias|epochs|turns|passes|space"
)
_GOOD = re.compile(
    r"accurac(?:y|ies)|throughput|performance|quality|success|scores?|speed|speed-?up|goodput|utili[sz]ation|"
    r"efficiency|precision|recall|f1|map|miou|auc|auroc|bleu|rouge|psnr|ssim|fidelity|robustness|stability|"
    r"resolution|coverage|diversity|consistency|alignment|faithfulness|reliability|safety|requests|servers|"
    r"batch|context|window|concurrency|users|capacity|bandwidth|sequences?|generalization|frames|fps|"
    r"detection|retention|compression|agreement|rewards?|engagement|revenue|win|pass@\d+|acceleration|"
    r"acceptance|understanding|reasoning"
)

# Sizes that one wants more of, though a size as such is a cost.
_ROOM = re.compile(r"\b(?:batch sizes?|context (?:lengths?|sizes?)|sequence lengths?)\b")

_WORD = re.compile(r"[\w@-]+")


def leaning(words: str) -> int:
    """-1 for a cost, 1 for a good, 0 for neither; the last known word decides ("memory bandwidth": 1)."""
    for word in reversed(_WORD.findall(_ROOM.sub("context", words.lower()))):
        for part in (word, word.rsplit("-", 1)[-1]):
            if _GOOD.fullmatch(part):
                return 1
            if _COST.fullmatch(part):
                return -1
    return 0


def is_gain(how: str, what: str) -> bool:
    """Whether `how` ("less", "reduction", "higher") is good news where it is said of `what`."""
    lean = leaning(what)
    if re.match("more efficient|faster|cheaper|tighter|relative|absolute", how):
        return True
    if re.match("more|higher|larger|greater|longer|bigger|increases?$", how):
        return lean > 0
    if re.match("improved|increased|better", how):
        return lean >= 0
    # Nobody boasts of fewer of a good thing in these words, so the unknown passes here and only here.
    return lean <= 0 if re.match("less|fewer|saving", how) else lean < 0
