"""What the broker's answers mean."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from analytics.collecting.domain import Pause
from analytics.collecting.tokens import Granted, LinkerTokens, TokenRefused, TokenUnavailable
from social_common.http import HttpClient
from social_common.keyfiles import generate_service_key, read_service_key, read_trust, write_trust
from social_common.service_tokens import ServiceTokenVerifier

CONNECTION = UUID(int=1)
ANSWER = {
    "access_token": "at-planted-secret",
    "token_type": "bearer",
    "expires_at": None,
    "token_version": 4,
    "platform": "x",
    "platform_id": "19",
    "kind": "account",
    "facts": {"username": "kettleco"},
    "novelty": 1,
}


class Broker:
    """auth-linker's broker with one answer, noting what it was asked."""

    def __init__(self, answer: Response, verifier: ServiceTokenVerifier) -> None:
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

        async def token(request: Request) -> Response:
            caller = verifier.verify(request.headers["authorization"].removeprefix("Bearer "))
            self.asked.append((caller, request.path_params["id"], await request.json()))
            return answer

        self.app = Starlette(routes=[Route("/internal/v1/connections/{id}/token", token, methods=["POST"])])


Ask = Callable[..., Awaitable[tuple[Granted, Broker]]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Asks a broker that answers so."""
    generate_service_key(tmp_path / "key.json")
    write_trust(tmp_path / "trust.json", {"analytics": tmp_path / "key.json"})
    verifier = ServiceTokenVerifier(read_trust(tmp_path / "trust.json"), audience="auth-linker")

    async def run(answer: Response, **more: Any) -> tuple[Granted, Broker]:
        broker = Broker(answer, verifier)
        async with HttpClient(asgi_app=broker.app) as http:
            tokens = LinkerTokens(http, linker_url="http://linker/", key=read_service_key(tmp_path / "key.json"))
            return await tokens.token_for(CONNECTION, user_id=UUID(int=2), **more), broker

    return run


async def test_granted(ask: Ask) -> None:
    """A token comes with the place it is for; the question is signed and names merchant and capability."""
    granted, broker = await ask(JSONResponse(ANSWER))

    ((caller, connection_id, body),) = broker.asked
    assert (granted.token_version, granted.access.platform_id) == (4, "19")
    assert granted.access.token.reveal() == "at-planted-secret"
    assert "planted" not in repr(granted)
    assert (caller, connection_id) == ("analytics", str(CONNECTION))
    assert body == {"user_id": str(UUID(int=2)), "capability": "analytics", "min_valid_s": 120}


async def test_refused_version_is_named(ask: Ask) -> None:
    """A token that the platform refused is named, so that a younger one comes."""
    _, broker = await ask(JSONResponse(ANSWER), refused_version=3)

    assert broker.asked[0][2]["refused_token_version"] == 3


@pytest.mark.parametrize(
    ("answer", "why", "revision"),
    [
        (JSONResponse({"code": "forbidden"}, 403), Pause.NOT_GRANTED, None),
        (JSONResponse({"code": "not_found"}, 404), Pause.NOT_KNOWN, None),
        (JSONResponse({"code": "auth_revoked", "revision": 7}, 409), Pause.NOT_USABLE, 7),
        (JSONResponse({"revision": "seven"}, 409), Pause.NOT_USABLE, None),
        (Response("<html>", 409), Pause.NOT_USABLE, None),
        (JSONResponse([], 409), Pause.NOT_USABLE, None),
    ],
)
async def test_refused(ask: Ask, answer: Response, why: Pause, revision: int | None) -> None:
    """A refusal says why, and which revision of the connection it is about where it names one."""
    with pytest.raises(TokenRefused) as caught:
        await ask(answer)

    assert (caught.value.why, caught.value.revision) == (why, revision)


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (Response(status_code=503, headers={"Retry-After": "7"}), timedelta(seconds=7)),
        (Response(status_code=503, headers={"Retry-After": "soon"}), timedelta(minutes=1)),
        (Response(status_code=503, headers={"Retry-After": "99999999999"}), timedelta(hours=1)),
        (Response(status_code=500), timedelta(minutes=1)),
        (Response(status_code=401), timedelta(minutes=1)),
        (Response("<html>oh</html>"), timedelta(minutes=1)),
        (JSONResponse(ANSWER | {"kind": "volcano"}), timedelta(minutes=1)),
        (JSONResponse({"access_token": "at-planted-secret"}), timedelta(minutes=1)),
    ],
)
async def test_unavailable(ask: Ask, answer: Response, wait: timedelta) -> None:
    """Any other answer means to ask again later, and what it held is in no error."""
    with pytest.raises(TokenUnavailable) as caught:
        await ask(answer)

    assert caught.value.retry_after == wait
    assert "planted" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__ is None}"


async def test_broker_away(tmp_path: Path) -> None:
    """A broker that cannot be reached is asked again later."""
    generate_service_key(tmp_path / "key.json")
    async with HttpClient() as http:
        key = read_service_key(tmp_path / "key.json")
        tokens = LinkerTokens(http, linker_url="http://127.0.0.1:1", key=key)

        with pytest.raises(TokenUnavailable):
            await tokens.token_for(uuid4(), user_id=uuid4())
