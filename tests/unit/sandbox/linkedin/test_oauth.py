"""The consent page and the tokens of the simulated LinkedIn."""

import jwt
import pytest
from tests.unit.sandbox.harness import Sandbox
from tests.unit.sandbox.linkedin.visitors import (
    API,
    COMMUNITY_APP,
    MEMBER_APP,
    MEMBER_SCOPES,
    PAGE_SCOPES,
    REDIRECT,
    WEB,
    Merchant,
    a_member,
    a_merchant,
    a_page_manager,
    answered,
    authorization,
    error_of,
    exchange,
    introspect,
    refresh,
)

DEAD_CODE = "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code."
DEAD_GRANT = "The provided authorization grant or refresh token is invalid, expired or revoked"
PAGE = f"{WEB}/oauth/v2/authorization"


async def a_code(sandbox: Sandbox, **changes: str) -> str:
    """A code of the self-serve app."""
    return (await answered(sandbox, authorization() | changes))["code"]


async def test_the_answer_of_the_self_serve_app_has_no_refresh_token(sandbox: Sandbox) -> None:
    """Sixty days, scopes separated by commas, an id token, and nothing to refresh with."""
    answer = await exchange(sandbox, await a_code(sandbox))

    body = answer.json()
    assert set(body) == {"access_token", "expires_in", "scope", "id_token"}
    assert body["expires_in"] == 5_184_000
    assert body["scope"] == "openid,profile,w_member_social"
    claims = jwt.decode(body["id_token"], options={"verify_signature": False})
    assert claims["aud"] == MEMBER_APP[0]


async def test_without_openid_there_is_no_id_token_and_no_userinfo(sandbox: Sandbox) -> None:
    """The identity needs its own scope."""
    merchant = await a_merchant(sandbox, MEMBER_APP, "w_member_social")

    assert "id_token" not in merchant.tokens
    answer = await merchant.userinfo()
    assert error_of(answer) == (403, "ACCESS_DENIED")


async def test_a_self_serve_connection_dies_after_sixty_days(sandbox: Sandbox, member: Merchant) -> None:
    """Nothing renews it; the answer says expired."""
    sandbox.pass_time(days=59, hours=23)
    assert (await member.userinfo()).status_code == 200
    sandbox.pass_time(hours=1)

    answer = await member.userinfo()

    assert error_of(answer) == (401, "EXPIRED_ACCESS_TOKEN")
    assert answer.json()["serviceErrorCode"] == 65602


async def test_a_refresh_token_is_neither_rotated_nor_prolonged(sandbox: Sandbox, manager: Merchant) -> None:
    """The access token starts anew; the refresh token stays the same, and its life keeps shrinking to its end."""
    first = manager.tokens
    assert first["refresh_token_expires_in"] == 31_536_000
    sandbox.pass_time(days=300)
    again = (await refresh(sandbox, first["refresh_token"])).json()
    assert again["refresh_token"] == first["refresh_token"]
    assert again["access_token"] != first["access_token"]
    assert again["expires_in"] == 5_184_000
    assert again["refresh_token_expires_in"] == 65 * 86_400
    sandbox.pass_time(days=65)

    dead = await refresh(sandbox, first["refresh_token"])

    assert dead.status_code == 400
    assert dead.json() == {"error": "invalid_request", "error_description": DEAD_GRANT}


async def test_the_refresh_life_can_be_told_in_minutes(sandbox: Sandbox) -> None:
    """An official sample does so; the token still lives a year."""
    sandbox.switch("linkedin", refresh_life_in_minutes=True)

    manager = await a_page_manager(sandbox)

    assert manager.tokens["refresh_token_expires_in"] == 525_600


async def test_a_code_works_once_for_thirty_minutes_at_its_own_address(sandbox: Sandbox) -> None:
    """Reuse, age, another app, another address and a verifier are all the same refusal."""
    used, old = await a_code(sandbox), await a_code(sandbox)
    assert (await exchange(sandbox, used)).status_code == 200
    answers = [
        await exchange(sandbox, used),
        await exchange(sandbox, await a_code(sandbox), COMMUNITY_APP),
        await exchange(sandbox, await a_code(sandbox), redirect_uri="https://else.example/callback"),
        await exchange(sandbox, await a_code(sandbox), code_verifier="a-verifier"),
        await exchange(sandbox, "AQnever"),
    ]
    sandbox.pass_time(minutes=30)
    answers.append(await exchange(sandbox, old))

    assert {answer.status_code for answer in answers} == {400}
    assert {answer.json()["error"] for answer in answers} == {"invalid_request"}
    assert all(answer.json()["error_description"].startswith(DEAD_CODE) for answer in answers)


