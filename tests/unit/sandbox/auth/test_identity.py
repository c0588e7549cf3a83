"""The stand-in for Supabase Auth: what it hands out and what it refuses."""

from typing import Any
from uuid import uuid4

import jwt
import pytest
from tests.unit.sandbox.harness import BASE, Response, Sandbox

ISSUER = f"{BASE}/auth/v1"
NEWER = {"x-supabase-api-version": "2024-01-01"}


async def call(sandbox: Sandbox, method: str, path: str, **kwargs: Any) -> Response:
    """A call below /auth/v1."""
    return await sandbox.client.request(method, f"/auth/v1{path}", **kwargs)


async def a_session(sandbox: Sandbox, email: str = "ada@example.com") -> dict[str, Any]:
    """Somebody signed up."""
    answer = await call(sandbox, "POST", "/signup", json={"email": email, "password": "long enough"})
    assert answer.status_code == 200, answer.text
    session: dict[str, Any] = answer.json()
    return session


async def refreshed(sandbox: Sandbox, token: str) -> Response:
    """A refresh."""
    return await call(sandbox, "POST", "/token?grant_type=refresh_token", json={"refresh_token": token})


async def test_a_session_has_supabases_shape(sandbox: Sandbox) -> None:
    """Tokens, expiry and user, as supabase-js reads them."""
    session = await a_session(sandbox, "Ada@Example.com")

    assert (session["token_type"], session["expires_in"]) == ("bearer", 3600)
    assert session["expires_at"] == int(sandbox.clock.timestamp()) + 3600
    user = session["user"]
    assert (user["email"], user["aud"], user["role"], user["is_anonymous"]) == (
        "ada@example.com",
        "authenticated",
        "authenticated",
        False,
    )
    assert user["app_metadata"] == {"provider": "email", "providers": ["email"]}
    assert user["identities"][0]["provider"] == "email"
    assert user["email_confirmed_at"]


async def test_the_token_verifies_against_the_published_keys(sandbox: Sandbox) -> None:
    """ES256, with the claims that Supabase puts in."""
    session = await a_session(sandbox)
    keys = jwt.PyJWKSet.from_dict((await call(sandbox, "GET", "/.well-known/jwks.json")).json())

    header = jwt.get_unverified_header(session["access_token"])
    claims = jwt.decode(
        session["access_token"],
        keys[header["kid"]],
        algorithms=["ES256"],
        audience="authenticated",
        issuer=ISSUER,
        options={"verify_exp": False, "verify_iat": False},
    )

    assert header["alg"] == "ES256"
    assert claims["sub"] == session["user"]["id"]
    assert claims["exp"] - claims["iat"] == 3600
    assert (claims["role"], claims["aal"], claims["is_anonymous"]) == ("authenticated", "aal1", False)
    assert claims["amr"][0]["method"] == "password"
    assert claims["session_id"]
    assert claims["email"] == "ada@example.com"


async def test_signing_in_needs_the_right_password(sandbox: Sandbox) -> None:
    """Wrong password and unknown address read the same."""
    await a_session(sandbox)
    path = "/token?grant_type=password"

    right = await call(sandbox, "POST", path, json={"email": "ADA@example.com", "password": "long enough"})
    wrong = await call(sandbox, "POST", path, json={"email": "ada@example.com", "password": "wrong one"})
    unknown = await call(sandbox, "POST", path, json={"email": "eve@example.com", "password": "long enough"})

    assert right.status_code == 200
    assert wrong.status_code == unknown.status_code == 400
    assert (
        wrong.json()
        == unknown.json()
        == {
            "code": 400,
            "error_code": "invalid_credentials",
            "msg": "Invalid login credentials",
        }
    )


async def test_errors_follow_the_version_a_client_speaks(sandbox: Sandbox) -> None:
    """Newer clients read the code from `code`, and the version from the header."""
    answer = await call(
        sandbox, "POST", "/token?grant_type=password", json={"email": "a", "password": "b"}, headers=NEWER
    )

    assert answer.json() == {"code": "invalid_credentials", "message": "Invalid login credentials"}
    assert answer.headers["x-supabase-api-version"] == "2024-01-01"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "no address", "password": "long enough"}, 400, "validation_failed"),
        ({"email": "a@example.com", "password": "short"}, 422, "weak_password"),
        ({"email": "a@example.com", "password": "x" * 73}, 400, "validation_failed"),
        ({"email": "a@example.com"}, 400, "validation_failed"),
        ({"email": 7, "password": "long enough"}, 400, "bad_json"),
        ({"email": "a@example.com", "password": "long enough", "data": "x"}, 400, "bad_json"),
        ({"phone": "+1", "password": "long enough"}, 400, "phone_provider_disabled"),
        ([], 400, "bad_json"),
    ],
)
async def test_wrong_sign_ups_are_refused(sandbox: Sandbox, body: Any, status: int, code: str) -> None:
    """With the error codes of Supabase."""
    answer = await call(sandbox, "POST", "/signup", json=body)

    assert answer.status_code == status
    assert answer.json()["error_code"] == code


async def test_an_address_signs_up_once(sandbox: Sandbox) -> None:
    """The second time is refused."""
    await a_session(sandbox)

    again = await call(sandbox, "POST", "/signup", json={"email": "ada@example.com", "password": "long enough"})

    assert (again.status_code, again.json()["error_code"]) == (422, "user_already_exists")


