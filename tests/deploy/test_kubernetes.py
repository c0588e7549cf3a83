"""Every overlay of deploy/k8s, rendered without a cluster: valid, restricted, and at one with the code."""

import copy
import re
import runpy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from tests.deploy.links import broken_links, secrets_of
from tests.deploy.rendering import K8S, OVERLAYS, Json, Pod, as_key, named, of_kind, pods, render, title
from tests.deploy.restricted import breaches, omissions
from tests.deploy.schemas import faults, is_custom

from analytics.settings import AnalyticsSettings
from auth_linker.settings import AuthLinkerSettings
from publisher.settings import PublisherSettings
from social_common import app, runner
from social_common.settings import ServiceSettings
from social_console.settings import UNREAD, ConsoleSettings
from social_platforms._core import Platform

SETTINGS: Final[dict[str, type[ServiceSettings]]] = {
    "auth-linker": AuthLinkerSettings,
    "publisher": PublisherSettings,
    "analytics": AnalyticsSettings,
    "console": ConsoleSettings,
}
APPS: Final = re.compile(rf"({'|'.join(platform.value.upper() for platform in Platform)})_[A-Z_]+|OTEL_[A-Z_]+")
SECRET: Final = {"api": "API_DATABASE_URL", "worker": "WORKER_DATABASE_URL", "migrate": "MIGRATION_DATABASE_URL"}
_CLEANING: Final = timedelta(seconds=6)  # run_parts gives two seconds thrice
_seen: set[str] = set()

every_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


def ours(overlay: str) -> list[Pod]:
    """The pods of the product itself."""
    return [pod for pod in pods(render(overlay)) if pod.service in SETTINGS]


@every_overlay
def test_every_object_is_valid(overlay: str) -> None:
    """Kubernetes knows every kind and every field, and each has a value that it takes."""
    plain = [one for one in render(overlay) if not is_custom(one)]

    wrong = {title(one): found for one in plain if as_key(one) not in _seen and (found := faults(one))}

    _seen.update(as_key(one) for one in plain)
    assert wrong == {}


@pytest.mark.parametrize("overlay", ["staging", "prod"])
def test_every_resource_of_an_operator_is_valid(overlay: str) -> None:
    """KEDA, Strimzi, Gateway API, External Secrets and the Prometheus operator would take theirs."""
    custom = [one for one in render(overlay) if is_custom(one)]

    assert {one["apiVersion"].partition("/")[0] for one in custom} == {
        "keda.sh", "kafka.strimzi.io", "gateway.networking.k8s.io", "external-secrets.io", "monitoring.coreos.com",
    }  # fmt: skip
    assert {title(one): found for one in custom if (found := faults(one))} == {}


