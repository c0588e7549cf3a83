"""GitHub's consent and tokens, with everything they refuse."""

from urllib.parse import parse_qs

import pytest
from tests.unit.sandbox.github.visitors import (
    API,
    AUTHORIZE,
    CLIENT,
    REDIRECT,
    TOKEN,
    Visitor,
    a_code,
    a_visitor,
    an_oauth_app,
    exchange,
    refresh,
)
from tests.unit.sandbox.harness import Sandbox, params_of

from social_sandbox.grants import s256_challenge

VERIFIER = "a-verifier-of-the-right-length-0123456789-abcdef"
PAGE = f"/github/{AUTHORIZE}"
APPLICATION = f"{API}/applications/{CLIENT[0]}"


async def test_the_consent_page_has_one_form_with_accounts(sandbox: Sandbox) -> None:
    """A person sees one form with an account to choose and two buttons."""
    page = await sandbox.client.get(PAGE, params={"client_id": CLIENT[0], "redirect_uri": REDIRECT, "state": "s"})

    assert page.status_code == 200
    assert page.text.count("<form") == 1
    assert 'name="account"' in page.text
    assert 'value="approve"' in page.text
    assert 'value="deny"' in page.text


async def test_approval_returns_code_and_state_and_the_exchange_gives_an_expiring_pair(sandbox: Sandbox) -> None:
    """A GitHub App's user token lives eight hours, has no scopes and comes with a refresh token."""
    tokens = await exchange(sandbox, await a_code(sandbox))

    assert tokens["access_token"].startswith("ghu_")
    assert tokens["refresh_token"].startswith("ghr_")
    assert (tokens["expires_in"], tokens["refresh_token_expires_in"]) == (28800, 15897600)
    assert tokens["scope"] == ""


async def test_denial_returns_access_denied(sandbox: Sandbox) -> None:
    """A refusal comes back with the state and without a code."""
    query = {"client_id": CLIENT[0], "redirect_uri": REDIRECT, "state": "s"}

    found = params_of(await sandbox.consent("github", AUTHORIZE, query, account="adashop", decision="deny"))

    assert found["error"] == "access_denied"
    assert found["state"] == "s"
    assert "code" not in found


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"client_id": "nobody"}, 404),
        ({"redirect_uri": "http://localhost:8101/elsewhere"}, 400),
        ({"redirect_uri": REDIRECT + "/below"}, 400),
        ({"redirect_uri": "https://evil.example/v1/oauth/github/callback"}, 400),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_app_or_redirect_shows_a_page_and_never_redirects(
    sandbox: Sandbox, change: dict[str, str], status: int, method: str
) -> None:
    """Nobody is sent to an address that the app did not register."""
    query = {"client_id": CLIENT[0], "redirect_uri": REDIRECT, "state": "s"} | change

    answer = await sandbox.client.request(
        method, PAGE, params=query, data={"account": "adashop", "decision": "approve"} if method == "POST" else None
    )

    assert answer.status_code == status
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "form", [{}, {"decision": "maybe"}, {"decision": "approve"}, {"decision": "approve", "account": "nobody"}]
)
async def test_an_unclear_form_is_refused_on_the_page(sandbox: Sandbox, form: dict[str, str]) -> None:
    """A form without a usable decision or account gives no code."""
    answer = await sandbox.client.post(PAGE, params={"client_id": CLIENT[0], "redirect_uri": REDIRECT}, data=form)

    assert answer.status_code == 422
    assert "location" not in answer.headers


async def test_plain_pkce_is_refused(sandbox: Sandbox) -> None:
    """Only S256 is accepted."""
    query = {
        "client_id": CLIENT[0],
        "redirect_uri": REDIRECT,
        "code_challenge": "x" * 43,
        "code_challenge_method": "plain",
    }

    found = params_of(await sandbox.client.get(PAGE, params=query))

    assert found["error"] == "invalid_request"


@pytest.mark.parametrize("verifier", [None, "wrong" * 10])
async def test_a_wrong_or_missing_verifier_is_refused(sandbox: Sandbox, verifier: str | None) -> None:
    """Once a challenge was sent, only its verifier opens the code."""
    code = await a_code(sandbox, code_challenge=s256_challenge(VERIFIER), code_challenge_method="S256")

    body = await exchange(sandbox, code, **({"code_verifier": verifier} if verifier else {}))

    assert body["error"] == "bad_verification_code"
    assert "access_token" in await exchange(sandbox, code, code_verifier=VERIFIER)


