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
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; --page: light-dark(#f3f5f8, #141920); --card: light-dark(#fff, #1e252f);
          --ink: light-dark(#1c2430, #eef1f5); --muted: light-dark(#5b6675, #a8b2c0);
          --line: light-dark(#d7dbe2, #39424f); --accent: light-dark(#2456d6, #7aa2ff);
          --tint: light-dark(#eef3ff, #263249);
          --up: light-dark(#12734a, #5fd39b); --down: light-dark(#b3261e, #ff8f86); }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 54rem; margin: 0 auto; padding: 3rem 1.25rem; overflow-wrap: anywhere; }
  h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; } h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
  .lead { color: var(--muted); margin: .4rem 0 1.75rem; }
  .card { margin: 0 0 1.25rem; padding: 1.25rem 1.5rem; background: var(--card); border: 1px solid var(--line);
          border-radius: 14px; box-shadow: 0 6px 20px rgb(0 0 0 / 5%); }
  .notice { background: var(--tint); border-color: var(--accent); box-shadow: none; }
  .notice p { margin: 0; } .notice b { display: block; }
  .summary { display: flex; flex-wrap: wrap; gap: .25rem 1rem; justify-content: space-between; align-items: baseline; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .65rem .75rem .65rem 0; border-top: 1px solid var(--line); }
  thead th { border: 0; padding-top: 0; color: var(--muted); font-size: .85rem; font-weight: 500; }
  tbody th { font-weight: 600; }
  .state { white-space: nowrap; font-weight: 600; }
  .state::before { content: ""; display: inline-block; width: .6rem; height: .6rem; margin-right: .5rem;
                   border-radius: 50%; background: currentColor; }
  .up { color: var(--up); } .down { color: var(--down); }
  a { color: var(--accent); text-underline-offset: .15em; } td a + a { margin-left: 1rem; }
  a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
  ol { margin: 0; padding-left: 1.25rem; } li + li { margin-top: .4rem; }
  code { font-size: .875em; padding: .1rem .35rem; border-radius: 5px; background: var(--tint); }
  @media (max-width: 34rem) {
    main { padding: 1.5rem 1rem; } .card { padding: 1rem; }
    thead { position: absolute; clip-path: inset(50%); } .summary { margin-bottom: .75rem; }
    tbody tr { display: grid; grid-template-columns: 1fr auto; border-top: 1px solid var(--line); padding: .6rem 0; }
    tbody th, tbody td { border: 0; padding: 0; } tbody td:last-child { grid-column: 1 / -1; }
  }
</style>
</head>
<body>
<main>
<h1>Social Connections</h1>
<p class="lead">Link accounts, schedule posts once, see what came of them. This is the local stack.</p>
$notice<section class="card" aria-labelledby="parts">
<div class="summary"><h2 id="parts">$summary</h2><a href="./">Check again</a></div>
<table aria-label="Parts of the stack">
<thead><tr><th scope="col">Part</th><th scope="col">State</th><th scope="col">Links</th></tr></thead>
<tbody>
$rows</tbody>
</table>
</section>
<section class="card" aria-labelledby="next">
<h2 id="next">Next steps</h2>
<ol>
<li>Get a merchant's access token: <code>make token user=00000000-0000-4000-8000-000000000001</code></li>
<li>Watch the main job without a hand: <code>make demo stack=$origin</code></li>
<li>Read the APIs: each service serves its OpenAPI document, linked above.</li>
</ol>
</section>
</main>
</body>
</html>
""")
# What linking tells the page it returns to. The code itself stays in the address.
_NOTICES = {
    "authorized": (
        "The account is authorized.",
        "Linking ends when the merchant who began it passes this page's <code>link_code</code> to auth-linker.",
    ),
    "denied": ("Access was declined.", "Nothing was linked."),
    "failed": ("The platform's answer could not be used.", "Nothing was linked. Begin again."),
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    ),
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
        parts.append(
            Part(f"{name} API", f"{url}/readyz", {"OpenAPI": f"{url}/openapi.json", "health": f"{url}/readyz"})
        )
    workers = os.environ["CONSOLE_WORKER_PORTS"].split(",")
    for name, port in zip(("auth-linker", "publisher", "analytics"), workers, strict=True):
        url = f"http://localhost:{port}"
        parts.append(Part(f"{name} worker", f"{url}/readyz", {"metrics": f"{url}/metrics", "health": f"{url}/readyz"}))
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
    links = "\n".join(
        f'<a href="{escape(url)}" aria-label="{escape(f"{text} of {part.name}")}">{escape(text)}</a>'
        for text, url in part.links.items()
    )
    state = '<span class="state up">up</span>' if up else '<span class="state down">not ready</span>'
    return f'<tr><th scope="row">{escape(part.name)}</th><td>{state}</td><td>{links}</td></tr>\n'


def _summary(states: list[bool]) -> str:
    missing = states.count(False)
    if not missing:
        return f"All {len(states)} parts are up"
    return f"{missing} of {len(states)} parts {'is' if missing == 1 else 'are'} not ready"


def _notice(status: str | None) -> str:
    if status not in _NOTICES:
        return ""
    title, text = _NOTICES[status]
    return f'<div class="card notice" role="status"><p><b>{title}</b> {text}</p></div>\n'


def create_console() -> Starlette:
    """The console as an ASGI application: `/`, `/status` as JSON, and its own probes."""
    parts = parts_from_environment()

    async def page(request: Request) -> HTMLResponse:
        states = await _states(parts)
        content = _PAGE.substitute(
            notice=_notice(request.query_params.get("status")),
            summary=_summary(states),
            rows="".join(_row(part, up=up) for part, up in zip(parts, states, strict=True)),
            origin=escape(str(request.base_url).rstrip("/")),
        )
        return HTMLResponse(content, headers=_HEADERS)

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
