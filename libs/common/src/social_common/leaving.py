"""An API's last seconds: it still serves, while its readiness and its answers send everybody to other replicas.

A balancer sends new connections until it has seen the probe fail, and a Service in Kubernetes until the news of a pod's
end has reached every node. A listener that closes before that refuses calls which another replica would have taken.
"""

import asyncio
from datetime import timedelta

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Leaving:
    """Whether an API is about to end, and how long it gives notice of that."""

    def __init__(self, notice: timedelta) -> None:
        self._notice = notice
        self.has_begun = False

    async def give_notice(self) -> None:
        """Begins, and returns when everybody has had the time to learn it."""
        self.has_begun = True
        await asyncio.sleep(self._notice.total_seconds())


class SendElsewhere:
    """Once leaving has begun: `/readyz` fails, and every other answer asks its client to connect anew."""

    def __init__(self, app: ASGIApp, *, leaving: Leaving) -> None:
        self._app = app
        self._leaving = leaving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_closing(message: Message) -> None:
            # Asked at the answer: the notice may have begun while the call was under way.
            if message["type"] == "http.response.start" and self._leaving.has_begun:
                MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        if self._leaving.has_begun and scope["path"] == "/readyz":
            refusal = JSONResponse({"status": "stopping", "checks": {}}, status_code=503)
            await refusal(scope, receive, send_closing)
        else:
            await self._app(scope, receive, send_closing)
