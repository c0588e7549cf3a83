"""People and apps that visit the simulated LinkedIn."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.unit.sandbox.harness import CALLBACK, Response, Sandbox, a_picture, params_of

REDIRECT = f"{CALLBACK}/v1/oauth/linkedin/callback"
MEMBER_APP = ("sandbox-client", "sandbox-secret")
COMMUNITY_APP = ("sandbox-community-client", "sandbox-community-secret")
MEMBER_SCOPES = "openid profile w_member_social"
PAGE_SCOPES = (
    "openid profile w_member_social w_organization_social r_organization_social r_organization_admin "
    "rw_organization_admin r_organization_social_feed r_member_postAnalytics r_member_profileAnalytics"
)
WEB = "/linkedin/www.linkedin.com"
API = "/linkedin/api.linkedin.com"
PAGE = "urn:li:organization:5555"
OTHER_PAGE = "urn:li:organization:5556"
VERSION = "202609"
PUBLISHED = {
    "visibility": "PUBLIC",
    "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
    "lifecycleState": "PUBLISHED",
    "isReshareDisabledByAuthor": False,
}


def encoded(urn: str) -> str:
    """A URN as paths and lists want it."""
    return quote(urn, safe="")


def authorization(app: tuple[str, str] = MEMBER_APP, scope: str = MEMBER_SCOPES, **changes: str) -> dict[str, str]:
    """The parameters of a right authorization request."""
    return {
        "response_type": "code",
        "client_id": app[0],
        "redirect_uri": REDIRECT,
        "state": "st_9f2",
        "scope": scope,
    } | changes


async def answered(
    sandbox: Sandbox, query: dict[str, str], *, account: str = "anacosta", **form: Any
) -> dict[str, str]:
    """What comes back from the consent page."""
    page = "www.linkedin.com/oauth/v2/authorization"
    return params_of(await sandbox.consent("linkedin", page, query, account=account, **form))


async def exchange(sandbox: Sandbox, code: str, app: tuple[str, str] = MEMBER_APP, **changes: str) -> Response:
    """Exchange a code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": app[0],
        "client_secret": app[1],
        "redirect_uri": REDIRECT,
    } | changes
    return await sandbox.client.post(f"{WEB}/oauth/v2/accessToken", data=form)


async def refresh(sandbox: Sandbox, token: str, app: tuple[str, str] = COMMUNITY_APP) -> Response:
    """Refresh with a token."""
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": app[0], "client_secret": app[1]}
    return await sandbox.client.post(f"{WEB}/oauth/v2/accessToken", data=form)


async def introspect(sandbox: Sandbox, token: str, app: tuple[str, str] = MEMBER_APP, **changes: str) -> Response:
    """Ask how a token is."""
    form = {"client_id": app[0], "client_secret": app[1], "token": token} | changes
    return await sandbox.client.post(f"{WEB}/oauth/v2/introspectToken", data=form)


