"""What an API's document says beyond its models: an example of all that is asked and answered, and every problem.

A route adds `**shows(…)` to its decorator. What any route may refuse is added to the whole document by its shape: one
with a body may be malformed, one with `If-Match` may be late. Examples are made by the code that answers.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from pydantic import BaseModel, Field

from social_common.errors import (
    FieldError,
    Forbidden,
    IdempotencyConflict,
    Invalid,
    Malformed,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    PreconditionRequired,
    ServiceError,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from social_common.problems import MEDIA_TYPE, problem_body, problem_headers

Json = dict[str, Any]
_JSON: Final = "application/json"
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
_METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})
_SOON: Final = timedelta(seconds=5)


class ProblemField(BaseModel):
    """One field and what is wrong with it."""

    field: str = Field(description="Path of the field, such as `body.targets.0.connection_id`.")
    detail: str


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(description="Stable URI of this kind of problem.")
    title: str
    status: int
    detail: str = Field(description="What happened, in plain words.")
    code: str = Field(description="One of the closed list of error codes.")
    instance: str | None = None
    action: str | None = Field(None, description="The next step, where there is one.")
    errors: list[ProblemField] | None = None


# What the framework is told of every route; `describe` says it once for all of them.
PROBLEM_RESPONSES: Final[dict[int | str, Json]] = {
    "4XX": {"description": "The request was refused."},
    "5XX": {"description": "The service could not do it."},
}
_WRONG_FIELD: Final = Invalid(
    "body.mode: Input should be 'draft'.", errors=(FieldError("body.mode", "Input should be 'draft'."),)
)
_COMMON: Final[Mapping[str, ServiceError]] = {
    "Malformed": Malformed("The body is not valid JSON.", field="body"),
    "Unauthenticated": Unauthenticated("This needs an access token in the Authorization header, as `Bearer …`."),
    "Forbidden": Forbidden("Guests cannot do this.", action="Sign in with an account of your own."),
    "NotFound": NotFound("There is no such thing, or it is not yours."),
    "IdempotencyConflict": IdempotencyConflict(
        "This Idempotency-Key was used with another request.", action="Send a new key with a new request."
    ),
    "PreconditionFailed": PreconditionFailed("It has changed since it was read.", action="Read it again, then repeat."),
    "PayloadTooLarge": PayloadTooLarge("The body may have at most 1048576 bytes."),
    "Invalid": _WRONG_FIELD,
    "PreconditionRequired": PreconditionRequired(
        "Say which revision you mean, in If-Match.", field="header.if-match", action="Send the post's ETag."
    ),
    "TooManyRequests": TooManyRequests(
        "Too many requests in the last minute.", retry_after=_SOON, action="Wait as long as Retry-After says."
    ),
    "Internal": ServiceError("This is our fault and has been noted."),
    "Unavailable": Unavailable("Our database does not answer at the moment.", retry_after=_SOON),
}


def shows(
    *,
    asks: BaseModel | None = None,
    answers: Mapping[int, BaseModel] | None = None,
    models: Mapping[int, tuple[type[BaseModel], str]] | None = None,
    refuses: Sequence[ServiceError] = (),
    etag: bool = False,
) -> Json:
    """Keyword arguments for a route: examples of its body and of its answers, and the refusals that are its own.

    `models` has the model and the description of each answer beside the usual one.
    """
    responses: dict[int, Json] = {}
    for status, example in (answers or {}).items():
        responses[status] = {"content": {_JSON: {"examples": _example(example)}}}
        if etag:
            responses[status]["headers"] = {"ETag": _header("string", "The revision, for If-Match.")}
    for status, (model, description) in (models or {}).items():
        responses[status] |= {"model": model, "description": description}
    for error in refuses:
        _add_refusal(responses.setdefault(error.status, {}), error)
    shown: Json = {"responses": responses}
    if asks is not None:
        shown["openapi_extra"] = {"requestBody": {"content": {_JSON: {"examples": _example(asks, as_sent=True)}}}}
    return shown


def describe(document: Json) -> Json:
    """Completes a document in place: the problems' schema, and for each operation what any such may refuse."""
    components = document.setdefault("components", {})
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {}).update(schema.pop("$defs", {}))
    components["schemas"]["Problem"] = schema
    shared = components.setdefault("responses", {})
    for path, operations in document["paths"].items():
        for method in _METHODS & operations.keys():
            responses = operations[method]["responses"]
            for part in (operations[method].get("requestBody", {}), *responses.values()):
                _unpack(part)
            for name in _refusals(path, operations[method]):
                error = _COMMON[name]
                own = responses.get(str(error.status))
                if own is not None:
                    _add_refusal(own, error)
                    continue
                responses[str(error.status)] = {"$ref": f"#/components/responses/{name}"}
                _add_refusal(shared.setdefault(name, {}), error)
            for status, name in (("4XX", "Invalid"), ("5XX", "Internal")):
                _add_refusal(shared.setdefault(f"Any{status}", dict(responses[status])), _COMMON[name])
                responses[status] = {"$ref": f"#/components/responses/Any{status}"}
            operations[method]["responses"] = dict(sorted(responses.items()))
    components["responses"] = dict(sorted(shared.items()))
    return document


def _refusals(path: str, operation: Json) -> Iterator[str]:
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    formats = {one["schema"].get("format") for one in operation.get("parameters", ()) if one["in"] == "path"}
    internal = path.startswith("/internal/")
    if "requestBody" in operation:
        yield from ("Malformed", "PayloadTooLarge")
    if "security" in operation or internal:
        yield from ("Unauthenticated", "Forbidden")
        if names or "requestBody" in operation:
            yield "Invalid"
    if "uuid" in formats:
        yield "NotFound"
    if "Idempotency-Key" in names:
        yield "IdempotencyConflict"
    if "If-Match" in names:
        yield from ("PreconditionFailed", "PreconditionRequired")
    yield from ("TooManyRequests", "Internal", "Unavailable")


def _add_refusal(response: Json, error: ServiceError) -> None:
    response.setdefault("description", error.title)
    content = response.setdefault("content", {}).setdefault(MEDIA_TYPE, {"schema": _PROBLEM, "examples": {}})
    content.setdefault("examples", {}).setdefault(error.code, {"value": problem_body(error)})
    headers = {name: _header("integer" if name == "Retry-After" else "string") for name in problem_headers(error)}
    if headers:
        response.setdefault("headers", {}).update(headers)


def _example(model: BaseModel, *, as_sent: bool = False) -> Json:
    # As text until `describe`: FastAPI would take the nulls out of it.
    return {"example": {"value": model.model_dump_json(by_alias=True, exclude_unset=as_sent)}}


def _unpack(part: Json) -> None:
    for example in part.get("content", {}).get(_JSON, {}).get("examples", {}).values():
        example["value"] = json.loads(example["value"])


def _header(kind: str, description: str | None = None) -> Json:
    return {"schema": {"type": kind}, **({"description": description} if description else {})}
