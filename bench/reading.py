"""What auth-linker's API answers a second: a merchant's connections, and tokens for our own services."""

import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.figures import Figure, Findings, middle_pair, spread
from bench.ground import Ground, say
from bench.wire import ask_for, request_of
from social_common.http import HttpError
from social_common.keyfiles import read_service_key
from social_common.service_tokens import LONGEST_LIFE, sign_service_token
from social_stack.ports import Ports
from social_stack.processes import Child, wait_until

ROUNDS: Final = 3
_SECONDS: Final = 4.0
_AT_ONCE: Final = 8
_TOKEN_BYTES: Final = 100
_UNAUTHENTICATED: Final = 401


async def measure_list(ground: Ground, findings: Findings) -> None:
    """`GET /v1/connections` of merchants in turn, and the same from the least that could answer it."""
    port = ground.stack.config.ports.api(1)
    requests = [request_of("GET", f"localhost:{port}", "/v1/connections", bearer=one.bearer) for one in ground.linked]
    pairs = []
    async with _bare_api(ground) as bare_port:
        for number in range(ROUNDS):
            say(f"GET /v1/connections, round {number + 1} of {ROUNDS}")
            own = await ask_for(_SECONDS, port=port, requests=requests, connections=_AT_ONCE)
            bare = await ask_for(_SECONDS, port=bare_port, requests=requests, connections=_AT_ONCE)
            pairs.append((own, bare))
    own, bare = middle_pair(pairs)
    note = spread([pair[0] for pair in pairs])
    findings.figures.append(Figure("GET /v1/connections", own, "/s", bare, 0.6, note=note))
    findings.inputs["api_reads_per_s"] = own


@contextlib.asynccontextmanager
async def _bare_api(ground: Ground) -> AsyncIterator[int]:
    port = Ports.free().base
    environment = ground.stack.environment
    child = Child(
        "bare API",
        [sys.executable, "-m", "bench.bare_api"],
        ground.stack.log("bare-api"),
        environment.base()
        | {
            "BARE_DATABASE_URL": environment.database_url("auth_linker_api"),
            "BARE_JWKS_URL": f"{environment.identity_url}/auth/v1/.well-known/jwks.json",
            "BARE_PORT": str(port),
        },
    )
    child.start()

    async def answers() -> bool:
        with contextlib.suppress(HttpError):
            url = f"http://127.0.0.1:{port}/"
            return (await ground.http.request("GET", url)).status != 0
        return False

    try:
        await wait_until(answers, child=child, within=timedelta(seconds=20), what="the bare API")
        yield port
    finally:
        await child.stop()


async def measure_broker(ground: Ground, findings: Findings) -> None:
    """Tokens handed to publisher, beside one select and one opening of AES-GCM in a bare loop."""
    say("token broker")
    stack = ground.stack
    key = read_service_key(stack.secrets.service_key("publisher"))
    bearer = sign_service_token(key, iss="publisher", aud="auth-linker", life=LONGEST_LIFE).reveal()
    address = urlsplit(stack.environment.api_url("auth-linker"))
    requests = [
        request_of(
            "POST",
            address.netloc,
            f"/internal/v1/connections/{one.connection_id}/token",
            bearer=bearer,
            body=json.dumps({"user_id": str(one.user_id), "capability": "publish", "min_valid_s": 120}),
        )
        for one in ground.linked
    ]
    given = await ask_for(_SECONDS, port=address.port or 80, requests=requests, connections=_AT_ONCE)
    bare = await _select_and_open(ground)
    findings.figures.append(
        Figure("token broker", given, "/s", bare, note="the baseline has no HTTP, no check of the caller and no claims")
    )
    findings.inputs["tokens_per_s"] = given


async def _select_and_open(ground: Ground) -> float:
    cipher, nonce = AESGCM(bytes(range(32))), bytes(12)
    sealed = cipher.encrypt(nonce, b"t" * _TOKEN_BYTES, None)
    connection = await asyncpg.connect(ground.stack.environment.superuser_url)
    made, began = 0, time.perf_counter()
    try:
        while time.perf_counter() - began < _SECONDS / 2:
            one = ground.linked[made % len(ground.linked)]
            await connection.fetchrow(
                "SELECT access_token FROM retail_b2c.social_connections WHERE id = $1", one.connection_id
            )
            cipher.decrypt(nonce, sealed, None)
            made += 1
        return made / (time.perf_counter() - began)
    finally:
        await connection.close()
