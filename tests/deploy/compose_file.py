"""docker-compose.yml as a person would read it: every service with all that it is told, its defaults filled in."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
PROJECT = "social"
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


@cache
def services() -> dict[str, dict[str, Any]]:
    """The services by name."""
    document: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(FILE.read_text())
    return document["services"]


def environment(service: str) -> dict[str, str]:
    """The variables of a service's process: those of its files, then its own."""
    found: dict[str, str] = {}
    for name in services()[service].get("env_file", []):
        lines = (ROOT / name).read_text().splitlines()
        found |= dict(line.split("=", maxsplit=1) for line in lines if line and not line.startswith("#"))
    own = services()[service].get("environment", {})
    return found | {name: _filled(str(value)) for name, value in own.items()}


def replicas(service: str) -> list[str]:
    """The names that a service's containers have among each other."""
    count = services()[service].get("deploy", {}).get("replicas", 1)
    return [f"{PROJECT}-{service}-{number}" for number in range(1, count + 1)]


def hosts() -> Iterator[tuple[str, str]]:
    """Every host name by which containers reach each other, with the service behind it."""
    for name, service in services().items():
        yield name, name
        yield from ((replica, name) for replica in replicas(name))
        networks = service["networks"]
        if isinstance(networks, dict):
            yield from ((alias, name) for network in networks.values() for alias in network.get("aliases", []))


def published(service: str) -> dict[int, int]:
    """The ports that this machine's own programs reach, with those of the container."""
    found = {}
    for port in services()[service].get("ports", []):
        address, here, there = port.split(":")
        assert address == "127.0.0.1", f"{service} is open to the network: {port}"
        found[int(here)] = int(there)
    return found


def _filled(text: str) -> str:
    known = {"COMPOSE_PROJECT_NAME": PROJECT}
    return _VARIABLE.sub(lambda found: known.get(found[1], found[2] or ""), text)
