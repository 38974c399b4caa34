"""The themes that settings name: the built-in ones, as a configuration changes them, and its own."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib.resources import files

from newsletter.config.mistakes import listed
from newsletter.config.tables import Settings, ThemeSettings
from newsletter.errors import ConfigError
from newsletter.model import Phrase, Theme

# The themes of a list that names none, in the order of an issue, before those that the configuration writes.
DEFAULT_THEMES = ("kv-cache", "parallelism", "diffusion-efficiency")
# Each is a file in newsletter/themes.
BUILTIN_THEMES = (
    *DEFAULT_THEMES,
    "mixture-of-experts",
    "quantization-pruning",
    "llm-serving",
    "long-context",
    "post-training",
    "agents",
    "reasoning",
    "retrieval",
)


def themes(settings: Settings) -> dict[str, Theme]:
    """Every theme by its slug: the built-in ones in their order, then the operator's own."""
    return _themes(settings, dict.fromkeys((*BUILTIN_THEMES, *settings.themes)))


def chosen_themes(settings: Settings, slugs: Sequence[str], *, place: str) -> tuple[Theme, ...]:
    """The themes of those slugs, each once and in their order.

    Where none is named: the default ones, then those that the configuration itself writes or changes.
    Raises: ConfigError for a slug that no theme has; `place` says where it was written.
    """
    known = dict.fromkeys((*BUILTIN_THEMES, *settings.themes))
    for slug in slugs:
        if slug not in known:
            raise ConfigError(f"{place}: no theme {slug!r}; {listed('themes', known)}")
    wanted = dict.fromkeys(slugs or (*DEFAULT_THEMES, *settings.themes))
    # Each built-in theme is a file. Those of the configuration are read in any case, for their mistakes.
    found = _themes(settings, dict.fromkeys((*wanted, *settings.themes)))
    return tuple(found[slug] for slug in wanted)


def _themes(settings: Settings, slugs: Iterable[str]) -> dict[str, Theme]:
    return {slug: _theme(slug, settings.themes.get(slug, ThemeSettings())) for slug in slugs}


def _theme(slug: str, own: ThemeSettings) -> Theme:
    base = _builtin(slug) if slug in BUILTIN_THEMES else ThemeSettings()
    given = own.model_dump(exclude_none=True, exclude={"phrases"})
    # A phrase of one's own stands after the built-in ones: of two with the same words the later counts.
    kept = {text: phrase for text, phrase in base.phrases.items() if text not in own.phrases}
    merged = base.model_copy(update=given | {"phrases": kept | own.phrases})
    phrases = tuple(
        Phrase(text, one.weight, one.fields, one.beside, one.without) for text, one in merged.phrases.items()
    )
    if not merged.title or not (merged.like or any(phrase.weight > 0 for phrase in phrases)):
        needs = "a title and a phrase with a weight, or an example in like"
        raise ConfigError(f"themes.{slug}: a theme of your own needs {needs}")
    defaults = Theme(slug=slug, title=merged.title, blurb=merged.blurb or "", phrases=phrases)
    return replace(
        defaults,
        exclude=merged.exclude or (),
        require=merged.require or (),
        threshold=merged.threshold or defaults.threshold,
        limit=merged.limit or defaults.limit,
        categories=merged.categories or (),
        like=tuple(dict.fromkeys(merged.like or ())),
    )


def _builtin(slug: str) -> ThemeSettings:
    text = files("newsletter").joinpath("themes", f"{slug}.toml").read_text(encoding="utf-8")
    return ThemeSettings(**tomllib.loads(text))
