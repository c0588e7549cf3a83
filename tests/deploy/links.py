"""What an overlay refers to, and whether it is there: ports, selectors, settings, secrets, addresses."""

import re
from collections.abc import Iterator
from typing import Final

from tests.deploy.rendering import Json, Pod, chosen, named, of_kind, pods, texts, title

Objects = tuple[Json, ...]
_ADDRESS: Final = re.compile(r"\b(social-[a-z-]+):(\d+)")
_SCALED: Final = ("HorizontalPodAutoscaler", "ScaledObject")


def broken_links(objects: Objects) -> list[str]:
    """Every name that leads nowhere."""
    return [
        *_services(objects),
        *_probes(objects),
        *_budgets(objects),
        *_scalers(objects),
        *_entrances(objects),
        *_configs(objects),
        *_addresses(objects),
        *_monitors(objects),
    ]


def secrets_of(pod: Pod) -> set[str]:
    """The secrets a pod cannot start without."""
    found = {
        source["secretRef"]["name"]
        for container in pod.containers
        for source in container.get("envFrom", [])
        if "secretRef" in source
    }
    for container in pod.containers:
        told = [one.get("valueFrom", {}) for one in container.get("env", [])]
        found |= {one["secretKeyRef"]["name"] for one in told if "secretKeyRef" in one}
    for volume in pod.spec.get("volumes", []):
        found |= {s["secret"]["name"] for s in volume.get("projected", {}).get("sources", []) if "secret" in s}
        found |= {volume["secret"]["secretName"]} if "secret" in volume else set()
    return found


def _services(objects: Objects) -> Iterator[str]:
    for service in of_kind(objects, "Service"):
        selector = {"matchLabels": service["spec"]["selector"]}
        behind = [pod for pod in pods(objects) if pod.kind == "Deployment" and chosen(selector, pod.labels)]
        if len(behind) != 1:
            yield f"{title(service)} chooses the pods of {len(behind)} Deployments"
        for port in service["spec"]["ports"]:
            if any(port["targetPort"] not in pod.ports for pod in behind):
                yield f"{title(service)}: no pod has a port {port['targetPort']}"


def _probes(objects: Objects) -> Iterator[str]:
    for pod in pods(objects):
        for container in pod.containers:
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                asked = container.get(probe, {})
                port = asked.get("httpGet", asked.get("tcpSocket", {})).get("port")
                if port is not None and port not in pod.ports:
                    yield f"{pod.owner}: {probe} asks the port {port}, which is not there"


def _budgets(objects: Objects) -> Iterator[str]:
    budgets = of_kind(objects, "PodDisruptionBudget")
    for pod in pods(objects):
        if pod.role not in {"api", "worker"}:
            continue
        if sum(chosen(one["spec"]["selector"], pod.labels) for one in budgets) != 1:
            yield f"{pod.owner}: not exactly one disruption budget"
        for spread in pod.spec["topologySpreadConstraints"]:
            if not chosen(spread["labelSelector"], pod.labels):
                yield f"{pod.owner}: it is spread by the labels of others"


def _scalers(objects: Objects) -> Iterator[str]:
    scaled: list[str] = []
    for one in of_kind(objects, *_SCALED):
        target = one["spec"]["scaleTargetRef"]["name"]
        scaled.append(target)
        if target not in named(objects, "Deployment"):
            yield f"{title(one)} scales {target}, which is not there"
        elif "replicas" in named(objects, "Deployment")[target]["spec"]:
            yield f"{title(one)}: an apply would set the replicas of {target} back"
    if len(scaled) != len(set(scaled)):
        yield f"two scalers fight over one Deployment: {sorted(scaled)}"


def _entrances(objects: Objects) -> Iterator[str]:
    services = named(objects, "Service")
    for one in of_kind(objects, "Ingress"):
        for rule in one["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                service = path["backend"]["service"]
                known = services.get(service["name"], {"spec": {"ports": []}})["spec"]["ports"]
                if service["port"]["name"] not in {port["name"] for port in known}:
                    yield f"{title(one)} leads to {service}, which is not there"
    for one in of_kind(objects, "HTTPRoute"):
        for rule in one["spec"]["rules"]:
            for backend in rule["backendRefs"]:
                known = services.get(backend["name"], {"spec": {"ports": []}})["spec"]["ports"]
                if backend["port"] not in {port["port"] for port in known}:
                    yield f"{title(one)} leads to {backend}, which is not there"


def _configs(objects: Objects) -> Iterator[str]:
    known = named(objects, "ConfigMap")
    for pod in pods(objects):
        wanted = {
            source["configMapRef"]["name"]
            for container in pod.containers
            for source in container.get("envFrom", [])
            if "configMapRef" in source
        }
        wanted |= {one["configMap"]["name"] for one in pod.spec.get("volumes", []) if "configMap" in one}
        yield from (f"{pod.owner} reads the ConfigMap {name}, which is not there" for name in wanted - set(known))
        for container in pod.containers:
            mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
            missing = mounted - {volume["name"] for volume in pod.spec.get("volumes", [])}
            yield from (f"{pod.owner} mounts {name}, which is not there" for name in missing)


def _addresses(objects: Objects) -> Iterator[str]:
    ports = {
        name: {port["port"] for port in service["spec"]["ports"]} for name, service in named(objects, "Service").items()
    }
    told = {title(one): one["data"] for one in of_kind(objects, "ConfigMap")}
    told |= {
        f"{pod.owner}, {container['name']}": {"args": container.get("args", []), "env": container.get("env", [])}
        for pod in pods(objects)
        for container in pod.containers
    }
    for name, values in told.items():
        for host, port in (found for text in texts(values) for found in _ADDRESS.findall(text)):
            if int(port) not in ports.get(host, set()):
                yield f"{name} calls {host}:{port}, which is not there"


def _monitors(objects: Objects) -> Iterator[str]:
    for one in of_kind(objects, "PodMonitor"):
        watched = [pod for pod in pods(objects) if chosen(one["spec"]["selector"], pod.labels)]
        if not watched:
            yield f"{title(one)} watches nothing"
        for endpoint in one["spec"]["podMetricsEndpoints"]:
            for pod in watched:
                if endpoint["port"] not in pod.ports:
                    yield f"{title(one)}: {pod.owner} has no port {endpoint['port']}"
