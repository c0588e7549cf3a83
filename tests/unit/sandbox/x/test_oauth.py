"""X's OAuth refuses what the original refuses."""

from collections.abc import Mapping

import pytest
from tests.unit.sandbox.harness import Response, Sandbox, params_of
from tests.unit.sandbox.x.visitors import (
    API,
    CLIENT,
    REDIRECT,
    VERIFIER,
    Merchant,
    a_code,
    a_merchant,
    authorization,
    exchange,
    refresh,
)

PAGE = "/x/x.com/i/oauth2/authorize"
BAD_CODE = {"error": "invalid_request", "error_description": "Value passed for the authorization code was invalid."}
BAD_TOKEN = {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}


def is_refused(answer: Response, body: Mapping[str, object], *, status: int = 400) -> bool:
    """Whether an answer is exactly this refusal."""
    return answer.status_code == status and answer.json() == body


async def test_the_whole_way_to_tokens(sandbox: Sandbox) -> None:
    """A consent ends in an access token of two hours and a refresh token."""
    merchant = await a_merchant(sandbox)

    assert merchant.tokens["token_type"] == "bearer"
    assert merchant.tokens["expires_in"] == 7200
    assert merchant.tokens["scope"] == "tweet.read tweet.write users.read media.write offline.access"
    assert set(merchant.tokens) == {"token_type", "expires_in", "access_token", "scope", "refresh_token"}


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"redirect_uri": REDIRECT + "/"},
        {"response_type": "token"},
        {"scope": "tweet.read everything"},
        {"scope": ""},
        {"state": ""},
        {"state": "x" * 501},
        {"code_challenge": ""},
        {"code_challenge_method": "S512"},
    ],
)
async def test_a_wrong_authorization_request_stays_with_the_person(sandbox: Sandbox, changes: dict[str, str]) -> None:
    """Nothing is sent to the redirect URI when the request is wrong."""
    for method in ("GET", "POST"):
        answer = await sandbox.client.request(
            method, PAGE, params=authorization(**changes), data={"account": "kettleco", "decision": "approve"}
        )

        assert answer.status_code == 400
        assert "location" not in answer.headers


async def test_the_consent_page_shows_the_app_and_the_accounts(sandbox: Sandbox) -> None:
    """A person sees whom they let in as whom."""
    answer = await sandbox.client.get(PAGE, params=authorization())

    assert answer.status_code == 200
    assert "Seftec Social" in answer.text
    assert "kettleco" in answer.text


async def test_a_refusal_comes_back_with_the_state(sandbox: Sandbox) -> None:
    """Denying sends access_denied and the state."""
    answer = await sandbox.consent("x", PAGE[3:], authorization(), account="kettleco", decision="deny")

    assert params_of(answer) == {"error": "access_denied", "state": "st_9f2"}


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "http://localhost:8101/elsewhere"},
        {"code_verifier": VERIFIER + "x"},
        {"code": "unknown"},
    ],
)
async def test_a_code_is_bound_to_redirect_uri_and_verifier(sandbox: Sandbox, changes: dict[str, str]) -> None:
    """A code with anything else beside it is invalid, and stays usable with the right values."""
    code = await a_code(sandbox)

    assert is_refused(await exchange(sandbox, changes.pop("code", code), **changes), BAD_CODE)
    assert (await exchange(sandbox, code)).status_code == 200


async def test_a_code_works_once(sandbox: Sandbox) -> None:
    """The second exchange of a code is refused."""
    code = await a_code(sandbox)
    await exchange(sandbox, code)

    assert is_refused(await exchange(sandbox, code), BAD_CODE)


async def test_a_code_lives_thirty_seconds(sandbox: Sandbox) -> None:
    """At 29 seconds a code is good, at 30 it is not."""
    early, late = await a_code(sandbox), await a_code(sandbox)

    sandbox.pass_time(seconds=29)
    assert (await exchange(sandbox, early)).status_code == 200
    sandbox.pass_time(seconds=1)
    assert is_refused(await exchange(sandbox, late), BAD_CODE)


async def test_a_plain_challenge_is_its_own_verifier(sandbox: Sandbox) -> None:
    """PKCE's plain method is accepted, as the original accepts it."""
    code = await a_code(sandbox, code_challenge=VERIFIER, code_challenge_method="plain")

    assert (await exchange(sandbox, code)).status_code == 200


