"""People and apps that visit the simulated X."""

from dataclasses import dataclass
from typing import Any

from tests.unit.sandbox.harness import CALLBACK, Response, Sandbox, a_picture, params_of

from social_sandbox.grants import s256_challenge

VERIFIER = "a-verifier-of-the-right-length-0123456789-abcdef"
REDIRECT = f"{CALLBACK}/v1/oauth/x/callback"
SCOPES = "tweet.read tweet.write users.read media.write offline.access"
CLIENT = ("sandbox-client", "sandbox-secret")
API = "/x/api.x.com"


def authorization(**changes: str) -> dict[str, str]:
    """The parameters of a right authorization request."""
    return {
        "response_type": "code",
        "client_id": CLIENT[0],
        "redirect_uri": REDIRECT,
        "scope": SCOPES,
        "state": "st_9f2",
        "code_challenge": s256_challenge(VERIFIER),
        "code_challenge_method": "S256",
    } | changes


@dataclass
class Merchant:
    """Somebody whose tokens the test holds."""

    sandbox: Sandbox
    tokens: dict[str, Any]
    username: str

    async def call(self, method: str, path: str, **kwargs: Any) -> Response:
        """Call the API as the merchant."""
        headers = {"authorization": f"Bearer {self.tokens['access_token']}", **kwargs.pop("headers", {})}
        return await self.sandbox.client.request(method, API + path, headers=headers, **kwargs)

    async def post(self, text: str | None = None, **body: Any) -> Response:
        """Create a post."""
        return await self.call("POST", "/2/tweets", json=({"text": text} if text is not None else {}) | body)

    async def posted(self, text: str, **body: Any) -> str:
        """Create a post that must succeed; returns its id."""
        answer = await self.post(text, **body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    async def user_id(self) -> str:
        """The account's id."""
        return str((await self.call("GET", "/2/users/me")).json()["data"]["id"])

    async def upload(self, content: bytes | None = None, category: str = "tweet_image") -> str:
        """Upload a picture in one shot; returns its id."""
        files = {"media": ("a.jpg", content or a_picture(), "image/jpeg")}
        answer = await self.call("POST", "/2/media/upload", data={"media_category": category}, files=files)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["id"])


async def a_code(sandbox: Sandbox, *, account: str = "kettleco", **changes: str) -> str:
    """A code fresh from the consent page."""
    page = "x.com/i/oauth2/authorize"
    return params_of(await sandbox.consent("x", page, authorization(**changes), account=account))["code"]


async def exchange(sandbox: Sandbox, code: str, /, **changes: str) -> Response:
    """Exchange a code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": CLIENT[0],
    } | changes
    return await sandbox.client.post(f"{API}/2/oauth2/token", data=form, auth=CLIENT)


async def refresh(sandbox: Sandbox, token: str) -> Response:
    """Refresh with a token."""
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": CLIENT[0]}
    return await sandbox.client.post(f"{API}/2/oauth2/token", data=form, auth=CLIENT)


async def a_merchant(sandbox: Sandbox, *, account: str = "kettleco", **changes: str) -> Merchant:
    """Link an account."""
    answer = await exchange(sandbox, await a_code(sandbox, account=account, **changes))
    assert answer.status_code == 200, answer.text
    return Merchant(sandbox, answer.json(), account)
