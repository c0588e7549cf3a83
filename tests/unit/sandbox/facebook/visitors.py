"""People and apps that visit the simulated Facebook."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from tests.unit.sandbox.harness import CALLBACK, MediaServer, Response, Sandbox, a_movie, a_picture, params_of

REDIRECT = f"{CALLBACK}/v1/oauth/facebook/callback"
SCOPES = "pages_show_list,pages_read_engagement,pages_manage_posts,read_insights,business_management"
CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret"
PAGE = "www.facebook.com/v26.0/dialog/oauth"
GRAPH = "/facebook/graph.facebook.com"
VIDEO_GRAPH = "/facebook/graph-video.facebook.com"


def authorization(**changes: str) -> dict[str, str]:
    """The parameters of a right authorization request."""
    return {
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": SCOPES,
        "state": "st_9f2",
    } | changes


async def a_code(
    sandbox: Sandbox, *, account: str = "ana.mug", query: dict[str, str] | None = None, **form: Any
) -> str:
    """A code fresh from the consent page."""
    answer = await sandbox.consent("facebook", PAGE, query or authorization(), account=account, **form)
    return params_of(answer)["code"]


async def exchange(sandbox: Sandbox, code: str, /, **changes: str) -> Response:
    """Exchange a code for a short token."""
    query = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uri": REDIRECT,
        "code": code,
    } | changes
    return await sandbox.client.get(f"{GRAPH}/v26.0/oauth/access_token", params=query)


async def lengthen(sandbox: Sandbox, short: str, **changes: str) -> Response:
    """Exchange a short token for a long one."""
    query = {
        "grant_type": "fb_exchange_token",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "fb_exchange_token": short,
    } | changes
    return await sandbox.client.get(f"{GRAPH}/v26.0/oauth/access_token", params=query)


async def a_short_token(sandbox: Sandbox, **kwargs: Any) -> str:
    """A person's short token."""
    return str((await exchange(sandbox, await a_code(sandbox, **kwargs))).json()["access_token"])


async def a_long_token(sandbox: Sandbox, **kwargs: Any) -> str:
    """A person's long token."""
    return str((await lengthen(sandbox, await a_short_token(sandbox, **kwargs))).json()["access_token"])


async def call_as(sandbox: Sandbox, token: str, method: str, path: str, **kwargs: Any) -> Response:
    """Call the Graph with a token."""
    headers = {"authorization": f"Bearer {token}", **kwargs.pop("headers", {})}
    return await sandbox.client.request(method, f"{GRAPH}/v26.0{path}", headers=headers, **kwargs)


async def inspect(sandbox: Sandbox, token: str, by: str = f"{CLIENT_ID}|{CLIENT_SECRET}") -> dict[str, Any]:
    """What `debug_token` tells."""
    answer = await sandbox.client.get(f"{GRAPH}/v26.0/debug_token", params={"input_token": token, "access_token": by})
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def proof(token: str, secret: str = CLIENT_SECRET) -> str:
    """The proof that belongs to a token."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


@dataclass
class Merchant:
    """Somebody whose Page token the test holds, and the long token behind it."""

    sandbox: Sandbox
    media: MediaServer
    long: str
    token: str
    page_id: str
    user_id: str

    async def call(self, method: str, path: str, **kwargs: Any) -> Response:
        """Call the Graph as the Page; `{page}` stands for its id."""
        return await call_as(self.sandbox, self.token, method, path.replace("{page}", self.page_id), **kwargs)

    async def as_person(self, method: str, path: str, **kwargs: Any) -> Response:
        """Call the Graph as the person."""
        return await call_as(self.sandbox, self.long, method, path.replace("{page}", self.page_id), **kwargs)

    async def post(self, **params: Any) -> Response:
        """Post to the Page's feed."""
        return await self.call("POST", "/{page}/feed", data=params)

    async def posted(self, **params: Any) -> str:
        """Post to the Page's feed, which must succeed."""
        answer = await self.post(**params)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def photo(self, **params: Any) -> Response:
        """Upload a photo; a good one unless told otherwise."""
        if "url" not in params:
            params["url"] = self.picture()
        return await self.call("POST", "/{page}/photos", data=params)

    async def kept_photo(self, **params: Any) -> str:
        """Upload an unpublished photo, which must succeed."""
        answer = await self.photo(published="false", **params)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def read(self, number: str, fields: str = "id,message,created_time,is_published") -> Response:
        """Read a node."""
        return await self.call("GET", f"/{number}", params={"fields": fields})

    async def listed(self, edge: str = "published_posts", **params: Any) -> list[str]:
        """The ids that an edge of the Page lists."""
        answer = await self.call("GET", f"/{{page}}/{edge}", params={"fields": "id", **params})
        assert answer.status_code == 200, answer.text
        return [entry["id"] for entry in answer.json()["data"]]

    async def change_page(self, **options: Any) -> None:
        """Change the Page through the control interface."""
        body = {"platform": "facebook", "platform_id": self.page_id, "options": options}
        await self.sandbox.control("POST", "/places", json=body)

    def picture(self, *, name: str = "a.jpg", content: bytes | None = None) -> str:
        """The address of a good picture."""
        return self.media.serve(name, a_picture() if content is None else content, "image/jpeg")

    def movie(self, *, name: str = "a.mp4", content: bytes | None = None) -> str:
        """The address of a good upright video."""
        found = a_movie(6, width=1080, height=1920) if content is None else content
        return self.media.serve(name, found, "video/mp4")


async def pages_of(sandbox: Sandbox, token: str, **params: str) -> list[dict[str, Any]]:
    """The first page of the Pages that a token lists."""
    answer = await call_as(sandbox, token, "GET", "/me/accounts", params=params)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def a_merchant(sandbox: Sandbox, media: MediaServer, *, account: str = "ana.mug", **form: Any) -> Merchant:
    """Link the first Page that the person lets us have."""
    long = await a_long_token(sandbox, account=account, **form)
    page = (await pages_of(sandbox, long))[0]
    me = (await call_as(sandbox, long, "GET", "/me")).json()
    return Merchant(sandbox, media, long, page["access_token"], page["id"], me["id"])


def error_of(answer: Response) -> tuple[int, int | None]:
    """The code and subcode of a refusal."""
    assert answer.status_code >= 400, answer.text
    assert "x-sandbox-bug" not in answer.headers
    error = answer.json()["error"]
    assert error["fbtrace_id"]
    return error["code"], error.get("error_subcode")
