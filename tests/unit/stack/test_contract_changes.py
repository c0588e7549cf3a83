"""What `make check` says of a changed contract: each break is found and named, what only adds passes."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from social_stack.contracts.compatibility import asyncapi_breaks, event_breaks, openapi_breaks
from social_stack.contracts.released import INTENDED, release, unmeant_breaks

ROOT = Path(__file__).parents[3] / "contracts"
Json = dict[str, Any]
Change = Callable[[Json], object]
PUBLISHER = json.loads((ROOT / "openapi/publisher.json").read_text())
FAILED = json.loads((ROOT / "schemas/post.failed.v1.json").read_text())
TOPICS = json.loads((ROOT / "asyncapi.json").read_text())


def _schema(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def _operation(document: Json, method: str, path: str) -> Json:
    found: Json = document["paths"][path][method]
    return found


def _changed(document: Json, change: Change) -> Json:
    new = copy.deepcopy(document)
    change(new)
    assert new != document
    return new


API_BREAKS: dict[str, tuple[Change, str]] = {
    "an operation gone": (
        lambda new: new["paths"]["/v1/posts/{post_id}"].pop("delete"),
        "DELETE /v1/posts/{post_id}: is gone",
    ),
    "a field of a request gone": (
        lambda new: _schema(new, "Target")["properties"].pop("options"),
        "POST /v1/posts: body.targets[].options: is gone",
    ),
    "a field of a request made required": (
        lambda new: _schema(new, "NewPosts")["required"].append("content"),
        "POST /v1/posts: body.content: is required now",
    ),
    "a new field of a request that is required": (
        lambda new: (
            _schema(new, "NewPosts")["properties"].update(reason={"type": "string"}),
            _schema(new, "NewPosts")["required"].append("reason"),
        ),
        "POST /v1/posts: body.reason: is required now",
    ),
    "a request's type narrowed": (
        lambda new: _schema(new, "Product")["properties"].update(price={"type": "integer"}),
        "POST /v1/products/share: body.product.price: type was ",
    ),
    "a request's text made shorter": (
        lambda new: _schema(new, "NewPosts")["properties"]["content"].update(maxLength=10),
        "POST /v1/posts: body.content: maxLength was 100000 and is 10",
    ),
    "a value of a request no longer taken": (
        lambda new: _schema(new, "NewPosts")["properties"]["mode"]["enum"].remove("draft"),
        "POST /v1/posts: body.mode: the value 'draft' is no longer taken",
    ),
    "null no longer taken": (
        lambda new: _schema(new, "Resolution")["properties"].update(permalink={"type": "string", "minLength": 1}),
        "POST /v1/posts/{post_id}/resolve: body.permalink: ",
    ),
    "another default": (
        lambda new: _operation(new, "get", "/v1/posts")["parameters"][7]["schema"].update(default=10),
        "GET /v1/posts: query.limit: what is taken where nothing is said was 50 and is 10",
    ),
    "a parameter gone": (
        lambda new: _operation(new, "get", "/v1/posts")["parameters"].pop(0),
        "GET /v1/posts: query.status: is gone",
    ),
    "a parameter made required": (
        lambda new: _operation(new, "get", "/v1/posts")["parameters"][0].update(required=True),
        "GET /v1/posts: query.status: is required now",
    ),
    "a body made required": (
        lambda new: _operation(new, "post", "/v1/posts/{post_id}/retry")["requestBody"].update(required=True),
        "POST /v1/posts/{post_id}/retry: body: is required now",
    ),
    "a field of an answer gone": (
        lambda new: _schema(new, "PostOut")["properties"].pop("permalink"),
        "GET /v1/posts/{post_id}: 200: body.permalink: is gone",
    ),
    "a field of an answer that may be missing": (
        lambda new: _schema(new, "PostOut")["required"].remove("revision"),
        "GET /v1/posts/{post_id}: 200: body.revision: may be missing now",
    ),
    "an answer's type widened": (
        lambda new: _schema(new, "PostOut")["properties"].update(attempts={"type": "number"}),
        "GET /v1/posts/{post_id}: 200: body.attempts: type was integer and is number",
    ),
    "an answer that may be null now": (
        lambda new: _schema(new, "PostOut")["properties"].update(
            status={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        "GET /v1/posts/{post_id}: 200: body.status: type was string and is null",
    ),
    "another status on success": (
        lambda new: _operation(new, "post", "/v1/posts")["responses"].update(
            {"202": _operation(new, "post", "/v1/posts")["responses"].pop("201")}
        ),
        "POST /v1/posts: 201: is no longer answered",
    ),
    "a problem's code gone": (
        lambda new: _schema(new, "Problem")["properties"].pop("code"),
        "GET /v1/posts: 4XX: body.code: is gone",
    ),
    "a header of an answer gone": (
        lambda new: _operation(new, "get", "/v1/posts/{post_id}")["responses"]["200"]["headers"].pop("ETag"),
        "GET /v1/posts/{post_id}: 200: the header ETag is gone",
    ),
    "an authorization asked for": (
        lambda new: _operation(new, "get", "/v1/posts").update(security=[{"OtherToken": []}]),
        "GET /v1/posts: asks for another authorization",
    ),
    "a keyword that the checker does not know": (
        lambda new: _schema(new, "PostOut")["properties"]["options"].update(propertyNames={"pattern": "^x"}),
        "GET /v1/posts/{post_id}: 200: body.options: propertyNames was not said",
    ),
}
EVENT_BREAKS: dict[str, tuple[Change, str]] = {
    "a field gone": (lambda new: new["properties"].pop("product_id"), "product_id: is gone"),
    "a field inside gone": (lambda new: new["$defs"]["EventError"]["properties"].pop("code"), "error.code: is gone"),
    "a field that may be missing": (lambda new: new["required"].remove("status"), "status: may be missing now"),
    "another type": (
        lambda new: new["properties"].update(attempts={"type": "string"}),
        "attempts: type was integer and is string",
    ),
    "another format": (lambda new: new["properties"]["failed_at"].pop("format"), "failed_at: format was date-time"),
    "a value that old readers do not know": (
        lambda new: new["properties"]["status"]["enum"].append("lost"),
        "status: the value 'lost' is new",
    ),
    "a required field that the records kept so far lack": (
        lambda new: (new["properties"].update(place={"type": "string"}), new["required"].append("place")),
        "place: is required now",
    ),
    "a value that kept records have": (
        lambda new: new["properties"]["status"]["enum"].remove("missed"),
        "status: the value 'missed' is no longer taken",
    ),
}
TOPIC_BREAKS: dict[str, tuple[Change, str]] = {
    "a channel gone": (lambda new: new["channels"].pop("post.failed"), "post.failed: the channel is gone"),
    "another topic": (
        lambda new: new["channels"]["post.failed"].update(address="posts"),
        "post.failed: the topic was post.failed and is posts",
    ),
    "other partitions": (
        lambda new: new["channels"]["post.failed"]["bindings"]["kafka"].update(partitions=12),
        "post.failed: had 6 partitions and has 12, so keys move",
    ),
    "records kept for a shorter time": (
        lambda new: new["channels"]["post.failed"]["bindings"]["kafka"]["topicConfiguration"].update(
            {"retention.ms": 1}
        ),
        "post.failed: records were kept 2592000000 ms and are kept 1 ms",
    ),
    "another clean-up": (
        lambda new: new["channels"]["post.failed"]["bindings"]["kafka"]["topicConfiguration"].update(
            {"cleanup.policy": ["compact"]}
        ),
        "post.failed: cleanup.policy was ['delete'] and is ['compact']",
    ),
    "another type of event": (
        lambda new: new["components"]["messages"]["PostFailed"].update(name="failed"),
        "post.failed: name was store.seftec.social.post.failed.v1 and is failed",
    ),
    "a header gone": (
        lambda new: new["components"]["messages"]["PostFailed"]["headers"]["properties"].pop("ce_id"),
        "post.failed: header.ce_id: is gone",
    ),
    "another source": (
        lambda new: new["components"]["messages"]["PostFailed"]["headers"]["properties"].update(
            ce_source={"type": "string", "const": "/elsewhere"}
        ),
        "post.failed: header.ce_source: the value '/elsewhere' is new",
    ),
    "another key": (
        lambda new: new["components"]["messages"]["PostFailed"]["bindings"]["kafka"].update(key={"type": "integer"}),
        "post.failed: key: type was string and is integer",
    ),
}


@pytest.mark.parametrize("case", API_BREAKS)
def test_a_break_of_an_api_is_found(case: str) -> None:
    """Whoever calls as before, or reads what was always there, is told of what would hurt."""
    change, said = API_BREAKS[case]

    assert any(line.startswith(said) for line in openapi_breaks(PUBLISHER, _changed(PUBLISHER, change)))


@pytest.mark.parametrize("case", EVENT_BREAKS)
def test_a_break_of_an_event_is_found(case: str) -> None:
    """Old readers must take new records, and new readers the old records that a topic still has."""
    change, said = EVENT_BREAKS[case]

    assert any(line.startswith(said) for line in event_breaks(FAILED, _changed(FAILED, change)))


@pytest.mark.parametrize("case", TOPIC_BREAKS)
def test_a_break_of_a_topic_is_found(case: str) -> None:
    """Its name, partitions, key, headers and retention are promised, too."""
    change, said = TOPIC_BREAKS[case]

    assert any(line.startswith(said) for line in asyncapi_breaks(TOPICS, _changed(TOPICS, change)))


def _add_to_the_api(new: Json) -> None:
    new["paths"]["/v1/queues"] = {"get": {"responses": {"200": {"description": "New."}}}}
    listing = _operation(new, "get", "/v1/posts")
    listing["parameters"].append({"in": "query", "name": "tag", "required": False, "schema": {"type": "string"}})
    listing["responses"]["410"] = {"description": "New."}
    _schema(new, "NewPosts")["properties"]["label"] = {"type": "string", "default": ""}
    _schema(new, "NewPosts")["properties"]["mode"]["enum"].append("queue")
    _schema(new, "NewPosts")["properties"]["content"]["maxLength"] = 200_000
    _schema(new, "SettingsBody")["properties"]["label"] = {"type": "string"}
    _schema(new, "PostOut")["properties"]["label"] = {"type": "string"}
    _schema(new, "PostOut")["required"].append("label")
    _schema(new, "PostOut")["properties"]["kind"]["enum"] = ["text", "image"]
    _schema(new, "PostOut")["description"] = "Other words."


def _add_to_the_event(new: Json) -> None:
    new["properties"]["label"] = {"type": "string", "default": ""}
    new["properties"]["status"]["description"] = "Other words."


def _add_to_the_topics(new: Json) -> None:
    new["channels"]["post.queued"] = {"address": "post.queued", "messages": {}}
    kafka = new["channels"]["post.failed"]["bindings"]["kafka"]
    kafka["topicConfiguration"]["retention.ms"] *= 2
    headers = new["components"]["messages"]["PostFailed"]["headers"]
    headers["properties"]["ce_severity"] = {"type": "string"}
    headers["required"].append("ce_severity")


def test_what_only_adds_passes() -> None:
    """New operations, optional parameters and fields, further values of a request, tighter answers."""
    assert not list(openapi_breaks(PUBLISHER, _changed(PUBLISHER, _add_to_the_api)))
    assert not list(event_breaks(FAILED, _changed(FAILED, _add_to_the_event)))
    assert not list(asyncapi_breaks(TOPICS, _changed(TOPICS, _add_to_the_topics)))


def test_a_schema_that_contains_itself_is_compared() -> None:
    """Such as a tree; what changes inside it is still found."""
    tree = {
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "below": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                },
            }
        },
        "$ref": "#/$defs/Node",
    }
    new = _changed(tree, lambda new: new["$defs"]["Node"]["properties"].pop("name"))

    assert not list(event_breaks(tree, tree))
    assert list(event_breaks(tree, new)) == ["name: is gone", "below[].name: is gone"]


@pytest.fixture
def repository(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A place with one released event, and the same event without its field `status` as it is exported now."""
    (tmp_path / "contracts").mkdir()
    exported = {"contracts/schemas/post.failed.v1.json": json.dumps(FAILED)}
    release(tmp_path, exported)
    assert not unmeant_breaks(tmp_path, exported)
    new = _changed(FAILED, lambda new: new["properties"].pop("status"))
    return tmp_path, {"contracts/schemas/post.failed.v1.json": json.dumps(new)}


def test_a_break_is_named_until_it_is_meant(repository: tuple[Path, dict[str, str]]) -> None:
    """With a line and a reason it passes; without a reason, or where there is no such break, the line is refused."""
    root, exported = repository
    (unmeant,) = unmeant_breaks(root, exported)
    change = f'[[change]]\nwhat = "{unmeant}"\n'

    assert unmeant == "schemas/post.failed.v1.json: status: is gone"
    (root / INTENDED).write_text(change)
    assert "has no reason" in unmeant_breaks(root, exported)[0]
    (root / INTENDED).write_text(change + 'reason = "Nobody reads it."\n')
    assert not unmeant_breaks(root, exported)
    release(root, exported)
    assert not unmeant_breaks(root, exported)
    (root / INTENDED).write_text(change + 'reason = "Nobody reads it."\n')
    assert "there is no such break" in unmeant_breaks(root, exported)[0]


def test_a_contract_that_is_no_longer_exported_is_a_break(repository: tuple[Path, dict[str, str]]) -> None:
    """A version of an event does not vanish because its model was removed."""
    root, _ = repository

    assert unmeant_breaks(root, {}) == ["schemas/post.failed.v1.json: is gone"]
