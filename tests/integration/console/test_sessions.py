"""Signing in, staying signed in and signing out, as a browser does them."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.integration.console.ground import PASSWORD, Browser, Ground, a_ground, an_email


async def test_signing_up_and_in_gives_the_page_an_access_token_only(ground: Ground, browser: Browser) -> None:
    """The refresh token is in a cookie that no script reads and no other path or site gets."""
    email = an_email()
    made = await browser.sign_up(email)
    again = ground.browser()
    answer = await again.fetch("POST", "/session", {"email": email, "password": PASSWORD})

    session = answer.json()
    assert set(session) == {"access_token", "expires_at", "expires_in", "user"}
    assert session["user"] == {"id": made["user"]["id"], "email": email, "is_operator": False}
    remaining = datetime.fromisoformat(session["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=50) < remaining <= timedelta(hours=1, seconds=5)
    attributes = {part.strip().lower() for part in again.set_cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/session"} <= attributes
    assert "secure" not in attributes  # plain http on this machine
    assert again.cookie is not None
    assert again.cookie.partition("=")[2] not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"password": "not the right one"}, 401, None),
        ({"sign_up": True}, 409, "body.email"),
        ({"email": "new@example.com", "password": "abc", "sign_up": True}, 422, "body.password"),
        ({"email": "new@example.com", "password": "p" * 100, "sign_up": True}, 422, "body.password"),
        ({"email": "nonsense", "sign_up": True}, 422, "body.email"),
        ({"email": ""}, 422, "body.email"),
        ({"password": 7}, 422, "body.password"),
        ({"password": "", "roles": ["operator"]}, 422, "body.password"),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field(
    ground: Ground, body: dict[str, Any], status: int, field: str | None
) -> None:
    """A wrong password, a taken email, a weak password, no email: a problem document each, and no cookie."""
    email = an_email()
    await ground.browser().sign_up(email)
    browser = ground.browser()

    answer = await browser.fetch("POST", "/session", {"email": email, "password": PASSWORD, **body})

    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    fields = [item["field"] for item in answer.json().get("errors", [])]
    assert fields[:1] == ([field] if field else [])
    assert browser.cookie is None
    assert PASSWORD not in answer.text


async def test_two_tabs_that_refresh_at_once_both_go_on(browser: Browser) -> None:
    """Both get a token for the one cookie they show, and the cookie they get works the next time."""
    session = await browser.sign_up()
    old = browser.cookie

    both = await asyncio.gather(*(browser.fetch("POST", "/session/refresh") for _ in range(2)))
    then = await browser.fetch("POST", "/session/refresh")

    assert [answer.status for answer in (*both, then)] == [200, 200, 200]
    assert {answer.json()["user"]["id"] for answer in (*both, then)} == {session["user"]["id"]}
    assert browser.cookie != old


async def test_tabs_share_one_call_of_the_identity(ground: Ground, browser: Browser) -> None:
    """Even ten tabs spend a refresh token once."""
    await browser.sign_up()
    before = browser.cookie

    answers = await asyncio.gather(*(browser.fetch("POST", "/session/refresh") for _ in range(10)))

    assert {answer.status for answer in answers} == {200}
    cookies = {answer.headers["set-cookie"].partition(";")[0] for answer in answers}
    assert len(cookies) == 1
    assert cookies != {before}


@pytest.mark.parametrize("value", ["garbage", "a.b.c", "x" * 1000, '"; Path=/', "%00", "%C3%A4"])
async def test_a_cookie_worth_nothing_is_taken_away(ground: Ground, value: str) -> None:
    """Whatever stands in it: 401, and the browser forgets it."""
    browser = ground.browser()
    browser.cookie = f"seftec_session={value}"

    answer = await browser.fetch("POST", "/session/refresh")

    assert answer.status == 401
    assert answer.json()["code"] == "unauthenticated"
    assert "max-age=0" in browser.set_cookie.lower()
    assert browser.cookie is None


async def test_a_spent_cookie_ends_the_session_for_thief_and_owner(ground: Ground, browser: Browser) -> None:
    """A refresh token that is shown long after it was spent was stolen: everybody signs in anew."""
    await browser.sign_up()
    stolen = browser.cookie
    await browser.fetch("POST", "/session/refresh")
    await browser.fetch("POST", "/session/refresh")
    thief = ground.browser()
    thief.cookie = stolen

    answers = [await thief.fetch("POST", "/session/refresh"), await browser.fetch("POST", "/session/refresh")]

    assert [answer.status for answer in answers] == [401, 401]


async def test_without_a_cookie_nobody_is_signed_in(browser: Browser) -> None:
    """A first visit is told so, without any cookie."""
    answer = await browser.fetch("POST", "/session/refresh")

    assert (answer.status, answer.content) == (204, b"")
    assert browser.set_cookie == ""


async def test_signing_out_ends_the_session_everywhere_it_lives(ground: Ground, browser: Browser) -> None:
    """The cookie goes, its refresh token is worth nothing any more, and another session of the same person stays."""
    email = an_email()
    await browser.sign_up(email)
    elsewhere = ground.browser()
    await elsewhere.fetch("POST", "/session", {"email": email, "password": PASSWORD})
    kept = browser.cookie

    answer = await browser.fetch("DELETE", "/session")
    gone = browser.cookie is None
    browser.cookie = kept
    after = await browser.fetch("POST", "/session/refresh")
    other = await elsewhere.fetch("POST", "/session/refresh")

    assert (answer.status, gone, after.status, other.status) == (204, True, 401, 200)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec_Fetch_Site": "cross-site", "Origin": "https://evil.example"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "none"}, 403),
        ({"Sec_Fetch_Site": "", "Origin": "https://evil.example"}, 403),
        ({"Sec_Fetch_Site": "", "Origin": "null"}, 403),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content_Type": ""}, 415),
    ],
)
@pytest.mark.parametrize("path", ["/session", "/session/refresh"])
async def test_another_sites_page_cannot_speak_for_the_browser(
    ground: Ground, browser: Browser, path: str, headers: dict[str, str], status: int
) -> None:
    """Neither by its origin nor with the types that forms send; the cookie stays as it was."""
    email = an_email()
    await browser.sign_up(email)
    kept = browser.cookie

    answer = await browser.fetch("POST", path, {"email": email, "password": PASSWORD}, **headers)

    assert answer.status == status, answer.text
    assert browser.cookie == kept


async def test_another_sites_page_signs_nobody_out(browser: Browser) -> None:
    """The session is still there afterwards."""
    await browser.sign_up()

    refused = await browser.fetch("DELETE", "/session", Sec_Fetch_Site="cross-site")
    after = await browser.fetch("POST", "/session/refresh")

    assert (refused.status, after.status) == (403, 200)


async def test_while_the_identity_is_down_nobody_loses_a_session(web: Path) -> None:
    """503 with a time to come back, the cookie kept; signing out takes the cookie all the same."""
    async with a_ground(web) as ground:
        browser = ground.browser()
        await browser.sign_up()
        kept = browser.cookie
        await ground.identity.stop()

        refreshed = await browser.fetch("POST", "/session/refresh")
        entered = await browser.fetch("POST", "/session", {"email": an_email(), "password": PASSWORD})
        cookie_then = browser.cookie
        left = await browser.fetch("DELETE", "/session")

    assert (refreshed.status, entered.status, left.status) == (503, 503, 204)
    assert int(refreshed.headers["retry-after"]) > 0
    assert (cookie_then, browser.cookie) == (kept, None)


async def test_strangers_sign_up_only_where_that_is_allowed(web: Path) -> None:
    """403 in plain words, and the page knows beforehand."""
    async with a_ground(web, console_sign_up=False) as ground:
        body = {"email": an_email(), "password": PASSWORD, "sign_up": True}
        answer = await ground.browser().fetch("POST", "/session", body)
        config = await ground.http.request("GET", f"{ground.console}/config.json")

    assert answer.status == 403
    assert config.json() == {"sign_up": False, "public_url": ground.console}


async def test_guessing_passwords_is_slowed_down(web: Path) -> None:
    """After so many tries in a minute an address has to wait; staying signed in does not count."""
    async with a_ground(web, console_sign_ins_per_minute=3) as ground:
        browser = ground.browser()
        await browser.sign_up()
        body = {"email": an_email(), "password": PASSWORD}
        tries = [await browser.fetch("POST", "/session", body) for _ in range(3)]
        refreshed = await browser.fetch("POST", "/session/refresh")

    assert [answer.status for answer in tries] == [401, 401, 429]
    assert int(tries[-1].headers["retry-after"]) > 0
    assert refreshed.status == 200


async def test_tokens_and_passwords_are_in_no_log(
    ground: Ground, browser: Browser, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nothing that was typed or given out is written anywhere."""
    caplog.set_level("DEBUG")
    email = an_email()
    session = await browser.sign_up(email)
    first = browser.cookie
    refreshed = (await browser.fetch("POST", "/session/refresh")).json()
    await browser.fetch("POST", "/session", {"email": email, "password": "not the right one"})
    await browser.fetch("DELETE", "/session")

    assert first is not None
    out, err = capfd.readouterr()
    written = caplog.text + out + err
    assert "request_served" in written
    secrets = (
        PASSWORD,
        "not the right one",
        session["access_token"],
        refreshed["access_token"],
        first.partition("=")[2],
    )
    assert not [secret for secret in secrets if secret in written]
