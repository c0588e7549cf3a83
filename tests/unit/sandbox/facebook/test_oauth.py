"""Facebook's dialog and token pipeline refuse what the original refuses."""

import pytest
from tests.unit.sandbox.facebook.visitors import (
    CLIENT_ID,
    CLIENT_SECRET,
    GRAPH,
    PAGE,
    REDIRECT,
    Merchant,
    a_code,
    a_long_token,
    a_short_token,
    authorization,
    call_as,
    error_of,
    exchange,
    inspect,
    lengthen,
    pages_of,
    proof,
)
from tests.unit.sandbox.harness import CALLBACK, Sandbox, params_of

from social_sandbox.grants import s256_challenge

ADDRESS = f"/facebook/{PAGE}"
PAGE_TOKEN_SUBCODES = {
    "app_removed": 458,
    "deletion_requested": 458,
    "password_changed": 460,
    "logged_out": 467,
    "checkpoint": 459,
    "unconfirmed": 464,
    "role_lost": 492,
    "expired": 463,
    "generic": None,
}


async def test_the_dialog_lists_people_pages_and_permissions(sandbox: Sandbox) -> None:
    """Each can be unticked, single Pages included."""
    answer = await sandbox.client.get(ADDRESS, params=authorization())

    assert answer.status_code == 200
    for text in ("ana.mug", "Green Tea House", "Quiet Corner", 'name="place"', "pages_manage_posts", 'name="scope"'):
        assert text in answer.text


async def test_success_and_denial_carry_the_state(sandbox: Sandbox) -> None:
    """The code comes with a fragment that is none of it; a denial with Meta's four fields."""
    answer = await sandbox.consent("facebook", PAGE, authorization(), account="ana.mug")
    denied = await sandbox.consent("facebook", PAGE, authorization(), account="ana.mug", decision="deny")

    assert answer.headers["location"].endswith("#_=_")
    assert params_of(answer)["state"] == "st_9f2"
    assert params_of(denied) == {
        "error": "access_denied",
        "error_reason": "user_denied",
        "error_description": "Permissions error",
        "error_code": "200",
        "state": "st_9f2",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"redirect_uri": REDIRECT + "/"},
        {"response_type": "token"},
        {"state": ""},
        {"scope": "pages_show_list,pages_manage_everything"},
        {"config_id": "unknown"},
        {"scope": "openid"},
        {"scope": "openid", "nonce": "n", "code_challenge": "short", "code_challenge_method": "S256"},
    ],
)
async def test_a_wrong_request_stays_with_the_person(sandbox: Sandbox, changes: dict[str, str]) -> None:
    """Nothing is sent to the redirect URI when the request is wrong."""
    for method in ("GET", "POST"):
        answer = await sandbox.client.request(
            method, ADDRESS, params=authorization(**changes), data={"account": "ana.mug", "decision": "approve"}
        )

        assert answer.status_code == 400
        assert "location" not in answer.headers


async def test_a_code_becomes_a_short_and_then_a_long_token(sandbox: Sandbox) -> None:
    """An hour and a half, then about sixty days, in another string; exchanged again it lives no longer."""
    short = (await exchange(sandbox, await a_code(sandbox))).json()
    long = (await lengthen(sandbox, short["access_token"])).json()
    sandbox.pass_time(days=10)
    again = (await lengthen(sandbox, long["access_token"])).json()

    assert set(short) == {"access_token", "token_type", "expires_in"}
    assert short["expires_in"] == 5102
    assert long["expires_in"] == 5183944
    assert len({short["access_token"], long["access_token"], again["access_token"]}) == 3
    assert again["expires_in"] == 5183944 - 10 * 86400
    assert error_of(await lengthen(sandbox, short["access_token"])) == (190, 463)


async def test_the_life_of_a_token_may_be_missing(sandbox: Sandbox) -> None:
    """Then only debug_token knows."""
    sandbox.switch("facebook", expires_in_missing=True)

    answer = (await exchange(sandbox, await a_code(sandbox))).json()

    assert "expires_in" not in answer
    assert (await inspect(sandbox, answer["access_token"]))["expires_at"] > sandbox.clock.timestamp()


