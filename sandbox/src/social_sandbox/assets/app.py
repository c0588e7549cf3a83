"""Serves the assets."""

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from social_sandbox.assets import video
from social_sandbox.assets.pictures import MOTIFS, picture

_CACHED = {"cache-control": "public, max-age=3600"}


def assets_app(base_url: str) -> Starlette:
    """`GET /` lists the assets with their URLs; each is made when it is first asked for, or at the server's start."""

    async def index(request: Request) -> Response:
        del request
        entries = [
            {"url": f"{base_url}/assets/{name}", "kind": "image", "width": m.width, "height": m.height}
            for name, m in MOTIFS.items()
        ]
        size = {"width": video.SIZE, "height": video.SIZE, "duration_s": video.SECONDS}
        return JSONResponse([*entries, {"url": f"{base_url}/assets/{video.NAME}", "kind": "video", **size}])

    async def one(request: Request) -> Response:
        name = request.path_params["name"]
        if name == video.NAME:
            return Response(await asyncio.to_thread(video.video), media_type="video/mp4", headers=_CACHED)
        if name not in MOTIFS:
            return JSONResponse({"error": "no such asset", "assets": [*MOTIFS, video.NAME]}, 404)
        return Response(await asyncio.to_thread(picture, name), media_type="image/jpeg", headers=_CACHED)

    return Starlette(routes=[Route("/", index), Route("/{name}", one)])


async def make_assets() -> None:
    """Make all of them, so that the first request need not wait."""
    for name in MOTIFS:
        await asyncio.to_thread(picture, name)
    await asyncio.to_thread(video.video)