async def test_anonymous_people_are_marked(sandbox: Sandbox) -> None:
    """In the user and in the token, so that others can refuse them."""
    session = (await call(sandbox, "POST", "/signup", json={"data": {"a": 1}})).json()

    claims = jwt.decode(session["access_token"], options={"verify_signature": False})
    assert session["user"]["is_anonymous"] is claims["is_anonymous"] is True
    assert session["user"]["user_metadata"] == {"a": 1}


async def test_refresh_tokens_rotate(sandbox: Sandbox) -> None:
    """Each gives a new pair; soon after, the same again gives the same successor (two tabs)."""
    session = await a_session(sandbox)
    sandbox.pass_time(hours=1)

    fresh = (await refreshed(sandbox, session["refresh_token"])).json()
    again = (await refreshed(sandbox, session["refresh_token"])).json()

    assert fresh["refresh_token"] != session["refresh_token"]
    assert again["refresh_token"] == fresh["refresh_token"]
    assert (await refreshed(sandbox, fresh["refresh_token"])).status_code == 200


async def test_an_old_refresh_token_ends_the_session(sandbox: Sandbox) -> None:
    """Used again later, it looks stolen: the whole chain dies."""
    session = await a_session(sandbox)
    fresh = (await refreshed(sandbox, session["refresh_token"])).json()
    sandbox.pass_time(seconds=11)

    reused = await refreshed(sandbox, session["refresh_token"])

    assert (reused.status_code, reused.json()["error_code"]) == (400, "refresh_token_already_used")
    assert (await refreshed(sandbox, fresh["refresh_token"])).json()["error_code"] == "refresh_token_not_found"


@pytest.mark.parametrize("grant_type", ["", "magic", "client_credentials"])
async def test_other_grant_types_are_refused(sandbox: Sandbox, grant_type: str) -> None:
    """Password and refresh token only."""
    answer = await call(sandbox, "POST", f"/token?grant_type={grant_type}", json={})

    assert (answer.status_code, answer.json()["msg"]) == (400, "unsupported_grant_type")


async def test_the_user_is_read_with_a_living_token(sandbox: Sandbox) -> None:
    """No token, a foreign one and an expired one are refused."""
    session = await a_session(sandbox)
    bearer = {"authorization": f"Bearer {session['access_token']}"}
    forged = jwt.encode({"sub": session["user"]["id"]}, "x" * 32, algorithm="HS256")

    assert (await call(sandbox, "GET", "/user", headers=bearer)).json()["id"] == session["user"]["id"]
    assert (await call(sandbox, "GET", "/user")).json()["error_code"] == "no_authorization"
    bad = await call(sandbox, "GET", "/user", headers={"authorization": f"Bearer {forged}"})
    assert (bad.status_code, bad.json()["error_code"]) == (403, "bad_jwt")
    sandbox.pass_time(hours=1)
    late = await call(sandbox, "GET", "/user", headers=bearer)
    assert (late.status_code, late.json()["error_code"]) == (403, "bad_jwt")


@pytest.mark.parametrize(("scope", "own", "other"), [("global", 400, 400), ("local", 400, 200), ("others", 200, 400)])
async def test_signing_out_ends_sessions(sandbox: Sandbox, scope: str, own: int, other: int) -> None:
    """All, this one, or the others."""
    one = await a_session(sandbox)
    login = {"email": "ada@example.com", "password": "long enough"}
    two = (await call(sandbox, "POST", "/token?grant_type=password", json=login)).json()
    bearer = {"authorization": f"Bearer {one['access_token']}"}

    assert (await call(sandbox, "POST", f"/logout?scope={scope}", headers=bearer)).status_code == 204

    assert (await refreshed(sandbox, one["refresh_token"])).status_code == own
    assert (await refreshed(sandbox, two["refresh_token"])).status_code == other


async def test_a_browser_of_any_origin_may_call(sandbox: Sandbox) -> None:
    """As at Supabase: supabase-js sends its own headers from the page's origin."""
    headers = {
        "origin": "http://localhost:8100",
        "access-control-request-method": "POST",
        "access-control-request-headers": "apikey,authorization,content-type,x-client-info,x-supabase-api-version",
    }

    answer = await call(sandbox, "OPTIONS", "/token", headers=headers)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_known_user_can_be_made_and_signed_in_by_control(sandbox: Sandbox) -> None:
    """With a chosen id and a password, or straight to a session."""
    user_id = str(uuid4())
    body = {"id": user_id, "email": "made@example.com", "password": "long enough"}

    made = await sandbox.client.post("/_control/users", json=body)
    session = await sandbox.control("POST", "/sessions", json={"user_id": user_id})
    fresh = await sandbox.control("POST", "/sessions", json={"email": "fresh@example.com"})

    assert (made.status_code, made.json()["id"]) == (201, user_id)
    assert session["user"]["email"] == "made@example.com"
    assert fresh["user"]["email"] == "fresh@example.com"
    again = await sandbox.client.post("/_control/users", json=body)
    assert (again.status_code, again.json()["errors"][0]["field"]) == (409, "id")


async def test_what_a_client_may_ask_before_signing_in(sandbox: Sandbox) -> None:
    """Settings and health are open."""
    assert (await call(sandbox, "GET", "/settings")).json()["external"]["email"] is True
    assert (await call(sandbox, "GET", "/health")).json()["name"] == "GoTrue"