async def test_a_code_works_once_and_ten_minutes(sandbox: Sandbox) -> None:
    """Used and late codes are refused with a 200 that carries an error."""
    used, late = await a_code(sandbox), await a_code(sandbox)
    await exchange(sandbox, used)

    assert (await exchange(sandbox, used))["error"] == "bad_verification_code"
    sandbox.pass_time(minutes=10)
    assert (await exchange(sandbox, late))["error"] == "bad_verification_code"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "wrong"}, "incorrect_client_credentials"),
        ({"redirect_uri": "http://localhost:8101/other"}, "redirect_uri_mismatch"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"code": "unknown"}, "bad_verification_code"),
    ],
)
async def test_errors_of_the_exchange_are_200(sandbox: Sandbox, change: dict[str, str], error: str) -> None:
    """Every refusal of the token endpoint is HTTP 200 with a key `error`."""
    code = await a_code(sandbox)

    assert (await exchange(sandbox, code, **change))["error"] == error


async def test_the_token_endpoint_answers_form_encoded_unless_asked_for_json(sandbox: Sandbox) -> None:
    """Without `Accept: application/json` the answer is text."""
    form = {"client_id": CLIENT[0], "client_secret": CLIENT[1], "code": await a_code(sandbox)}

    answer = await sandbox.client.post(TOKEN, data=form)

    assert answer.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert parse_qs(answer.text)["token_type"] == ["bearer"]


async def test_a_refresh_ends_both_old_tokens(sandbox: Sandbox, ada: Visitor) -> None:
    """Rotation is immediate and total."""
    old = dict(ada.tokens)

    fresh = await refresh(sandbox, old["refresh_token"])

    assert (await ada.call("GET", "/user")).status_code == 401
    assert (await refresh(sandbox, old["refresh_token"]))["error"] == "bad_refresh_token"
    ada.tokens = fresh
    assert (await ada.call("GET", "/user")).status_code == 200


async def test_a_refresh_cannot_ask_for_scopes_and_ends_after_half_a_year(sandbox: Sandbox, ada: Visitor) -> None:
    """A refresh takes no scope, and a refresh token has a life of its own."""
    assert (await refresh(sandbox, ada.tokens["refresh_token"], scope="repo"))["error"] == "invalid_scope"
    sandbox.pass_time(seconds=15897600)
    assert (await refresh(sandbox, ada.tokens["refresh_token"]))["error"] == "bad_refresh_token"


async def test_an_access_token_dies_after_eight_hours(sandbox: Sandbox, ada: Visitor) -> None:
    """Expiry follows the sandbox's clock."""
    sandbox.pass_time(hours=8)

    answer = await ada.call("GET", "/user")

    assert answer.status_code == 401
    assert answer.json()["message"] == "Bad credentials"


async def test_the_eleventh_token_ends_the_oldest(sandbox: Sandbox, ada: Visitor) -> None:
    """Ten tokens per user, app and scopes."""
    for _ in range(9):
        await a_visitor(sandbox)
    assert (await ada.call("GET", "/user")).status_code == 200

    await a_visitor(sandbox)

    assert (await ada.call("GET", "/user")).status_code == 401


async def test_an_oauth_app_gets_comma_separated_scopes_and_no_expiry(sandbox: Sandbox) -> None:
    """A classic token: `gho_`, the granted scopes normalised, neither refresh token nor expiry."""
    client = await an_oauth_app(sandbox)
    code = await a_code(sandbox, client_id=client, scope="public_repo read:user user unheard_of")

    tokens = await exchange(sandbox, code, client_id=client)

    assert tokens["access_token"].startswith("gho_")
    assert tokens["scope"] == "public_repo,user"
    assert "expires_in" not in tokens
    assert "refresh_token" not in tokens


async def test_offline_access_makes_an_oauth_apps_tokens_expire(sandbox: Sandbox) -> None:
    """The scope is obeyed and not listed."""
    client = await an_oauth_app(sandbox)
    code = await a_code(sandbox, client_id=client, scope="public_repo offline_access")

    tokens = await exchange(sandbox, code, client_id=client)

    assert tokens["scope"] == "public_repo"
    assert tokens["expires_in"] == 28800
    assert "refresh_token" in tokens


async def test_scopes_can_be_unticked(sandbox: Sandbox) -> None:
    """The person may grant an OAuth app less than it asked for."""
    client = await an_oauth_app(sandbox)
    query = {"client_id": client, "redirect_uri": REDIRECT, "scope": "public_repo read:user"}

    found = params_of(await sandbox.consent("github", AUTHORIZE, query, account="adashop", scope="read:user"))

    assert (await exchange(sandbox, found["code"], client_id=client))["scope"] == "read:user"


