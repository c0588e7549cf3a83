"""The overlay `local` in a cluster: brought up in order, upgraded by applying another release."""

import copy
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from runpy import run_path
from typing import Final

from tests.cluster.kubectl import Cluster, Json
from tests.deploy.rendering import K8S, Pod, pods, render

NAMESPACE: Final = "social-local"
SERVICES: Final = ("auth-linker", "publisher", "analytics")
NEW: Final = "new"
OLD: Final = "old"
_SERVERS: Final = ("postgres", "kafka")
_BOOTSTRAP: Final = "social-bootstrap"
_UP_WITHIN: Final = timedelta(minutes=4)


class Installation:
    """One installation whose images have one tag at a time."""

    def __init__(self, cluster: Cluster, *, say: Callable[[str], None]) -> None:
        self._cluster = cluster
        self._say = say

    async def bring_up(self, tag: str, *, secrets: Path) -> None:
        """Namespace and secrets, servers, roles and schema, then all the rest; returns when everything is ready."""
        objects = tagged(render("local"), tag)
        await self._cluster.apply([one for one in objects if one["kind"] == "Namespace"])
        make_secrets = run_path(str(K8S / "overlays" / "local" / "make_secrets.py"))["make_secrets"]
        await self._cluster.apply(make_secrets(secrets)["items"])
        self._say("PostgreSQL and Kafka")
        jobs = [one for one in objects if one["kind"] == "Job"]
        workloads = [one for one in objects if one["kind"] == "Deployment"]
        servers = [one for one in workloads if _service(one) in _SERVERS]
        await self._cluster.apply([one for one in objects if one not in jobs and one not in workloads])
        await self._cluster.apply(servers)
        await self._wait(one["metadata"]["name"] for one in servers)
        self._say("roles and schema")
        await self._cluster.apply([one for one in jobs if one["metadata"]["name"] == _BOOTSTRAP])
        await self._cluster.finished(_BOOTSTRAP)
        self._say("migrations, sandbox and the product")
        await self._cluster.apply([one for one in objects if one["kind"] != "Deployment"])
        for service in SERVICES:
            await self._cluster.finished(f"social-{service}-migrate")
        await self._cluster.apply([one for one in workloads if one not in servers])
        await self._wait(one["metadata"]["name"] for one in workloads)

    async def upgrade(self, tag: str) -> None:
        """As docs/operations.md tells: finished jobs go; roles, migrations and the release follow one another."""
        objects = tagged(render("local"), tag)
        kept = (*_SERVERS, "sandbox", "door")
        await self._cluster.run("delete", "job", "--all")
        await self._cluster.apply([one for one in objects if one["metadata"]["name"] == _BOOTSTRAP])
        await self._cluster.finished(_BOOTSTRAP)
        changed = [one for one in objects if one["metadata"]["name"] != _BOOTSTRAP and _service(one) not in kept]
        workloads = [one for one in changed if one["kind"] == "Deployment"]
        await self._cluster.apply([one for one in changed if one not in workloads])
        for service in SERVICES:
            await self._cluster.finished(f"social-{service}-migrate")
        await self._cluster.apply(workloads)
        await self._wait(one["metadata"]["name"] for one in workloads)

    async def _wait(self, names: Iterable[str]) -> None:
        for name in names:
            await self._cluster.rolled_out(name, within=_UP_WITHIN)


def tagged(objects: Sequence[Json], tag: str) -> list[Json]:
    """The same objects with the product's images of that tag; the sandbox is the outside and stays as it is."""
    made = copy.deepcopy(list(objects))
    for pod in pods(tuple(made)):
        _tag(pod, tag)
    return made


def _tag(pod: Pod, tag: str) -> None:
    for container in pod.containers:
        name = container["image"].partition(":")[0]
        if name.startswith("social-"):
            container["image"] = f"{name}:{NEW if name == 'social-sandbox' else tag}"


def _service(one: Json) -> str:
    labels: dict[str, str] = one["metadata"].get("labels", {})
    return labels.get("app.kubernetes.io/name", "")
