"""A visit of a person to our pages, in a browser window that writes down what goes wrong on them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import ConsoleMessage, Locator, Page, Request

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_KEYS_TO_ANY_CONTROL = 40
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
        page.on("requestfailed", lambda request: visit.complaints.append(f"failed: {request.url} {request.failure}"))
        page.on("request", visit._count)
        return visit

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

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
            if await control.evaluate("element => element === document.activeElement"):
                assert await control.evaluate(_SHOWS_FOCUS), f"the focus on {control} cannot be seen"
                return
        raise AssertionError(f"Tab does not reach {control}")
