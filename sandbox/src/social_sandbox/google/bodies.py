"""The body of a local post as it parses: known names, right types, known words; and as it is shown again.

What only Google writes (`name`, `state`, the times) may stand in a body and does not count.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from social_sandbox.calls import Call
from social_sandbox.google.errors import invalid_payload

_WORDS = frozenset({"topicType", "alertType", "actionType"})
OUTPUT_ONLY = frozenset({"name", "state", "createTime", "updateTime", "searchUrl"})


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)


class Day(_Message):
    """A date; a part that is not given is zero."""

    year: int = 0
    month: int = 0
    day: int = 0


class TimeOfDay(_Message):
    """A time of day; midnight is all zeros."""

    hours: int = 0
    minutes: int = 0
    seconds: int = 0
    nanos: int = 0


class Schedule(_Message):
    """From when to when."""

    start_date: Day | None = None
    start_time: TimeOfDay | None = None
    end_date: Day | None = None
    end_time: TimeOfDay | None = None


class Recurrence(_Message):
    """How an event repeats; what stands inside each pattern is not documented."""

    daily: dict[str, Any] | None = None
    weekly: dict[str, Any] | None = None
    monthly: dict[str, Any] | None = None


class Event(_Message):
    """What happens when."""

    title: str = ""
    schedule: Schedule | None = None
    recurrence_info: Recurrence | None = None
    recurring_instance_time: Any = None


class Offer(_Message):
    """What an offer gives."""

    coupon_code: str = ""
    redeem_online_url: str = ""
    terms_conditions: str = ""


class CallToAction(_Message):
    """The button."""

    action_type: Literal[
        "ACTION_TYPE_UNSPECIFIED", "BOOK", "ORDER", "SHOP", "LEARN_MORE", "SIGN_UP", "GET_OFFER", "CALL"
    ] = "ACTION_TYPE_UNSPECIFIED"
    url: str = ""


class MediaItem(_Message):
    """A photo by its address."""

    media_format: Literal["MEDIA_FORMAT_UNSPECIFIED", "PHOTO", "VIDEO"] = "MEDIA_FORMAT_UNSPECIFIED"
    source_url: str = ""


class LocalPost(_Message):
    """What a client may say of a post."""

    language_code: str = ""
    summary: str = ""
    topic_type: Literal["LOCAL_POST_TOPIC_TYPE_UNSPECIFIED", "STANDARD", "EVENT", "OFFER", "ALERT"] = (
        "LOCAL_POST_TOPIC_TYPE_UNSPECIFIED"
    )
    alert_type: Literal["ALERT_TYPE_UNSPECIFIED", "COVID_19"] = "ALERT_TYPE_UNSPECIFIED"
    call_to_action: CallToAction | None = None
    event: Event | None = None
    offer: Offer | None = None
    media: list[MediaItem] = []
    scheduled_time: str = ""


WRITABLE = frozenset(to_camel(name) for name in LocalPost.model_fields)


def read_object(call: Call) -> dict[str, Any]:
    """The JSON object of a body, without what only Google writes."""
    if call.media_type != "application/json":
        raise invalid_payload("Invalid JSON payload received. The content type must be application/json.", field="")
    value = call.json()
    if not isinstance(value, dict):
        raise invalid_payload("Invalid JSON payload received. Root element must be a message.", field="")
    return {name: content for name, content in value.items() if name not in OUTPUT_ONLY}


def parse(values: Mapping[str, Any]) -> LocalPost:
    """Values as a post; raises what Google says to the first that does not parse."""
    try:
        return LocalPost.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        *above, last = ["local_post", *(str(part) for part in first["loc"])]
        if first["type"] == "extra_forbidden":
            message = (
                f"Invalid JSON payload received. Unknown name \"{last}\" at '{'.'.join(above)}': Cannot find field."
            )
            raise invalid_payload(message, field=".".join(above)) from error
        place = ".".join([*above, last])
        raise invalid_payload(f"Invalid value at '{place}': {first['msg']}", field=place) from error


def shown(post: LocalPost) -> dict[str, Any]:
    """A post as answers carry it: nothing that is zero, empty or unspecified."""
    values: dict[str, Any] = _without_zeros(post.model_dump(exclude={"media"}, by_alias=True))
    values.get("event", {}).pop("recurringInstanceTime", None)
    if post.topic_type == "OFFER":
        values.pop("callToAction", None)
    return values


def _without_zeros(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _without_zeros(content) for name, content in value.items() if not _is_zero(name, content)}


def _is_zero(name: str, content: Any) -> bool:
    is_unspecified = name in _WORDS and str(content).endswith("_UNSPECIFIED")
    return is_unspecified or content is None or content in (0, "")
