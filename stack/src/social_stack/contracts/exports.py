"""Every exported file, made from the code: OpenAPI, AsyncAPI, JSON Schemas and the list of settings."""

import importlib
import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from social_common.kafka.declared import read_declaration
from social_common.settings import ServiceSettings
from social_stack.contracts.asyncapi import asyncapi_document
from social_stack.contracts.narrowing import Json
from social_stack.contracts.settings_page import settings_page
from social_stack.secrets import SERVICES


def render_contracts(root: Path) -> dict[str, str]:
    """Every exported file: its path from the repository's root, and its text."""
    files: dict[str, str] = {}
    schemas: dict[str, Json] = {}
    for service in SERVICES:
        package = service.replace("-", "_")
        models = importlib.import_module(f"{package}.events").EVENT_MODELS
        files[f"contracts/openapi/{service}.json"] = _dump(_openapi(package))
        schemas |= {topic: _schema(topic, model) for topic, model in models.items()}
    files |= {f"contracts/schemas/{topic}.v1.json": _dump(schema) for topic, schema in schemas.items()}
    topics = read_declaration(root / "deploy/topics.toml")
    files["contracts/asyncapi.json"] = _dump(asyncapi_document(schemas, topics=topics, golden=_golden(root)))
    files["docs/settings.md"] = settings_page({name: _settings_class(name.replace("-", "_")) for name in SERVICES})
    return files


def drifted(root: Path, rendered: Mapping[str, str]) -> list[str]:
    """The exported files that do not say what the code says, and those that it does not say at all."""
    differ = [
        path for path, text in rendered.items() if not (root / path).exists() or (root / path).read_text() != text
    ]
    kept = [path for folder in ("openapi", "schemas") for path in sorted((root / "contracts" / folder).glob("*.json"))]
    return differ + [name for path in kept if (name := str(path.relative_to(root))) not in rendered]


def write_contracts(root: Path, rendered: Mapping[str, str]) -> list[str]:
    """Writes every exported file that differs and removes those that nothing exports; returns their paths."""
    changed = drifted(root, rendered)
    for path in changed:
        target = root / path
        if path in rendered:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(rendered[path])
        else:
            target.unlink()
    return changed


def _openapi(package: str) -> Json:
    settings = _settings_class(package)
    main = importlib.import_module(f"{package}.main")
    # Nothing is connected before the app starts, and it is never started here.
    document: Json = main.create_api(settings(api_database_url="postgresql://nobody@localhost/none")).openapi()
    return document


def _settings_class(package: str) -> type[ServiceSettings]:
    module = importlib.import_module(f"{package}.settings")
    return next(
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ServiceSettings) and value.__module__ == module.__name__
    )


def _schema(topic: str, model: type[BaseModel]) -> Json:
    _, document = models_json_schema([(model, "serialization")])
    definitions = document.get("$defs", {})
    for part in definitions.values():
        # Consumers must let new fields pass: within v1 fields are only ever added.
        if part.get("additionalProperties") is False:
            del part["additionalProperties"]
    body = definitions.pop(model.__name__)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://seftec.store/schemas/{topic}.v1.json",
    }
    extra = {"$defs": definitions} if definitions else {}
    return {**schema, **body, **extra}


def _golden(root: Path) -> dict[str, Json]:
    records = [json.loads(path.read_text()) for path in sorted((root / "contracts/golden").glob("*.json"))]
    return {record["topic"]: record for record in records}


def _dump(document: Json) -> str:
    return json.dumps(document, indent=2, sort_keys=False, ensure_ascii=False) + "\n"
