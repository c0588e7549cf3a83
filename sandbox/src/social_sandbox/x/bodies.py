"""JSON bodies read as strictly as the published specification is written: unknown keys are refused."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from social_sandbox.calls import Call
from social_sandbox.x.errors import invalid_body


class StrictBody(BaseModel):
    """A body with a closed set of keys and no coercion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Body = TypeVar("Body", bound=StrictBody)


def read_body(call: Call, model: type[Body]) -> Body:
    """Return the JSON body as the model; anything else is a 400 that names the place."""
    if call.media_type != "application/json":
        raise invalid_body("The content type must be application/json.")
    return read_values(call.json(), model)


def read_values(values: Any, model: type[Body]) -> Body:
    """Return plain values as the model; anything else is a 400 that names the place."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(["$", *(str(part) for part in first["loc"])])
        if first["type"] == "extra_forbidden":
            message = f"{place}: is not defined in the schema and the schema does not allow additional properties"
        else:
            message = f"{place}: {first['msg']}"
        raise invalid_body(message) from error
