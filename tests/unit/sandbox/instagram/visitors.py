"""People and apps that visit the simulated Instagram."""

from dataclasses import dataclass
from typing import Any

from tests.unit.sandbox.harness import CALLBACK, MediaServer, Response, Sandbox, a_picture, params_of

REDIRECT = f"{CALLBACK}/v1/oauth/instagram/callback"
SCOPES = "instagram_business_basic,instagram_business_content_publish,instagram_business_manage_insights"
CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret"
PAGE = "www.instagram.com/oauth/authorize"
GRAPH = "/instagram/graph.instagram.com"


def authorization(**changes: str) -> dict[str, str]:
    """The parameters of a right authorization request."""
    return {
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": SCOPES,
        "state": "st_9f2",
        "force_reauth": "true",
    } | changes


async def a_code(sandbox: Sandbox, *, account: str = "bluemugshop", **form: Any) -> str:
    """A code fresh from the consent page."""
    return params_of(await sandbox.consent("instagram", PAGE, authorization(), account=account, **form))["code"]


async def exchange(sandbox: Sandbox, code: str, /, **changes: str) -> Response:
    """Exchange a code for a short token."""
    form = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "grant_type": "authorization_code",
        "redirect_uri": REDIRECT,
        "code": code,
    } | changes
    return await sandbox.client.post("/instagram/api.instagram.com/oauth/access_token", data=form)


async def lengthen(sandbox: Sandbox, short: str, **changes: str) -> Response:
    """Exchange a short token for a long one."""
    query = {"grant_type": "ig_exchange_token", "client_secret": CLIENT_SECRET, "access_token": short} | changes
    return await sandbox.client.get(f"{GRAPH}/access_token", params=query)


async def renew(sandbox: Sandbox, token: str) -> Response:
    """Renew a long token."""
    query = {"grant_type": "ig_refresh_token", "access_token": token}
    return await sandbox.client.get(f"{GRAPH}/refresh_access_token", params=query)


@dataclass
class Merchant:
    """Somebody whose token the test holds."""

    sandbox: Sandbox
    media: MediaServer
    token: str
    ig_id: str

    async def call(self, method: str, path: str, **kwargs: Any) -> Response:
        """Call the API as the merchant; `{id}` stands for the account."""
        headers = {"authorization": f"Bearer {self.token}"}
        address = f"{GRAPH}/v26.0{path.replace('{id}', self.ig_id)}"
        return await self.sandbox.client.request(method, address, headers=headers, **kwargs)

    async def create(self, **params: Any) -> Response:
        """Make a container."""
        return await self.call("POST", "/{id}/media", data=params)

    async def container(self, **params: Any) -> str:
        """Make a container that must succeed; of a good picture unless told otherwise."""
        if not {"image_url", "video_url", "children"} & set(params):
            params["image_url"] = self.picture()
        answer = await self.create(**params)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def ready(self, **params: Any) -> str:
        """Make a container and wait until it is ready."""
        container_id = await self.container(**params)
        await self.wait(container_id)
        return container_id

    async def wait(self, container_id: str) -> str:
        """Read a container until it is no longer in progress."""
        for _ in range(4):
            self.sandbox.pass_time(seconds=1)
            code = await self.status_code(container_id)
            if code != "IN_PROGRESS":
                return code
        return code

    async def status_code(self, container_id: str) -> str:
        """Read a container's status."""
        answer = await self.call("GET", f"/{container_id}", params={"fields": "status_code,status"})
        return str(answer.json()["status_code"])

    async def publish(self, container_id: str) -> Response:
        """Publish a container."""
        return await self.call("POST", "/{id}/media_publish", data={"creation_id": container_id})

    async def published(self, **params: Any) -> str:
        """Everything from the container to the media, which must succeed."""
        answer = await self.publish(await self.ready(**params))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def picture(self, *, name: str = "a.jpg") -> str:
        """The address of a good picture."""
        return self.media.serve(name, a_picture(), "image/jpeg")


async def a_merchant(sandbox: Sandbox, media: MediaServer, *, account: str = "bluemugshop", **form: Any) -> Merchant:
    """Link an account with a long token."""
    short = (await exchange(sandbox, await a_code(sandbox, account=account, **form))).json()
    token = (await lengthen(sandbox, short["access_token"])).json()["access_token"]
    return Merchant(sandbox, media, token, str(short["user_id"]))


def error_of(answer: Response) -> tuple[int, int | None]:
    """The code and subcode of a refusal."""
    assert answer.status_code >= 400, answer.text
    error = answer.json()["error"]
    return error["code"], error.get("error_subcode")
