"""Serves the shop of this folder beside a local stack, wherever SOCIAL_PORT_BASE has moved it: `make storefront`."""  # noqa: INP001

import os
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER = Path(__file__).parent
USUAL_BASE = 8100
# The console, the simulated platforms and this shop, from the base on.
PARTS = (0, 10, 90)


class Shop(SimpleHTTPRequestHandler):
    """The folder's files, with this stack's addresses where they name the usual ones, and the merchant's token."""

    def __init__(self, *arguments: object, base: int, token: str) -> None:
        self._base = base
        self._token = token
        super().__init__(*arguments, directory=str(FOLDER))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """One file; the token as the shop's own session would give it."""
        if self.path == "/access-token":
            self._answer(self._token, "text/plain")
            return
        file = Path(self.translate_path(self.path))
        if file.is_dir():
            file /= "index.html"
        if not file.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        text = file.read_text()
        for part in PARTS:
            text = text.replace(f"//localhost:{USUAL_BASE + part}", f"//localhost:{self._base + part}")
        self._answer(text, self.guess_type(str(file)))

    def _answer(self, text: str, media_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Nothing: the browser's own tools tell what it asks for."""


def open_shop(base: int, token: str) -> ThreadingHTTPServer:
    """The shop's server, for whoever calls its `serve_forever`."""
    return ThreadingHTTPServer(("127.0.0.1", base + PARTS[-1]), partial(Shop, base=base, token=token))


def main() -> None:
    """Serves until Ctrl-C, for the merchant whose token `make storefront` put into this folder."""
    base = int(os.environ.get("SOCIAL_PORT_BASE", USUAL_BASE))
    with open_shop(base, (FOLDER / "access-token").read_text().strip()) as server:
        shop = f"http://localhost:{server.server_port}"
        print(f"ready: {shop} and {shop}/react.html", flush=True)  # noqa: T201
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
