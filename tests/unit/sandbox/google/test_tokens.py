"""Google's token endpoint: who gets what, how long it lives, and what ends it."""

from typing import Any

import jwt
import pytest
from tests.unit.sandbox.google.visitors import (
    ACCOUNTS,
    AUTH,
    BUSINESS,
    CLIENT,
    DEAD,
    REDIRECT,
    TOKENS,
    UPLOAD,
    VERIFIER,
    YOUTUBE_REDIRECT,
    Merchant,
    a_code,
    a_merchant,
    exchange,
    refresh,
    revoke,
    tokens_of,
)
from tests.unit.sandbox.harness import Response, Sandbox


def is_refused(answer: Response, error: str, description: str | None = None, *, status: int = 400) -> bool:
    """Whether an answer is exactly this refusal."""
    body = {"error": error} | ({"error_description": description} if description is not None else {})
    return answer.status_code == status and answer.json() == body


def is_dead(answer: Response) -> bool:
    """Whether an answer says that a refresh token is dead."""
    return answer.status_code == 400 and answer.json() == DEAD


async def test_the_whole_way_to_tokens(sandbox: Sandbox) -> None:
    """A consent ends in an hour's access token, a refresh token without an end, and who it was."""
    tokens = await tokens_of(sandbox)

    assert set(tokens) == {"access_token", "expires_in", "refresh_token", "scope", "token_type", "id_token"}
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 3599
    assert tokens["access_token"].startswith("ya29.")
    assert tokens["refresh_token"].startswith("1//0")


async def test_scopes_come_back_long_and_in_another_order(sandbox: Sandbox) -> None:
    """Asked `openid email profile …`, answered the same set in other words."""
    tokens = await tokens_of(sandbox)

    wanted = ["openid", f"{AUTH}userinfo.email", f"{AUTH}userinfo.profile", BUSINESS]
    assert sorted(tokens["scope"].split()) == sorted(wanted)
    assert tokens["scope"].split() != wanted


@pytest.mark.parametrize(
    ("changes", "has_one"),
    [
        ({}, True),
        ({"prompt": "select_account"}, True),
        ({"prompt": None}, True),
        ({"access_type": "online"}, False),
        ({"access_type": None}, False),
    ],
)
async def test_the_first_consent_gives_a_refresh_token_offline_only(
    sandbox: Sandbox, changes: dict[str, Any], has_one: bool
) -> None:
    """access_type=online is the default, and has none."""
    assert ("refresh_token" in await tokens_of(sandbox, **changes)) is has_one


@pytest.mark.parametrize(("prompt", "has_one"), [("consent", True), ("consent select_account", True), (None, False)])
async def test_a_returning_person_gives_one_only_when_asked_again(
    sandbox: Sandbox, prompt: str | None, has_one: bool
) -> None:
    """The second connect without prompt=consent has no refresh token."""
    await tokens_of(sandbox)

    assert ("refresh_token" in await tokens_of(sandbox, prompt=prompt)) is has_one


async def test_after_a_revocation_a_consent_is_a_first_one_again(sandbox: Sandbox) -> None:
    """Whoever removed the app is asked anew."""
    await revoke(sandbox, (await tokens_of(sandbox))["access_token"])

    assert "refresh_token" in await tokens_of(sandbox, prompt=None)


async def test_basic_authentication_does_as_well_as_the_body(sandbox: Sandbox) -> None:
    """Google's own library sends the credentials in a header."""
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    form["code"] = await a_code(sandbox)

    answer = await sandbox.client.post(f"/google/{TOKENS}/token", data=form, auth=CLIENT)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changes", "error", "status"),
    [
        ({"client_id": "nobody"}, "invalid_client", 401),
        ({"client_secret": "wrong"}, "invalid_client", 401),
        ({"client_secret": None}, "invalid_request", 400),
        ({"client_id": None}, "invalid_request", 400),
        ({"grant_type": "password"}, "unsupported_grant_type", 400),
        ({"grant_type": None}, "unsupported_grant_type", 400),
        ({"code": None}, "invalid_request", 400),
        ({"code": "nonsense"}, "invalid_grant", 400),
        ({"code": "4/0Aunknown-but-well-formed-code"}, "invalid_grant", 400),
        ({"redirect_uri": None}, "invalid_request", 400),
        ({"redirect_uri": REDIRECT + "/"}, "redirect_uri_mismatch", 400),
        ({"code_verifier": None}, "invalid_grant", 400),
        ({"code_verifier": VERIFIER + "x"}, "invalid_grant", 400),
        ({"code_verifier": "short"}, "invalid_grant", 400),
    ],
)
async def test_a_wrong_exchange_is_refused_and_uses_nothing_up(
    sandbox: Sandbox, changes: dict[str, str | None], error: str, status: int
) -> None:
    """Each wrong thing has its own word, and the code stays good."""
    code = await a_code(sandbox)

    answer = await exchange(sandbox, code, **changes)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert (await exchange(sandbox, code)).status_code == 200


