"""The events have exactly the design's fields, and the golden records are read by them."""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from auth_linker.events import ConnectionLinked, ConnectionUnlinked, ConnectionUpdated

GOLDEN = Path(__file__).parents[3] / "contracts" / "golden"
LINKED = {
    "connection_id", "grant_id", "user_id", "revision", "platform", "platform_id", "kind", "platform_username",
    "scopes", "capabilities", "missing_scopes", "health", "expires_at", "renewable", "relinked", "linked_at",
}  # fmt: skip
UNLINKED = {
    "connection_id", "grant_id", "user_id", "revision", "platform", "platform_id", "reason", "unlinked_at",
}  # fmt: skip


@pytest.mark.parametrize(
    ("topic", "model", "fields"),
    [
        ("connection.linked", ConnectionLinked, LINKED),
        ("connection.updated", ConnectionUpdated, LINKED | {"cause", "updated_at"}),
        ("connection.unlinked", ConnectionUnlinked, UNLINKED),
    ],
)
def test_an_event_has_the_designs_fields(topic: str, model: type[BaseModel], fields: set[str]) -> None:
    """No more, no fewer; and the golden record comes out of the model as it went in."""
    golden = json.loads((GOLDEN / f"{topic}.v1.json").read_text())["value"]

    assert set(model.model_fields) == fields
    assert model.model_validate(golden).model_dump(mode="json") == golden