@pytest.mark.parametrize("missing", ["grant_type", "code", "redirect_uri", "code_verifier"])
async def test_a_missing_parameter_is_named(sandbox: Sandbox, missing: str) -> None:
    """The error says which parameter is missing."""
    answer = await exchange(sandbox, await a_code(sandbox), **{missing: ""})

    assert answer.status_code == 400
    assert answer.json()["error_description"] == f"Missing required parameter [{missing}]."


@pytest.mark.parametrize("auth", [("sandbox-client", "wrong"), ("nobody", "sandbox-secret"), ("", "")])
async def test_a_wrong_client_is_told_apart_from_a_wrong_grant(sandbox: Sandbox, auth: tuple[str, str]) -> None:
    """A bad Basic header is 401 unauthorized_client; a secret in the form is not looked at."""
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": CLIENT[0], "client_secret": CLIENT[1]}
    answer = await sandbox.client.post(f"{API}/2/oauth2/token", data=form, auth=auth)

    body = {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}
    assert is_refused(answer, body, status=401)


async def test_basic_authentication_needs_no_client_id_in_the_form(sandbox: Sandbox) -> None:
    """X's own SDK sends none."""
    form = {"grant_type": "authorization_code", "code": await a_code(sandbox)}
    form |= {"redirect_uri": REDIRECT, "code_verifier": VERIFIER}

    assert (await sandbox.client.post(f"{API}/2/oauth2/token", data=form, auth=CLIENT)).status_code == 200


async def test_a_public_client_names_itself_in_the_form(sandbox: Sandbox) -> None:
    """A client without a secret sends its id alone, once it is known as public."""
    sandbox.switch("x", public_clients=[CLIENT[0]])
    form = {"grant_type": "authorization_code", "code": await a_code(sandbox), "client_id": CLIENT[0]}
    form |= {"redirect_uri": REDIRECT, "code_verifier": VERIFIER}

    assert (await sandbox.client.post(f"{API}/2/oauth2/token", data=form)).status_code == 200


async def test_a_refresh_rotates(sandbox: Sandbox, merchant: Merchant) -> None:
    """The old refresh token dies as the new pair is issued."""
    old = merchant.tokens["refresh_token"]

    renewed = await refresh(sandbox, old)

    assert renewed.status_code == 200
    assert renewed.json()["refresh_token"] != old
    assert is_refused(await refresh(sandbox, old), BAD_TOKEN)
    assert (await refresh(sandbox, renewed.json()["refresh_token"])).status_code == 200


async def test_a_spent_refresh_token_may_end_the_family(sandbox: Sandbox, merchant: Merchant) -> None:
    """With the switch on, presenting a spent token ends every token of the grant."""
    sandbox.switch("x", family_revocation=True)
    old = merchant.tokens["refresh_token"]
    renewed = (await refresh(sandbox, old)).json()

    assert is_refused(await refresh(sandbox, old), BAD_TOKEN)
    assert is_refused(await refresh(sandbox, renewed["refresh_token"]), BAD_TOKEN)
    merchant.tokens = renewed
    assert (await merchant.call("GET", "/2/users/me")).status_code == 401


async def test_a_refresh_may_answer_without_a_refresh_token(sandbox: Sandbox, merchant: Merchant) -> None:
    """With rotation off the old refresh token goes on working."""
    sandbox.switch("x", rotate_refresh=False)

    answer = await refresh(sandbox, merchant.tokens["refresh_token"])

    assert "refresh_token" not in answer.json()
    assert (await refresh(sandbox, merchant.tokens["refresh_token"])).status_code == 200


async def test_a_spent_token_may_be_called_an_invalid_grant(sandbox: Sandbox) -> None:
    """Both names of the error were seen."""
    sandbox.switch("x", spent_refresh_error="invalid_grant")

    assert (await refresh(sandbox, "unknown")).json()["error"] == "invalid_grant"


async def test_there_is_no_refresh_token_without_offline_access(sandbox: Sandbox) -> None:
    """A connection without offline.access ends after two hours."""
    merchant = await a_merchant(sandbox, scope="tweet.read users.read")

    assert "refresh_token" not in merchant.tokens


async def test_granted_scopes_may_be_fewer(sandbox: Sandbox) -> None:
    """The answer tells what was granted, not what was asked for."""
    sandbox.switch("x", withheld_scopes=["media.write"])
    merchant = await a_merchant(sandbox)

    assert "media.write" not in merchant.tokens["scope"]
    files = {"media": ("a.jpg", b"x", "image/jpeg")}
    refused = await merchant.call("POST", "/2/media/upload", data={"media_category": "tweet_image"}, files=files)
    assert refused.status_code == 403


