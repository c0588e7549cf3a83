"""The example of a shop, a static page and one of React: both embed two elements from the console's address."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.async_api import expect
from tests.e2e.steps import linked, posts_of
from tests.e2e.visits import Visit
from tests.support.stack import World

_SHOP = Path(__file__).parents[2] / "examples" / "storefront"
_AS_WRITTEN = {"http://localhost:8100": "console_url", "http://localhost:8110": "sandbox_url"}


class _Shop(SimpleHTTPRequestHandler):
    """The example's folder, with this stack's addresses where the files name the usual ones."""

    def __init__(self, *arguments: object, addresses: dict[str, str], token: str) -> None:
        self._addresses = addresses
        self._token = token
        super().__init__(*arguments, directory=str(_SHOP))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """One file; the token as the shop's own session would give it."""
        if self.path == "/access-token":
            self._answer(self._token, "text/plain")
            return
        file = Path(self.translate_path(self.path))
        if not file.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        text = file.read_text()
        for usual, here in self._addresses.items():
            text = text.replace(usual, here)
        self._answer(text, self.guess_type(str(file)))

    def _answer(self, text: str, media_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Nothing: the test's window writes down what matters."""


@contextmanager
def open_shop(world: World, token: str) -> Iterator[str]:
    """The shop's address, while it is open."""
    environment = world.stack.environment
    addresses = {usual: getattr(environment, name) for usual, name in _AS_WRITTEN.items()}
    port = world.stack.config.ports.storefront
    with ThreadingHTTPServer(("127.0.0.1", port), partial(_Shop, addresses=addresses, token=token)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield environment.storefront_url
        finally:
            server.shutdown()


@pytest.mark.parametrize("name", ["index.html", "react.html"])
async def test_a_shop_shares_its_product(world: World, visit: Visit, name: str) -> None:
    """A page of another origin, with the token of its own session: the product goes to the place that is chosen."""
    _, merchant = await world.merchant()
    place = await linked(world, merchant)
    page = visit.page
    with open_shop(world, merchant._token.reveal()) as shop:
        await page.goto(f"{shop}/{name}")
        await expect(page.get_by_role("heading", name="Copper kettle")).to_be_visible()
        await page.get_by_role("checkbox", name=place["display_name"]).check()
        await page.get_by_role("button", name="Post now").click()
        await expect(page.get_by_text("On its way", exact=False).first).to_be_visible()
        assert (visit.complaints, visit.hosts) == ([], {"localhost"})
        await page.close()

    (post,) = await posts_of(merchant)
    assert "Copper kettle" in post["content"]


@pytest.mark.parametrize("name", ["index.html", "react.html"])
async def test_a_shop_links_an_account_and_is_returned_to(world: World, visit: Visit, name: str) -> None:
    """From the shop's page over the platform's consent page back to the same page, which names the account."""
    _, merchant = await world.merchant()
    account = await world.control("POST", "accounts", {"platform": "x", "display_name": "Kettle & Co"})
    page = visit.page
    with open_shop(world, merchant._token.reveal()) as shop:
        await page.goto(f"{shop}/{name}")
        await page.get_by_role("button", name="Link X").click()
        await page.get_by_role("radio", name=f"@{account['username']}").check()
        await page.get_by_role("button", name="Authorize").click()
        await expect(page.get_by_role("status").filter(has_text="is linked")).to_be_visible()
        assert page.url == f"{shop}/{name}"
        assert (visit.complaints, visit.hosts) == ([], {"localhost"})
        await page.close()

    (connection,) = (await merchant.ask("GET", "auth-linker", "/v1/connections"))["connections"]
    assert connection["platform"] == "x"
