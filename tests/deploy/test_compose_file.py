"""The compose file is valid, and tells every process what the code reads, by names and ports that are there."""

import json
import re
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from compose_spec import PyCompose
from tests.deploy.compose_file import FILE, ROOT, environment, hosts, published, replicas, services

from social_cli.main import parse
from social_cli.services import SERVICES
from social_common.settings import ServiceSettings, load_settings
from social_console.settings import UNREAD, ConsoleSettings
from social_platforms._core import Platform
from social_platforms.registry import load_apps
from social_stack.ports import Ports

# The platforms' variables are read by their registry, not by a settings class.
_OF_PLATFORMS = re.compile(rf"({'|'.join(platform.upper() for platform in Platform)})_[A-Z_]+")
_URL = re.compile(r"\b(?:https?|postgresql)://[^\s\",]+")
_NODE_PORTS = {"kafka": {9092}, "postgres": {5432}, "otel-collector": {4318}, "sandbox": {8110}}
_PROCESSES = [(service, role) for service in SERVICES for role in ("api", "worker")]
_OURS = [name for name, service in services().items() if service["image"].startswith("social-")]


def _settings(name: str, cls: type[ServiceSettings], monkeypatch: pytest.MonkeyPatch) -> ServiceSettings:
    for variable, value in environment(name).items():
        monkeypatch.setenv(variable, value)
    return load_settings(cls)


def test_the_file_is_what_the_specification_allows() -> None:
    """A name that compose does not know, a value that it would refuse, is found without an engine."""
    PyCompose.from_json(json.dumps(yaml.safe_load(FILE.read_text()))).validate()


def test_whoever_is_waited_for_and_every_volume_is_there() -> None:
    """The parser does not look up what services wait for and where they keep their files."""
    document = yaml.safe_load(FILE.read_text())
    for service in services().values():
        assert set(service.get("depends_on", [])) <= set(services())
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in document["volumes"]


def test_everything_is_told_to_a_setting_that_exists() -> None:
    """A variable that nobody reads is a wish that nobody fulfils."""
    known = {name.upper() for service in SERVICES for name in service.settings_class.model_fields}
    told = {name for service, role in _PROCESSES for name in environment(f"{service.name}-{role}")}

    assert {name for name in told - known if not _OF_PLATFORMS.fullmatch(name)} == set()
    assert set(environment("console")) <= {n.upper() for n in ConsoleSettings.model_fields if n not in UNREAD}


@pytest.mark.parametrize(("service", "role"), _PROCESSES, ids=lambda one: getattr(one, "name", one))
def test_a_process_takes_its_settings(service: Any, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its values are valid, its role at the database is its own, its probe asks the port that it listens on."""
    name = f"{service.name}-{role}"
    settings = _settings(name, service.settings_class, monkeypatch)
    url = settings.api_database_url if role == "api" else settings.worker_database_url
    other = settings.worker_database_url if role == "api" else settings.api_database_url
    port = settings.api_port if role == "api" else settings.worker_port

    assert url is not None
    assert urlsplit(url.reveal()).username == f"{service.package}_{role}"
    assert other is None
    assert settings.bootstrap_database_url is None
    assert settings.token_keys_file is not None
    assert services()[name]["healthcheck"]["test"][-1] == str(port)
    assert services()[name]["image"] == f"social-{service.name}"
    assert services()[name].get("command", ["api"]) == [role]
    assert len(load_apps(environment(name))) == len(Platform)


def test_the_console_watches_every_replica_of_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator's page shows a replica that is gone as gone."""
    settings = _settings("console", ConsoleSettings, monkeypatch)
    assert isinstance(settings, ConsoleSettings)

    watched = {urlsplit(part.url).hostname for part in settings.console_parts}

    workers = {replica for service in SERVICES for replica in replicas(f"{service.name}-worker")}
    assert watched == workers | {f"{service.name}-api" for service in SERVICES} | {"sandbox"}
    assert len(workers) == 2 * len(SERVICES)


def test_every_address_leads_to_a_port_that_somebody_listens_on() -> None:
    """Names are those of services, replicas and aliases; what a browser is told is published on this machine."""
    listening = {**_NODE_PORTS, "console": {8100, 9100}}
    for service, role in _PROCESSES:
        settings = service.settings_class()
        ports = {settings.api_port, settings.metrics_port} if role == "api" else {settings.worker_port}
        listening[f"{service.name}-{role}"] = ports
    outside = {here for name in services() for here in published(name)} | {Ports().storefront}
    known = dict(hosts())
    for name in services():
        for url in _URL.findall(" ".join(environment(name).values())):
            found = urlsplit(url.replace("*", "0"))
            if found.hostname == "localhost":
                assert found.port in outside | {0}, f"{name}: {url}"
            else:
                assert found.port in listening[known[str(found.hostname)]] | {0}, f"{name}: {url}"


def test_this_machine_finds_everything_where_make_run_has_it() -> None:
    """`make demo` and `make token` need not know which of the two runs."""
    ports = Ports()
    wanted = {"console": ports.console, "sandbox": ports.sandbox, "postgres": ports.postgres, "kafka": ports.kafka}
    wanted |= {f"{service.name}-api": ports.api(index) for index, service in enumerate(SERVICES, start=1)}

    assert {name: set(published(name)) for name in wanted} == {name: {port} for name, port in wanted.items()}


@pytest.mark.parametrize("name", _OURS)
def test_what_is_ours_runs_with_no_more_than_it_needs(name: str) -> None:
    """A read-only root, no capability, no way to more rights, and an image that the Dockerfile has a target for."""
    service = services()[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert f" AS {service['build']['target']}\n" in (ROOT / "Dockerfile").read_text()
    assert service["image"] == f"social-{service['build']['target']}"


def test_what_runs_once_is_a_command_that_exists() -> None:
    """Keys, migrations and topics are made by the operators' own commands."""
    once = [service["command"] for service in services().values() if service["image"] == "social-operator"]

    assert sorted(parse(command).name for command in once) == [
        "social keys init",
        "social migrate",
        "social topics apply",
    ]


def test_images_start_without_a_shell_and_without_root() -> None:
    """Commands are lists, which no shell reads; after the user is set nothing sets another."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line for line in lines if line.startswith("USER ")]
    commands = [line.split(maxsplit=1)[1] for line in lines if re.match("(ENTRYPOINT|CMD) ", line)]

    assert users == ["USER 65532:65532"]
    for command in commands:
        assert isinstance(json.loads(command), list)
    for package in re.findall(r'"-m", "(\w+)"', " ".join(commands)):
        assert import_module(f"{package}.__main__")
