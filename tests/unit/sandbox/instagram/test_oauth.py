"""Instagram's consent and tokens refuse what the original refuses."""

import pytest
from tests.unit.sandbox.harness import MediaServer, Sandbox, params_of
from tests.unit.sandbox.instagram.visitors import (
    GRAPH,
    PAGE,
    REDIRECT,
    Merchant,
    a_code,
    a_merchant,
    authorization,
    error_of,
    exchange,
    lengthen,
    renew,
)

ADDRESS = f"/instagram/{PAGE}"


async def test_the_redirect_ends_in_a_hash_and_an_underscore(sandbox: Sandbox) -> None:
    """The fragment is no part of the code."""
    answer = await sandbox.consent("instagram", PAGE, authorization(), account="bluemugshop")

    assert answer.headers["location"].endswith("#_")
    assert params_of(answer)["state"] == "st_9f2"
    assert not params_of(answer)["code"].endswith("#_")


async def test_the_other_consent_host_serves_too(sandbox: Sandbox) -> None:
    """One reference page still names api.instagram.com."""
    answer = await sandbox.client.get("/instagram/api.instagram.com/oauth/authorize", params=authorization())

    assert answer.status_code == 200
    assert "bluemugshop" in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"redirect_uri": REDIRECT + "/"},
        {"response_type": "token"},
        {"scope": "instagram_business_content_publish"},
        {"scope": "instagram_business_basic,business_basic"},
    ],
)
async def test_a_wrong_authorization_request_stays_with_the_person(sandbox: Sandbox, changes: dict[str, str]) -> None:
    """Nothing is sent to the redirect URI when the request is wrong."""
    for method in ("GET", "POST"):
        answer = await sandbox.client.request(
            method, ADDRESS, params=authorization(**changes), data={"account": "bluemugshop", "decision": "approve"}
        )

        assert answer.status_code == 400
        assert "location" not in answer.headers


async def test_a_refusal_tells_its_reason(sandbox: Sandbox) -> None:
    """Denying sends Meta's three fields and the state."""
    answer = await sandbox.consent("instagram", PAGE, authorization(), account="bluemugshop", decision="deny")

    assert params_of(answer) == {
        "error": "access_denied",
        "error_reason": "user_denied",
        "error_description": "The user denied your request",
        "state": "st_9f2",
    }


async def test_the_token_answer_as_seen_live(sandbox: Sandbox) -> None:
    """Flat, a number of seventeen digits, a list, and no life."""
    answer = (await exchange(sandbox, await a_code(sandbox))).json()

    assert set(answer) == {"access_token", "user_id", "permissions"}
    assert isinstance(answer["user_id"], int)
    assert len(str(answer["user_id"])) == 17
    assert isinstance(answer["permissions"], list)


async def test_the_token_answer_as_documented(sandbox: Sandbox) -> None:
    """Wrapped in a list, with strings."""
    sandbox.switch("instagram", token_answer="wrapped")

    (entry,) = (await exchange(sandbox, await a_code(sandbox))).json()["data"]

    assert isinstance(entry["user_id"], str)
    assert isinstance(entry["permissions"], str)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"client_id": "nobody"}, "Invalid platform app"),
        ({"client_secret": "wrong"}, "Error validating client secret."),
        ({"redirect_uri": REDIRECT + "/"}, "Invalid redirect_uri"),
        ({"code": "unknown"}, "Matching code was not found or was already used"),
        ({"grant_type": "refresh_token"}, "Invalid grant_type: authorization_code is required"),
    ],
)
async def test_refusals_of_the_token_endpoint_are_flat(sandbox: Sandbox, changes: dict[str, str], message: str) -> None:
    """They are not in the shape of Graph errors."""
    answer = await exchange(sandbox, changes.pop("code", await a_code(sandbox)), **changes)

    assert answer.status_code == 400
    assert answer.json() == {"error_type": "OAuthException", "code": 400, "error_message": message}


async def test_a_code_works_once_within_an_hour(sandbox: Sandbox) -> None:
    """Used or late codes are refused; the trailing characters spoil one."""
    used, late, spoiled = await a_code(sandbox), await a_code(sandbox), await a_code(sandbox)

    assert (await exchange(sandbox, spoiled + "#_")).status_code == 400
    assert (await exchange(sandbox, used)).status_code == 200
    assert (await exchange(sandbox, used)).status_code == 400
    sandbox.pass_time(hours=1)
    assert (await exchange(sandbox, late)).status_code == 400


async def test_a_short_token_becomes_a_long_one(sandbox: Sandbox) -> None:
    """Sixty days, without a version in the path, as long as the short one lives."""
    short = (await exchange(sandbox, await a_code(sandbox))).json()["access_token"]

    answer = await lengthen(sandbox, short)

    assert set(answer.json()) == {"access_token", "token_type", "expires_in"}
    assert answer.json()["expires_in"] == 5183944
    assert error_of(await lengthen(sandbox, short, client_secret="wrong"))[0] == 101
    assert error_of(await lengthen(sandbox, short, grant_type="exchange"))[0] == 100
    assert error_of(await lengthen(sandbox, answer.json()["access_token"]))[0] == 452
    assert error_of(await lengthen(sandbox, "unknown")) == (190, None)
    sandbox.pass_time(hours=1)
    assert error_of(await lengthen(sandbox, short)) == (190, 463)


