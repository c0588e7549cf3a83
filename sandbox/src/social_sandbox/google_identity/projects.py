"""Cloud projects: a client id is one project, on whichever platforms it was registered."""

import secrets
from dataclasses import dataclass

from social_sandbox.google_identity.people import PLATFORMS
from social_sandbox.model import App
from social_sandbox.platform import RefusedByControl
from social_sandbox.store import Store

_SAFE = ("https://", "http://localhost", "http://127.0.0.1", "http://[::1]")


@dataclass(frozen=True, slots=True)
class Project:
    """An OAuth client. It may have several secrets, as Google lets a client have while one is replaced."""

    client_id: str
    name: str
    client_secrets: tuple[str, ...]
    redirect_uris: frozenset[str]

    def has_secret(self, given: str) -> bool:
        """Whether this is one of the secrets."""
        return any(secrets.compare_digest(given.encode(), kept.encode()) for kept in self.client_secrets)


def find_project(store: Store, client_id: str | None) -> Project | None:
    """The project with this client id."""
    apps = [app for platform in PLATFORMS if (app := store.app(platform, client_id))]
    if not apps:
        return None
    uris = frozenset(uri for app in apps for uri in app.redirect_uris)
    return Project(apps[0].client_id, apps[0].name, tuple(app.client_secret for app in apps), uris)


def check_redirects(app: App) -> None:
    """Refuse redirect URIs that the Cloud console would: plain http anywhere but on this machine, and fragments."""
    for index, uri in enumerate(app.redirect_uris):
        if not uri.startswith(_SAFE) or "#" in uri:
            raise RefusedByControl(f"redirect_uris.{index}", "must be https, or http on localhost, without a fragment")
