"""Growing with the load, by the autoscaler that a cluster's own metrics allow: CPU."""

import asyncio
import copy
from datetime import timedelta
from typing import Final

import yaml
from tests.cluster.kubectl import Cluster
from tests.deploy.rendering import K8S, named

_WORKER: Final = "social-publisher-worker"
_TARGET: Final = {"type": "AverageValue", "averageValue": "150m"}
_GROWN_WITHIN: Final = timedelta(minutes=4)
_POLL_S: Final = 3.0


async def has_metrics(cluster: Cluster) -> bool:
    """Whether the cluster measures its pods."""
    return await cluster.is_there("apiservice", "v1beta1.metrics.k8s.io")


async def start_scaling(cluster: Cluster) -> None:
    """The component's own autoscaler of publisher's worker, with a target that a small node reaches."""
    file = K8S / "components" / "hpa-workers" / "workers.yaml"
    known = named(tuple(yaml.safe_load_all(file.read_text())), "HorizontalPodAutoscaler")
    scaler = copy.deepcopy(known[_WORKER])
    scaler["metadata"]["namespace"] = cluster.namespace
    scaler["spec"]["maxReplicas"] = 4
    scaler["spec"]["metrics"][0]["containerResource"]["target"] = _TARGET
    await cluster.apply([scaler])


async def most_replicas(cluster: Cluster, *, above: int) -> int:
    """Waits until there are more replicas than that, ready; how many there are then, or when the time is up."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _GROWN_WITHIN.total_seconds()
    while True:
        [found] = await cluster.read("deployments", f"--field-selector=metadata.name={_WORKER}")
        ready = int(found["status"].get("readyReplicas", 0))
        if ready > above or loop.time() > deadline:
            return ready
        await asyncio.sleep(_POLL_S)


async def stop_scaling(cluster: Cluster) -> None:
    """Two replicas again."""
    await cluster.run("delete", "horizontalpodautoscaler", _WORKER, "--ignore-not-found")
    await cluster.run("scale", f"deployment/{_WORKER}", "--replicas=2")
    await cluster.rolled_out(_WORKER)