async def test_codes_are_used_once_with_the_very_redirect_in_time(sandbox: Sandbox) -> None:
    """Each failure has its subcode, and a wrong redirect does not spend the code."""
    used, late = await a_code(sandbox), await a_code(sandbox)

    assert error_of(await exchange(sandbox, used, redirect_uri=REDIRECT + "/")) == (100, 36008)
    assert (await exchange(sandbox, used)).status_code == 200
    assert error_of(await exchange(sandbox, used)) == (100, 36009)
    sandbox.pass_time(seconds=600)
    assert error_of(await exchange(sandbox, late)) == (100, 36007)
    assert error_of(await exchange(sandbox, "unknown")) == (100, None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_secret": "wrong"}, 1),
        ({"client_id": "nobody"}, 101),
        ({"client_secret": ""}, 101),
        ({"redirect_uri": ""}, 191),
        ({"grant_type": "refresh_token"}, 100),
    ],
)
async def test_the_token_endpoint_knows_its_apps(sandbox: Sandbox, changes: dict[str, str], code: int) -> None:
    """A wrong secret is code 1, in its own words."""
    answer = await exchange(sandbox, await a_code(sandbox), **changes)

    assert error_of(answer) == (code, None)
    if code == 1:
        assert answer.json()["error"]["message"] == "Error validating client secret."


async def test_a_code_is_of_one_app(sandbox: Sandbox) -> None:
    """Another app's secret does not redeem it, nor lengthen or inspect its tokens."""
    other = {"client_id": "900100200", "client_secret": "another-fake-secret"}
    body = {"platform": "facebook", **other, "redirect_uris": [REDIRECT]}
    await sandbox.control("POST", "/apps", json=body)
    token = await a_short_token(sandbox)

    assert error_of(await exchange(sandbox, await a_code(sandbox), **other))[0] == 100
    assert error_of(await lengthen(sandbox, token, **other)) == (190, None)
    query = {"input_token": token, "access_token": "900100200|another-fake-secret"}
    assert error_of(await sandbox.client.get(f"{GRAPH}/v26.0/debug_token", params=query))[0] == 100


async def test_page_tokens_of_a_long_token_have_no_end(sandbox: Sandbox, merchant: Merchant) -> None:
    """`expires_at` is 0, and the Page goes on when the person's token is over."""
    told = await inspect(sandbox, merchant.token)
    sandbox.pass_time(days=400)

    assert (told["type"], told["expires_at"], told["is_valid"]) == ("PAGE", 0, True)
    assert told["profile_id"] == merchant.page_id
    assert told["user_id"] == merchant.user_id
    assert (await merchant.call("GET", "/me")).status_code == 200
    assert error_of(await merchant.as_person("GET", "/me")) == (190, 463)


async def test_page_tokens_of_a_short_token_die_with_it(sandbox: Sandbox) -> None:
    """They look the same and are over after an hour and a half."""
    short = await a_short_token(sandbox)
    token = (await pages_of(sandbox, short))[0]["access_token"]

    assert (await inspect(sandbox, token))["expires_at"] == (await inspect(sandbox, short))["expires_at"]
    assert (await call_as(sandbox, token, "GET", "/me")).status_code == 200
    sandbox.pass_time(seconds=5102)
    assert error_of(await call_as(sandbox, token, "GET", "/me")) == (190, 463)


@pytest.mark.parametrize(("cause", "subcode"), PAGE_TOKEN_SUBCODES.items())
async def test_a_page_token_dies_without_warning(
    sandbox: Sandbox, merchant: Merchant, cause: str, subcode: int | None
) -> None:
    """190 with the subcode of the cause, on the next call and in debug_token, for good."""
    sandbox.switch("facebook", revoke_cause=cause)
    await sandbox.fault("facebook", "publish", "revoke")

    assert error_of(await merchant.post(message="Too late")) == (190, subcode)
    assert error_of(await merchant.post(message="Too late")) == (190, subcode)
    told = await inspect(sandbox, merchant.token)
    assert told["is_valid"] is False
    assert (told["error"]["code"], told["error"].get("subcode")) == (190, subcode)
    assert await sandbox.published("facebook") == []


async def test_an_ended_session_may_also_be_code_102(sandbox: Sandbox, merchant: Merchant) -> None:
    """The older code for the same thing."""
    sandbox.switch("facebook", revoke_cause="session_ended")
    await sandbox.fault("facebook", "identity", "revoke")

    assert error_of(await merchant.call("GET", "/me")) == (102, None)


