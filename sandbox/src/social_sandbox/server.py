"""The HTTP server: uvicorn, with one thing added, a way to cut a connection in the middle of a request."""

import socket
import struct
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from social_sandbox.gateway import CUT_EXTENSION

# Linger for zero seconds: closing sends a reset, as a crashed peer's kernel or a load balancer would.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class CuttableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol; it puts into each scope a callable that aborts the connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner: Any = self.app

        async def with_cut(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[CUT_EXTENSION] = self.cut
            await inner(scope, receive, send)

        self.app = with_cut

    def cut(self) -> None:
        """End the TCP connection at once, whatever was promised on it."""
        connection: socket.socket | None = self.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()


def build_server(app: ASGIApp, *, host: str, port: int) -> uvicorn.Server:
    """A server ready to run. It logs no requests: they are under `/_control/requests`."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=CuttableProtocol,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=65,
        h11_max_incomplete_event_size=64 * 1024,
    )
    return uvicorn.Server(config)
