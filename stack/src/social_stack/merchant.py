"""A merchant of the local stack: signs in and calls our APIs as a storefront would."""

import secrets
from typing import Any
from uuid import uuid4

from social_common.http import HttpClient, HttpResponse
from social_common.secrets import Secret
from social_stack.browser import Landing, consent

Json = dict[str, Any]
_CREATED = 201


class CallFailed(Exception):
    """An API answered something else than was asked for; the text is its problem document."""


class Merchant:
    """One signed-in merchant. `urls` maps `auth-linker`, `publisher` and `analytics` to their APIs."""

    def __init__(self, http: HttpClient, urls: dict[str, str], token: str, *, return_to: str) -> None:
        self._http = http
        self._urls = urls
        self._token = Secret(token)
        self._return_to = return_to

    def at(self, urls: dict[str, str]) -> "Merchant":
        """The same merchant, who calls those APIs."""
        return Merchant(self._http, urls, self._token.reveal(), return_to=self._return_to)

    async def call(
        self, method: str, service: str, path: str, body: Json | None = None, *, headers: Json | None = None
    ) -> HttpResponse:
        """One request with the merchant's token; creating ones carry an idempotency key."""
        sent = dict(headers or {})
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid4()))
        url = f"{self._urls[service]}{path}"
        return await self._http.request(method, url, json=body, bearer=self._token, headers=sent)

    async def ask(self, method: str, service: str, path: str, body: Json | None = None) -> Any:
        """The answer's JSON; raises CallFailed for anything but a 2xx."""
        answer = await self.call(method, service, path, body)
        if answer.status // 100 != 2:  # noqa: PLR2004
            raise CallFailed(f"{method} {service} {path}: {answer.status} {answer.text[:500]}")
        return answer.json() if answer.content else None

    async def authorize(self, platform: str, **options: Any) -> str:
        """Begins linking; the address of the platform's consent page."""
        body = {"return_to": self._return_to, **options}
        begun = await self.ask("POST", "auth-linker", f"/v1/connections/{platform}/authorize", body)
        return str(begun["authorization_url"])

    async def consent(self, authorization_url: str, *, account: str, decision: str = "approve") -> Landing:
        """Answers the consent page as an account of the platform."""
        return await consent(
            self._http, authorization_url, account=account, decision=decision, return_to=self._return_to
        )

    async def complete(self, link_code: str, platform_ids: list[str] | None = None) -> HttpResponse:
        """Ends linking with the code that came back through the browser."""
        body: Json = {"link_code": link_code} | ({"platform_ids": platform_ids} if platform_ids else {})
        return await self.call("POST", "auth-linker", "/v1/connections/complete", body)

    async def link(self, platform: str, *, account: str, **options: Any) -> Json:
        """The whole way: the first connection of that account, its first usable place where there are several."""
        landing = await self.consent(await self.authorize(platform, **options), account=account)
        if landing.query.get("status") != "authorized":
            raise CallFailed(f"{platform}: consent ended as {landing.query}")
        code = landing.query["link_code"]
        answer = await self.complete(code)
        if answer.status != _CREATED:
            usable = [place for place in answer.json().get("choose", []) if place["usable"]]
            if not usable:
                raise CallFailed(f"{platform}: no usable place: {answer.text[:500]}")
            answer = await self.complete(code, [usable[0]["platform_id"]])
        if answer.status != _CREATED:
            raise CallFailed(f"{platform}: complete answered {answer.status} {answer.text[:500]}")
        connection: Json = answer.json()["connections"][0]
        return connection


async def sign_up(http: HttpClient, identity_url: str, *, anon_key: str | None = None) -> tuple[str, str]:
    """A new user's (id, access token) from Supabase Auth, or from the sandbox that stands in for it."""
    email = f"merchant-{secrets.token_hex(6)}@example.com"
    body: Json = {"email": email, "password": secrets.token_urlsafe(18)}
    headers = {"apikey": anon_key} if anon_key else {}
    answer = await http.request("POST", f"{identity_url}/auth/v1/signup", json=body, headers=headers)
    if answer.status // 100 != 2:  # noqa: PLR2004
        raise CallFailed(f"sign-up was refused ({answer.status}): {answer.text[:300]}")
    session = answer.json()
    token = session.get("access_token")
    if not token:
        raise CallFailed("sign-up gave no session: the project asks for a confirmed e-mail address first")
    return session["user"]["id"], token