@pytest.mark.parametrize("session", ["password_changed", "checkpoint", "unconfirmed", "app_removed"])
async def test_sessions_end_through_the_control_interface(sandbox: Sandbox, merchant: Merchant, session: str) -> None:
    """On all Pages of the person; a checkpoint also keeps the person from consenting until it is settled."""
    await merchant.change_page(session=session)

    assert error_of(await merchant.call("GET", "/me")) == (190, PAGE_TOKEN_SUBCODES[session])
    assert error_of(await merchant.as_person("GET", "/me")) == (190, PAGE_TOKEN_SUBCODES[session])
    answer = await sandbox.consent("facebook", PAGE, authorization(), account="ana.mug")
    assert answer.status_code == (400 if session in {"checkpoint", "unconfirmed"} else 302)
    await merchant.change_page(session="valid")
    assert (await pages_of(sandbox, await a_long_token(sandbox)))[0]["id"] == merchant.page_id


async def test_losing_the_role_ends_the_page_and_a_new_token_fails_alike(sandbox: Sandbox, merchant: Merchant) -> None:
    """The Page is no longer listed; with the role back only a new token works."""
    await merchant.change_page(role=False)

    assert error_of(await merchant.post(message="Hello")) == (190, 492)
    fresh = await a_long_token(sandbox)
    assert await pages_of(sandbox, fresh) == []
    assert error_of(await call_as(sandbox, fresh, "GET", f"/{merchant.page_id}")) == (190, 492)
    await merchant.change_page(role=True)
    assert error_of(await merchant.call("GET", "/me")) == (190, 492)
    assert len(await pages_of(sandbox, fresh)) == 1


async def test_debug_token_tells_scopes_and_their_targets(sandbox: Sandbox) -> None:
    """Targets are named where single Pages were chosen; without them all are meant; rubbish is invalid."""
    everything = await inspect(sandbox, await a_long_token(sandbox, account="ben.many"))
    one = (await pages_of(sandbox, await a_long_token(sandbox, account="ben.many")))[0]["id"]
    chosen = await inspect(sandbox, await a_long_token(sandbox, account="ben.many", place=[one]))

    assert everything["type"] == "USER"
    assert all("target_ids" not in entry for entry in everything["granular_scopes"])
    assert {"scope": "pages_manage_posts", "target_ids": [one]} in chosen["granular_scopes"]
    assert chosen["app_id"] == CLIENT_ID
    assert (await inspect(sandbox, "EAABrubbish"))["is_valid"] is False
    query = {"input_token": "x", "access_token": f"{CLIENT_ID}|wrong"}
    assert error_of(await sandbox.client.get(f"{GRAPH}/v26.0/debug_token", params=query)) == (190, None)


async def test_permissions_can_be_unticked_and_asked_for_again(sandbox: Sandbox) -> None:
    """What was declined once is asked again only with `auth_type=rerequest`."""

    async def status(**kwargs: object) -> dict[str, str]:
        token = await a_short_token(sandbox, **kwargs)
        answer = await call_as(sandbox, token, "GET", "/me/permissions")
        return {entry["permission"]: entry["status"] for entry in answer.json()["data"]}

    first = await status(scope=["pages_show_list", "pages_read_engagement"])
    assert first["pages_show_list"] == "granted"
    assert first["pages_manage_posts"] == "declined"
    assert (await status())["pages_manage_posts"] == "declined"
    again = await status(query=authorization(auth_type="rerequest"))
    assert set(again.values()) == {"granted"}


async def test_an_unused_permission_may_lapse(sandbox: Sandbox, merchant: Merchant) -> None:
    """Error 10 from then on, and the status says so; what was used goes on."""
    sandbox.switch("facebook", permission_lapse_s=20 * 86400)
    sandbox.pass_time(days=19)
    assert (await merchant.call("GET", "/{page}/published_posts")).status_code == 200
    sandbox.pass_time(days=19)

    assert error_of(await merchant.post(message="Too late")) == (10, None)
    assert (await merchant.call("GET", "/{page}/published_posts")).status_code == 200
    told = (await merchant.as_person("GET", "/me/permissions")).json()["data"]
    status = {entry["permission"]: entry["status"] for entry in told}
    assert (status["pages_manage_posts"], status["pages_read_engagement"]) == ("expired", "granted")
    await a_short_token(sandbox)
    assert (await merchant.post(message="Asked again")).status_code == 200


