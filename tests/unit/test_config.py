"""Settings: what is read, what overrides what, and how a mistake is told."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from newsletter import config
from newsletter.config import Settings
from newsletter.config.tables import OverrideSettings
from newsletter.errors import ConfigError, NotFound
from newsletter.model import Edit, EditKind, Phrase, Ranking, ReaderLinks

ROOT = Path(__file__).parents[2]


def load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path)


def mistakes(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return str(caught.value).replace(str(tmp_path) + "/", "").splitlines()


def test_without_a_file_the_defaults_hold() -> None:
    settings = config.load(None)

    assert settings.base_url == "https://news.example.org"
    assert list(settings.lists) == ["weekly"]
    assert [theme.slug for theme in config.mailing_list(settings).themes] == list(config.DEFAULT_THEMES)


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER__LISTS__WEEKLY__TITLE", "From the environment")

    settings = load(tmp_path, '[lists.weekly]\ntitle = "From the file"\ntrending_limit = 3\n')

    assert settings.lists["weekly"].title == "From the environment"
    assert settings.lists["weekly"].trending_limit == 3


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("NEWSLETTER__LISTS", "{weekly", "NEWSLETTER__LISTS… cannot"),
        ("NEWSLETTER__LISTS__WEEKLY__THEMES", "kv-cache", "NEWSLETTER__LISTS… cannot"),
        ("NEWSLETTER__THEMES", "[" * 20_000, "NEWSLETTER__… cannot"),
    ],
)
def test_a_variable_that_holds_no_json_is_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, told: str
) -> None:
    monkeypatch.setenv(name, text)

    with pytest.raises(ConfigError) as caught:
        config.load(None)

    assert str(caught.value).startswith(
        f"the environment: {told} be read; lists and tables are written as JSON"
    )
    assert "\n" not in str(caught.value)


def test_a_variable_that_nobody_knows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER__BASEURL", "https://news.example.com")

    assert mistakes(tmp_path, "") == ["NEWSLETTER__BASEURL: unknown setting; did you mean 'base_url'?"]


def test_every_mistake_is_told_with_its_line_and_the_nearest_right_key(tmp_path: Path) -> None:
    text = 'base_ur = "https://a.example"\n\n[lists.weekly]\ntitel = "x"\ntrending_limit = -1\n'

    assert sorted(mistakes(tmp_path, text)) == [
        "config.toml, line 1: base_ur: unknown setting; did you mean 'base_url'?",
        "config.toml, line 4: lists.weekly.titel: unknown setting; did you mean 'title'?",
        "config.toml, line 5: lists.weekly.trending_limit: Input should be greater than or equal to 0",
    ]


def test_a_key_far_from_any_other_is_answered_with_the_list_of_them(tmp_path: Path) -> None:
    kinds = "file, hf_daily, arxiv, arxiv_category, feed, max_results"

    assert mistakes(tmp_path, "[[sources]]\nzzz = 1\nfile = 'x'\n") == [
        f"config.toml, line 2: sources.0.zzz: unknown setting; settings here: {kinds}"
    ]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("", "a source has exactly one of file, hf_daily, arxiv, arxiv_category, feed; this one has 0"),
        ('file = "x"\nfeed = "https://a.example"', "this one has 2"),
        ('hf_daily = "fortnight"', 'write "day", "week", "month", a date, an ISO week'),
        ('hf_daily = "2026-13"', "month must be in 1..12"),
        ('hf_daily = "2026-W60"', "Invalid week"),
        ('feed = "file:///etc/passwd"', "write the address of a feed"),
        ('arxiv_category = "../admin"', "should match pattern"),
        ('arxiv = " "', "should match pattern"),
        ('file = "x"\nmax_results = 5', "max_results belongs to a source of the kind arxiv"),
    ],
)
def test_a_source_that_could_not_be_asked_is_refused(tmp_path: Path, table: str, problem: str) -> None:
    (mistake,) = mistakes(tmp_path, f"[[sources]]\n{table}\n")

    assert problem in mistake


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    (mistake,) = mistakes(tmp_path, "a = [1,\nb = 2\n")

    assert mistake.startswith("config.toml: not valid TOML: ")
    assert "line 2" in mistake


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = " + "[" * 9000, "brackets within brackets, too deep to be read"),
        ("a = " + "9" * 9000, "a number of more digits than can be read"),
        ("a" + ".a" * 9000 + " = 1", "a key of more than 64 parts, which no setting has"),
        ("['a'" + ' . "b"' * 9000 + "]", "a key of more than 64 parts, which no setting has"),
        ("#" * 1_000_001, "larger than 1,000,000 bytes, which no configuration is"),
    ],
)
def test_a_file_that_no_reader_is_made_for_is_refused_in_a_line(
    tmp_path: Path, text: str, problem: str
) -> None:
    assert mistakes(tmp_path, text) == [f"config.toml: {problem}"]


def test_of_very_many_mistakes_the_first_are_told(tmp_path: Path) -> None:
    *told, last = mistakes(tmp_path, "".join(f"a{at} = 1\n" for at in range(1200)))

    assert len(told) == 100
    assert last == "config.toml: and 1,100 more mistakes"


def test_a_byte_order_mark_before_the_text_is_no_mistake(tmp_path: Path) -> None:
    assert load(tmp_path, '\ufeff[lists.weekly]\ntitle = "Reading"\n').lists["weekly"].title == "Reading"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the configuration: No such file or directory"):
        config.load(tmp_path / "none.toml")


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="not UTF-8 text"):
        config.load(tmp_path / "config.toml")


@pytest.mark.parametrize(
    "sender",
    [
        "digest",
        "a@b",
        "a@x.example, b@x.example",
        "A\r\nBcc: b@x.example <a@x.example>",
        "x" * 65 + "@x.example",
    ],
)
def test_a_sender_that_is_not_one_address_is_refused(tmp_path: Path, sender: str) -> None:
    (mistake,) = mistakes(tmp_path, f"[lists.weekly]\nsender = {sender!r}\n".replace("'", '"'))

    assert mistake.startswith("config.toml, line 2: lists.weekly.sender: ")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://news.example.com/", "https://news.example.com"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_the_address_of_the_site_is_normalised(tmp_path: Path, url: str, kept: str) -> None:
    assert load(tmp_path, f'base_url = "{url}"').base_url == kept


@pytest.mark.parametrize(
    "url", ["http://news.example.com", "news.example.com", "", "https://x.example/?a=1", "ftp://x.example"]
)
def test_an_address_that_readers_cannot_use_is_refused(tmp_path: Path, url: str) -> None:
    (mistake,) = mistakes(tmp_path, f'base_url = "{url}"')

    assert mistake.startswith("config.toml, line 1: base_url: ")


def test_paths_are_counted_from_the_folder_of_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, 'templates_dir = "looks"\n[[sources]]\nfile = "in/*.txt"\n')

    assert settings.templates_dir == tmp_path / "looks"
    assert settings.sources[0].file == str(tmp_path / "in/*.txt")


def test_a_built_in_theme_is_changed_key_by_key(tmp_path: Path) -> None:
    before = config.themes(config.load(None))["kv-cache"]
    first = before.phrases[0].text
    table = f'[themes.kv-cache]\nlimit = 2\n[themes.kv-cache.phrases]\n"{first}" = 0\n"my phrase" = 3\n'

    after = config.themes(load(tmp_path, table))["kv-cache"]

    weights = {phrase.text: phrase.weight for phrase in before.phrases}
    assert {phrase.text: phrase.weight for phrase in after.phrases} == {**weights, first: 0, "my phrase": 3}
    assert replace(after, phrases=before.phrases, limit=before.limit) == before
    assert after.limit == 2


def test_a_theme_of_ones_own_comes_after_the_built_in_ones(tmp_path: Path) -> None:
    settings = load(tmp_path, '[themes.speech]\ntitle = "Speech"\n[themes.speech.phrases]\n"speech" = 2\n')

    assert list(config.themes(settings)) == [*config.BUILTIN_THEMES, "speech"]


def test_a_list_that_names_no_theme_has_the_default_ones_and_those_that_are_written(tmp_path: Path) -> None:
    settings = load(tmp_path, '[themes.speech]\ntitle = "Speech"\nlike = ["2212.04356"]\n')

    chosen = [theme.slug for theme in config.mailing_list(settings).themes]

    assert chosen == ["kv-cache", "parallelism", "diffusion-efficiency", "speech"]


def test_a_theme_reads_the_whole_language(tmp_path: Path) -> None:
    table = """
