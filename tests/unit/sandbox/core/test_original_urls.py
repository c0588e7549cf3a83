"""URLs in answers for clients that reach the sandbox by different addresses."""

import httpx  # noqa: TID251  (tests speak to the sandbox as an outsider does)
import pytest

from social_sandbox.app import create_app
from social_sandbox.config import SandboxConfig

DISCOVERY = "/google/accounts.google.com/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("original_urls", "endpoint"),
    [
        (True, "https://oauth2.googleapis.com/token"),
        (False, "http://sandbox.example/google/oauth2.googleapis.com/token"),
    ],
)
async def test_urls_in_answers_name_the_original_where_asked_for(original_urls: bool, endpoint: str) -> None:
    """Else they are below the sandbox's own address."""
    app = create_app(SandboxConfig(public_url="http://sandbox.example", original_urls=original_urls))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://sandbox.example") as client:
        found = (await client.get(DISCOVERY)).json()

    assert found["token_endpoint"] == endpoint


async def test_pictures_and_video_are_told_by_the_address_that_everybody_knows() -> None:
    """Services and browsers are given one address for them, where they reach the sandbox by different ones."""
    app = create_app(SandboxConfig(assets_url="http://sandbox.localhost:8110/"))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://sandbox.example") as client:
        front, listed = (await client.get("/")).json(), (await client.get("/assets/")).json()

    assert front["assets"] == "http://sandbox.localhost:8110/assets/"
    assert {entry["url"].rpartition("/")[0] for entry in listed} == {"http://sandbox.localhost:8110/assets"}
