"""The console's server: one page that shows that all parts are up, with links to them."""

import asyncio
import os
from datetime import timedelta
from html import escape
from string import Template

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

from social_common.http import HttpClient, HttpError

_PAGE = Template("""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Social Connections</title>
<style>
  :root { color-scheme: light dark; --line: light-dark(#d9dee7, #343b48); --muted: light-dark(#5a6475, #9aa5b8);
          --up: light-dark(#12734a, #5fd39b); --down: light-dark(#b3261e, #ff8f86); }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 3rem auto; padding: 0 1.25rem; }
  h1 { margin-bottom: .25rem; } p.lead { color: var(--muted); margin-top: 0; }
  table { border-collapse: collapse; width: 100%; margin: 2rem 0; }
  th, td { text-align: left; padding: .6rem .75rem; border-bottom: 1px solid var(--line); }
  .up { color: var(--up); font-weight: 600; } .down { color: var(--down); font-weight: 600; }
  code { font-size: .9em; }
</style>
</head>
<body>
<h1>Social Connections</h1>
<p class="lead">Link accounts, schedule posts once, see what came of them. This is the local stack.</p>
<table aria-label="Parts of the stack">
<thead><tr><th scope="col">Part</th><th scope="col">State</th><th scope="col">Links</th></tr></thead>
<tbody>$rows</tbody>
</table>
<h2>Next steps</h2>
<ol>
<li>Get a merchant's access token: <code>make token user=00000000-0000-4000-8000-000000000001</code></li>
<li>Watch the main job without a hand: <code>make demo stack=$origin</code></li>
<li>Read the APIs: each service serves its OpenAPI document, linked above.</li>
</ol>
</body>
</html>
""")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PROBE_LIMIT = timedelta(seconds=2)
_OK = 200


class Part:
    """One thing the page shows: where its probe is and what to link to."""

    def __init__(self, name: str, probe: str, links: dict[str, str]) -> None:
        self.name = name
        self.probe = probe
        self.links = links


def parts_from_environment() -> list[Part]:
    """The stack's parts as its starter described them."""
    parts = []
    for name in ("auth-linker", "publisher", "analytics"):
        url = os.environ[f"CONSOLE_{name.upper().replace('-', '_')}_URL"]
        parts.append(Part(f"{name} API", f"{url}/readyz", {"API": f"{url}/docs", "OpenAPI": f"{url}/openapi.json"}))
    workers = os.environ["CONSOLE_WORKER_PORTS"].split(",")
    for name, port in zip(("auth-linker", "publisher", "analytics"), workers, strict=True):
        url = f"http://localhost:{port}"
        parts.append(Part(f"{name} worker", f"{url}/readyz", {"metrics": f"{url}/metrics"}))
    sandbox = os.environ["CONSOLE_SANDBOX_URL"]
    links = {"accounts": f"{sandbox}/_control/accounts", "posts on the platforms": f"{sandbox}/_control/posts"}
    parts.append(Part("sandbox", f"{sandbox}/readyz", links))
    return parts


async def _is_up(http: HttpClient, part: Part) -> bool:
    try:
        return (await http.request("GET", part.probe)).status == _OK
    except HttpError:
        return False


async def _states(parts: list[Part]) -> list[bool]:
    async with HttpClient(user_agent="social-console", timeout=_PROBE_LIMIT) as http:
        return await asyncio.gather(*(_is_up(http, part) for part in parts))


def _row(part: Part, *, up: bool) -> str:
    links = " · ".join(f'<a href="{escape(url)}">{escape(text)}</a>' for text, url in part.links.items())
    state = '<span class="up">up</span>' if up else '<span class="down">not ready</span>'
    return f'<tr><th scope="row">{escape(part.name)}</th><td>{state}</td><td>{links}</td></tr>'


def create_console() -> Starlette:
    """The console as an ASGI application: `/`, `/status` as JSON, and its own probes."""
    parts = parts_from_environment()

    async def page(request: Request) -> HTMLResponse:
        states = await _states(parts)
        rows = "".join(_row(part, up=up) for part, up in zip(parts, states, strict=True))
        origin = escape(str(request.base_url).rstrip("/"))
        return HTMLResponse(_PAGE.substitute(rows=rows, origin=origin), headers=_HEADERS)

    async def status(_: Request) -> JSONResponse:
        states = await _states(parts)
        return JSONResponse({part.name: "up" if up else "not ready" for part, up in zip(parts, states, strict=True)})

    async def alive(_: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    return Starlette(
        routes=[Route("/", page), Route("/status", status), Route("/livez", alive), Route("/readyz", alive)]
    )


def serve_console() -> None:
    """Serves the console until it is told to stop."""
    uvicorn.run(
        create_console(), host="127.0.0.1", port=int(os.environ["CONSOLE_PORT"]), access_log=False, log_level="warning"
    )
