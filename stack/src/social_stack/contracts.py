"""What other systems build against, exported from the code: OpenAPI, AsyncAPI, JSON Schemas and the list of settings.

`make contracts` writes the files; `make check` compares them and names the ones that drifted.
"""

import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from social_common.settings import ServiceSettings, describe_settings
from social_console.settings import UNREAD, ConsoleSettings
from social_platforms._core import Platform
from social_stack.secrets import SERVICES

Json = dict[str, Any]
_ENVELOPE: Json = {
    "type": "object",
    "description": "CloudEvents 1.0 in Kafka's binary mode. The record's key is the merchant's user_id.",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_dataschema"],
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid", "description": "The same on every redelivery."},
        "ce_source": {"type": "string", "description": "/seftec/social/<service>"},
        "ce_type": {"type": "string"},
        "ce_subject": {"type": "string", "description": "The id of the connection or post."},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_dataschema": {"type": "string", "format": "uri"},
        "traceparent": {"type": "string"},
        "content-type": {"type": "string", "const": "application/json"},
    },
}


def render_contracts() -> dict[str, str]:
    """Every exported file: its path from the repository's root, and its text."""
    files: dict[str, str] = {}
    channels: Json = {}
    operations: Json = {}
    messages: Json = {}
    for service in SERVICES:
        package = service.replace("-", "_")
        files[f"contracts/openapi/{service}.json"] = _dump(_openapi(package))
        for topic, model in _event_models(package).items():
            schema = _schema(topic, model)
            files[f"contracts/schemas/{topic}.v1.json"] = _dump(schema)
            name = model.__name__
            messages[name] = {
                "name": f"store.seftec.social.{topic}.v1",
                "summary": schema["description"],
                "contentType": "application/json",
                "headers": {"$ref": "#/components/schemas/CloudEvent"},
                "payload": {"$ref": f"./schemas/{topic}.v1.json"},
            }
            channels[topic] = {"address": topic, "messages": {name: {"$ref": f"#/components/messages/{name}"}}}
            operations[f"{package}.{topic}"] = {
                "action": "send",
                "channel": {"$ref": f"#/channels/{topic}"},
                "summary": f"{service} tells it.",
            }
    files["contracts/asyncapi.json"] = _dump(
        {
            "asyncapi": "3.0.0",
            "info": {
                "title": "Social Connections",
                "version": "1.0.0",
                "description": "Delivery is at least once; deduplicate on source and id. Order is promised per "
                "aggregate on its topic; across topics apply an event only if its revision is newer.",
            },
            "defaultContentType": "application/json",
            "channels": channels,
            "operations": operations,
            "components": {"messages": messages, "schemas": {"CloudEvent": _ENVELOPE}},
        }
    )
    files["docs/settings.md"] = _settings_page()
    return files


def write_contracts(root: Path) -> list[str]:
    """Writes every exported file that differs; returns their paths."""
    changed = drifted(root)
    rendered = render_contracts()
    for path in changed:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rendered[path])
    return changed


def drifted(root: Path) -> list[str]:
    """The exported files that do not say what the code says."""
    return [
        path
        for path, text in render_contracts().items()
        if not (root / path).exists() or (root / path).read_text() != text
    ]


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


def _event_models(package: str) -> Mapping[str, type[BaseModel]]:
    models: Mapping[str, type[BaseModel]] = importlib.import_module(f"{package}.events").EVENT_MODELS
    return models


def _schema(topic: str, model: type[BaseModel]) -> Json:
    _, document = models_json_schema([(model, "serialization")])
    definitions = document.get("$defs", {})
    body = definitions.pop(model.__name__)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://seftec.store/schemas/{topic}.v1.json",
    }
    # Consumers must let new fields pass: within v1 fields are only ever added.
    body.pop("additionalProperties", None)
    extra = {"$defs": definitions} if definitions else {}
    return {**schema, **body, **extra}


def _settings_page() -> str:
    lines = [
        "# Settings",
        "",
        "Every variable a service reads, written from the code by `make contracts`. Durations are ISO 8601: `PT30S`.",
    ]
    for service in SERVICES:
        lines += _table(service, describe_settings(_settings_class(service.replace("-", "_"))))
    return "\n".join([*lines, *_console_settings(), *_PLATFORM_SETTINGS]) + "\n"


def _console_settings() -> list[str]:
    rows = [row for row in describe_settings(ConsoleSettings) if row[0].lower() not in UNREAD]
    return _table("console", rows)


def _table(title: str, rows: Sequence[tuple[str, str, str]]) -> list[str]:
    lines = ["", f"## {title}", "", "| variable | default | what it does |", "| --- | --- | --- |"]
    for name, default, description in rows:
        shown = f"`{default}`" if default else ""
        lines.append(f"| `{name}` | {shown} | {description} |")
    return lines


_NAMES = tuple(f"`{platform.upper()}`" for platform in Platform)
_PLATFORM_SETTINGS = (
    "",
    "## Platforms, for every service",
    "",
    f"`<PLATFORM>` is {', '.join(_NAMES[:-1])} or {_NAMES[-1]}. Without a client id a",
    "platform is not offered.",
    "",
    "| variable | default | what it does |",
    "| --- | --- | --- |",
    "| `<PLATFORM>_CLIENT_ID`, `<PLATFORM>_CLIENT_SECRET` |  | The app registered at that platform. |",
    "| `<PLATFORM>_BASE_URL` |  | Moves all hosts that services call, as in `http://localhost:8110/x`. |",
    "| `<PLATFORM>_BROWSER_BASE_URL` |  | Moves the hosts that a browser opens. |",
    "| `GITHUB_FLAVOUR` | `github_app` | `github_app` or `oauth_app`. |",
    "| `INSTAGRAM_FLAVOUR` | `instagram_login` | The one flavour there is yet. |",
    "| `LINKEDIN_COMMUNITY_CLIENT_ID`, `LINKEDIN_COMMUNITY_CLIENT_SECRET` |  | A second app, for organizations. |",
    "| `LINKEDIN_COMMUNITY_OPENID` | `false` | `true` where that app has the product Sign In with LinkedIn, too. |",
    '| `<PLATFORM>_BUDGETS` |  | What an approved app may spend, in JSON: `{"uploads": {"app": 500}}`. |',
    "| `X_POST_FIELDS_PARAM` | `post.fields` | What X calls the fields of a post: `post.fields` or `tweet.fields`. |",
)


def _dump(document: Json) -> str:
    return json.dumps(document, indent=2, sort_keys=False, ensure_ascii=False) + "\n"
