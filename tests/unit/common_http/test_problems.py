"""Every error is a problem document that names what is wrong and nothing else."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

import pytest
from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, field_validator
from sqlalchemy.exc import DBAPIError
from starlette.responses import StreamingResponse

from social_common import errors
from social_common.app import create_app
from social_common.db import DatabaseUnreachable, UserGone
from social_common.http import HttpClient, HttpResponse
from social_common.settings import ServiceSettings

CODES = {
    *("rate_limited", "quota_exhausted", "auth_expired", "auth_revoked", "permission_missing", "account_restricted"),
    *("destination_gone", "app_misconfigured", "version_retired", "content_rejected", "media_rejected"),
    *("duplicate_post", "not_found", "platform_down", "outcome_unknown", "invalid_request", "unauthenticated"),
    *("forbidden", "conflict", "precondition_failed", "payload_too_large", "idempotency_conflict"),
    *("connection_not_usable", "internal"),
}


class Refused(Exception):
    """What a driver raises, with Postgres' own code."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("planted")
        self.sqlstate = sqlstate


class Target(BaseModel):
    """A part of a body."""

    connection_id: UUID


class Body(BaseModel):
    """A body with everything that can be wrong in it."""

    model_config = ConfigDict(extra="forbid")

    content: str
    targets: list[Target]
    mode: Literal["draft", "now"] = "draft"
    scheduled_at: AwareDatetime | None = None

    @field_validator("content")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("say something")
        return value


async def unit_of_work() -> AsyncIterator[None]:
    """A unit of work whose commit fails."""
    yield
    raise RuntimeError("the commit failed")


router = APIRouter()


@router.post("/v1/posts")
async def create(body: Body, limit: Annotated[int, Query(ge=1)] = 10) -> int:
    """Takes a body and a parameter."""
    return len(body.targets) + limit


@router.get("/v1/raise/{name}")
async def raise_error(name: str) -> None:
    """Raises what the name says."""
    match name:
        case "crash":
            raise RuntimeError("planted in a trace")
        case "22021" | "23514" | "57P01":
            raise DBAPIError("INSERT", {}, Refused(name))
        case "database-away":
            raise DatabaseUnreachable
        case "gone":
            raise UserGone
        case "teapot":
            raise HTTPException(418, "planted by a framework")
        case "plain":
            raise errors.Conflict("It is live already.", action="Hide it instead.", extra={"revision": 7})
        case "busy":
            raise errors.Unavailable("Later.", retry_after=timedelta(seconds=1.2))
        case "field":
            raise errors.Invalid("This platform is unknown.", field="path.platform")
    raise errors.NotFound


@router.get("/v1/uncommitted")
async def uncommitted(_: Annotated[None, Depends(unit_of_work, scope="function")]) -> str:
    """Succeeds, but its unit of work does not."""
    return "done"