@dataclass
class Merchant:
    """Somebody whose tokens the test holds."""

    sandbox: Sandbox
    tokens: dict[str, Any]
    person: str = ""

    async def call(self, method: str, path: str, **kwargs: Any) -> Response:
        """Call the versioned API as the merchant; the path goes out as it is written."""
        headers = {
            "authorization": f"Bearer {self.tokens['access_token']}",
            "linkedin-version": VERSION,
            "x-restli-protocol-version": "2.0.0",
            **kwargs.pop("headers", {}),
        }
        kept = {name: value for name, value in headers.items() if value is not None}
        return await self.sandbox.client.request(method, f"{API}/rest{path}", headers=kept, **kwargs)

    async def userinfo(self) -> Response:
        """Ask who the merchant is."""
        headers = {"authorization": f"Bearer {self.tokens['access_token']}"}
        return await self.sandbox.client.get(f"{API}/v2/userinfo", headers=headers)

    async def post(self, commentary: str, *, author: str | None = None, **body: Any) -> Response:
        """Create a post, as oneself unless told otherwise."""
        whole = {"author": author or self.person, "commentary": commentary, **PUBLISHED, **body}
        return await self.call("POST", "/posts", json=whole)

    async def posted(self, commentary: str, *, author: str | None = None, **body: Any) -> str:
        """Create a post that must succeed; returns its URN."""
        answer = await self.post(commentary, author=author, **body)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["x-restli-id"])

    async def open_image(self, owner: str | None = None) -> dict[str, Any]:
        """Begin a picture."""
        body = {"initializeUploadRequest": {"owner": owner or self.person}}
        answer = await self.call("POST", "/images?action=initializeUpload", json=body)
        assert answer.status_code == 200, answer.text
        value: dict[str, Any] = answer.json()["value"]
        return value

    async def image(self, owner: str | None = None, content: bytes | None = None) -> str:
        """Upload a picture; returns its URN."""
        opened = await self.open_image(owner)
        answer = await self.sandbox.client.put(opened["uploadUrl"], content=content or a_picture())
        assert answer.status_code == 201, answer.text
        return str(opened["image"])

    async def open_video(self, size: int, owner: str | None = None) -> dict[str, Any]:
        """Begin a video."""
        request = {
            "owner": owner or self.person,
            "fileSizeBytes": size,
            "uploadCaptions": False,
            "uploadThumbnail": False,
        }
        body = {"initializeUploadRequest": request}
        answer = await self.call("POST", "/videos?action=initializeUpload", json=body)
        assert answer.status_code == 200, answer.text
        value: dict[str, Any] = answer.json()["value"]
        return value

    async def put_parts(self, opened: dict[str, Any], content: bytes) -> list[str]:
        """Upload every part; returns their receipts."""
        receipts = []
        for part in opened["uploadInstructions"]:
            piece = content[part["firstByte"] : part["lastByte"] + 1]
            headers = {"content-type": "application/octet-stream"}
            answer = await self.sandbox.client.put(part["uploadUrl"], content=piece, headers=headers)
            assert answer.status_code == 200, answer.text
            receipts.append(answer.headers["etag"].strip('"'))
        return receipts

    async def finalize(self, opened: dict[str, Any], receipts: list[str], **changes: Any) -> Response:
        """Finish a video."""
        request = {"video": opened["video"], "uploadToken": opened["uploadToken"], "uploadedPartIds": receipts}
        body = {"finalizeUploadRequest": request | changes}
        return await self.call("POST", "/videos?action=finalizeUpload", json=body)

    async def video(self, content: bytes, owner: str | None = None) -> str:
        """Upload a video; returns its URN."""
        opened = await self.open_video(len(content), owner)
        answer = await self.finalize(opened, await self.put_parts(opened, content))
        assert answer.status_code == 200, answer.text
        return str(opened["video"])


async def a_merchant(sandbox: Sandbox, app: tuple[str, str], scope: str, *, account: str = "anacosta") -> Merchant:
    """Link a member through an app."""
    code = (await answered(sandbox, authorization(app, scope), account=account))["code"]
    answer = await exchange(sandbox, code, app)
    assert answer.status_code == 200, answer.text
    merchant = Merchant(sandbox, answer.json())
    if "openid" in scope:
        merchant.person = f"urn:li:person:{(await merchant.userinfo()).json()['sub']}"
    return merchant


async def a_member(sandbox: Sandbox, **more: Any) -> Merchant:
    """Link a member through the self-serve app."""
    return await a_merchant(sandbox, MEMBER_APP, MEMBER_SCOPES, **more)


async def a_page_manager(sandbox: Sandbox, *, scope: str = PAGE_SCOPES, **more: Any) -> Merchant:
    """Link a member through the app with the Community Management API."""
    return await a_merchant(sandbox, COMMUNITY_APP, scope, **more)


def error_of(answer: Response) -> tuple[int, Any]:
    """The status and code of a refusal."""
    body = answer.json()
    assert answer.status_code == body["status"] >= 400, answer.text
    return answer.status_code, body.get("code")
