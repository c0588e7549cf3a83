"""JSON bodies read strictly: unknown fields, missing ones and wrong types are told with their path."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from social_sandbox.calls import Call
from social_sandbox.linkedin.errors import bad_syntax, invalid_field

_CODES = {
    "missing": "MISSING_FIELD",
    "string_too_long": "FIELD_LENGTH_TOO_LONG",
    "string_too_short": "INVALID_VALUE_BLANK_FIELD",
}


class StrictBody(BaseModel):
    """A body with a closed set of keys and no coercion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Body = TypeVar("Body", bound=StrictBody)


def read_body(call: Call, model: type[Body]) -> Body:
    """The JSON body as the model; anything else is a 400 that names the field."""
    if call.media_type != "application/json":
        raise bad_syntax("The content type must be application/json")
    values = call.json()
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        path = "/" + "/".join(str(part) for part in first["loc"])
        message = f"{path}: {first['msg']}"
        if first["type"] == "extra_forbidden":
            message = f"{path}: the field is not in the schema"
        raise invalid_field(_CODES.get(first["type"], "INVALID_VALUE_FOR_FIELD"), path, message) from error