async def test_the_client_shows_itself_in_the_body_alone(sandbox: Sandbox) -> None:
    """Basic authentication is not looked at; wrong ids and secrets are the app's fault."""
    form = {"grant_type": "authorization_code", "code": await a_code(sandbox), "redirect_uri": REDIRECT}

    basic = await sandbox.client.post(f"{WEB}/oauth/v2/accessToken", data=form, auth=MEMBER_APP)
    wrong_secret = await exchange(sandbox, form["code"], client_secret="guess")
    wrong_id = await exchange(sandbox, form["code"], client_id="nobody")
    as_json = await sandbox.client.post(f"{WEB}/oauth/v2/accessToken", json=form)

    assert (basic.status_code, basic.json()["error"]) == (400, "invalid_request")
    assert (wrong_secret.status_code, wrong_secret.json()["error"]) == (401, "invalid_client")
    assert (wrong_id.status_code, wrong_id.json()["error"]) == (401, "invalid_client_id")
    assert as_json.status_code == 400
    assert (await exchange(sandbox, form["code"])).status_code == 200


@pytest.mark.parametrize("grant_type", ["", "client_credentials"])
async def test_other_grant_types_are_refused(sandbox: Sandbox, grant_type: str) -> None:
    """Only codes and refresh tokens."""
    answer = await exchange(sandbox, await a_code(sandbox), grant_type=grant_type)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("app", "scope", "culprit"),
    [
        (MEMBER_APP, f"{MEMBER_SCOPES} w_organization_social", "w_organization_social"),
        (MEMBER_APP, "openid r_member_social", "r_member_social"),
        (COMMUNITY_APP, f"{PAGE_SCOPES} email nonsense", "nonsense"),
    ],
)
async def test_one_scope_the_app_lacks_fails_the_whole_authorization(
    sandbox: Sandbox, app: tuple[str, str], scope: str, culprit: str
) -> None:
    """The product is missing: the redirect names the scope, before anybody is asked."""
    answer = await sandbox.client.get(PAGE, params=authorization(app, scope))

    location = answer.headers["location"]
    assert answer.status_code == 302
    assert "error=unauthorized_scope_error" in location
    assert culprit in location
    assert "state=st_9f2" in location
    assert "code=" not in location


@pytest.mark.parametrize("error", ["user_cancelled_authorize", "user_cancelled_login"])
async def test_a_member_who_says_no_is_sent_back(sandbox: Sandbox, error: str) -> None:
    """With LinkedIn's own error, a description and the state."""
    sandbox.switch("linkedin", cancel_error=error)

    back = await answered(sandbox, authorization(), decision="deny")

    assert back["error"] == error
    assert back["error_description"]
    assert back["state"] == "st_9f2"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "https://else.example/callback"},
        {"redirect_uri": f"{REDIRECT}#there"},
        {"redirect_uri": "http://["},
        {"redirect_uri": ""},
        {"response_type": "token"},
        {"scope": ""},
        {"code_challenge": "abc", "code_challenge_method": "S256"},
    ],
)
async def test_a_wrong_request_stays_with_the_person(sandbox: Sandbox, changes: dict[str, str]) -> None:
    """An error page and no redirect, neither before nor after the consent."""
    query = authorization() | changes

    shown = await sandbox.client.get(PAGE, params=query)
    decided = await sandbox.client.post(PAGE, params=query, data={"account": "anacosta", "decision": "approve"})

    for answer in (shown, decided):
        assert answer.status_code == 400
        assert "location" not in answer.headers


async def test_the_page_asks_and_an_unclear_form_is_no_decision(sandbox: Sandbox) -> None:
    """The members are listed; a form without an answer, or of nobody, leads nowhere."""
    shown = await sandbox.client.get(PAGE, params=authorization())
    unclear = await sandbox.client.post(PAGE, params=authorization(), data={})
    nobody = await sandbox.client.post(PAGE, params=authorization(), data={"account": "ghost", "decision": "approve"})

    assert "anacosta" in shown.text
    assert "noorbakker" in shown.text
    assert unclear.status_code == nobody.status_code == 400


