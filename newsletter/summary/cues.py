"""How strongly a sentence says that something new is offered: its cues and their weights.

Owns those weights, set by reading some hundreds of abstracts. It looks at words alone, never at what a line
made of the sentence would look like.
"""

import re

from newsletter.summary.authorship import HEDGE, OFFER, SELF

_STUDY = (
    r"(?:stud|investigat|examin|analy[sz]|explor|evaluat|revisit|challeng|rethink|survey|review|assess|"
    r"compar|"
    r"conduct|perform|ask|extend|argu|characteri[sz]|identif|quantif|resolv|solv|tak|advocat|leverag|"
    r"measur|train|"
    r"pre-?train|fine-?tun|scal|unif|releas|open-sourc|publish|formali[sz]|fram|cast|adapt|replicat|"
    r"combin|replac|"
    r"distill|optimi[sz]|simulat|model|benchmark|trac|synthesi[sz]e|diagnos|defin|reinterpret|turn|apply|"
    r"appli)"
    r"(?:e?s?|ed|y|ies|ied)\b"
)
_FIND = (
    r"(?:show|demonstrat|find|found|reveal|prov|discover|uncover|observ|highlight|report|see)(?:e?s?|ed)?\b"
)
_NEED = (
    r"(?:address|tackle|overcome|solve|resolve|fill|bridge|close|mitigate|alleviate|remedy|meet|counter|"
    r"handle)"
)
_METHOD = r"(?:framework|method|system|model|architecture|approach|algorithm|benchmark|dataset|library)"
_PARTS = (
    r"(?:components?|ideas?|innovations?|steps?|parts?|mechanisms?|contributions?|issues?|challenges?|"
    r"pillars|stages|"
    r"directions|aspects|properties|modules|designs|questions|limitations|problems|findings|strategies)"
)

# Cues that something is offered, looked for in the lower-cased sentence: the greatest one counts.
_OFFERING = {
    rf"\b{SELF} {HEDGE}{OFFER}": 6.0,
    rf"\b{SELF} {HEDGE}{_STUDY}": 3.5,
    rf"\b{SELF} {HEDGE}{_FIND}": 3.0,
    rf"(?:^|, ){SELF} {HEDGE}[a-z]+": 2.5,
    rf"^(?:[^,]+, )?our (?:[\w-]+ )?(?:key idea|idea|technique|solution|pipeline|design|{_METHOD})\b": 3.0,
    r"\b(?:is|are) (?:\w+ly )?(?:proposed|introduced|presented|developed|described|constructed|"
    r"designed)\b": 4.5,
    r"\bthis (?:\w+ )?(?:survey|review|tutorial|position paper) [a-z]+": 4.0,
    rf"\b{SELF} {HEDGE}(?:address|tackl|focus|aim|seek|consider)(?:e?s?|ed)\b": 2.0,
    r"\bby (?:propos|introduc|present|develop|design)ing\b|\band (?:propose|introduce|present)s?\b": 6.0,
    rf"^(?:to {_NEED}\b[^,]{{0,90}}\b(?:this|these|those|such|aforementioned)\b[^,]{{0,90}}|"
    r"to th(?:is|at) end|in response|to respond),? (?:we|our|this)\b": 4.5,
}