[themes.speech]
title = "Speech"
categories = ["cs.SD", "eess"]
like = ["arXiv:2212.04356v2", "https://arxiv.org/abs/2212.04356"]
[themes.speech.phrases]
"speech {recognition|translation}" = 4
"voice" = { weight = 1.5, in = ["title", "tags"], with = ["audio"], without = ["invoice ~3 paid"] }
"""
    theme = config.themes(load(tmp_path, table))["speech"]

    assert (theme.categories, theme.like) == (("cs.SD", "eess"), ("2212.04356",))
    assert theme.phrases == (
        Phrase("speech {recognition|translation}", 4.0),
        Phrase("voice", 1.5, ("title", "tags"), ("audio",), ("invoice ~3 paid",)),
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('"{a" = 1', "phrases.{a: alternatives stand in braces"),
        ('"a ~99 b" = 1', "phrases.a ~99 b: ~99 is too far"),
        ('"a" = { weight = 1, with = ["b|c"] }', "phrases.a.with.0: alternatives stand in braces"),
        (
            '"a" = { weight = 1, in = ["titel"] }',
            "phrases.a.in.0: Input should be 'title', 'abstract' or 'tags'",
        ),
        ('"a b" = { weight = 1, whith = ["b"] }', "phrases.a b.whith: unknown setting; did you mean 'with'?"),
        ('"a" = { in = ["title"] }', "phrases.a.weight: Field required"),
        ('"a" = { weight = 0, in = ["title"] }', "phrases.a: a weight of 0 removes the phrase everywhere"),
        ('"a" = 1e308', "phrases.a.weight: Input should be less than or equal to 1000000"),
        (f'"{"a " * 13}" = 1', f"phrases.{'a ' * 12}a: a phrase of 13 words is too long; 12 are the most"),
    ],
)
def test_a_malformed_phrase_is_told_with_its_theme_and_line(tmp_path: Path, line: str, problem: str) -> None:
    (mistake,) = mistakes(tmp_path, f"[themes.speech.phrases]\n{line}\n")

    assert mistake.startswith(f"config.toml, line 2: themes.speech.{problem}")


def test_a_theme_that_would_take_long_to_make_ready_is_refused(tmp_path: Path) -> None:
    wide = "".join(f'"{{a|b|c|d}} {{e|f|g|h}} {{i|j|k|l}} m{at}" = 1\n' for at in range(1000))

    (mistake,) = mistakes(tmp_path, f"[themes.speech.phrases]\n{wide}")

    assert mistake.endswith("come to 256,000 words with their alternatives written out; 20,000 are the most")


def test_a_mistake_in_a_key_of_two_lines_is_told_in_one(tmp_path: Path) -> None:
    (mistake,) = mistakes(tmp_path, '[themes.speech.phrases]\n"a\\n{b" = 1\n')

    assert mistake.startswith("config.toml: themes.speech.phrases.a {b: alternatives stand in braces")


def test_a_phrase_that_takes_words_away_stands_after_the_built_in_ones(tmp_path: Path) -> None:
    first = config.themes(config.load(None))["kv-cache"].phrases[0].text

    theme = config.themes(load(tmp_path, f'[themes.kv-cache.phrases]\n"{first}" = 0\n'))["kv-cache"]

    assert theme.phrases[-1] == Phrase(first, 0.0)


def test_no_theme_may_have_the_slug_of_the_rest(tmp_path: Path) -> None:
    (mistake,) = mistakes(tmp_path, '[themes.trending]\ntitle = "x"\n')

    assert mistake.startswith(
        "config.toml, line 1: themes.trending: trending is the section of what fits no theme"
    )


def test_a_theme_without_phrases_is_refused(tmp_path: Path) -> None:
    settings = load(tmp_path, '[themes.speech]\ntitle = "Speech"\n')

    with pytest.raises(ConfigError, match=r"themes\.speech: a theme of your own needs a title and a phrase"):
        config.themes(settings)


@pytest.mark.parametrize(
    "line",
    [
        "threshold = nan",
        "threshold = inf",
        "threshold = 0",
        "limit = 0",
        'exclude = ["--"]',
        'like = ["KIVI"]',
        'categories = ["cs DC"]',
        "require = [[]]",
        "phrases = {x = inf}",
    ],
)
def test_a_theme_that_could_not_be_scored_is_refused(tmp_path: Path, line: str) -> None:
    (mistake,) = mistakes(tmp_path, f"[themes.kv-cache]\n{line}\n")

    assert mistake.startswith("config.toml, line 2: themes.kv-cache.")


def test_a_list_takes_its_themes_in_its_own_order(tmp_path: Path) -> None:
    settings = load(tmp_path, '[lists.lab]\ntitle = "Lab"\nthemes = ["parallelism", "kv-cache"]\n')

    assert [theme.slug for theme in config.mailing_list(settings).themes] == ["parallelism", "kv-cache"]


def test_a_list_that_names_an_unknown_theme_is_refused(tmp_path: Path) -> None:
    settings = load(tmp_path, '[lists.lab]\nthemes = ["kvcache"]\n')

    with pytest.raises(ConfigError, match=r"lists\.lab\.themes: no theme 'kvcache'; themes: kv-cache, "):
        config.mailing_list(settings)


def test_an_unknown_list_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="no list 'daily'; lists: weekly"):
        config.mailing_list(config.load(None), "daily")


def test_a_configuration_without_a_list_is_refused(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "lists = {}") == [
        "config.toml, line 1: lists: Dictionary should have at least 1 item after validation, not 0"
    ]


def test_a_slug_is_lower_case_words_and_hyphens(tmp_path: Path) -> None:
    (mistake,) = mistakes(tmp_path, '[lists."Big Lab"]\ntitle = "x"\n')

    assert "lists.Big Lab" in mistake


def test_a_list_has_its_own_weights_and_limit(tmp_path: Path) -> None:
    settings = load(tmp_path, "[lists.lab]\nlimit = 9\n[lists.lab.ranking]\nvotes = 0\nhalf_life_days = 3\n")

    chosen = config.mailing_list(settings)

    assert chosen.limit == 9
    assert chosen.ranking == replace(Ranking(), votes=0, half_life_days=3)


@pytest.mark.parametrize("line", ["votes = -1", "code = nan", "half_life_days = 0", "half_life_days = inf"])
def test_a_weight_that_could_not_be_ranked_by_is_refused(tmp_path: Path, line: str) -> None:
    (mistake,) = mistakes(tmp_path, f"[lists.lab.ranking]\n{line}\n")

    assert mistake.startswith(f"config.toml, line 2: lists.lab.ranking.{line.split()[0]}: ")


def test_a_wrong_weight_is_answered_with_the_nearest(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "[lists.lab.ranking]\nvote = 1\n") == [
        "config.toml, line 2: lists.lab.ranking.vote: unknown setting; did you mean 'votes'?"
    ]


def test_the_links_of_a_mail_about_no_issue_lead_to_the_list() -> None:
    settings = config.load(None).model_copy(update={"secret_keys": (SecretStr("k" * 40),)})

    links = config.reader_links(settings, "weekly", "", bytes(16))

    assert (links.web, links.unsubscribe_mail) == ("https://news.example.org/weekly/", "")


def test_preview_links_stand_on_the_site_of_the_list() -> None:
    links = config.preview_links(config.load(None), "weekly", "2026-01-06")

    assert links == ReaderLinks(
        web="https://news.example.org/weekly/2026-01-06/",
        archive="https://news.example.org/weekly/",
        preferences="https://news.example.org/weekly/preferences/preview",
        unsubscribe="https://news.example.org/weekly/unsubscribe/preview",
    )


def test_a_list_says_whose_words_it_wants(tmp_path: Path) -> None:
    settings = load(tmp_path, '[lists.weekly]\nsummaries = "hf"')

    assert config.mailing_list(settings).summaries == "hf"
    assert mistakes(tmp_path, '[lists.weekly]\nsummaries = "gpt"') == [
        "config.toml, line 2: lists.weekly.summaries: Input should be 'abstract', 'hf' or 'model'"
    ]


@pytest.mark.parametrize(
    "url", ["https://api.example.org/v1/", "http://localhost:11434/v1", "http://10.0.0.7/v1", "http://gpu/v1"]
)
def test_a_model_is_asked_over_https_or_nearby(tmp_path: Path, url: str) -> None:
    settings = load(tmp_path, f'[summariser]\nbase_url = "{url}"')

    assert settings.summariser.base_url == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://api.example.org/v1", "use https"),
        ("http://8.8.8.8/v1", "use https"),
        ("https://me:pass@api.example.org/v1", "write no password into an address"),
        ("api.example.org", "write the address of an API"),
        ("https://api.example.org/v1?key=1", "write the address of an API"),
    ],
)
def test_an_address_that_would_give_the_key_away_is_refused(tmp_path: Path, url: str, problem: str) -> None:
    (told,) = mistakes(tmp_path, f'[summariser]\nbase_url = "{url}"')

    assert f"summariser.base_url: {problem}" in told


def test_the_key_of_the_model_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER__SUMMARISER__API_KEY", "sk-secret")

    settings = config.load(None)

    assert settings.summariser.api_key.get_secret_value() == "sk-secret"
    assert "sk-secret" not in repr(settings)


def test_the_password_of_the_mail_server_comes_from_the_environment_and_is_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NEWSLETTER__SMTP__PASSWORD", "s3cret")
    (tmp_path / "config.toml").write_text(
        '[smtp]\nhost = "smtp.example.org"\nuser = "ada"\n', encoding="utf-8"
    )

    settings = config.load(tmp_path / "config.toml")

    assert (settings.smtp.host, settings.smtp.user, settings.smtp.port) == ("smtp.example.org", "ada", 587)
    assert settings.smtp.password.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(settings)


def test_a_token_of_the_mail_server_needs_somebody_to_log_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NEWSLETTER__SMTP__ACCESS_TOKEN", "t0ken")

    (told,) = mistakes(tmp_path, '[smtp]\nhost = "smtp.example.org"\n')

    assert "set smtp.user to the address that access_token is for" in told
    assert "t0ken" not in told


@pytest.mark.parametrize(
    ("host", "fine"),
    [
        *(("localhost", True), ("127.0.0.1", True), ("::1", True), ("", True)),
        *(("smtp.example.org", False), ("192.0.2.1", False), ("localhost.example.org", False)),
    ],
)
def test_only_a_server_on_this_machine_may_be_spoken_to_in_clear(
    tmp_path: Path, host: str, fine: bool
) -> None:
    toml = f'[smtp]\nhost = "{host}"\nsecurity = "none"\n'
    if fine:
        (tmp_path / "config.toml").write_text(toml, encoding="utf-8")
        assert config.load(tmp_path / "config.toml").smtp.security == "none"
        return

    (told,) = mistakes(tmp_path, toml)

    assert 'line 1: smtp: security = "none" is for a server on this machine only' in told


def test_the_example_shows_the_defaults() -> None:
    shown, built_in = config.load(ROOT / "config.example.toml"), config.load(None)

    places = {
        "database_url": SecretStr(f"sqlite:///{ROOT}/newsletter.db"),
        "leaving_file": ROOT / "newsletter.leaving",
        "fence_file": ROOT / "newsletter.fence",
        "delivery": built_in.delivery.model_copy(update={"folder": ROOT / "outbox"}),
    }
    assert shown == built_in.model_copy(update=places)


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("sqlite:///data/papers.db", "sqlite:///{folder}/data/papers.db"),
        ("sqlite:////var/lib/papers.db", "sqlite:////var/lib/papers.db"),
        ("postgresql://ada:secret@db.example.org/papers", "postgresql://ada:secret@db.example.org/papers"),
    ],
)
def test_a_database_file_is_counted_from_the_folder_of_the_file(tmp_path: Path, url: str, read: str) -> None:
    settings = load(tmp_path, f'database_url = "{url}"')

    assert settings.database_url.get_secret_value() == read.format(folder=tmp_path)
    assert "secret@" not in repr(settings)


def test_the_example_shows_every_setting_and_no_other(tmp_path: Path) -> None:
    lines = (ROOT / "config.example.toml").read_text(encoding="utf-8").splitlines()
    uncommented = "\n".join(filter(is_setting, (line.lstrip("# ") for line in lines)))

    shown = tomllib.loads(uncommented)

    assert shown.keys() == Settings.model_fields.keys()
    assert shown["lists"]["weekly"].keys() == config.ListSettings.model_fields.keys()
    assert shown["lists"]["weekly"]["schedule"].keys() == config.ScheduleSettings.model_fields.keys()
    assert shown["run"].keys() == config.RunSettings.model_fields.keys()
    assert shown["lists"]["weekly"]["ranking"].keys() == config.RankingSettings.model_fields.keys()
    assert shown["themes"]["speech"].keys() == config.ThemeSettings.model_fields.keys()
    company = shown["themes"]["speech"]["phrases"]["voice"]
    assert company.keys() == {
        field.alias or name for name, field in config.PhraseSettings.model_fields.items()
    }
    assert shown["summariser"].keys() == config.SummariserSettings.model_fields.keys()
    assert {key for source in shown["sources"] for key in source} == set(config.SourceSettings.model_fields)
    assert [override.keys() for override in shown["overrides"]] == [OverrideSettings.model_fields.keys()]
    assert load(tmp_path, uncommented).themes["speech"].threshold == 4.0


def is_setting(line: str) -> bool:
    return re.match(r'\[|\w+ = |"[^"]+" = ', line) is not None


OVERRIDE = '[[overrides]]\nedit = "pin"\npaper = "2402.02750"\n'


def edits(settings: Settings, slug: str = "weekly", number: int | None = None) -> list[str]:
    chosen = config.mailing_list(settings, slug)
    return [edit.paper for edit in config.overrides(settings, chosen, number=number)]


def test_an_override_is_an_edit_by_the_configuration(tmp_path: Path) -> None:
    settings = load(tmp_path, OVERRIDE + 'section = "kv-cache"\nplace = 1\nwhy = "asked for"\n')

    assert config.overrides(settings, config.mailing_list(settings)) == (
        Edit(EditKind.PIN, "2402.02750", "kv-cache", 1, "asked for", "config"),
    )


def test_an_override_acts_in_its_list_and_its_issue(tmp_path: Path) -> None:
    lists = "[lists.weekly]\n[lists.monthly]\n"
    settings = load(tmp_path, f'{lists}{OVERRIDE}list = "weekly"\n{OVERRIDE}issue = 7\n')

    assert len(edits(settings)) == 1
    assert len(edits(settings, "monthly")) == 0
    assert len(edits(settings, "weekly", 7)) == 2
    assert len(edits(settings, "weekly", 8)) == 1


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('section = "speach"', "line 7: overrides.1.section: no section 'speach'; sections: kv-cache, "),
        ('list = "daily"', "line 7: overrides.1.list: no list 'daily'; lists: weekly"),
        ("place = 0", "line 7: overrides.1.place: Input should be greater than or equal to 1"),
        ('paper = "  "', "line 7: overrides.1.paper: String should have at least 1 character"),
        ('edit = "delete"', "line 7: overrides.1.edit: Input should be 'pin', 'drop' or 'move'"),
        ('edit = "drop"\nplace = 1', "line 4: overrides.1: a dropped paper has neither section nor place"),
        ('edit = "move"', "line 4: overrides.1: say where it moves: section, place, or both"),
        ('where = "kv-cache"', "line 7: overrides.1.where: unknown setting; settings here: edit, paper, "),
    ],
)
def test_an_override_that_makes_no_sense_is_told_with_its_place(
    tmp_path: Path, text: str, mistake: str
) -> None:
    given = {line.split(" = ")[0] for line in text.splitlines()}
    rest = [line for line in OVERRIDE.splitlines() if line.split(" = ")[0] not in given]
    table = "\n".join([*rest, *[""] * (3 - len(rest)), text])

    [told] = mistakes(tmp_path, f"{OVERRIDE}{table}\n")

    assert told.startswith(f"config.toml, {mistake}")


def test_trending_is_a_section_of_an_override(tmp_path: Path) -> None:
    assert edits(load(tmp_path, OVERRIDE + 'section = "trending"\n')) == ["2402.02750"]