async def test_the_query_of_a_redirect_uri_is_ignored(sandbox: Sandbox) -> None:
    """It is neither compared nor followed; the state is optional, too."""
    query = authorization(redirect_uri=f"{REDIRECT}?shop=1")
    del query["state"]

    answer = await sandbox.consent("linkedin", "www.linkedin.com/oauth/v2/authorization", query, account="anacosta")

    assert answer.headers["location"].startswith(f"{REDIRECT}?code=")
    assert "state" not in answer.headers["location"]


async def test_another_set_of_scopes_ends_the_earlier_tokens_of_that_app(
    sandbox: Sandbox, member: Merchant, manager: Merchant
) -> None:
    """The same set in another order ends nothing; another one does, for this member and this app only."""
    same = await a_merchant(sandbox, MEMBER_APP, "w_member_social profile openid")
    assert (await member.userinfo()).status_code == 200
    other = await a_member(sandbox, account="noorbakker")

    newest = await a_merchant(sandbox, MEMBER_APP, f"{MEMBER_SCOPES} email")

    for merchant in (member, same):
        answer = await merchant.userinfo()
        assert error_of(answer) == (401, "REVOKED_ACCESS_TOKEN")
        assert answer.json()["serviceErrorCode"] == 65601
    for merchant in (newest, manager, other):
        assert (await merchant.userinfo()).status_code == 200


async def test_a_fresh_token_may_be_refused_for_some_seconds(sandbox: Sandbox, manager: Merchant) -> None:
    """As revoked, which it is not: a moment later it works."""
    sandbox.switch("linkedin", fresh_token_lag_s=5)
    sandbox.pass_time(seconds=10)
    manager.tokens = (await refresh(sandbox, manager.tokens["refresh_token"])).json()

    early = await manager.userinfo()
    sandbox.pass_time(seconds=5)
    late = await manager.userinfo()

    assert error_of(early) == (401, "REVOKED_ACCESS_TOKEN")
    assert early.json()["message"] == "The token used in the request has been revoked by the user"
    assert late.status_code == 200


async def test_introspection_tells_active_expired_and_revoked(sandbox: Sandbox, member: Merchant) -> None:
    """In epoch seconds, whatever has become of the token."""
    token = member.tokens["access_token"]
    active = (await introspect(sandbox, token)).json()
    began = int(sandbox.clock.now().timestamp())
    assert active == {
        "active": True,
        "client_id": MEMBER_APP[0],
        "authorized_at": began,
        "created_at": began,
        "status": "active",
        "expires_at": began + 5_184_000,
        "scope": "openid,profile,w_member_social",
        "auth_type": "3L",
    }
    sandbox.pass_time(days=60)
    expired = (await introspect(sandbox, token)).json()
    assert (expired["active"], expired["status"]) == (False, "expired")
    await a_merchant(sandbox, MEMBER_APP, "openid")

    revoked = (await introspect(sandbox, token)).json()

    assert (revoked["active"], revoked["status"]) == (False, "revoked")


async def test_introspection_refuses_strangers(sandbox: Sandbox, member: Merchant) -> None:
    """400 for a bad id or token, another app's included; 401 for a bad secret."""
    token = member.tokens["access_token"]

    assert (await introspect(sandbox, token, client_id="nobody")).status_code == 400
    assert (await introspect(sandbox, "AQVnever")).status_code == 400
    assert (await introspect(sandbox, token, COMMUNITY_APP)).status_code == 400
    assert (await introspect(sandbox, token, client_secret="guess")).status_code == 401


async def revoke(sandbox: Sandbox, merchant: Merchant, app: tuple[str, str] = COMMUNITY_APP) -> int:
    """Revoke a merchant's access token; answers with the status."""
    form = {"client_id": app[0], "client_secret": app[1], "token": merchant.tokens["access_token"]}
    answer = await sandbox.client.post(f"{WEB}/oauth/v2/revoke", data=form)
    assert answer.status_code != 200 or answer.content == b""
    return answer.status_code