@router.get("/v1/stream")
async def stream() -> StreamingResponse:
    """Breaks once the answer has begun."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        raise RuntimeError("too late")

    return StreamingResponse(pieces())


@pytest.fixture
async def api() -> AsyncIterator[HttpClient]:
    """The app with those endpoints."""
    app = create_app(ServiceSettings(rate_limit_per_minute=100_000), title="Example", routers=[router])
    async with HttpClient(asgi_app=app) as http:
        yield http


def problem(answer: HttpResponse) -> dict[str, object]:
    """The document, after what holds for all of them was checked."""
    document: dict[str, object] = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert document["status"] == answer.status
    assert document["code"] in CODES
    assert document["type"] == f"https://seftec.store/problems/{document['code']}"
    assert document["title"]
    assert document["detail"]
    assert "Traceback" not in answer.text
    assert "planted" not in answer.text
    return document


GOOD = {"content": "planted text", "targets": [{"connection_id": "6f1c2f6e-0a0e-4f6e-9b52-0d5c4c0d7a11"}]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content": None}, "body.content"),
        ({"content": 5}, "body.content"),
        ({"content": "   "}, "body.content"),
        ({"targets": [{"connection_id": "planted"}]}, "body.targets.0.connection_id"),
        ({"targets": [{}]}, "body.targets.0.connection_id"),
        ({"targets": "planted"}, "body.targets"),
        ({"mode": "planted"}, "body.mode"),
        ({"scheduled_at": "2026-11-20T10:00:00"}, "body.scheduled_at"),
        ({"scheduled_at": "planted"}, "body.scheduled_at"),
        ({"surplus": 1}, "body.surplus"),
    ],
)
async def test_wrong_field(api: HttpClient, change: dict[str, object], field: str) -> None:
    """A wrong field is a 422 that names it by its path and does not repeat its value."""
    answer = await api.request("POST", "http://api/v1/posts", json={**GOOD, **change})

    document = problem(answer)
    assert (answer.status, document["code"]) == (422, "invalid_request")
    assert [item["field"] for item in document["errors"]] == [field]  # type: ignore[attr-defined]


async def test_wrong_parameter(api: HttpClient) -> None:
    """A wrong query parameter is named as such."""
    answer = await api.request("POST", "http://api/v1/posts?limit=0", json=GOOD)

    assert problem(answer)["errors"][0]["field"] == "query.limit"  # type: ignore[index]


@pytest.mark.parametrize("body", [b"{", b"", b"nope", b"\xff\xfe", b"[" * 100_000])
async def test_malformed_json(api: HttpClient, body: bytes) -> None:
    """A body that is no JSON is a 4xx that names the body."""
    answer = await api.request(
        "POST", "http://api/v1/posts", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status in {400, 422}
    assert problem(answer)["errors"][0]["field"] == "body"  # type: ignore[index]


async def test_json_said_to_be_something_else(api: HttpClient) -> None:
    """A body of another type is a 4xx problem."""
    answer = await api.request(
        "POST", "http://api/v1/posts", content=json.dumps(GOOD).encode(), headers={"Content-Type": "text/plain"}
    )

    assert 400 <= answer.status < 500
    problem(answer)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nowhere", 404, "not_found"),
        ("DELETE", "/v1/posts", 405, "invalid_request"),
        ("GET", "/v1/raise/nothing", 404, "not_found"),
        ("GET", "/v1/raise/gone", 401, "unauthenticated"),
        ("GET", "/v1/raise/22021", 422, "invalid_request"),
        ("GET", "/v1/raise/23514", 500, "internal"),
        ("GET", "/v1/raise/57P01", 503, "internal"),
        ("GET", "/v1/raise/database-away", 503, "internal"),
        ("GET", "/v1/raise/teapot", 418, "invalid_request"),
        ("GET", "/v1/raise/crash", 500, "internal"),
        ("GET", "/v1/raise/busy", 503, "internal"),
        ("GET", "/v1/uncommitted", 500, "internal"),
    ],
)
async def test_status_and_code(api: HttpClient, method: str, path: str, status: int, code: str) -> None:
    """Each kind of failure has its status and a code of the closed list."""
    answer = await api.request(method, f"http://api{path}")

    assert (answer.status, problem(answer)["code"]) == (status, code)
    assert answer.json()["instance"] == path


async def test_method_not_allowed_names_the_allowed(api: HttpClient) -> None:
    """A 405 says which methods there are."""
    answer = await api.request("DELETE", "http://api/v1/posts")

    assert answer.headers["Allow"] == "POST"


async def test_own_error(api: HttpClient) -> None:
    """An error of ours carries its words, its next step and what it adds."""
    document = problem(await api.request("GET", "http://api/v1/raise/plain"))

    assert document["detail"] == "It is live already."
    assert document["action"] == "Hide it instead."
    assert document["revision"] == 7


async def test_own_error_names_a_field(api: HttpClient) -> None:
    """An error raised for a field names it as validation does."""
    document = problem(await api.request("GET", "http://api/v1/raise/field"))

    assert document["errors"] == [{"field": "path.platform", "detail": "This platform is unknown."}]


async def test_a_database_that_is_away_may_be_asked_again(api: HttpClient) -> None:
    """Its outage is no fault of ours to be reported: the answer says when to come back."""
    answer = await api.request("GET", "http://api/v1/raise/database-away")

    assert answer.headers["Retry-After"] == "5"


async def test_retry_after(api: HttpClient) -> None:
    """Retry-After is whole seconds, rounded up."""
    answer = await api.request("GET", "http://api/v1/raise/busy")

    assert answer.headers["Retry-After"] == "2"


async def test_vanished_user_is_challenged(api: HttpClient) -> None:
    """A write for a user that is gone is a 401 with its challenge."""
    answer = await api.request("GET", "http://api/v1/raise/gone")

    assert "invalid_token" in answer.headers["WWW-Authenticate"]


async def test_openapi_describes_problems(api: HttpClient) -> None:
    """The OpenAPI document has the schema that its responses point at, and no other error schema."""
    document = (await api.request("GET", "http://api/openapi.json")).json()

    assert "Problem" in document["components"]["schemas"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    responses = document["paths"]["/v1/posts"]["post"]["responses"]
    assert set(responses) == {"200", "400", "413", "429", "4XX", "500", "503", "5XX"}
    too_often = document["components"]["responses"][responses["429"]["$ref"].split("/")[-1]]
    assert too_often["content"]["application/problem+json"]["examples"]["rate_limited"]["value"]["status"] == 429
    assert "Retry-After" in too_often["headers"]


def test_every_error_has_a_code_of_the_list() -> None:
    """No error class has a code outside of the closed list."""
    kinds: list[type[errors.ServiceError]] = [errors.ServiceError, *errors.ServiceError.__subclasses__()]

    assert {kind.default_code for kind in kinds} <= CODES