# Cues whose weights add up.
_COLOURING = {
    # It stands where a claim stands, and words it as one.
    rf"^(?:to (?:th(?:is|at) end|{_NEED})|in response|to respond)\b": 1.0,
    r"^(?:here|in this|in our) |^[^,]{0,60}\b(?:in|with) this (?:paper|work),? (?:we|the)\b": 2.5,
    rf"\b(?:is|are) (?:an?|the first) (?:[\w-]+ ){{0,6}}{_METHOD}\b": 2.5,
    r"\b(?:called|named|dubbed|termed|namely|coined)\b": 1.0,
    r"\b(?:novel|new|first)\b": 0.7,
    rf"\b{_METHOD}\b": 0.5,
    # It supports, continues or illustrates what stood before.
    r"\b(?:also|further|additionally|moreover|furthermore|besides)\b|^(?:finally|lastly)": -2.5,
    r"^(?:specifically|concretely)\b": -1.2,
    r"^(?:in particular|for (?:example|instance)|notably)\b": -2.5,
    r"^(?:theoretically|empirically|then|next|first(?:ly)?|second(?:ly)?|third(?:ly)?|in addition)\b": -2.5,
    r"^to (?:evaluate|assess|validate|demonstrate)\b": -2.5,
    r"^to (?!address|tackle)\w+ [^,]*, we\b": -1.0,
    r"\bwe do (?:so|this)\b": -5.0,
    rf"\b{SELF} {HEDGE}(?:provid|offer|establish|contribut)(?:e?s?|ed)\b": -1.5,
    r"\bwe then\b|\bon the \w+ side\b": -1.5,
    rf"\b{SELF} {HEDGE}(?:detail|describe|discuss|outline|report|give|summari[sz]e|instantiate|"
    rf"validate)s?\b": -1.5,
    rf"\b{SELF} {HEDGE}(?:present|provide|offer|develop|give)s? (?:[\w-]+ )?(?:proof|results|experiments|"
    rf"evidence|"
    r"examples|applications|theor(?:y|etical)|an? (?:theoretical )?(?:analysis|proof|discussion)|insights|"
    r"ablations)": -2.5,
    r"\band discuss\b": -2.0,
    # It counts what follows, and stops before it tells.
    r"\bmake the following\b": -4.0,
    r"\bfollowing\b[^.]*:|\b(?:as follows|challenges)\b[^.]{0,20}:": -2.0,
    rf"\b(?:two|three|four|five|six|several) (?:[\w-]+ ){{0,3}}{_PARTS} ?(?:\.|:|—|$)": -1.0,
    r"^(?:it|these|those|they|such|its|their|this(?! (?:paper|work|study|report|survey)))\b": -2.5,
    r"^(?:\W*\d{1,2}[).]|\(?[ivx]+\)|\([a-z]\))": -6.0,
    # It speaks of the field, not of the paper.
    r"^(?:recent|however|yet|while|although|though|despite|existing|current|prior|previous)\b": -2.0,
    r"^(?:unfortunately|conventional|traditional|most|many|but|nevertheless|with the|as the)\b": -2.0,
    r"\b(?:is|are) (?:an? )?(?:\w+ly )?(?:important|crucial|essential|fundamental|pivotal|promising)\b": -1.0,
    r"\b(?:has|have) (?:recently )?(?:emerged|become|shown|achieved|been|gained|led|demonstrated)\b": -2.0,
    r"\b(?:remains?|challenging|suffers?|struggles?|bottleneck|limited|lacks?|hinders?|costly)\b": -0.7,
    # It sums up.
    r"^(?:overall|together|taken together|in summary|ultimately|collectively|in conclusion|altogether|"
    r"in short)\b": -4.0,
    r"^(?:our|the|these|this) (?:\w+ )?(?:findings?|results?|analys[ei]s|insights?|contributions?|"
    r"evaluations?)\b": -2.5,
    r"\b(?:aims? to|can|will|may|could) (?:serve|inspire|pave|provide|facilitate|advance|contribute|help|"
    r"support)\b": -1.5,
    rf"\b(?:{SELF}|our \w+) (?:highlight|underscor|demonstrat|emphasi[sz])\w* (?:the|that) (?:effective|"
    r"potential|importan|promise|need|power|value|feasib|viab)": -2.5,
    # It measures, promises or points elsewhere.
    r"^(?:our |the |\w+ive |\w+al )*(?:experiments?|evaluations?|results|simulations|benchmarks?)\b": -4.0,
    r"\b(?:extensive|comprehensive|empirical) (?:experiments|evaluations?|results)\b": -2.0,
    r"\b(?:demonstrates?|shows?|proves?|validates?) (?:the|its|our) (?:effect|effic|advant|super)": -4.0,
    r"\b(?:outperforms?|achieves?|surpass(?:es)?|state-of-the-art|effective(?:ness)?|superior)\b": -0.8,
    r"https?://|\bcodes?\b[^.]{0,60}\b(?:available|released?|open)|publicly available|project page": -6.0,
    r"\bwe (?:will )?(?:publicly )?(?:release|open-source|publish) (?:our|the|all|code|both)\b": -6.0,
    r"\bopen[- ]?sourced? (?:at|on)\b|\bfuture (?:research|work)\b": -6.0,
    r"\b(?:we|this paper) (?:hope|believe|hypothesi[sz]e|discuss|conclude|recommend|plan|refer)\b": -3.0,
    r"\b(?:this|our) (?:work|paper|study) (?:establish|pav|lay|open|underscor|highlight)\w*": -2.0,
    r"\?$": -3.0,
}
_OFFERS = tuple((re.compile(cue), weight) for cue, weight in _OFFERING.items())
_COLOURS = tuple((re.compile(cue), weight) for cue, weight in _COLOURING.items())


def weigh(statement: str) -> float:
    """The weight of a sentence in lower case; above 2 it may well be the claim of the paper."""
    offered = max((weight for cue, weight in _OFFERS if cue.search(statement)), default=0.0)
    return offered + sum(weight for cue, weight in _COLOURS if cue.search(statement))