async def test_revocation_ends_a_consent_with_its_refresh_token(sandbox: Sandbox, manager: Merchant) -> None:
    """The answer is empty; what another consent to the same app gave lives on, unless the switch says otherwise."""
    other = await a_page_manager(sandbox)

    assert await revoke(sandbox, manager, MEMBER_APP) == 400
    assert await revoke(sandbox, manager) == 200

    assert error_of(await manager.userinfo()) == (401, "REVOKED_ACCESS_TOKEN")
    assert (await refresh(sandbox, manager.tokens["refresh_token"])).status_code == 400
    assert (await other.userinfo()).status_code == 200
    sandbox.switch("linkedin", revoke_ends_all=True)
    third = await a_page_manager(sandbox)
    assert await revoke(sandbox, third) == 200
    assert error_of(await other.userinfo()) == (401, "REVOKED_ACCESS_TOKEN")


async def test_the_revocation_endpoint_may_not_exist(sandbox: Sandbox, manager: Merchant) -> None:
    """No official page names it."""
    sandbox.switch("linkedin", has_revoke=False)

    assert await revoke(sandbox, manager) == 404
    assert (await manager.userinfo()).status_code == 200


async def test_each_app_knows_the_member_by_another_id(sandbox: Sandbox, member: Merchant, manager: Merchant) -> None:
    """The id is stable within an app and tells nothing to the other."""
    again = await a_member(sandbox)

    assert member.person == again.person
    assert member.person != manager.person
    assert error_of(await manager.post("Hello", author=member.person)) == (403, "ACCESS_DENIED")


async def test_userinfo_needs_no_version_and_has_no_vanity_name(sandbox: Sandbox, member: Merchant) -> None:
    """A name in parts, a picture whose address changes, a locale in either form, e-mail only with its scope."""
    first = (await member.userinfo()).json()
    sandbox.switch("linkedin", locale_form="string")
    sandbox.pass_time(hours=1)

    later = (await member.userinfo()).json()

    assert set(first) == {"sub", "name", "given_name", "family_name", "picture", "locale"}
    assert (first["name"], first["given_name"], first["family_name"]) == ("Ana Costa", "Ana", "Costa")
    assert first["locale"] == {"country": "PT", "language": "pt"}
    assert later["locale"] == "pt_PT"
    assert first["picture"] != later["picture"]
    with_mail = await a_merchant(sandbox, MEMBER_APP, f"{MEMBER_SCOPES} email")
    assert "email" in (await with_mail.userinfo()).json()
    only_id = await a_merchant(sandbox, MEMBER_APP, "openid")
    assert set((await only_id.userinfo()).json()) == {"sub"}


async def test_the_member_can_remove_the_app(sandbox: Sandbox, manager: Merchant) -> None:
    """Planned as a fault, the call finds every consent gone, the refresh token's included."""
    await sandbox.fault("linkedin", "identity", "revoke")

    assert error_of(await manager.userinfo()) == (401, "REVOKED_ACCESS_TOKEN")
    assert (await refresh(sandbox, manager.tokens["refresh_token"])).status_code == 400


@pytest.mark.parametrize(
    ("header", "form", "status", "code", "service"),
    [
        (None, "message", 401, None, 401),
        (None, "code", 401, "EMPTY_ACCESS_TOKEN", None),
        ("Bearer AQVnever", "message", 401, "INVALID_ACCESS_TOKEN", 65600),
        ("Basic abc", "message", 401, None, 401),
    ],
)
async def test_missing_and_unknown_tokens(
    sandbox: Sandbox, header: str | None, form: str, status: int, code: str | None, service: int | None
) -> None:
    """Each in LinkedIn's words."""
    sandbox.switch("linkedin", unsigned_form=form)
    headers = {"authorization": header} if header else {}

    answer = await sandbox.client.get(f"{API}/v2/userinfo", headers=headers)

    assert error_of(answer) == (status, code)
    assert answer.json().get("serviceErrorCode") == service
    assert answer.headers["x-li-uuid"]
    if form == "message" and service == 401:
        assert answer.json()["message"] == "Empty oauth2_access_token"


async def test_a_refresh_token_is_no_access_token(sandbox: Sandbox, manager: Merchant) -> None:
    """And an access token refreshes nothing."""
    refreshed = await refresh(sandbox, manager.tokens["access_token"])
    manager.tokens = {"access_token": manager.tokens["refresh_token"]}

    assert refreshed.status_code == 400
    assert error_of(await manager.userinfo()) == (401, "INVALID_ACCESS_TOKEN")
