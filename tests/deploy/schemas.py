"""Whether an object is one that its API would take: Kubernetes' own kinds, and those of the operators we write for."""

import functools
import importlib.resources
import json
from pathlib import Path
from typing import Any, Final

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from tests.deploy.go_modules import EXTERNAL_SECRETS, GATEWAY_API, KEDA, PROMETHEUS_OPERATOR, STRIMZI, brought
from tests.deploy.go_types import definitions
from tests.deploy.rendering import Json

KUBERNETES: Final = "1.37.0"
CRDS: Final = {
    "keda.sh": (KEDA, "config/crd/bases"),
    "gateway.networking.k8s.io": (GATEWAY_API, "config/crd/standard"),
    "external-secrets.io": (EXTERNAL_SECRETS, "config/crds/bases"),
    "monitoring.coreos.com": (PROMETHEUS_OPERATOR, "example/prometheus-operator-crd"),
}
_STRIMZI: Final = "kafka.strimzi.io"
_OPEN: Final = ("x-kubernetes-preserve-unknown-fields", "additionalProperties")


def is_custom(one: Json) -> bool:
    """Whether an operator's CRD defines its kind."""
    group = one["apiVersion"].partition("/")[0]
    return group in CRDS or group == _STRIMZI


def faults(one: Json) -> list[str]:
    """What its schema says against it; fields that the schema does not name are faults, too."""
    validator = _custom(one["apiVersion"], one["kind"]) if is_custom(one) else _plain(one["apiVersion"], one["kind"])
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(one)]


@functools.cache
def _folder() -> Path:
    packaged = importlib.resources.files("kubernetes_validate")
    return Path(str(packaged)) / "kubernetes-json-schema" / f"v{KUBERNETES}-local-strict"


@functools.cache
def _registry() -> Registry[Any]:
    return Resource.from_contents(json.loads((_folder() / "_definitions.json").read_text())) @ Registry()


@functools.cache
def _plain(api_version: str, kind: str) -> Draft202012Validator:
    group, _, version = api_version.rpartition("/")
    name = "-".join(part for part in (kind.lower(), group.partition(".")[0], version) if part)
    path = _folder() / f"{name}.json"
    assert path.exists(), f"Kubernetes {KUBERNETES} knows no {kind} in {api_version}"
    return Draft202012Validator(json.loads(path.read_text()), registry=_registry())


@functools.cache
def _custom(api_version: str, kind: str) -> Draft202012Validator:
    group, _, version = api_version.partition("/")
    if group == _STRIMZI:
        types = definitions(brought(STRIMZI) / "pkg" / "apis" / group / version / "types.go")
        known = {
            "apiVersion": {"const": api_version},
            "kind": {"const": kind},
            "metadata": {},
            "spec": {"$ref": f"#/$defs/{kind}Spec"},
        }
        return Draft202012Validator({"properties": known, "additionalProperties": False, "$defs": types})
    return Draft202012Validator(_strict(_served(group, kind)[version]))


@functools.cache
def definition(group: str, kind: str) -> Json:
    """The CustomResourceDefinition of a kind, as its operator's release has it."""
    module, folder = CRDS[group]
    for path in sorted((brought(module) / folder).glob(f"{group}_{kind.lower()}*.yaml")):
        found: Json = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
        if found["spec"]["names"]["kind"] == kind:
            return found
    raise AssertionError(f"{module.path} {module.version} defines no {kind}")


def _served(group: str, kind: str) -> dict[str, Json]:
    versions = definition(group, kind)["spec"]["versions"]
    return {one["name"]: one["schema"]["openAPIV3Schema"] for one in versions if one["served"]}


def _strict(schema: Any) -> Any:
    """The API server prunes what a schema does not name; here it is a fault."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and not any(name in schema for name in _OPEN):
        made["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
    if schema.get("nullable"):
        made = {"anyOf": [made, {"type": "null"}]}
    return made
