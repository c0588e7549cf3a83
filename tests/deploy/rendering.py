"""What the overlays of deploy/k8s come to: rendered by the kustomize in the kubectl of a wheel."""

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

Json = dict[str, Any]
ROOT: Final = Path(__file__).resolve().parents[2]
K8S: Final = ROOT / "deploy" / "k8s"
OVERLAYS: Final = tuple(sorted(folder.name for folder in (K8S / "overlays").iterdir() if folder.is_dir()))
_WITH_PODS: Final = ("Deployment", "Job")


def kubectl() -> str:
    """The kubectl of this environment's wheel, else the machine's."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("kubectl", path=os.pathsep.join((beside, os.environ["PATH"])))
    assert found is not None, "there is no kubectl: `make .venv/dev.done` brings one as a wheel"
    return found


@functools.cache
def render(overlay: str) -> tuple[Json, ...]:
    """Every object of an overlay; whoever changes one changes a copy."""
    done = subprocess.run(
        [kubectl(), "kustomize", K8S / "overlays" / overlay], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return tuple(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader))


def of_kind(objects: tuple[Json, ...], *kinds: str) -> list[Json]:
    """The objects of these kinds."""
    return [one for one in objects if one["kind"] in kinds]


def named(objects: tuple[Json, ...], kind: str) -> dict[str, Json]:
    """The objects of a kind by their names."""
    return {one["metadata"]["name"]: one for one in of_kind(objects, kind)}


def title(one: Json) -> str:
    """How an object is called in a finding."""
    return f"{one['kind']}/{one['metadata']['name']}"


@dataclass(frozen=True)
class Pod:
    """The pods that one object makes."""

    owner: str
    kind: str
    labels: dict[str, str]
    spec: Json

    @property
    def containers(self) -> list[Json]:
        """All of them, those that run beforehand or beside, too."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def main(self) -> Json:
        """What the pod is for."""
        container: Json = self.spec["containers"][0]
        return container

    @property
    def ports(self) -> dict[str, int]:
        """Its named ports."""
        return {
            port["name"]: port["containerPort"] for container in self.containers for port in container.get("ports", [])
        }

    @property
    def service(self) -> str:
        """Which part of the product runs here."""
        return self.labels.get("app.kubernetes.io/name", "")

    @property
    def role(self) -> str:
        """Which of its processes."""
        return self.labels.get("app.kubernetes.io/component", "")


def pods(objects: tuple[Json, ...]) -> list[Pod]:
    """The pods of every Deployment and Job."""
    return [
        Pod(
            title(one),
            one["kind"],
            one["spec"]["template"]["metadata"]["labels"],
            one["spec"]["template"]["spec"],
        )
        for one in of_kind(objects, *_WITH_PODS)
    ]


def chosen(selector: Json, labels: dict[str, str]) -> bool:
    """Whether a label selector chooses a pod with these labels."""
    if any(labels.get(name) != value for name, value in selector.get("matchLabels", {}).items()):
        return False
    return all(labels.get(rule["key"]) in rule["values"] for rule in selector.get("matchExpressions", []))


def texts(value: object) -> Iterator[str]:
    """Every text in a value, however deep."""
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from texts(inner)
        case list():
            for inner in value:
                yield from texts(inner)


def as_key(one: Json) -> str:
    """The same text for the same object."""
    return json.dumps(one, sort_keys=True)
