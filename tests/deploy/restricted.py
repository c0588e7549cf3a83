"""The rules of pod security's profile "restricted", and ours beyond it, as far as manifests can break them."""

from collections.abc import Iterator
from typing import Final

from tests.deploy.rendering import Json, Pod

_VOLUMES: Final = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
}  # fmt: skip
_HOST: Final = ("hostNetwork", "hostPID", "hostIPC")
# Apache Kafka's image writes its configuration beside its programs.
_WRITES_ITS_ROOT: Final = {"kafka"}


def breaches(pod: Pod) -> list[str]:
    """What of the profile the pods would break; the API server refuses each of these."""
    return [f"{pod.owner}: {text}" for text in (*_pod_breaches(pod.spec), *_container_breaches(pod))]


def _pod_breaches(spec: Json) -> Iterator[str]:
    security = spec.get("securityContext", {})
    yield from (f"{name} is set" for name in _HOST if spec.get(name))
    if security.get("runAsNonRoot") is not True:
        yield "runAsNonRoot is not true"
    if security.get("runAsUser") == 0:
        yield "it runs as root"
    if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "no seccomp profile"
    if security.get("sysctls"):
        yield "it sets sysctls"
    for volume in spec.get("volumes", []):
        yield from (f"volume {volume['name']} is a {kind}" for kind in set(volume) - {"name"} - _VOLUMES)


def _container_breaches(pod: Pod) -> Iterator[str]:
    for container in pod.containers:
        name, security = container["name"], container.get("securityContext", {})
        if security.get("allowPrivilegeEscalation") is not False:
            yield f"{name} may escalate privileges"
        if security.get("privileged") or security.get("runAsUser") == 0 or security.get("runAsNonRoot") is False:
            yield f"{name} is privileged or root"
        capabilities = security.get("capabilities", {})
        if capabilities.get("drop") != ["ALL"] or capabilities.get("add"):
            yield f"{name} keeps capabilities"
        yield from (
            f"{name} takes the host's port {p['hostPort']}" for p in container.get("ports", []) if "hostPort" in p
        )


def omissions(pod: Pod) -> list[str]:
    """What we ask of our own pods beyond the profile."""
    return [f"{pod.owner}: {text}" for text in _omissions(pod)]


def _omissions(pod: Pod) -> Iterator[str]:
    if pod.spec.get("automountServiceAccountToken") is not False:
        yield "it gets a token of the Kubernetes API"
    if pod.spec.get("enableServiceLinks") is not False:
        yield "other services' addresses would stand among its settings"
    for container in pod.containers:
        name, limits = container["name"], container.get("resources", {}).get("limits", {})
        requests = container.get("resources", {}).get("requests", {})
        if not limits.get("memory") or limits["memory"] != requests.get("memory"):
            yield f"{name}: its memory's limit is not what it asks for"
        if "cpu" not in requests or "cpu" in limits:
            yield f"{name}: it asks for no CPU, or is throttled"
        if not container["securityContext"].get("readOnlyRootFilesystem") and pod.service not in _WRITES_ITS_ROOT:
            yield f"{name}: it may write its own root"
    if pod.kind == "Deployment" and "readinessProbe" not in pod.main:
        yield "no readiness probe"
