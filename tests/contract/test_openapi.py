"""The APIs' documents: every operation, status and problem has an example, and each example fits its schema."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from social_common.errors import ServiceError

ROOT = Path(__file__).parents[2] / "contracts" / "openapi"
DOCUMENTS = {path.stem: json.loads(path.read_text()) for path in sorted(ROOT.glob("*.json"))}
METHODS = {"get", "put", "post", "delete", "patch"}
Json = dict[str, Any]


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, operations in document["paths"].items():
        for method in METHODS & operations.keys():
            yield f"{method.upper()} {path}", operations[method]


def _contents(document: Json, operation: Json) -> Iterator[tuple[str, str, Json]]:
    """Everything with a body: where it is, its media type, and its schema with its examples."""
    places = {"request": operation.get("requestBody", {}), **operation["responses"]}
    for place, part in places.items():
        shared = part.get("$ref", "").removeprefix("#/components/responses/")
        body = document["components"]["responses"][shared] if shared else part
        for media, content in body.get("content", {}).items():
            yield place, media, content


def _examples(content: Json) -> list[Any]:
    shown = [example["value"] for example in content.get("examples", {}).values()]
    return shown + ([content["example"]] if "example" in content else [])


@pytest.mark.parametrize("service", DOCUMENTS)
def test_every_body_has_examples_that_fit(service: str) -> None:
    """Whatever is asked or answered is shown, as its schema allows it; a problem's status is the answer's."""
    document = DOCUMENTS[service]
    for name, operation in _operations(document):
        for place, media, content in _contents(document, operation):
            examples = _examples(content)
            assert examples, f"{name}: {place} {media} has no example"
            for example in examples:
                jsonschema.validate(example, {"components": document["components"], **content["schema"]})
                if media == "application/problem+json" and place.isdecimal():
                    assert example["status"] == int(place), name


@pytest.mark.parametrize("service", DOCUMENTS)
def test_every_problem_is_shown(service: str) -> None:
    """Each kind of refusal that a service has a class for stands, with its status and code, at some operation."""
    document = DOCUMENTS[service]
    package = importlib.import_module(service.replace("-", "_"))
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    shown = {
        (example["status"], example["code"])
        for _, operation in _operations(document)
        for _, media, content in _contents(document, operation)
        if media == "application/problem+json"
        for example in _examples(content)
    }

    own = {
        (kind.default_status, kind.default_code)
        for kind in _kinds(ServiceError)
        if kind.__module__.startswith(f"{package.__name__}.")
    }
    assert own | {(401, "unauthenticated"), (429, "rate_limited"), (500, "internal")} <= shown


def _kinds(kind: type[ServiceError]) -> Iterator[type[ServiceError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _kinds(child)