async def test_a_verifier_without_a_challenge_is_not_wanted(sandbox: Sandbox) -> None:
    """A code that was asked for without PKCE is exchanged without."""
    code = await a_code(sandbox, code_challenge=None, code_challenge_method=None)

    assert (await exchange(sandbox, code)).json()["error"] == "invalid_grant"
    assert (await exchange(sandbox, code, code_verifier=None)).status_code == 200


async def test_a_repeated_field_is_refused(sandbox: Sandbox) -> None:
    """Two codes are none."""
    answer = await sandbox.client.post(
        f"/google/{TOKENS}/token",
        content="grant_type=authorization_code&code=a&code=b",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert is_refused(answer, "invalid_request", "OAuth 2 parameters can only have a single value: code")


async def test_a_code_works_once(sandbox: Sandbox) -> None:
    """The second exchange of a code is refused."""
    code = await a_code(sandbox)
    await exchange(sandbox, code)

    assert is_refused(await exchange(sandbox, code), "invalid_grant", "Bad Request")


async def test_a_code_lives_minutes(sandbox: Sandbox) -> None:
    """Five minutes later it is worth nothing."""
    early, late = await a_code(sandbox), await a_code(sandbox)

    sandbox.pass_time(seconds=299)
    assert (await exchange(sandbox, early)).status_code == 200
    sandbox.pass_time(seconds=1)
    assert (await exchange(sandbox, late)).json()["error"] == "invalid_grant"


async def test_a_code_dies_with_the_consent(sandbox: Sandbox) -> None:
    """A person who removes the app before the exchange has let nobody in."""
    tokens = await tokens_of(sandbox)
    code = await a_code(sandbox)
    await revoke(sandbox, tokens["access_token"])

    assert (await exchange(sandbox, code)).json()["error"] == "invalid_grant"


async def test_another_client_gains_nothing(sandbox: Sandbox) -> None:
    """Codes and refresh tokens belong to the client that asked for them."""
    app = {"platform": "google", "client_id": "other", "client_secret": "s", "redirect_uris": [REDIRECT]}
    await sandbox.control("POST", "/apps", json=app)
    tokens = await tokens_of(sandbox)
    other = {"client_id": "other", "client_secret": "s"}

    refused = await refresh(sandbox, tokens["refresh_token"], **other)
    assert is_refused(refused, "unauthorized_client", "Unauthorized", status=401)
    assert (await exchange(sandbox, await a_code(sandbox), **other)).json()["error"] == "invalid_grant"


async def test_a_refresh_answers_without_a_refresh_token(sandbox: Sandbox, merchant: Merchant) -> None:
    """The old refresh token goes on, and so does the older access token."""
    answer = await refresh(sandbox, merchant.tokens["refresh_token"])

    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "expires_in", "scope", "token_type", "id_token"}
    assert (await merchant.call("GET", f"{ACCOUNTS}/accounts")).status_code == 200
    assert (await refresh(sandbox, merchant.tokens["refresh_token"])).status_code == 200


async def test_a_refresh_may_bring_a_new_refresh_token(sandbox: Sandbox, merchant: Merchant) -> None:
    """It is rare; then the newer one is to be kept, and the older one is no worse."""
    sandbox.switch("google", rotates_refresh=True)

    newer = (await refresh(sandbox, merchant.tokens["refresh_token"])).json()["refresh_token"]

    assert newer != merchant.tokens["refresh_token"]
    assert (await refresh(sandbox, newer)).status_code == 200


async def test_an_access_token_lives_an_hour(sandbox: Sandbox, merchant: Merchant) -> None:
    """Afterwards the API answers 401 UNAUTHENTICATED, and a refresh helps."""
    sandbox.pass_time(seconds=3599)

    answer = await merchant.call("GET", f"{ACCOUNTS}/accounts")
    assert answer.status_code == 401
    assert answer.json()["error"]["status"] == "UNAUTHENTICATED"
    merchant.tokens |= (await refresh(sandbox, merchant.tokens["refresh_token"])).json()
    assert (await merchant.call("GET", f"{ACCOUNTS}/accounts")).status_code == 200


async def test_a_testing_project_loses_its_consents_after_seven_days(sandbox: Sandbox) -> None:
    """The answer announces it, refreshing does not put it off."""
    sandbox.switch("google", testing=True)
    tokens = await tokens_of(sandbox)
    assert tokens["refresh_token_expires_in"] == 604_799

    sandbox.pass_time(days=6)
    later = (await refresh(sandbox, tokens["refresh_token"])).json()
    assert later["refresh_token_expires_in"] == 86_399
    sandbox.pass_time(days=1)
    assert is_dead(await refresh(sandbox, tokens["refresh_token"]))


