"""An authorization URL begun by one merchant and approved in another's browser."""

from tests.acceptance.steps import a_linked_merchant
from tests.support.stack import World


async def test_a_stolen_consent_links_nothing_to_anyone(world: World) -> None:
    """A began, B approved: the code that B's browser holds is worth nothing to B, and A never gets it."""
    _, a = await world.merchant()
    _, b = await world.merchant()
    account = await world.control("POST", "accounts", {"platform": "x"})

    landing = await b.consent(await a.authorize("x"), account=account["account_id"])
    stolen = await b.complete(landing.query["link_code"])

    assert stolen.status == 404
    assert stolen.json()["code"] == "not_found"
    for merchant in (a, b):
        assert (await merchant.ask("GET", "auth-linker", "/v1/connections"))["connections"] == []


async def test_a_link_code_works_once(world: World) -> None:
    """A used code is a 404, as if it had never been."""
    _, merchant = await world.merchant()
    account = await world.control("POST", "accounts", {"platform": "x"})
    landing = await merchant.consent(await merchant.authorize("x"), account=account["account_id"])

    first = await merchant.complete(landing.query["link_code"])
    second = await merchant.complete(landing.query["link_code"])

    assert (first.status, second.status) == (201, 404)


async def test_a_callback_with_a_state_that_is_not_ours_ends_at_our_own_page(world: World) -> None:
    """Forged and reused states have no return_to to trust: a plain page, 400, no redirect."""
    _, merchant, _ = await a_linked_merchant(world, "x")
    url = await merchant.authorize("x")
    callbacks = [f"{world.stack.environment.api_url('auth-linker')}/v1/oauth/x/callback?code=abc&state=forged"]
    account = await world.control("POST", "accounts", {"platform": "x"})
    await merchant.consent(url, account=account["account_id"])
    requests = (await world.control("GET", "requests", platform="x"))["requests"]
    assert requests
    used = url.partition("state=")[2].partition("&")[0]
    callbacks.append(f"{world.stack.environment.api_url('auth-linker')}/v1/oauth/x/callback?code=abc&state={used}")

    for callback in callbacks:
        answer = await world.http.request("GET", callback)

        assert answer.status == 400
        assert answer.headers["content-type"].startswith("text/html")
        assert "location" not in answer.headers
        assert "Traceback" not in answer.text
