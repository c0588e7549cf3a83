"""The floor under `GET /v1/connections`: Starlette and asyncpg with the same check of the token and the same query.

Started by `bench.reading` as `python -m bench.bare_api`, with what it needs in its environment.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx  # noqa: TID251 - one read of the keys, outside of the product
import jwt
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth_linker.connections.repository import _COLUMNS, _FROM  # the same query, whatever becomes of it

_LIST = f"SELECT {_COLUMNS} FROM {_FROM} WHERE c.user_id = $1::uuid ORDER BY c.created_at, c.id LIMIT 51"
_CLAIMS = "SELECT set_config('request.jwt.claims', $1, true), set_config('request.jwt.claim.sub', '', true)"


def create_bare_api(database_url: str, jwks_url: str) -> Starlette:
    """One route, one pool."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(trust_env=False) as client:
            keys = (await client.get(jwks_url)).json()["keys"]
        app.state.keys = {key["kid"]: jwt.PyJWK(key) for key in keys}
        async with asyncpg.create_pool(database_url, min_size=10, max_size=10) as pool:
            app.state.pool = pool
            yield

    return Starlette(routes=[Route("/v1/connections", _list_connections)], lifespan=lifespan)


async def _list_connections(request: Request) -> Response:
    bearer = request.headers["authorization"].removeprefix("Bearer ")
    key = request.app.state.keys[jwt.get_unverified_header(bearer)["kid"]]
    claims: dict[str, Any] = jwt.decode(bearer, key, algorithms=[key.algorithm_name], audience="authenticated")
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        await connection.execute(_CLAIMS, json.dumps({"sub": claims["sub"], "role": "authenticated"}))
        rows = await connection.fetch(_LIST, claims["sub"])
    body = json.dumps({"connections": [dict(row) for row in rows], "next_cursor": None}, default=str)
    return Response(body, media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(
        create_bare_api(os.environ["BARE_DATABASE_URL"], os.environ["BARE_JWKS_URL"]),
        host="127.0.0.1",
        port=int(os.environ["BARE_PORT"]),
        log_level="warning",
        access_log=False,
    )
