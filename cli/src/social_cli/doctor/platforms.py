"""The platforms: which are set up, whether their settings can be meant, whether they are reachable from here."""

import asyncio
import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from social_cli.doctor.findings import Finding, doubtful, fine, wrong
from social_cli.environment import Environments
from social_cli.services import Service
from social_common.http import HttpClient, HttpError
from social_platforms._core import AppConfig, Platform
from social_platforms.registry import load_apps

_CHECK: Final = "platform"
_HOSTS: Final = {
    Platform.X: "api.x.com",
    Platform.FACEBOOK: "graph.facebook.com",
    Platform.INSTAGRAM: "graph.instagram.com",
    Platform.LINKEDIN: "api.linkedin.com",
    Platform.YOUTUBE: "www.googleapis.com",
    Platform.GOOGLE: "mybusiness.googleapis.com",
    Platform.GITHUB: "api.github.com",
}


async def look_at_platforms(environments: Environments, service: Service) -> Sequence[Finding]:
    """One finding per platform; a setting that cannot be meant is the only one, as it stops every process."""
    with environments.entered(service):
        environ = dict(os.environ)
    try:
        apps = load_apps(environ)
    except ValueError as error:
        return [wrong(_CHECK, "settings", str(error), step="put that variable right for every service")]
    async with HttpClient(timeout=timedelta(seconds=5)) as http:
        return await asyncio.gather(*(_look(http, platform, apps.get(platform)) for platform in Platform))


async def _look(http: HttpClient, platform: Platform, app: AppConfig | None) -> Finding:
    name = platform.upper()
    if app is None:
        step = f"set {name}_CLIENT_ID and {name}_CLIENT_SECRET where merchants shall link it"
        return doubtful(_CHECK, platform.value, "is not set up", step=step)
    url = app.base_url or f"https://{_HOSTS[platform]}"
    try:
        await http.request("GET", f"{url}/")
    except HttpError as error:
        step = f"let this machine reach it, or put {name}_BASE_URL right"
        return wrong(_CHECK, platform.value, f"{url} does not answer ({error.detail})", step=step)
    return fine(_CHECK, platform.value, f"is set up, and {url} answers")
