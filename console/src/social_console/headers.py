"""The headers of every answer: what a browser may load, run and tell of this page."""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from social_console.settings import ConsoleSettings

# The modules that other pages embed, and the pieces they share with the console's own page.
_EMBEDDABLE: Final = ("/elements/", "/assets/")
_PERMISSIONS: Final = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
_HSTS: Final = "max-age=63072000"


def content_policy(settings: ConsoleSettings) -> str:
    """The content security policy: everything of ours from this origin, pictures from where the settings say."""
    pictures = " ".join(("'self'", "data:", *settings.console_image_sources))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src {pictures}",
            f"media-src {pictures}",
            "connect-src 'self'",
            "font-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def secure_headers(settings: ConsoleSettings) -> Mapping[str, str]:
    """The headers that no answer goes without."""
    headers = {
        "Content-Security-Policy": content_policy(settings),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in _PERMISSIONS),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if settings.public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = _HSTS
    return headers


class SecureHeaders:
    """Puts those headers on every answer, over whatever an API or a handler set; any page may load the elements."""

    def __init__(self, app: ASGIApp, *, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_embeddable = scope["path"].startswith(_EMBEDDABLE)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if is_embeddable:
                    headers["Access-Control-Allow-Origin"] = "*"
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            await send(message)

        await self._app(scope, receive, send_with_headers)
