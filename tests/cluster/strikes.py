"""What an operator, a node and bad luck do to the pods, each as Kubernetes itself does it."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from tests.cluster.kubectl import Cluster, ClusterRefused, Json

PRODUCT: Final = "app.kubernetes.io/component in (api,worker)"
_BUDGET: Final = "disruption budget"
_DRAINED_WITHIN: Final = timedelta(minutes=6)
_AGAIN_S: Final = 3.0


class Strikes:
    """Each returns when everything is ready again."""

    def __init__(self, cluster: Cluster, *, say: Callable[[str], None]) -> None:
        self._cluster = cluster
        self._say = say

    async def restart_everything(self) -> str:
        """A rolling restart of every Deployment of the product, one after another."""
        names = await self._cluster.deployments()
        for name in names:
            await self._cluster.run("rollout", "restart", f"deployment/{name}")
            await self._cluster.rolled_out(name)
        return f"{len(names)} Deployments"

    async def kill_by_force(self) -> str:
        """One pod of every Deployment goes at once, without a word to it."""
        names = await self._cluster.deployments()
        for name in names:
            service, role = name.removeprefix("social-").rsplit("-", maxsplit=1)
            chosen = f"app.kubernetes.io/name={service},app.kubernetes.io/component={role}"
            victim = (await self._cluster.pods(chosen))[0]["metadata"]["name"]
            await self._cluster.run("delete", "pod", victim, "--force", "--grace-period=0")
            await self._cluster.rolled_out(name)
        return f"{len(names)} pods"

    async def drain(self) -> str:
        """A node gives up all pods of the product, as far as their budgets let it at each moment.

        On the only node there is nowhere to go: it takes pods again between two rounds of evictions.
        """
        nodes = [one["metadata"]["name"] for one in await self._cluster.read("nodes")]
        node = await self._busiest(nodes)
        old = {one["metadata"]["uid"] for one in await self._cluster.pods(PRODUCT) if one["spec"]["nodeName"] == node}
        moved, refused, rounds = 0, 0, 0
        async with asyncio.timeout(_DRAINED_WITHIN.total_seconds()):
            while left := [one for one in await self._cluster.pods(PRODUCT) if one["metadata"]["uid"] in old]:
                rounds += 1
                await self._cluster.run("cordon", node)
                try:
                    evicted = [await self._evict(pod) for pod in left]
                finally:
                    if len(nodes) == 1:
                        await self._cluster.run("uncordon", node)
                moved += sum(evicted)
                refused += len(evicted) - sum(evicted)
                await asyncio.sleep(_AGAIN_S)
                if len(nodes) == 1:
                    await self._all_ready()
        await self._cluster.run("uncordon", node)
        await self._all_ready()
        where = "the only node, uncordoned between rounds" if len(nodes) == 1 else f"one of {len(nodes)} nodes"
        return f"{moved} pods of {where}, {rounds} rounds, {refused} evictions refused by budgets"

    async def _busiest(self, nodes: list[str]) -> str:
        hosts = [one["spec"].get("nodeName") for one in await self._cluster.pods(PRODUCT)]
        return max(nodes, key=hosts.count)

    async def _evict(self, pod: Json) -> bool:
        """False where its budget forbids it now."""
        name = pod["metadata"]["name"]
        wish = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": self._cluster.namespace},
        }
        path = f"/api/v1/namespaces/{self._cluster.namespace}/pods/{name}/eviction"
        try:
            await self._cluster.run("create", f"--raw={path}", "--filename=-", given=json.dumps(wish))
        except ClusterRefused as error:
            if _BUDGET in str(error):
                return False
            raise
        return True

    async def _all_ready(self) -> None:
        for name in await self._cluster.deployments():
            await self._cluster.rolled_out(name)
