"""People and apps that visit the simulated YouTube."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.unit.sandbox.harness import BASE, CALLBACK, Response, Sandbox, a_movie, params_of

from social_sandbox.grants import s256_challenge

VERIFIER = "a-verifier-of-the-right-length-0123456789-abcdef"
REDIRECT = f"{CALLBACK}/v1/oauth/youtube/callback"
CLIENT = ("sandbox-client", "sandbox-secret")
AUTH = "https://www.googleapis.com/auth"
UPLOAD_SCOPE = f"{AUTH}/youtube.upload"
READ_SCOPE = f"{AUTH}/youtube.readonly"
REPORT_SCOPE = f"{AUTH}/yt-analytics.readonly"
CHANGE_SCOPE = f"{AUTH}/youtube.force-ssl"
SCOPES = f"{UPLOAD_SCOPE} {READ_SCOPE} {REPORT_SCOPE} {CHANGE_SCOPE}"
DATA = "/youtube/www.googleapis.com"
GRAIN = 262_144


def authorization(**changes: str) -> dict[str, str]:
    """The parameters of a right authorization request."""
    return {
        "response_type": "code",
        "client_id": CLIENT[0],
        "redirect_uri": REDIRECT,
        "scope": SCOPES,
        "access_type": "offline",
        "prompt": "consent",
        "state": "st_9f2",
        "code_challenge": s256_challenge(VERIFIER),
        "code_challenge_method": "S256",
    } | changes


def a_body(**status: Any) -> dict[str, Any]:
    """Metadata that YouTube takes: a private video, unless told otherwise."""
    snippet = {"title": "Glazing a bowl", "description": "How we do it.", "tags": ["ceramics"], "categoryId": "22"}
    return {"snippet": snippet, "status": {"privacyStatus": "private", "selfDeclaredMadeForKids": False} | status}


def a_large_movie(size: int) -> bytes:
    """A movie of so many bytes."""
    content = a_movie()
    return content + (size - len(content)).to_bytes(4) + b"free" + bytes(size - len(content) - 8)


def reason_of(answer: Response) -> tuple[int, str]:
    """The status and the reason of a refusal, whose body must have YouTube's shape."""
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    assert {"message", "domain", "reason"} <= error["errors"][0].keys()
    return answer.status_code, error["errors"][0]["reason"]


@dataclass
class Merchant:
    """Somebody whose tokens the test holds."""

    sandbox: Sandbox
    tokens: dict[str, Any]

    @property
    def bearer(self) -> dict[str, str]:
        """The header that says who calls."""
        return {"authorization": f"Bearer {self.tokens['access_token']}"}

    async def renew(self) -> None:
        """Get another access token with the refresh token."""
        form = {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]}
        credentials = {"client_id": CLIENT[0], "client_secret": CLIENT[1]}
        answer = await self.sandbox.client.post("/youtube/oauth2.googleapis.com/token", data=form | credentials)
        assert answer.status_code == 200, answer.text
        self.tokens |= answer.json()

    async def call(self, method: str, path: str, **kwargs: Any) -> Response:
        """Call an address of the data API's host."""
        headers = {**self.bearer, **kwargs.pop("headers", {})}
        return await self.sandbox.client.request(method, DATA + path, headers=headers, **kwargs)

    async def get(self, path: str, **params: Any) -> Response:
        """Read something of the data API."""
        return await self.call("GET", f"/youtube/v3/{path}", params=params)

    async def start(
        self, size: int | None, body: Any = None, *, part: str = "snippet,status", **params: str
    ) -> Response:
        """Open an upload session."""
        headers = {"x-upload-content-type": "video/mp4"}
        if size is not None:
            headers["x-upload-content-length"] = str(size)
        return await self.call(
            "POST",
            "/upload/youtube/v3/videos",
            params={"uploadType": "resumable", "part": part, **params},
            json=a_body() if body is None else body,
            headers=headers,
        )

    async def session(self, size: int | None, body: Any = None, **params: str) -> str:
        """Open a session that must be opened; returns its address."""
        answer = await self.start(size, body, **params)
        assert answer.status_code == 200, answer.text
        return answer.headers["location"]

    async def put(self, location: str, content: bytes = b"", content_range: str | None = None) -> Response:
        """Send bytes to a session, without a token."""
        headers = {} if content_range is None else {"content-range": content_range}
        return await self.sandbox.client.put(location.removeprefix(BASE), content=content, headers=headers)

    async def uploaded(self, content: bytes | None = None, *, body: Any = None, **status: Any) -> dict[str, Any]:
        """Upload a video; returns its resource."""
        content = a_movie() if content is None else content
        location = await self.session(len(content), body or a_body(**status))
        answer = await self.put(location, content)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def video(self, video_id: str, part: str = "snippet,status") -> dict[str, Any]:
        """Read one video that must be there."""
        items = (await self.get("videos", part=part, id=video_id)).json()["items"]
        found: dict[str, Any] = items[0]
        return found

    async def update(self, body: dict[str, Any], part: str = "status") -> Response:
        """Write parts of a video."""
        return await self.call("PUT", "/youtube/v3/videos", params={"part": part}, json=body)

    async def channel(self, part: str = "id,snippet,contentDetails,statistics,status") -> dict[str, Any]:
        """The own channel, which must be there."""
        items = (await self.get("channels", part=part, mine="true")).json()["items"]
        found: dict[str, Any] = items[0]
        return found

    async def report(self, **params: Any) -> Response:
        """Ask for a report."""
        asked = {"ids": "channel==MINE", "startDate": "2026-11-01", "endDate": "2026-11-30", "metrics": "views"}
        return await self.sandbox.client.get(
            "/youtube/youtubeanalytics.googleapis.com/v2/reports", params=asked | params, headers=self.bearer
        )


async def a_merchant(sandbox: Sandbox, *, account: str = "adashop", channel: str = "", **changes: str) -> Merchant:
    """Link an account, at one of its channels."""
    form = {"channel": channel} if channel else {}
    page = "accounts.google.com/o/oauth2/v2/auth"
    redirect = await sandbox.consent("youtube", page, authorization(**changes), account=account, **form)
    data = {
        "grant_type": "authorization_code",
        "code": params_of(redirect)["code"],
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": CLIENT[0],
        "client_secret": CLIENT[1],
    }
    answer = await sandbox.client.post("/youtube/oauth2.googleapis.com/token", data=data)
    assert answer.status_code == 200, answer.text
    return Merchant(sandbox, answer.json())


async def an_account(sandbox: Sandbox, username: str, *channels: dict[str, Any]) -> dict[str, Any]:
    """Make a person with these channels."""
    places = [{"kind": "channel", "name": f"Channel {index}", **channel} for index, channel in enumerate(channels)]
    body = {"platform": "youtube", "username": username, "places": places}
    made: dict[str, Any] = await sandbox.control("POST", "/accounts", json=body)
    return made


def path_of(location: str) -> str:
    """The host and path of an address under the sandbox's base."""
    return urlsplit(location).path
