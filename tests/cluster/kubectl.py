"""Orders to a cluster, given by kubectl as an operator gives them."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Final

from tests.deploy.rendering import kubectl

Json = dict[str, Any]
_LIMIT: Final = timedelta(seconds=60)
_UP_WITHIN: Final = timedelta(seconds=15)


class ClusterRefused(Exception):
    """kubectl ended with an error; the text is what it said."""


class Cluster:
    """The cluster of KUBECONFIG, in one namespace."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    async def run(self, *arguments: str, given: str | None = None, within: timedelta = _LIMIT) -> str:
        """What kubectl printed; raises ClusterRefused with its error."""
        process = await asyncio.create_subprocess_exec(
            kubectl(),
            f"--namespace={self.namespace}",
            *arguments,
            stdin=asyncio.subprocess.PIPE if given is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(within.total_seconds()):
                out, err = await process.communicate(given.encode() if given is not None else None)
        except TimeoutError as error:
            process.kill()
            await process.wait()
            raise ClusterRefused(f"kubectl {' '.join(arguments[:3])} took longer than {within}") from error
        if process.returncode:
            raise ClusterRefused(err.decode().strip()[-1500:])
        return out.decode()

    async def apply(self, objects: Sequence[Json]) -> None:
        """Server-side, so that the API server judges every field."""
        listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        await self.run("apply", "--server-side", "--force-conflicts", "--filename=-", given=listed)

    async def read(self, *arguments: str) -> list[Json]:
        """The objects that `kubectl get` finds."""
        found: list[Json] = json.loads(await self.run("get", *arguments, "--output=json"))["items"]
        return found

    async def pods(self, selector: str = "") -> list[Json]:
        """Pods that are not on their way out."""
        found = await self.read("pods", *((f"--selector={selector}",) if selector else ()))
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    async def deployments(self, selector: str = "app.kubernetes.io/component in (api,worker)") -> list[str]:
        """The names of the product's own Deployments, or of others."""
        return [one["metadata"]["name"] for one in await self.read("deployments", f"--selector={selector}")]

    async def rolled_out(self, name: str, *, within: timedelta = timedelta(minutes=5)) -> None:
        """Waits until every replica of a Deployment is of its newest kind, and ready."""
        seconds = int(within.total_seconds())
        await self.run("rollout", "status", f"deployment/{name}", f"--timeout={seconds}s", within=within + _LIMIT)

    async def finished(self, job: str, *, within: timedelta = timedelta(minutes=5)) -> None:
        """Waits until a Job is complete."""
        seconds = int(within.total_seconds())
        await self.run(
            "wait", "--for=condition=complete", f"job/{job}", f"--timeout={seconds}s", within=within + _LIMIT
        )

    async def is_there(self, kind: str, name: str) -> bool:
        """Whether an object exists."""
        return bool(await self.run("get", kind, name, "--ignore-not-found", "--output=name"))

    @asynccontextmanager
    async def opened(self, target: str, ports: Sequence[int]) -> AsyncIterator[None]:
        """Those ports of a pod are this machine's own as long as the block lasts."""
        process = await asyncio.create_subprocess_exec(
            kubectl(),
            f"--namespace={self.namespace}",
            "port-forward",
            target,
            *(str(port) for port in ports),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(os.environ),
        )
        try:
            await _listening(ports[0])
            yield
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _listening(port: int) -> None:
    try:
        async with asyncio.timeout(_UP_WITHIN.total_seconds()):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(0.2)
    except TimeoutError as error:
        raise ClusterRefused(f"kubectl port-forward opened no port {port} of this machine") from error