def test_a_field_that_is_misspelt_is_found() -> None:
    """In Kubernetes' kinds and in operators': the API server would drop it in silence."""
    deployment = copy.deepcopy(named(render("prod"), "Deployment")["social-publisher-worker"])
    deployment["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    scaled = copy.deepcopy(named(render("prod"), "ScaledObject")["social-publisher-worker"])
    scaled["spec"]["minReplicas"] = 2
    user = copy.deepcopy(named(render("prod"), "KafkaUser")["social-publisher"])
    user["spec"]["authorization"]["acls"][0]["operations"] = ["Reed"]

    assert [len(faults(one)) for one in (deployment, scaled, user)] == [1, 1, 1]


@every_overlay
def test_no_pod_breaks_the_restricted_profile(overlay: str) -> None:
    """The namespace enforces it, and nothing in it would be refused."""
    namespaces = of_kind(render(overlay), "Namespace")

    assert [one["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] for one in namespaces] == ["restricted"]
    assert [found for pod in pods(render(overlay)) for found in (*breaches(pod), *omissions(pod))] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda spec: spec["securityContext"].pop("runAsNonRoot"),
        lambda spec: spec["securityContext"].pop("seccompProfile"),
        lambda spec: spec["containers"][0]["securityContext"]["capabilities"].update(add=["NET_ADMIN"]),
        lambda spec: spec["containers"][0]["securityContext"].pop("allowPrivilegeEscalation"),
        lambda spec: spec["volumes"].append({"name": "host", "hostPath": {"path": "/"}}),
        lambda spec: spec.update(hostNetwork=True),
        lambda spec: spec["containers"][0]["resources"]["limits"].update(memory="1Gi"),
        lambda spec: spec.pop("automountServiceAccountToken"),
    ],
)
def test_a_pod_that_takes_more_than_it_may_is_found(spoil: Callable[[Json], Any]) -> None:
    """Each rule sees its breach."""
    pod = ours("prod")[0]
    spoiled = replace(pod, spec=copy.deepcopy(pod.spec))
    spoil(spoiled.spec)

    assert len([*breaches(spoiled), *omissions(spoiled)]) == 1


@every_overlay
def test_every_name_leads_somewhere(overlay: str) -> None:
    """Services, probes, budgets, scalers, entrances, settings, volumes, monitors and addresses."""
    assert broken_links(render(overlay)) == []


@every_overlay
def test_every_variable_is_a_setting_of_the_code(overlay: str) -> None:
    """A variable that no process reads is a misspelt one; a value out of range is refused here and not at the start."""
    config = named(render(overlay), "ConfigMap")
    known = {name.upper() for one in SETTINGS.values() for name in one.model_fields}
    for pod in ours(overlay):
        given: dict[str, str] = {}
        for source in pod.main["envFrom"]:
            given |= config[source["configMapRef"]["name"]]["data"] if "configMapRef" in source else {}
        given |= {one["name"]: one.get("value", "a secret") for one in pod.main.get("env", [])}
        unknown = {name for name in given if name not in known and not APPS.fullmatch(name)}

        given.pop("KAFKA_CA_FILE", None)  # it must be there, and here it is not

        assert unknown == set(), pod.owner
        assert read(SETTINGS[pod.service], given).api_host == "0.0.0.0", pod.owner


def read(settings: type[ServiceSettings], given: dict[str, str]) -> ServiceSettings:
    """The settings as the process would read them from these variables alone."""
    with pytest.MonkeyPatch.context() as patch:
        for name in settings.model_fields:
            patch.delenv(name.upper(), raising=False)
        for name, value in given.items():
            patch.setenv(name.upper(), value)
        return settings()


@every_overlay
def test_every_process_listens_where_its_ports_say(overlay: str) -> None:
    """The containers' ports are the defaults of the code, which nothing moves."""
    for pod in ours(overlay):
        defaults = {name: field.default for name, field in SETTINGS[pod.service].model_fields.items()}
        expected = {
            "api": {"http": defaults["api_port"], "metrics": defaults["metrics_port"]},
            "worker": {"probes": defaults["worker_port"]},
        }

        assert pod.ports == expected.get(pod.role, {}), pod.owner


@every_overlay
def test_a_process_gets_no_other_process_secrets(overlay: str) -> None:
    """An API cannot log in as the worker, a worker not as the owner of the tables, and the console has no secret."""
    for pod in ours(overlay):
        own = {f"social-{pod.service}-{pod.role}"}
        shared = {"social-platforms", "social-trust", f"social-{pod.service}-keys"}
        kafka = {f"social-{pod.service}", "social-kafka-ca"} if pod.role == "worker" else set()

        expected = own if pod.role == "migrate" else own | shared

        assert secrets_of(pod) - kafka == (set() if pod.service == "console" else expected), pod.owner


def test_the_store_holds_every_secret_that_is_asked_for() -> None:
    """In staging and production External Secrets brings all of them and no other; Kafka's users are Strimzi's."""
    for overlay in ("staging", "prod"):
        asked = {name for pod in pods(render(overlay)) for name in secrets_of(pod)}
        asked -= set(named(render(overlay), "KafkaUser"))

        assert set(named(render(overlay), "ExternalSecret")) == asked


def test_the_trial_cluster_gets_every_secret_that_it_asks_for(tmp_path: Any) -> None:
    """What make_secrets prints is what the overlay `local` reads, with the variables that the code reads."""
    make_secrets = runpy.run_path(str(K8S / "overlays" / "local" / "make_secrets.py"))["make_secrets"]
    made = {one["metadata"]["name"]: set(one["stringData"]) for one in make_secrets(tmp_path)["items"]}

    asked = {name for pod in pods(render("local")) for name in secrets_of(pod)}

    assert set(made) == asked
    for service in ("auth-linker", "publisher", "analytics"):
        assert {role: made[f"social-{service}-{role}"] for role in SECRET} == {r: {n} for r, n in SECRET.items()}
        assert made[f"social-{service}-keys"] | made["social-trust"] == {
            "token-keys.json", "service-key.json", "service-trust.json",
        }  # fmt: skip
    assert all(APPS.fullmatch(name) for name in made["social-platforms"])


@every_overlay
def test_every_process_has_time_to_drain(overlay: str) -> None:
    """Kubernetes kills a process only when its own limits are over."""
    notice = ServiceSettings.model_fields["stop_notice"].default
    for pod in ours(overlay):
        if pod.role == "migrate":
            continue
        before = timedelta(seconds=pod.main.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0))
        drain = notice + app.DRAIN if pod.role == "api" else runner.DRAIN + timedelta(seconds=2)

        assert timedelta(seconds=pod.spec["terminationGracePeriodSeconds"]) >= before + drain + _CLEANING, pod.owner
        assert bool(before) == (pod.role == "api"), pod.owner


def test_the_console_watches_every_part() -> None:
    """Its operator's page asks each API and each worker."""
    config = next(one for one in of_kind(render("prod"), "ConfigMap") if "CONSOLE_PARTS" in one["data"])

    parts = {(part.name, part.role) for part in read(ConsoleSettings, config["data"]).console_parts}  # type: ignore[attr-defined]

    assert parts == {(name, role) for name in SETTINGS if name != "console" for role in ("api", "worker")}


def test_the_console_is_told_nothing_that_it_does_not_read() -> None:
    """What it gets for itself are settings of its own."""
    config = next(one for one in of_kind(render("prod"), "ConfigMap") if "CONSOLE_PARTS" in one["data"])

    assert {name.lower() for name in config["data"]} & UNREAD == set()


@pytest.mark.parametrize(
    ("kind", "name", "spoil"),
    [
        ("Service", "social-publisher-api", lambda one: one["spec"]["ports"][0].update(targetPort="web")),
        ("Service", "social-publisher-worker", lambda one: one["spec"]["selector"].popitem()),
        ("PodDisruptionBudget", "social-analytics-api", lambda one: one["spec"]["selector"]["matchLabels"].clear()),
        ("ScaledObject", "social-publisher-worker", lambda one: one["spec"]["scaleTargetRef"].update(name="publisher")),
        ("HTTPRoute", "social-connect", lambda one: one["spec"]["rules"][0]["backendRefs"][0].update(port=8102)),
        ("PodMonitor", "social-workers", lambda one: one["spec"]["podMetricsEndpoints"][0].update(port="metrics")),
    ],
)
def test_a_name_that_leads_nowhere_is_found(kind: str, name: str, spoil: Callable[[Json], Any]) -> None:
    """Each kind of reference is looked at."""
    objects = copy.deepcopy(render("prod"))
    spoil(named(objects, kind)[name])

    assert broken_links(objects) != []