async def test_an_invalid_token_may_be_a_401(sandbox: Sandbox, merchant: Merchant) -> None:
    """The code stays the same."""
    assert (await call_as(sandbox, "nonsense", "GET", "/me")).status_code == 400
    sandbox.switch("facebook", invalid_token_status=401)
    await merchant.change_page(role=False)

    for answer in (await merchant.call("GET", "/me"), await call_as(sandbox, "nonsense", "GET", "/me")):
        assert (answer.status_code, error_of(answer)[0]) == (401, 190)


async def test_withdrawing_everything_ends_every_token_of_the_person(sandbox: Sandbox) -> None:
    """All Pages that the person connected stop, with 190/458, and the person's own token with them."""
    long = await a_long_token(sandbox, account="ben.many")
    pages = await pages_of(sandbox, long)
    user_id = (await call_as(sandbox, long, "GET", "/me")).json()["id"]

    answer = await call_as(sandbox, long, "DELETE", f"/{user_id}/permissions")

    assert answer.json() == {"success": True}
    assert len(pages) > 1
    for token in (long, *(page["access_token"] for page in pages)):
        assert error_of(await call_as(sandbox, token, "GET", "/me")) == (190, 458)


async def test_withdrawing_one_permission_leaves_the_rest(sandbox: Sandbox, merchant: Merchant) -> None:
    """Publishing answers 200, reading goes on."""
    answer = await merchant.as_person("DELETE", f"/{merchant.user_id}/permissions/pages_manage_posts")

    assert answer.json() == {"success": True}
    assert error_of(await merchant.post(message="Hello")) == (200, None)
    assert (await merchant.call("GET", "/{page}/published_posts")).status_code == 200


async def test_the_proof_belongs_to_one_token(sandbox: Sandbox, merchant: Merchant) -> None:
    """A proof of another token is refused; a missing one only where the app requires it."""
    address = f"{GRAPH}/v26.0/me"

    def query(token: str, of: str) -> dict[str, str]:
        return {"access_token": token, "appsecret_proof": proof(of)}

    right = await sandbox.client.get(address, params=query(merchant.token, merchant.token))
    wrong = await sandbox.client.get(address, params=query(merchant.token, merchant.long))
    missing = await merchant.call("GET", "/me")
    sandbox.switch("facebook", require_appsecret_proof=True)
    required = await merchant.call("GET", "/me")

    assert right.status_code == missing.status_code == 200
    assert wrong.json()["error"] | {"fbtrace_id": ""} == {
        "message": "Invalid appsecret_proof provided in the API argument",
        "type": "GraphMethodException",
        "code": 100,
        "is_transient": False,
        "fbtrace_id": "",
    }
    message = "API calls from the server require an appsecret_proof argument"
    assert required.json()["error"]["message"] == message
    again = await sandbox.client.get(address, params=query(merchant.token, merchant.token))
    assert again.status_code == 200


def test_the_proof_is_the_documented_one() -> None:
    """The vector of the contract."""
    expected = "3b38be4a4aaf59feda5f5da79b9e6bbea51a9d1215c9e202de552bd5e7356bd7"

    assert proof("EAAtest-page-token", "shop-test-app-secret") == expected


async def test_a_configuration_replaces_the_scopes(sandbox: Sandbox) -> None:
    """Facebook Login for Business: what the dashboard lists is asked for, and everything else is revoked."""
    body = {
        "platform": "facebook",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [f"{CALLBACK}/v1/oauth/facebook/callback"],
        "options": {"configurations": {"77": ["pages_show_list", "pages_read_engagement"]}},
    }
    await sandbox.control("POST", "/apps", json=body)
    await a_short_token(sandbox)

    told = await inspect(sandbox, await a_short_token(sandbox, query=authorization(config_id="77", scope="")))

    assert told["scopes"] == ["pages_show_list", "pages_read_engagement"]


async def test_pkce_belongs_to_the_variant_with_openid(sandbox: Sandbox) -> None:
    """The classic flow ignores it; with `openid` the verifier must fit."""
    verifier = "a" * 43
    pkce = {"code_challenge": s256_challenge(verifier), "code_challenge_method": "S256"}
    classic = await a_code(sandbox, query=authorization(**pkce))
    oidc = await a_code(sandbox, query=authorization(scope="openid,pages_show_list", nonce="n1", **pkce))

    assert (await exchange(sandbox, classic)).status_code == 200
    assert error_of(await exchange(sandbox, oidc, code_verifier="b" * 43))[0] == 100
    assert (await exchange(sandbox, oidc, code_verifier=verifier)).status_code == 200