async def test_an_oauth_app_without_scope_gets_the_earlier_ones(sandbox: Sandbox) -> None:
    """What was granted once is granted again."""
    client = await an_oauth_app(sandbox)
    await a_visitor(sandbox, client_id=client, scope="public_repo")

    again = await a_visitor(sandbox, client_id=client)

    assert again.tokens["scope"] == "public_repo"


async def test_an_oauth_apps_redirect_may_use_any_loopback_port_and_below_a_wildcard(sandbox: Sandbox) -> None:
    """Only for OAuth apps, and below a registered address only where that is switched on."""
    client = await an_oauth_app(sandbox, wildcard=True)
    moved = REDIRECT.replace(":8101", ":9999")

    for address in (moved, REDIRECT + "/below"):
        page = await sandbox.client.get(PAGE, params={"client_id": client, "redirect_uri": address})
        assert page.status_code == 200
    page = await sandbox.client.get(PAGE, params={"client_id": client, "redirect_uri": REDIRECT + "/../x"})
    assert page.status_code == 400


async def test_check_answers_404_for_dead_tokens_and_needs_the_apps_secret(sandbox: Sandbox, ada: Visitor) -> None:
    """The check endpoint knows living tokens of that app only, by Basic auth."""
    body = {"access_token": ada.tokens["access_token"]}

    alive = await sandbox.client.post(f"{APPLICATION}/token", json=body, auth=CLIENT)
    assert alive.json()["user"]["login"] == "adashop"
    assert (await sandbox.client.post(f"{APPLICATION}/token", json=body)).status_code == 401
    assert (await sandbox.client.post(f"{APPLICATION}/token", json=body, auth=(CLIENT[0], "x"))).status_code == 401
    assert (await sandbox.client.post(f"{APPLICATION}/token", json={}, auth=CLIENT)).status_code == 422
    unknown = await sandbox.client.post(f"{APPLICATION}/token", json={"access_token": "ghu_x"}, auth=CLIENT)
    assert unknown.status_code == 404


async def test_reset_gives_a_new_token_and_ends_the_old(sandbox: Sandbox, ada: Visitor) -> None:
    """PATCH replaces a token."""
    body = {"access_token": ada.tokens["access_token"]}

    answer = await sandbox.client.patch(f"{APPLICATION}/token", json=body, auth=CLIENT)

    assert (await ada.call("GET", "/user")).status_code == 401
    ada.tokens["access_token"] = answer.json()["token"]
    assert (await ada.call("GET", "/user")).status_code == 200


@pytest.mark.parametrize(("what", "other_survives"), [("token", True), ("grant", False)])
async def test_deleting_a_token_ends_it_and_deleting_the_grant_ends_all(
    sandbox: Sandbox, ada: Visitor, what: str, other_survives: bool
) -> None:
    """The grant covers every token of that user for the app."""
    other = await a_visitor(sandbox)
    body = {"access_token": ada.tokens["access_token"]}

    answer = await sandbox.client.request("DELETE", f"{APPLICATION}/{what}", json=body, auth=CLIENT)

    assert answer.status_code == 204
    assert (await ada.call("GET", "/user")).status_code == 401
    assert (await refresh(sandbox, ada.tokens["refresh_token"]))["error"] == "bad_refresh_token"
    assert ((await other.call("GET", "/user")).status_code == 200) is other_survives
    again = await sandbox.client.request("DELETE", f"{APPLICATION}/{what}", json=body, auth=CLIENT)
    assert again.status_code == 404


async def test_leaked_tokens_are_revoked_without_login(sandbox: Sandbox, ada: Visitor) -> None:
    """Anybody may report a token; a senseless report is refused."""
    url = f"{API}/credentials/revoke"

    assert (await sandbox.client.post(url, json={"credentials": []})).status_code == 422
    assert (await sandbox.client.post(url, json={"credentials": [ada.tokens["access_token"]]})).status_code == 202
    assert (await ada.call("GET", "/user")).status_code == 401


async def test_an_unknown_client_is_404_at_the_token_endpoint(sandbox: Sandbox) -> None:
    """No app, no error body in a 200."""
    answer = await sandbox.client.post(TOKEN, data={"client_id": "nobody", "code": "x"})

    assert answer.status_code == 404