async def test_a_token_is_renewed_after_a_day(sandbox: Sandbox, merchant: Merchant) -> None:
    """Earlier it is refused; the new one lives sixty days from then."""
    assert error_of(await renew(sandbox, merchant.token))[0] == 100

    sandbox.pass_time(hours=24)
    answer = await renew(sandbox, merchant.token)

    assert answer.json()["expires_in"] == 5183944
    assert answer.json()["access_token"] != merchant.token
    assert (await merchant.call("GET", "/me")).status_code == 200
    sandbox.pass_time(days=59, hours=23)
    merchant.token = answer.json()["access_token"]
    assert (await merchant.call("GET", "/me")).status_code == 200


async def test_a_renewed_token_may_die(sandbox: Sandbox, merchant: Merchant) -> None:
    """Nothing documents that the old one goes on."""
    sandbox.switch("instagram", refresh_ends_old=True)
    sandbox.pass_time(hours=24)
    await renew(sandbox, merchant.token)

    assert error_of(await merchant.call("GET", "/me")) == (190, 458)


async def test_an_expired_token_is_dead_for_good(sandbox: Sandbox, merchant: Merchant) -> None:
    """After sixty days neither calls nor renewal help."""
    sandbox.pass_time(days=60)

    assert error_of(await renew(sandbox, merchant.token)) == (190, 463)
    assert error_of(await merchant.call("GET", "/me")) == (190, 463)


async def test_a_short_token_is_not_renewed(sandbox: Sandbox) -> None:
    """Only long ones are."""
    short = (await exchange(sandbox, await a_code(sandbox))).json()["access_token"]

    assert error_of(await renew(sandbox, short))[0] == 100


async def test_the_person_may_leave_at_any_moment(sandbox: Sandbox, merchant: Merchant) -> None:
    """Removal shows as 190 on the next call."""
    await sandbox.fault("instagram", "identity", "revoke")

    assert error_of(await merchant.call("GET", "/me")) == (190, 458)
    sandbox.pass_time(hours=24)
    assert error_of(await renew(sandbox, merchant.token)) == (190, 458)


async def test_a_missing_role_refuses_every_call_as_a_method(sandbox: Sandbox, merchant: Merchant) -> None:
    """Consent works, and then everything says that the method is wrong."""
    sandbox.switch("instagram", unapproved=True)
    short = (await exchange(sandbox, await a_code(sandbox))).json()["access_token"]

    for answer in (await lengthen(sandbox, short), await merchant.call("GET", "/me"), await merchant.create()):
        assert answer.status_code == 400
        assert answer.json()["error"]["message"] == "Unsupported request - method type: get"
        assert answer.json()["error"]["type"] == "IGApiException"
        assert answer.json()["error"]["code"] == 100


async def test_permissions_can_be_unticked(sandbox: Sandbox, media: MediaServer) -> None:
    """All but the basic one; what was not granted is refused with code 10."""
    merchant = await a_merchant(sandbox, media, scope=["instagram_business_basic"])

    assert (await merchant.call("GET", "/me")).status_code == 200
    assert error_of(await merchant.create(image_url=merchant.picture()))[0] == 10
    assert error_of(await merchant.call("GET", "/{id}/content_publishing_limit"))[0] == 10
    assert error_of(await merchant.call("GET", "/{id}/insights?metric=reach&period=day"))[0] == 10


async def test_the_token_may_stand_in_header_query_or_form(sandbox: Sandbox, merchant: Merchant) -> None:
    """Meta's own client sends it in the query, even with POST; without one there is nothing."""
    address = f"{GRAPH}/v26.0/me/"

    assert (await sandbox.client.get(address)).status_code == 400
    answer = await sandbox.client.get(address, params={"access_token": merchant.token, "appsecret_proof": "x"})
    assert answer.status_code == 200
    publish = f"{GRAPH}/v26.0/{merchant.ig_id}/media_publish/"
    for kind in ({"params": {"access_token": merchant.token}}, {"data": {"access_token": merchant.token}}):
        refused = await sandbox.client.post(publish, **kind)  # type: ignore[arg-type]
        assert refused.json()["error"]["message"].endswith("The parameter creation_id is required.")


async def test_the_platform_has_no_revocation(sandbox: Sandbox, merchant: Merchant) -> None:
    """There is no such path, and PKCE parameters change nothing."""
    answer = await sandbox.client.post("/instagram/api.instagram.com/oauth/revoke", data={"token": merchant.token})

    assert answer.status_code == 400
    query = authorization(code_challenge="x", code_challenge_method="S256")
    assert params_of(await sandbox.consent("instagram", PAGE, query, account="bluemugshop"))["code"]
