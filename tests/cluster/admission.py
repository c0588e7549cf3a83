"""What an API server says to every overlay: applied for show, with the operators' own definitions installed."""

import contextlib
import shutil
from collections.abc import AsyncIterator, Callable

import yaml
from tests.cluster.kubectl import Cluster
from tests.deploy.rendering import OVERLAYS, named, render
from tests.deploy.schemas import CRDS, definition, is_custom

# In no package: Strimzi's resources are compared with its types in `make test`, and with its definitions nowhere.
_WITHOUT = "kafka.strimzi.io"


async def try_overlays(cluster: Cluster, *, say: Callable[[str], None]) -> None:
    """Raises with the server's words where it would refuse one."""
    if shutil.which("go") is None:
        say("there is no Go here: the operators' definitions cannot be brought, and nothing is tried")
        return
    async with _definitions(cluster):
        for overlay in OVERLAYS:
            await _try(cluster, overlay, say=say)


async def _try(cluster: Cluster, overlay: str, *, say: Callable[[str], None]) -> None:
    objects = [one for one in render(overlay) if not one["apiVersion"].startswith(_WITHOUT)]
    left = len(render(overlay)) - len(objects)
    [namespace] = named(tuple(objects), "Namespace").values()
    name = namespace["metadata"]["name"]
    is_new = not await cluster.is_there("namespace", name)
    await cluster.apply([namespace])
    try:
        listed = yaml.safe_dump_all(objects)
        await Cluster(name).run(
            "apply", "--server-side", "--dry-run=server", "--warnings-as-errors", "--filename=-", given=listed
        )
    finally:
        if is_new:
            await cluster.run("delete", "namespace", name, "--wait=false")
    custom = sum(is_custom(one) for one in objects)
    say(
        f"{overlay}: {len(objects)} objects taken, {custom} of them operators'"
        + (f", {left} not asked" if left else "")
    )


@contextlib.asynccontextmanager
async def _definitions(cluster: Cluster) -> AsyncIterator[None]:
    wanted = {(one["apiVersion"].partition("/")[0], one["kind"]) for name in OVERLAYS for one in render(name)}
    installed = [definition(group, kind) for group, kind in sorted(wanted) if group in CRDS]
    fresh = [one for one in installed if not await cluster.is_there("crd", one["metadata"]["name"])]
    await cluster.apply(fresh)
    try:
        for one in fresh:
            await cluster.run("wait", "--for=condition=established", f"crd/{one['metadata']['name']}", "--timeout=30s")
        yield
    finally:
        for one in fresh:
            await cluster.run("delete", "crd", one["metadata"]["name"], "--wait=false")
