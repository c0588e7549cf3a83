"""Which changes of the exported contracts would hurt those who built against the released ones.

A request must stay allowed, an answer and an event must stay readable, and a topic must keep what it promises: its
name, its partitions, its key and how long it keeps records. An event is held both ways: old readers get new records,
and new readers get the old records that a topic or a replay still gives.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from social_stack.contracts.narrowing import Json, Narrowing, Side

_METHODS: Final = ("get", "put", "post", "delete", "patch")


def event_breaks(old: Json, new: Json) -> Iterator[str]:
    """What a changed event would break, in the schema of its data."""
    forward = Narrowing(Side(old), Side(new), old_is_wide=True).misfits(old, new)
    backward = Narrowing(Side(new), Side(old), old_is_wide=False).misfits(new, old)
    told: dict[str, str] = {}
    for line in (*forward, *backward):  # the first word about a field is enough
        told.setdefault(line.split(":")[0], line)
    yield from told.values()


def openapi_breaks(old: Json, new: Json) -> Iterator[str]:
    """What a changed API would break for its callers."""
    answers = Narrowing(Side(old), Side(new), old_is_wide=True)
    requests = Narrowing(Side(new), Side(old), old_is_wide=False)
    for path, operations in old["paths"].items():
        for method in (method for method in _METHODS if method in operations):
            name = f"{method.upper()} {path}"
            before, after = operations[method], new["paths"].get(path, {}).get(method)
            if after is None:
                yield f"{name}: is gone"
                continue
            for line in _operation_breaks(before, after, answers=answers, requests=requests):
                yield f"{name}: {line}"


def asyncapi_breaks(old: Json, new: Json) -> Iterator[str]:
    """What changed topics would break for their consumers; the data has its own schemas."""
    messages = (old["components"]["messages"], new["components"]["messages"])
    answers = Narrowing(Side(old), Side(new), old_is_wide=True)
    for name, before in old["channels"].items():
        after = new["channels"].get(name)
        if after is None:
            yield f"{name}: the channel is gone"
            continue
        yield from _channel_breaks(name, before, after)
        for message in before["messages"]:
            if message not in after["messages"]:
                yield f"{name}: the message {message} is gone"
            else:
                yield from _message_breaks(name, messages[0][message], messages[1][message], answers)


def _operation_breaks(old: Json, new: Json, *, answers: Narrowing, requests: Narrowing) -> Iterator[str]:
    if new.get("security") and new.get("security") != old.get("security"):
        yield "asks for another authorization"
    yield from _parameter_breaks(old, new, requests)
    yield from _body_breaks(old, new, requests)
    for status, before in old["responses"].items():
        after = new["responses"].get(status)
        if after is None:
            if status[0] in "23":  # of a refusal that no longer comes nobody complains
                yield f"{status}: is no longer answered"
            continue
        answered, answers_now = answers.wide.resolve(before), answers.narrow.resolve(after)
        yield from (f"{status}: the header {name} is gone" for name in _gone(answered, answers_now, "headers"))
        yield from _content_breaks(answered, answers_now, answers, f"{status}: ")


def _parameter_breaks(old: Json, new: Json, requests: Narrowing) -> Iterator[str]:
    before, after = _parameters(old), _parameters(new)
    for name, parameter in after.items():
        if parameter.get("required") and not before.get(name, {}).get("required"):
            yield f"{name}: is required now"
    for name, parameter in before.items():
        if name not in after:
            yield f"{name}: is gone"
        else:
            yield from requests.misfits(after[name]["schema"], parameter["schema"], name)


def _parameters(operation: Json) -> dict[str, Json]:
    return {f"{one['in']}.{one['name']}": one for one in operation.get("parameters", ())}


def _body_breaks(old: Json, new: Json, requests: Narrowing) -> Iterator[str]:
    before, after = old.get("requestBody"), new.get("requestBody")
    if after is None:
        if before is not None:
            yield "body: is no longer read"
        return
    if after.get("required") and not (before or {}).get("required"):
        yield "body: is required now"
    yield from _content_breaks(before or {}, after, requests, "")


def _content_breaks(old: Json, new: Json, narrowing: Narrowing, before: str) -> Iterator[str]:
    for media, content in old.get("content", {}).items():
        if media not in new.get("content", {}):
            yield f"{before}{media} is gone"
            continue
        schemas = (content.get("schema", {}), new["content"][media].get("schema", {}))
        wide, narrow = schemas if narrowing.old_is_wide else schemas[::-1]
        yield from (f"{before}{line}" for line in narrowing.misfits(wide, narrow, "body"))


def _channel_breaks(name: str, old: Json, new: Json) -> Iterator[str]:
    if old["address"] != new["address"]:
        yield f"{name}: the topic was {old['address']} and is {new['address']}"
    before, after = (_kafka(channel) for channel in (old, new))
    if before.get("partitions") not in {None, after.get("partitions")}:
        yield f"{name}: had {before['partitions']} partitions and has {after.get('partitions')}, so keys move"
    kept, keeps = (one.get("topicConfiguration", {}) for one in (before, after))
    if keeps.get("retention.ms", 0) < kept.get("retention.ms", 0):
        yield f"{name}: records were kept {kept['retention.ms']} ms and are kept {keeps.get('retention.ms')} ms"
    if "cleanup.policy" in kept and kept["cleanup.policy"] != keeps.get("cleanup.policy"):
        yield f"{name}: cleanup.policy was {kept['cleanup.policy']} and is {keeps.get('cleanup.policy')}"


def _message_breaks(channel: str, old: Json, new: Json, answers: Narrowing) -> Iterator[str]:
    for what in ("name", "contentType", "payload"):
        if old.get(what) != new.get(what):
            yield f"{channel}: {what} was {old.get(what)} and is {new.get(what)}"
    yield from (
        f"{channel}: {line}" for line in answers.misfits(old.get("headers", {}), new.get("headers", {}), "header")
    )
    keys = [_kafka(message).get("key", {}) for message in (old, new)]
    yield from (f"{channel}: {line}" for line in answers.misfits(keys[0], keys[1], "key"))


def _kafka(part: Json) -> Json:
    bindings: Json = part.get("bindings", {}).get("kafka", {})
    return bindings


def _gone(old: Mapping[str, Any], new: Mapping[str, Any], what: str) -> list[str]:
    return [name for name in old.get(what, {}) if name not in new.get(what, {})]
