"""A visit of a person to our pages, in a browser window that writes down what goes wrong on them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import ConsoleMessage, Locator, Page, Request
from tests.support.stack import World

from social_stack.merchant import Merchant

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_KEYS_TO_ANY_CONTROL = 80
# What a page still asked for when it was left.
_LEFT_BEHIND = "net::ERR_ABORTED"
_GAPS = Path(__file__).with_name("gaps.js").read_text()
_SHOWS_FOCUS = """element => [element, element.closest('label')].some(
  shown => shown && getComputedStyle(shown).outlineStyle !== 'none')"""


@dataclass
class Visit:
    """One window. `complaints` are its console's errors and warnings, CSP violations and uncaught errors among them."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @classmethod
    def on(cls, page: Page) -> Self:
        """Starts to write down."""
        visit = cls(page)
        page.on("console", visit._note)
        page.on("pageerror", lambda error: visit.complaints.append(f"uncaught: {error}"))
        page.on("requestfailed", visit._note_failure)
        page.on("request", visit._count)
        return visit

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _note_failure(self, request: Request) -> None:
        if request.failure != _LEFT_BEHIND:
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def _count(self, request: Request) -> None:
        self.requests.append(request.url)

    @property
    def hosts(self) -> set[str]:
        """Every host the window asked for anything."""
        return {urlsplit(url).hostname or "" for url in self.requests if not url.startswith("data:")}

    @property
    def query(self) -> dict[str, str]:
        """The query of the page it is on."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.page.url).query).items()}

    async def accessibility_gaps(self) -> list[str]:
        """What a person with weak eyes, a screen reader or a narrow window would stumble over, by light and by dark."""
        gaps: list[str] = []
        for scheme in SCHEMES:
            await self.page.emulate_media(color_scheme=scheme)
            gaps += [f"{scheme}: {gap}" for gap in await self.page.evaluate(_GAPS)]
        return gaps

    async def tab_to(self, control: Locator) -> None:
        """Presses Tab until that control has the focus, as somebody without a mouse does."""
        for _ in range(_KEYS_TO_ANY_CONTROL):
            await self.page.keyboard.press("Tab")
            # Of an element in a shadow root the document knows only the host.
            if await control.evaluate("element => element === element.getRootNode().activeElement"):
                assert await control.evaluate(_SHOWS_FOCUS), f"the focus on {control} cannot be seen"
                return
        raise AssertionError(f"Tab does not reach {control}")


async def signed_in(world: World, visit: Visit, *, email: str = "", roles: Sequence[str] = ()) -> Merchant:
    """Gives the window the session of a new merchant, as a visit before this one left it; their API client."""
    email = email or f"merchant-{secrets.token_hex(6)}@example.com"
    session = await world.control("POST", "sessions", {"email": email, "roles": list(roles)})
    await visit.page.context.add_cookies(
        [
            {
                "name": "seftec_session",
                "value": session["refresh_token"],
                "domain": "localhost",
                "path": "/session",
                "httpOnly": True,
                "sameSite": "Strict",
            }
        ]
    )
    environment = world.stack.environment
    urls = {service: environment.api_url(service) for service in ("auth-linker", "publisher", "analytics")}
    return Merchant(world.http, urls, session["access_token"], return_to=f"{environment.console_url}/accounts")
