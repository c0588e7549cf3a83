"""The event contracts: golden records against the producers' models, their schemas and CloudEvents' own SDK."""

import importlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from cloudevents.core.formats.json import JSONFormat
from pydantic import BaseModel

ROOT = Path(__file__).parents[2] / "contracts"
GOLDEN = sorted((ROOT / "golden").glob("*.json"))
OLDER = sorted((ROOT / "golden" / "older").glob("*.json"))


def _models() -> dict[str, type[BaseModel]]:
    return {
        topic: model
        for package in ("auth_linker", "publisher", "analytics")
        for topic, model in importlib.import_module(f"{package}.events").EVENT_MODELS.items()
    }


def _record(path: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(path.read_text())
    return record


def test_every_event_has_a_golden_record() -> None:
    """A new event cannot ship without its record, and no record stands for an event that is gone."""
    assert {_record(path)["topic"] for path in GOLDEN} == set(_models())


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_producers_model_writes_the_golden_record(path: Path) -> None:
    """What the model makes of the golden data is the golden data: no field lost, none added, none renamed."""
    record = _record(path)

    written = _models()[record["topic"]].model_validate(record["value"]).model_dump(mode="json")

    assert written == record["value"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_golden_record_fits_the_exported_schema(path: Path) -> None:
    """The schema that other systems read allows it, and allows fields that come later."""
    record = _record(path)
    schema = json.loads((ROOT / "schemas" / path.name).read_text())

    jsonschema.validate(record["value"], schema, format_checker=jsonschema.FormatChecker())
    jsonschema.validate({**record["value"], "a_field_of_tomorrow": 1}, schema)

    assert schema["$id"] == record["headers"]["ce_dataschema"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_the_golden_record_fits_the_asyncapi_document(path: Path) -> None:
    """Its headers, its key and its topic are what the document says of that event."""
    record = _record(path)
    document = json.loads((ROOT / "asyncapi.json").read_text())
    (name,) = document["channels"][record["topic"]]["messages"]
    message = document["components"]["messages"][name]

    jsonschema.validate(record["headers"], message["headers"], format_checker=jsonschema.FormatChecker())
    jsonschema.validate(record["key"], message["bindings"]["kafka"]["key"], format_checker=jsonschema.FormatChecker())

    assert message["name"] == record["headers"]["ce_type"]
    assert record["key"] == record["value"]["user_id"]
    assert document["channels"][record["topic"]]["address"] == record["topic"]


@pytest.mark.parametrize("path", OLDER, ids=lambda path: path.stem)
def test_records_of_older_releases_still_fit(path: Path) -> None:
    """What a topic or a replay still gives out is valid by today's schema, and by today's model."""
    record = _record(path)
    schema = json.loads((ROOT / "schemas" / f"{record['topic']}.v1.json").read_text())

    jsonschema.validate(record["value"], schema, format_checker=jsonschema.FormatChecker())
    _models()[record["topic"]].model_validate(record["value"])

    assert set(record["value"]) < set(schema["properties"])


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_cloudevents_own_sdk_reads_the_golden_record(path: Path) -> None:
    """The headers are CloudEvents 1.0 in Kafka's binary mode, as the specification's SDK sees it."""
    record = _record(path)
    message = KafkaMessage(
        headers={name: value.encode() for name, value in record["headers"].items()},
        key=record["key"].encode(),
        value=json.dumps(record["value"]).encode(),
    )

    event = from_binary_event(message, JSONFormat())

    assert event.get_id() == record["headers"]["ce_id"]
    assert event.get_type() == f"store.seftec.social.{record['topic']}.v1"
    assert event.get_subject() in record["value"].values()
    assert event.get_data() == record["value"]