async def test_testing_spares_who_asks_for_identity_only(sandbox: Sandbox) -> None:
    """Name, e-mail and profile are not limited."""
    sandbox.switch("google", testing=True)
    tokens = await tokens_of(sandbox, scope="openid email profile")

    assert "refresh_token_expires_in" not in tokens
    sandbox.pass_time(days=30)
    assert (await refresh(sandbox, tokens["refresh_token"])).status_code == 200


async def test_a_person_may_let_an_app_in_for_a_time(sandbox: Sandbox) -> None:
    """Time-based access ends both tokens at the chosen time."""
    sandbox.switch("google", access_ends_after_s=1800)
    merchant = await a_merchant(sandbox)

    assert merchant.tokens["refresh_token_expires_in"] == 1800
    assert merchant.tokens["expires_in"] == 1800
    sandbox.pass_time(seconds=1800)
    assert (await merchant.call("GET", f"{ACCOUNTS}/accounts")).status_code == 401
    assert is_dead(await refresh(sandbox, merchant.tokens["refresh_token"]))


async def test_a_refresh_token_dies_of_not_being_used(sandbox: Sandbox) -> None:
    """Six months without a refresh end it; each refresh begins the time anew."""
    used, unused = await tokens_of(sandbox), await tokens_of(sandbox)

    sandbox.pass_time(days=100)
    assert (await refresh(sandbox, used["refresh_token"])).status_code == 200
    sandbox.pass_time(days=100)
    assert (await refresh(sandbox, used["refresh_token"])).status_code == 200
    assert is_dead(await refresh(sandbox, unused["refresh_token"]))


async def test_the_hundred_and_first_silently_ends_the_oldest(sandbox: Sandbox) -> None:
    """A hundred refresh tokens live per person and client id, on both platforms together."""
    first = await tokens_of(sandbox)
    second = await tokens_of(sandbox, scope=f"openid {UPLOAD}", redirect_uri=YOUTUBE_REDIRECT)
    other = await tokens_of(sandbox, account="cornerbakery")
    for _ in range(98):
        await tokens_of(sandbox)
    assert (await refresh(sandbox, first["refresh_token"])).status_code == 200

    await tokens_of(sandbox, redirect_uri=YOUTUBE_REDIRECT)

    assert is_dead(await refresh(sandbox, first["refresh_token"]))
    assert (await refresh(sandbox, second["refresh_token"])).status_code == 200
    assert (await refresh(sandbox, other["refresh_token"])).status_code == 200


async def test_an_administrators_policy_stops_refreshing(sandbox: Sandbox, merchant: Merchant) -> None:
    """While the service is restricted a refresh is as good as dead."""
    sandbox.switch("google", admin_policy=True)

    assert is_dead(await refresh(sandbox, merchant.tokens["refresh_token"]))


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_revocation_ends_everything_the_person_gave_the_project(sandbox: Sandbox, kind: str) -> None:
    """One token ends both of its own, and the sibling connection on YouTube; other people are not touched."""
    merchant = await a_merchant(sandbox)
    sibling = await tokens_of(sandbox, scope=f"openid {UPLOAD}", redirect_uri=YOUTUBE_REDIRECT)
    other = await tokens_of(sandbox, account="cornerbakery")

    answer = await revoke(sandbox, merchant.tokens[kind])

    assert answer.status_code == 200
    assert (await merchant.call("GET", f"{ACCOUNTS}/accounts")).status_code == 401
    for dead in (merchant.tokens, sibling):
        assert is_dead(await refresh(sandbox, dead["refresh_token"]))
    assert (await refresh(sandbox, other["refresh_token"])).status_code == 200


async def test_a_dead_token_cannot_be_revoked(sandbox: Sandbox, merchant: Merchant) -> None:
    """A second revocation, or one of nonsense, is invalid_token; none at all is a bad request."""
    await revoke(sandbox, merchant.tokens["access_token"])

    for value in (merchant.tokens["refresh_token"], "nonsense"):
        answer = await revoke(sandbox, value)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_token")
    assert (await revoke(sandbox, "")).json()["error"] == "invalid_request"


async def test_the_person_may_leave_at_any_moment(sandbox: Sandbox, merchant: Merchant) -> None:
    """The fault `revoke` ends the consent right before a call: 401 on the API, invalid_grant on refresh."""
    await sandbox.fault("google", "publish", "revoke")

    assert (await merchant.post()).status_code == 401
    assert is_dead(await refresh(sandbox, merchant.tokens["refresh_token"]))
    assert await sandbox.published("google") == []


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [("error_500", 500, "internal_failure"), ("rate_limit", 429, "temporarily_unavailable")],
)
async def test_trouble_at_the_identity_is_worded_flat(sandbox: Sandbox, kind: str, status: int, error: str) -> None:
    """The token endpoint does not speak the APIs' error shape."""
    tokens = await tokens_of(sandbox)
    await sandbox.fault("google", "refresh", kind)

    answer = await refresh(sandbox, tokens["refresh_token"])

    assert (answer.status_code, answer.json()["error"]) == (status, error)


