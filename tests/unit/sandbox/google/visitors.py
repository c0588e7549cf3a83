"""People and apps that visit the simulated Google."""

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

from PIL import Image
from tests.unit.sandbox.harness import CALLBACK, Response, Sandbox, params_of

from social_sandbox.grants import s256_challenge

VERIFIER = "a-verifier-of-the-right-length-0123456789-abcdef"
REDIRECT = f"{CALLBACK}/v1/oauth/google/callback"
YOUTUBE_REDIRECT = f"{CALLBACK}/v1/oauth/youtube/callback"
AUTH = "https://www.googleapis.com/auth/"
BUSINESS = f"{AUTH}business.manage"
UPLOAD = f"{AUTH}youtube.upload"
SCOPES = f"openid email profile {BUSINESS}"
CLIENT = ("sandbox-client", "sandbox-secret")
PAGE = "accounts.google.com/o/oauth2/v2/auth"
TOKENS = "oauth2.googleapis.com"
ACCOUNTS = "mybusinessaccountmanagement.googleapis.com/v1"
LOCATIONS = "mybusinessbusinessinformation.googleapis.com/v1"
STANDING = "mybusinessverifications.googleapis.com/v1"
FIGURES = "businessprofileperformance.googleapis.com/v1"
POSTS = "mybusiness.googleapis.com/v4"
TODAY = date(2026, 11, 22)
DEAD = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}


def authorization(**changes: str | None) -> dict[str, str]:
    """The parameters of a right authorization request; None leaves one out."""
    wished = {
        "response_type": "code",
        "client_id": CLIENT[0],
        "redirect_uri": REDIRECT,
        "scope": SCOPES,
        "access_type": "offline",
        "prompt": "consent",
        "state": "st_9f2",
        "nonce": "n_71c",
        "code_challenge": s256_challenge(VERIFIER),
        "code_challenge_method": "S256",
    } | changes
    return {name: value for name, value in wished.items() if value is not None}


def a_photo(width: int = 400, height: int = 400, *, form: str = "JPEG") -> bytes:
    """A photo with enough in it to weigh more than ten kilobytes."""
    content = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(content, form)
    return content.getvalue()


def between(start: date, end: date) -> dict[str, Any]:
    """A range of days as the query says it."""
    return {
        f"dailyRange.{name}.{part}": getattr(day, part)
        for name, day in (("startDate", start), ("endDate", end))
        for part in ("year", "month", "day")
    }


@dataclass
class Merchant:
    """Somebody whose tokens the test holds, and one of their locations."""

    sandbox: Sandbox
    tokens: dict[str, Any]
    sub: str
    account: str
    location: str

    @property
    def parent(self) -> str:
        """The location's name in v4."""
        return f"{self.account}/{self.location}"

    async def call(self, method: str, path: str, **kwargs: Any) -> Response:
        """Call an API as the merchant."""
        headers = {"authorization": f"Bearer {self.tokens['access_token']}", **kwargs.pop("headers", {})}
        return await self.sandbox.client.request(method, f"/google/{path}", headers=headers, **kwargs)

    async def post(self, summary: str | None = "New ceramics are in.", **body: Any) -> Response:
        """Create a local post."""
        values = {"topicType": "STANDARD"} | ({"summary": summary} if summary is not None else {}) | body
        return await self.call("POST", f"{POSTS}/{self.parent}/localPosts", json=values)

    async def posted(self, summary: str | None = "New ceramics are in.", **body: Any) -> dict[str, Any]:
        """Create a local post that must succeed."""
        answer = await self.post(summary, **body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def read(self, name: str) -> dict[str, Any]:
        """A local post as it is now."""
        answer = await self.call("GET", f"{POSTS}/{name}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def listed(self, **params: Any) -> dict[str, Any]:
        """A page of the location's posts."""
        answer = await self.call("GET", f"{POSTS}/{self.parent}/localPosts", params=params)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def later(self, **step: float) -> None:
        """Let time pass, and refresh: access tokens live for an hour."""
        self.sandbox.pass_time(**step)
        answer = await refresh(self.sandbox, self.tokens["refresh_token"])
        assert answer.status_code == 200, answer.text
        self.tokens |= answer.json()

    async def change_location(self, **options: Any) -> None:
        """Change the location from outside."""
        body = {"platform": "google", "platform_id": self.location, "options": options}
        await self.sandbox.control("POST", "/places", json=body)


async def a_code(sandbox: Sandbox, *, account: str = "adaceramics", form: Any = None, **changes: str | None) -> str:
    """A code fresh from the consent page."""
    query = authorization(**changes)
    platform = "youtube" if query["redirect_uri"] == YOUTUBE_REDIRECT else "google"
    return params_of(await sandbox.consent(platform, PAGE, query, account=account, **(form or {})))["code"]


async def exchange(sandbox: Sandbox, code: str, /, **changes: str | None) -> Response:
    """Exchange a code with the credentials in the body."""
    wished = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": CLIENT[0],
        "client_secret": CLIENT[1],
    } | changes
    form = {name: value for name, value in wished.items() if value is not None}
    return await sandbox.client.post(f"/google/{TOKENS}/token", data=form)


async def refresh(sandbox: Sandbox, token: str, **changes: str) -> Response:
    """Refresh with a token."""
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": CLIENT[0], "client_secret": CLIENT[1]}
    return await sandbox.client.post(f"/google/{TOKENS}/token", data=form | changes)


async def revoke(sandbox: Sandbox, token: str) -> Response:
    """Revoke a token."""
    return await sandbox.client.post(f"/google/{TOKENS}/revoke", data={"token": token})


async def tokens_of(sandbox: Sandbox, **changes: Any) -> dict[str, Any]:
    """Link and return what the token endpoint answered."""
    redirect = changes.get("redirect_uri", REDIRECT)
    answer = await exchange(sandbox, await a_code(sandbox, **changes), redirect_uri=redirect)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def a_merchant(sandbox: Sandbox, *, account: str = "adaceramics", **changes: Any) -> Merchant:
    """Link an account, with its first location."""
    tokens = await tokens_of(sandbox, account=account, **changes)
    found = sandbox.simulation.store.find_account("google", account)
    assert found is not None
    place = found.places[0]
    return Merchant(sandbox, tokens, found.account_id, place.options["account"], place.platform_id)
