"""Settings about readers: what signs their links, where they leave, and who is believed."""

import base64
import json
import random
import re
from pathlib import Path

import pytest

from newsletter import config, links
from newsletter.config import Settings
from newsletter.errors import ConfigError, LinkError
from newsletter.links import Purpose

KEY = "Jt3kV-2ZqPz9wYxLr0aBnE4uHsC8dGfM"
OTHER = "9f86d081884c7d659a2feaa0c55ad015"


def load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return config.load(path)


def keys(*given: str) -> str:
    return f"secret_keys = {json.dumps(given)}\n"


def test_without_a_key_nothing_is_signed_and_none_is_made_up() -> None:
    with pytest.raises(ConfigError, match=r"^secret_keys: none, .* NEWSLETTER__SECRET_KEYS as \[.*keep it"):
        config.link_keys(config.load(None))


def test_the_first_key_signs_and_each_verifies(tmp_path: Path) -> None:
    old = config.link_keys(load(tmp_path, keys(OTHER)))
    both = config.link_keys(load(tmp_path, keys(KEY, OTHER)))
    token = links.sign(b"k" * 16, Purpose.CONFIRM, list="weekly", keys=old)

    assert links.verify(token, Purpose.CONFIRM, list="weekly", keys=both) == b"k" * 16
    with pytest.raises(LinkError):
        links.verify(token, Purpose.CONFIRM, list="weekly", keys=config.link_keys(load(tmp_path, keys(KEY))))


@pytest.mark.parametrize(
    "key",
    [
        *("", "short", "x" * 64, "0123456789" * 4, "changeme-changeme-changeme-changeme", "abc" * 20),
        *("abcdefghijklmnopqrstuvwxyz0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF", "secret-key-" * 4),
        *("replace-this-with-a-long-random-string", "your-secret-key-goes-here-please!!", "12" * 32),
        *("qwertyuiopasdfghjklzxcvbnm-password-1", " " * 32, KEY[:31]),
    ],
)
def test_a_key_that_was_not_drawn_at_random_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError, match=r"secret_keys: .*python3 -c") as caught:
        load(tmp_path, keys(KEY, key))

    assert not key.strip() or key not in str(caught.value)


@pytest.mark.parametrize("size", [24, 32, 48])
def test_a_key_that_was_drawn_is_taken(tmp_path: Path, size: int) -> None:
    chance = random.Random(size)  # noqa: S311  the same keys in each run
    for _ in range(200):
        drawn = chance.randbytes(size)
        load(tmp_path, keys(base64.urlsafe_b64encode(drawn).decode().rstrip("="), drawn.hex()))


def test_the_same_key_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="secret_keys: each key once"):
        load(tmp_path, keys(KEY, OTHER, KEY))


def test_keys_come_from_the_environment_and_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSLETTER__SECRET_KEYS", json.dumps([KEY, OTHER]))
    settings = config.load(None)

    assert [*config.link_keys(settings).secrets] == [KEY.encode(), OTHER.encode()]
    for shown in (repr(settings), settings.model_dump_json(), repr(config.link_keys(settings))):
        assert KEY not in shown


@pytest.mark.parametrize("value", [KEY, f'"{KEY}"', f"[{KEY}]", '[{"a": 1}]', "[null]"])
def test_keys_in_the_environment_that_are_no_list_are_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("NEWSLETTER__SECRET_KEYS", value)

    with pytest.raises(ConfigError, match=r"(?i)secret_keys") as caught:
        config.load(None)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["leave@news.example.org", "elevenchars@example.org", "a.b_c-d@x.example"]
)
def test_readers_leave_by_mail_at_a_short_bare_address(tmp_path: Path, address: str) -> None:
    assert load(tmp_path, f'leave_address = "{address}"\n').leave_address == address


@pytest.mark.parametrize(
    "address",
    [
        *("twelve-chars@example.org", "Leave <leave@example.org>", "leave", "leave@", "a@b.org, c@d.org"),
        *("a+b@example.org", "a?b@example.org", "a&b@example.org", "a%b@example.org", "a#b@example.org"),
        *("a/b@example.org", '\\"a b\\"@example.org', "leave@exämple.org"),
    ],
)
def test_an_address_that_cannot_stand_in_a_link_of_mail_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError, match=r"leave_address: "):
        load(tmp_path, f'leave_address = "{address}"\n')


@pytest.mark.parametrize("slug", ["assets", "healthz", "metrics", "robots"])
def test_no_list_stands_where_the_site_has_a_page(tmp_path: Path, slug: str) -> None:
    with pytest.raises(ConfigError, match=f"{slug} is a page of the web site; choose another slug"):
        load(tmp_path, f'[lists.{slug}]\ntitle = "T"\n')


@pytest.mark.parametrize("given", ["127.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32"])
def test_a_server_in_front_is_an_address_or_a_network(tmp_path: Path, given: str) -> None:
    [found] = load(tmp_path, f'[web]\ntrusted_proxies = ["{given}"]\n').web.trusted_proxies

    assert found.startswith(given)


@pytest.mark.parametrize("given", ["", "*", "proxy.example.org", "10.0.0.1/8", "127.0.0.1:80", "unix:"])
def test_a_server_in_front_that_is_neither_is_refused(tmp_path: Path, given: str) -> None:
    with pytest.raises(ConfigError, match="write an address or a network, such as"):
        load(tmp_path, f'[web]\ntrusted_proxies = ["{given}"]\n')


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_a_folder_cannot_keep_who_left(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"leaving_file: .*name a file"):
        load(tmp_path, f'leaving_file = "{name}"\n')


def test_the_file_of_who_left_is_counted_from_the_folder_of_the_configuration(tmp_path: Path) -> None:
    assert load(tmp_path, 'leaving_file = "run/left"\n').leaving_file == tmp_path / "run" / "left"


@pytest.mark.parametrize("url", ["https://ada:secret@news.example.org", "https://news.example.org/a b"])
def test_an_address_of_the_site_that_no_link_may_show_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="base_url: ") as caught:
        load(tmp_path, f'base_url = "{url}"\n')

    assert "secret" not in str(caught.value)


def test_a_preview_shows_where_the_links_of_a_reader_will_stand(tmp_path: Path) -> None:
    text = keys(KEY) + 'base_url = "https://a.example/n/"\nleave_address = "leave@a.example"\n'
    settings = load(tmp_path, text)

    preview = config.preview_links(settings, "weekly", "7")
    readers = config.reader_links(settings, "weekly", "7", b"k" * 16)

    assert (preview.web, preview.archive) == (readers.web, readers.archive)
    assert preview.archive == "https://a.example/n/weekly/"
    for name in ("preferences", "unsubscribe", "unsubscribe_mail"):
        shape = getattr(preview, name).replace("+", r"\+").replace("?", r"\?")
        assert_matches(getattr(readers, name), shape.replace("preview", "[a-z2-7]{52}"))


def assert_matches(text: str, pattern: str) -> None:
    assert re.fullmatch(pattern, text), (text, pattern)
