"""Rules about style blocks: what makes Gmail throw a whole one away."""

import re
from collections.abc import Iterator

from newsletter import css
from newsletter.lint.cascade import attribute
from newsletter.lint.mail import Hit, Mail

# Gmail reads 16 KB of styles; a block that goes beyond is left out. Source: caniemail.com, html-style, 2023.
_MOST = 16_384
# A colour without commas: Gmail throws the whole block, or the whole attribute, away.
# Source: caniemail.com, css-rgb, 2021.
_NO_COMMAS = re.compile(r"\brgba?\(\s*[\d.]+%?\s+[\d.]+", re.IGNORECASE)
# Source: caniemail.com, css-background-image, 2023.
_IMAGE = re.compile(r"url\(\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)


def style_size(mail: Mail) -> Iterator[Hit]:
    """Style blocks beyond what Gmail reads."""
    size = 0
    for block in mail.page.blocks if mail.page else ():
        size += len(block.text.encode("utf-8", errors="replace"))
        if size > _MOST:
            yield Hit(
                f"{size:,} bytes of styles up to here; Gmail leaves out what is beyond {_MOST:,}.",
                block.start,
            )
            return


def style_dropped(mail: Mail) -> Iterator[Hit]:
    """Faults for which Gmail throws a whole style block away."""
    for block in mail.page.blocks if mail.page else ():
        for flaw in block.sheet.flaws:
            yield Hit(f"Gmail drops the whole style block: {flaw.text}", block.start + flaw.at, kind="flaw")
        for rule in block.sheet.at_rules:
            if rule.depth and rule.text.lower().startswith("@media"):
                message = f"Gmail drops the whole style block: {rule.text} inside of another at-rule"
                yield Hit(message, block.start + rule.at, kind="nested")
        for styles in block.sheet.rules:
            for declared in styles.declarations:
                if reason := _reason(declared):
                    message = f"Gmail drops the whole style block: {reason}"
                    yield Hit(message, block.start + declared.start, kind="value")
    yield from _attributes(mail)


def _attributes(mail: Mail) -> Iterator[Hit]:
    for element in mail.page.elements if mail.page else ():
        style = element.attribute("style") if not element.outlook else None
        if style is None or "(" not in style.value:
            continue
        for declared in attribute(style.value):
            if reason := _reason(declared):
                yield Hit(f"Gmail drops the whole style attribute: {reason}", style.start, kind="attribute")
                break


def _reason(declared: css.Declaration) -> str:
    if "(" not in declared.value:
        return ""
    if found := _NO_COMMAS.search(declared.value):
        return f"a colour without commas, {found.group()}…)"
    if _IMAGE.search(declared.value):
        return f"an image in {declared.name}"
    return ""