async def test_an_access_token_lives_two_hours(sandbox: Sandbox, merchant: Merchant) -> None:
    """Afterwards the API answers 401 and a refresh helps."""
    sandbox.pass_time(seconds=7200)

    answer = await merchant.call("GET", "/2/users/me")

    expected = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
    assert is_refused(answer, expected, status=401)
    merchant.tokens = (await refresh(sandbox, merchant.tokens["refresh_token"])).json()
    assert (await merchant.call("GET", "/2/users/me")).status_code == 200


async def test_a_refresh_token_lives_six_months(sandbox: Sandbox, merchant: Merchant) -> None:
    """Half a year later it is as good as spent."""
    sandbox.pass_time(days=180)

    assert is_refused(await refresh(sandbox, merchant.tokens["refresh_token"]), BAD_TOKEN)


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer nothing"}, {"authorization": "Basic eDp5"}])
async def test_without_a_token_nothing_is_told(sandbox: Sandbox, header: dict[str, str]) -> None:
    """Missing, unknown and foreign credentials are all 401."""
    answer = await sandbox.client.get(f"{API}/2/users/me", headers=header)

    assert answer.status_code == 401


async def test_a_refresh_token_is_no_access_token(merchant: Merchant) -> None:
    """The API takes access tokens only."""
    merchant.tokens["access_token"] = merchant.tokens["refresh_token"]

    assert (await merchant.call("GET", "/2/users/me")).status_code == 401


async def test_revocation_ends_each_token(sandbox: Sandbox, merchant: Merchant) -> None:
    """Revoking the refresh token leaves the access token; revoking both ends the grant."""
    for kind in ("refresh_token", "access_token"):
        answer = await sandbox.client.post(f"{API}/2/oauth2/revoke", data={"token": merchant.tokens[kind]}, auth=CLIENT)
        assert is_refused(answer, {"revoked": True}, status=200)

    assert (await merchant.call("GET", "/2/users/me")).status_code == 401
    assert is_refused(await refresh(sandbox, merchant.tokens["refresh_token"]), BAD_TOKEN)
    assert all(grant.revoked_at is not None for grant in sandbox.simulator("x").grants.grants.values())


async def test_revocation_needs_the_client_and_a_known_token(sandbox: Sandbox, merchant: Merchant) -> None:
    """A stranger revokes nothing."""
    form = {"token": merchant.tokens["access_token"]}
    answer = await sandbox.client.post(f"{API}/2/oauth2/revoke", data=form, auth=(CLIENT[0], "wrong"))
    assert answer.status_code == 401

    unknown = await sandbox.client.post(f"{API}/2/oauth2/revoke", data={"token": "unknown"}, auth=CLIENT)
    assert is_refused(unknown, BAD_TOKEN)
    assert (await merchant.call("GET", "/2/users/me")).status_code == 200


async def test_another_app_cannot_use_a_code_or_a_token(sandbox: Sandbox, merchant: Merchant) -> None:
    """Codes and tokens belong to the app that asked for them."""
    await sandbox.control(
        "POST",
        "/apps",
        json={"platform": "x", "client_id": "other", "client_secret": "s", "redirect_uris": [REDIRECT]},
    )
    form = {"grant_type": "refresh_token", "refresh_token": merchant.tokens["refresh_token"]}
    refused = await sandbox.client.post(f"{API}/2/oauth2/token", data=form, auth=("other", "s"))
    assert is_refused(refused, BAD_TOKEN)

    form = {"grant_type": "authorization_code", "code": await a_code(sandbox)}
    form |= {"redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    refused = await sandbox.client.post(f"{API}/2/oauth2/token", data=form, auth=("other", "s"))
    assert is_refused(refused, BAD_CODE)


async def test_an_app_registers_few_and_safe_redirect_uris(sandbox: Sandbox) -> None:
    """More than ten, or plain http elsewhere than on loopback, is refused."""
    app = {"platform": "x", "client_id": "new", "client_secret": "s"}
    for uris in (["http://shop.example/cb"], [f"https://shop.example/{n}" for n in range(11)]):
        answer = await sandbox.client.post("/_control/apps", json={**app, "redirect_uris": uris})
        assert answer.status_code == 422


async def test_the_person_may_leave_at_any_moment(sandbox: Sandbox, merchant: Merchant) -> None:
    """The fault `revoke` ends the consent right before a call: 401 on the API, 400 on refresh."""
    await sandbox.fault("x", "publish", "revoke")

    assert (await merchant.post("Too late")).status_code == 401
    assert is_refused(await refresh(sandbox, merchant.tokens["refresh_token"]), BAD_TOKEN)
    assert await sandbox.published("x") == []