async def test_an_access_token_does_not_refresh(sandbox: Sandbox, merchant: Merchant) -> None:
    """Only refresh tokens do, and only access tokens call APIs."""
    assert (await refresh(sandbox, merchant.tokens["access_token"])).json()["error"] == "invalid_grant"
    merchant.tokens["access_token"] = merchant.tokens["refresh_token"]
    assert (await merchant.call("GET", f"{ACCOUNTS}/accounts")).status_code == 401


async def test_an_id_token_says_who_it_was(sandbox: Sandbox) -> None:
    """It is signed by a published key, for this client, with the nonce, and lives an hour."""
    body = {"platform": "google", "username": "eva@firma.example", "details": {"hd": "firma.example"}}
    account = await sandbox.control("POST", "/accounts", json={**body, "display_name": "Eva Example"})
    value = (await tokens_of(sandbox, account="eva@firma.example"))["id_token"]
    keys = (await sandbox.client.get("/google/www.googleapis.com/oauth2/v3/certs")).json()

    header = jwt.get_unverified_header(value)
    key = jwt.PyJWK(next(key for key in keys["keys"] if key["kid"] == header["kid"]))
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(value, key, algorithms=["RS256"], audience=CLIENT[0], options=options)

    assert header["alg"] == "RS256"
    assert claims["iss"] == "https://accounts.google.com"
    assert (claims["sub"], claims["nonce"], claims["hd"]) == (account["account_id"], "n_71c", "firma.example")
    assert (claims["email"], claims["email_verified"]) == ("eva@firma.example", True)
    assert (claims["name"], claims["given_name"]) == ("Eva Example", "Eva")
    assert claims["picture"].startswith("https://")
    assert claims["exp"] - claims["iat"] == 3600


async def test_an_id_token_says_no_more_than_the_scopes(sandbox: Sandbox) -> None:
    """Without email and profile only the subject is told; without openid there is no id token."""
    claims = jwt.decode((await tokens_of(sandbox, scope="openid"))["id_token"], options={"verify_signature": False})

    assert not {"email", "name", "picture"} & set(claims)
    assert "id_token" not in await tokens_of(sandbox, scope=BUSINESS)


async def test_userinfo_tells_the_same(sandbox: Sandbox, merchant: Merchant) -> None:
    """The OpenID endpoint names `sub`; a dead token is 401, one without identity 403."""
    path = "openidconnect.googleapis.com/v1/userinfo"

    told = (await merchant.call("GET", path)).json()
    assert (told["sub"], told["email"]) == (merchant.sub, "adaceramics@shop.example")
    merchant.tokens = await tokens_of(sandbox, scope=BUSINESS)
    assert (await merchant.call("GET", path)).status_code == 403
    merchant.tokens["access_token"] = "nothing"
    assert (await merchant.call("GET", path)).status_code == 401


async def test_tokeninfo_tells_what_a_token_is_worth(sandbox: Sandbox, merchant: Merchant) -> None:
    """Both kinds of token are explained in texts; nonsense is invalid_token."""
    path = f"/google/{TOKENS}/tokeninfo"
    sandbox.pass_time(seconds=99)

    access = (await sandbox.client.get(path, params={"access_token": merchant.tokens["access_token"]})).json()
    assert (access["aud"], access["sub"], access["expires_in"]) == (CLIENT[0], merchant.sub, "3500")
    assert (access["access_type"], access["email_verified"]) == ("offline", "true")
    identity = (await sandbox.client.get(path, params={"id_token": merchant.tokens["id_token"]})).json()
    assert (identity["sub"], identity["alg"]) == (merchant.sub, "RS256")
    sandbox.pass_time(hours=1)
    for params in ({"access_token": merchant.tokens["access_token"]}, {"id_token": merchant.tokens["id_token"]}, {}):
        answer = await sandbox.client.get(path, params=params)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_token")


async def test_the_discovery_document_leads_to_the_sandbox(sandbox: Sandbox) -> None:
    """The issuer has Google's name, everything a machine follows stays here and answers."""
    document = (await sandbox.client.get("/google/accounts.google.com/.well-known/openid-configuration")).json()

    assert document["issuer"] == "https://accounts.google.com"
    assert document["token_endpoint"].endswith("/google/oauth2.googleapis.com/token")
    assert (await sandbox.client.get(document["jwks_uri"])).json()["keys"]
