"""`python -m social_sandbox`: serve the simulated platforms."""

import argparse
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import uvicorn

from social_sandbox.app import create_app
from social_sandbox.config import SandboxConfig
from social_sandbox.server import build_server

_EPILOG = """
Every platform is at {public-url}/<platform>/<real host>/<real path>, the control interface at /_control
(/_control/docs describes it), the stand-in for Supabase Auth at /auth/v1, pictures and a video at /assets/.
An option not given is taken from the environment variable named beside it.
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    line = argparse.ArgumentParser("python -m social_sandbox", description=__doc__, epilog=_EPILOG)
    line.add_argument("--host", help="address to listen on (SANDBOX_HOST, 127.0.0.1)")
    line.add_argument("--port", type=int, help="port to listen on (SANDBOX_PORT, 8110)")
    line.add_argument(
        "--public-url", help="where others reach this server (SANDBOX_PUBLIC_URL, http://localhost:{port})"
    )
    line.add_argument(
        "--callback-base",
        action="append",
        help="a base of auth-linker: the default apps get {base}/v1/oauth/<platform>/callback; repeatable"
        " (SANDBOX_CALLBACK_BASE, comma separated, http://localhost:8101)",
    )
    line.add_argument("--database-url", help="the local stack's database, whose clock is moved (SANDBOX_DATABASE_URL)")
    line.add_argument(
        "--state-dir", type=Path, help="where keys, users and platforms outlive a restart (SANDBOX_STATE_DIR)"
    )
    line.add_argument(
        "--assets-url",
        help="where services and browsers alike find its pictures (SANDBOX_ASSETS_URL, the public URL)",
    )
    line.add_argument(
        "--original-urls",
        action="store_true",
        help="URLs that machines follow name the platforms' own hosts (SANDBOX_ORIGINAL_URLS=true)",
    )
    return line


def read_settings(arguments: Sequence[str], environ: Mapping[str, str]) -> tuple[SandboxConfig, str, int]:
    """Configuration, host and port from the command line, else the environment, else the defaults."""
    line = parser()
    given = line.parse_args(arguments)
    port_text = environ.get("SANDBOX_PORT") or "8110"
    if given.port is None and not port_text.isdecimal():
        line.error(f"SANDBOX_PORT must be a number, not {port_text!r}")
    port = given.port if given.port is not None else int(port_text)
    bases = given.callback_base or (environ.get("SANDBOX_CALLBACK_BASE") or "http://localhost:8101").split(",")
    state = given.state_dir or environ.get("SANDBOX_STATE_DIR")
    config = SandboxConfig(
        public_url=given.public_url or environ.get("SANDBOX_PUBLIC_URL") or f"http://localhost:{port}",
        callback_bases=tuple(base.strip() for base in bases if base.strip()),
        database_url=given.database_url or environ.get("SANDBOX_DATABASE_URL") or None,
        state_dir=Path(state) if state else None,
        assets_url=given.assets_url or environ.get("SANDBOX_ASSETS_URL") or "",
        original_urls=given.original_urls or environ.get("SANDBOX_ORIGINAL_URLS") == "true",
    )
    return config, given.host or environ.get("SANDBOX_HOST") or "127.0.0.1", port


def main() -> int:
    """Serve until SIGINT or SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    config, host, port = read_settings(sys.argv[1:], os.environ)
    logging.getLogger("social_sandbox").info("the sandbox is at %s", config.public_url)
    server: uvicorn.Server = build_server(create_app(config), host=host, port=port)
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
