"""What stands in the files for Docker: no secret, no right too many, and names that exist."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import newsletter
from newsletter import config, containers
from newsletter.cli import commands

yaml = pytest.importorskip("yaml", reason="PyYAML is not there: pip install 'newsletter[test]'")
FILES = containers.shipped()
COMPOSE: dict[str, Any] = yaml.safe_load(FILES["compose.yaml"])
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, one in SERVICES.items() if one["image"].startswith("newsletter:")]
STATE = "/var/lib/newsletter"
each_service = pytest.mark.parametrize("name", SERVICES)
each_of_ours = pytest.mark.parametrize("name", OURS)


def image_environment() -> dict[str, str]:
    """What the image sets, by its name."""
    text = FILES["Dockerfile"].replace("\\\n", " ")
    [line] = re.findall(r"^ENV (.*)$", text, re.MULTILINE)
    return dict(pair.split("=", 1) for pair in line.split())


def example(name: str, *, whole: bool = False) -> dict[str, str]:
    """The lines of an example of secrets. whole: those that are switched off too, with some value."""
    lines = re.findall(rf"^{'(?:# )?' * whole}([A-Z_]+)=(.*)$", FILES[name], re.MULTILINE)
    return {key: value or "x" for key, value in lines}


def test_there_are_an_app_workers_a_database_and_a_relay() -> None:
    assert set(SERVICES) == {"app", "worker", "upgrade", "database", "relay"}
    assert OURS == ["app", "worker", "upgrade"]
    assert SERVICES["worker"]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("name", FILES)
def test_no_secret_stands_in_any_file(name: str) -> None:
    given = re.findall(r"(?:PASSWORD|SECRET\w*|_KEYS?|DATABASE_URL|TOKEN)\"?[=:] *(\S+)", FILES[name])

    assert all(containers.DRAWN in value and name.endswith(".example") for value in given)
    assert bool(given) == name.endswith(".example")


@each_service
def test_nothing_runs_with_a_right_that_it_does_not_need(name: str) -> None:
    one = SERVICES[name]

    assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"])
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert bool(one.get("cap_add")) == (name in {"database", "relay"})
    assert not {"privileged", "pid", "ipc", "network_mode", "devices", "userns_mode"} & set(one)
    assert "docker.sock" not in str(one.get("volumes"))


@each_service
def test_each_is_started_again_and_can_fill_neither_disk_nor_memory(name: str) -> None:
    one = SERVICES[name]

    assert one["restart"] == ("no" if name == "upgrade" else "unless-stopped")
    assert set(one["logging"]["options"]) == {"max-size", "max-file"}
    assert one["deploy"]["resources"]["limits"]["memory"]


@each_service
def test_what_is_waited_for_can_say_that_it_is_well(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        once = SERVICES[other]["restart"] == "no"
        assert how["condition"] == ("service_completed_successfully" if once else "service_healthy")
        assert once or "test" in SERVICES[other]["healthcheck"]


@each_service
def test_an_image_is_of_one_release(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].partition(":")

    assert tag.partition("-")[0] in {newsletter.__version__, "17"}
    # Nobody's image of our name is taken from elsewhere.
    assert (SERVICES[name].get("pull_policy") == "never") == image.startswith("newsletter")


@pytest.mark.parametrize("name", ["Dockerfile", "relay/Dockerfile"])
def test_a_base_is_named_by_its_release(name: str) -> None:
    bases = re.findall(r"^ARG \w+=(\S+)", FILES[name], re.MULTILINE)

    assert bases
    assert all(re.fullmatch(r"(python:3\.\d+-slim-|debian:)[a-z]+(-slim)?", base) for base in bases)


def test_the_site_is_reached_from_this_machine_alone_and_nothing_else_is_at_all() -> None:
    ports = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}

    assert ports == {"app": ["127.0.0.1:8080:8080"]}
    assert [name for name, one in SERVICES.items() if "data" in one["networks"]] == [*OURS, "database"]
    assert SERVICES["database"]["networks"] == ["data"]
    assert COMPOSE["networks"]["data"]["internal"] is COMPOSE["networks"]["mail"]["internal"] is True


def test_the_relay_takes_mails_from_the_network_of_those_who_send_and_from_no_other() -> None:
    [mine] = re.findall(r"^mynetworks = (.*)$", FILES["relay/main.cf"], re.MULTILINE)
    [of_mail] = COMPOSE["networks"]["mail"]["ipam"]["config"]

    assert mine.split(", ") == ["127.0.0.0/8", of_mail["subnet"]]
    assert {name for name, one in SERVICES.items() if "mail" in one["networks"]} == {"app", "worker", "relay"}


def test_the_site_believes_the_server_in_front_and_no_other_container() -> None:
    trusted = SERVICES["app"]["environment"]["NEWSLETTER__WEB__TRUSTED_PROXIES"]

    assert trusted == f'["{COMPOSE["networks"]["out"]["ipam"]["config"][0]["gateway"]}"]'


@each_of_ours
def test_every_command_exists(name: str) -> None:
    done = CliRunner().invoke(commands, [*SERVICES[name]["command"], "--help"])

    assert done.exit_code == 0, done.output


@each_of_ours
def test_every_name_is_one_of_a_setting(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "config.toml"
    place.write_text(FILES["config.toml"])
    written = {**example("newsletter.env.example", whole=True), **example("database.env.example")}
    for key, value in (image_environment() | written | SERVICES[name]["environment"]).items():
        if key.startswith("NEWSLETTER__"):
            monkeypatch.setenv(key, value.replace(containers.DRAWN, containers.drawn()))
    settings = config.load(place)

    assert (settings.smtp.host, settings.smtp.port, settings.smtp.security) == ("relay", 587, "starttls")
    assert settings.database_url.get_secret_value().endswith("@database/newsletter")
    assert settings.run.web is (name == "app")
    assert set(config.schedules(settings)) == {"weekly"}
    files = (settings.fence_file, settings.leaving_file, settings.cache_dir, settings.delivery.folder)
    assert all(path and path.is_relative_to(STATE) for path in files)


@each_of_ours
def test_all_processes_of_a_machine_share_what_they_know_of_a_restored_database(name: str) -> None:
    volumes = SERVICES[name]["volumes"]

    assert f"state:{STATE}" in volumes
    assert [one for one in volumes if not one.endswith(":ro")] == [f"state:{STATE}"]
    assert set(COMPOSE["volumes"]) == {"database", "state", "queue", "relay", "certificate"}


def test_mails_under_way_get_the_time_to_end() -> None:
    assert all(int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > 30 for name in OURS)
    assert all(SERVICES[name]["init"] for name in OURS)


def test_the_database_waits_for_its_disk() -> None:
    told = " ".join(SERVICES["database"]["command"])

    assert not re.search("fsync|synchronous_commit|full_page_writes", told)
    assert "database:/var/lib/postgresql/data" in SERVICES["database"]["volumes"]


def test_the_image_runs_as_nobody_and_says_how_it_is() -> None:
    last = FILES["Dockerfile"].rpartition("\nFROM ")[2]

    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert re.search(r"^STOPSIGNAL SIGTERM$", last, re.MULTILINE)
    assert f"'127.0.0.1', {image_environment()['NEWSLETTER__RUN__STATUS_PORT']}," in last
    assert [name for name in OURS if SERVICES[name].get("healthcheck") != {"disable": True}] == ["app"]


def test_a_build_sees_no_file_of_secrets() -> None:
    seen = [line for line in FILES["Dockerfile.dockerignore"].splitlines() if line.startswith("!")]

    assert FILES["Dockerfile.dockerignore"].splitlines()[1] == "*"
    assert not [line for line in seen if ".env" in line or "config/" in line or line == "!."]


def test_a_release_is_built_under_its_own_name() -> None:
    named = re.findall(r"newsletter(?:-relay)?:([\d.]+\d)", "".join(FILES.values()))

    assert set(named) == {newsletter.__version__}
