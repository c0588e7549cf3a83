"""The built screens: files of one folder, and the application's page for every address that it knows by itself."""

import asyncio
import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

_NOT_FOUND: Final = 404
_NOT_BUILT: Final = 503
_PAGE: Final = "index.html"
_HASHED: Final = "assets/"
# What lies below these is never a page of the application; `/analytics` is both, and its API is known by the version.
_NO_PAGES: Final = re.compile(r"(assets|elements|linker|publisher|session)(/.*)?|analytics/(v1|internal)(/.*)?")
_FOREVER: Final = "public, max-age=31536000, immutable"
_GZIP_FROM: Final = 1024
_TEXT: Final = re.compile(r"text/.+|application/(json|javascript|manifest\+json|xml)|image/svg\+xml")
# The machine's own table may lack them, or say something that browsers do not run.
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".ico": "image/x-icon",
}
_PRECOMPRESSED: Final = (("br", ".br"), ("gzip", ".gz"))


@dataclass(frozen=True, slots=True)
class WebFile:
    """A file as it goes out: its bytes, how they are packed, and a tag that changes with them."""

    content: bytes
    media_type: str
    encoding: str | None
    varies: bool

    @property
    def tag(self) -> str:
        """By content and not by time: images that are built reproducibly give all their files the same time."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'


class WebFolder:
    """The folder of the built screens. It may appear, go and change while the process runs."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def find(self, path: str) -> Path | None:
        """The file of that address; None where there is none, where it is hidden, or where it lies outside."""
        if any(part.startswith(".") or "\\" in part for part in path.split("/")):
            return None
        try:
            found = (self._root / path.lstrip("/")).resolve()
            inside = found.is_relative_to(self._root) and found.is_file()
        except (OSError, ValueError):  # a name too long, or with a NUL
            return None
        return found if inside else None

    def read(self, file: Path, accepted: frozenset[str]) -> WebFile:
        """The file in the best packing that is accepted; what was not packed when it was built is packed now."""
        media_type = _TYPES.get(file.suffix.lower()) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        siblings = [(name, file.with_name(file.name + suffix)) for name, suffix in _PRECOMPRESSED]
        present = [(name, sibling) for name, sibling in siblings if sibling.is_file()]
        is_text = _TEXT.fullmatch(media_type.partition(";")[0]) is not None
        for name, sibling in present:
            if name in accepted:
                return WebFile(sibling.read_bytes(), media_type, name, varies=True)
        content = file.read_bytes()
        if is_text and "gzip" in accepted and len(content) >= _GZIP_FROM:
            return WebFile(gzip.compress(content, 6, mtime=0), media_type, "gzip", varies=True)
        return WebFile(content, media_type, None, varies=is_text or bool(present))


def web_router(folder: WebFolder) -> APIRouter:
    """Everything no other route answers: files, and the page for addresses without a file's extension."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/{path:path}", methods=["GET", "HEAD"])
    async def show(request: Request, path: str) -> Response:
        is_page = "." not in path.rpartition("/")[2] and not _NO_PAGES.fullmatch(path)
        file = await asyncio.to_thread(folder.find, _PAGE if is_page else path)
        if file is None:
            if is_page:
                return PlainTextResponse("The screens are not built. Run `make web`.\n", status_code=_NOT_BUILT)
            raise HTTPException(_NOT_FOUND)
        found = await asyncio.to_thread(
            folder.read, file, accepted_encodings(request.headers.get("accept-encoding", ""))
        )
        return _answer(request, found, is_hashed=path.startswith(_HASHED))

    return router


def accepted_encodings(header: str) -> frozenset[str]:
    """The packings that an `Accept-Encoding` names and does not rule out by a weight of nothing."""
    accepted = set()
    for item in header.lower().split(","):
        name, _, weight = item.partition(";")
        if not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight):
            accepted.add(name.strip())
    return frozenset(accepted)


def _answer(request: Request, found: WebFile, *, is_hashed: bool) -> Response:
    headers = {"Cache-Control": _FOREVER if is_hashed else "no-cache", "ETag": found.tag}
    if found.varies:
        headers["Vary"] = "Accept-Encoding"
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if found.tag in known:
        return Response(status_code=304, headers=headers)
    if found.encoding:
        headers["Content-Encoding"] = found.encoding
    return Response(found.content, media_type=found.media_type, headers=headers)
