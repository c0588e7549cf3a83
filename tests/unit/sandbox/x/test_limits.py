"""The three limiters of the simulated X, its credits, and trouble made on purpose."""

import pickle

import pytest
from tests.unit.sandbox.harness import Response, Sandbox
from tests.unit.sandbox.x.visitors import API, Merchant, a_code, a_merchant, exchange, refresh


async def test_the_identity_may_be_read_75_times_in_15_minutes(sandbox: Sandbox, merchant: Merchant) -> None:
    """The 76th call is refused with the reset in its headers; afterwards the window is new."""
    for _ in range(75):
        last = await merchant.call("GET", "/2/users/me")
    refused = await merchant.call("GET", "/2/users/me")

    assert last.headers["x-rate-limit-remaining"] == "0"
    assert refused.status_code == 429
    assert refused.json()["title"] == "Too Many Requests"
    assert refused.headers["x-rate-limit-limit"] == "75"
    assert int(refused.headers["x-rate-limit-reset"]) == int(sandbox.clock.timestamp()) + 900
    sandbox.pass_time(minutes=15)
    assert (await merchant.call("GET", "/2/users/me")).status_code == 200


async def test_windows_are_per_user(sandbox: Sandbox, merchant: Merchant) -> None:
    """One merchant's burst leaves the others alone."""
    sandbox.switch("x", limits={"create": {"rate": 1}})
    await merchant.posted("One")

    assert (await merchant.post("Two")).status_code == 429
    assert (await (await a_merchant(sandbox, account="copperworks")).post("Two")).status_code == 201


@pytest.mark.parametrize("limiter", ["user-limit-24hour", "app-limit-24hour"])
async def test_the_daily_limiters_tell_their_own_reset(sandbox: Sandbox, merchant: Merchant, limiter: str) -> None:
    """A day's budget outlasts the quarter of an hour."""
    sandbox.switch("x", limits={"create": {limiter: 1}})
    await merchant.posted("One")
    sandbox.pass_time(minutes=15)

    refused = await merchant.post("Two")

    assert refused.status_code == 429
    assert refused.headers[f"x-{limiter}-remaining"] == "0"
    assert int(refused.headers["x-rate-limit-remaining"]) > 0
    assert int(refused.headers[f"x-{limiter}-reset"]) > int(sandbox.clock.timestamp()) + 900
    merchant.tokens = (await refresh(sandbox, merchant.tokens["refresh_token"])).json()
    sandbox.pass_time(hours=24)
    merchant.tokens = (await refresh(sandbox, merchant.tokens["refresh_token"])).json()
    assert (await merchant.post("Two")).status_code == 201


async def test_the_apps_budget_is_shared(sandbox: Sandbox, merchant: Merchant) -> None:
    """What one merchant used up another one misses."""
    sandbox.switch("x", limits={"create": {"app-limit-24hour": 1}})
    await merchant.posted("One")

    assert (await (await a_merchant(sandbox, account="copperworks")).post("Two")).status_code == 429


async def test_the_legacy_shape_of_a_limit(sandbox: Sandbox, merchant: Merchant) -> None:
    """Code 88 was seen, too."""
    sandbox.switch("x", limits={"create": {"rate": 0}}, legacy_rate_limit=True)

    assert (await merchant.post("One")).json()["errors"][0]["code"] == 88


async def test_an_unknown_limiter_cannot_be_switched(sandbox: Sandbox) -> None:
    """A typing error in a switch is told at once."""
    body = {"platform": "x", "switches": {"limits": {"craete": {"rate": 1}}}}

    assert (await sandbox.client.post("/_control/switches", json=body)).status_code == 422


@pytest.mark.parametrize(("form", "title"), [("credits", "CreditsDepleted"), ("credits-depleted", "Payment Required")])
async def test_without_credits_nothing_is_served(sandbox: Sandbox, merchant: Merchant, form: str, title: str) -> None:
    """402 in either of its two bodies, and nothing is created."""
    sandbox.switch("x", credits=form)

    answer = await merchant.post("Free of charge")

    assert answer.status_code == 402
    assert answer.json()["title"] == title
    assert answer.json()["type"].rpartition("/")[2] == form
    assert await sandbox.published("x") == []


@pytest.mark.parametrize(
    ("state", "status", "kind"),
    [
        ("client-not-enrolled", 403, "client-forbidden"),
        ("official-client-forbidden", 403, "client-forbidden"),
        ("usage-capped", 429, "usage-capped"),
    ],
)
async def test_the_app_itself_may_be_refused(
    sandbox: Sandbox, merchant: Merchant, state: str, status: int, kind: str
) -> None:
    """That is nobody's token's fault, and the type says so."""
    sandbox.switch("x", app_state=state)

    answer = await merchant.post("Hello")

    assert answer.status_code == status
    assert answer.json()["type"].rpartition("/")[2] == kind


async def test_what_x_knows_can_be_kept_in_a_file(sandbox: Sandbox, merchant: Merchant) -> None:
    """Uploads, windows and posts are plain data that survives a restart."""
    await merchant.posted("With a picture", media={"media_ids": [await merchant.upload()]})

    store = sandbox.simulation.store

    assert pickle.loads(pickle.dumps(store)) == store


@pytest.mark.parametrize("kind", ["commit_then_500", "error_500"])
async def test_a_server_error_may_or_may_not_have_created(sandbox: Sandbox, merchant: Merchant, kind: str) -> None:
    """The answer is the same; only the ground truth knows."""
    await sandbox.fault("x", "publish", kind)

    answer = await merchant.post("Perhaps")

    assert answer.status_code == 500
    assert answer.json()["status"] == 500
    assert len(await sandbox.published("x")) == (1 if kind == "commit_then_500" else 0)


@pytest.mark.parametrize("kind", ["commit_then_drop", "drop"])
async def test_a_dropped_connection_may_or_may_not_have_created(
    sandbox: Sandbox, merchant: Merchant, kind: str
) -> None:
    """So does a cut."""
    await sandbox.fault("x", "publish", kind)

    with pytest.raises(ConnectionResetError):
        await merchant.post("Perhaps")

    assert len(await sandbox.published("x")) == (1 if kind == "commit_then_drop" else 0)


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("identity", "GET", "/2/users/me"),
        ("read", "GET", "/2/tweets?ids=19"),
        ("read", "GET", "/2/users/19/tweets"),
        ("metrics", "GET", "/2/tweets?ids=19&tweet.fields=public_metrics"),
        ("metrics", "GET", "/2/users/19"),
        ("publish", "POST", "/2/tweets"),
        ("media", "POST", "/2/media/upload/initialize"),
        ("media", "GET", "/2/media/upload?media_id=1"),
    ],
)
async def test_each_operation_has_its_faults(
    sandbox: Sandbox, merchant: Merchant, operation: str, method: str, path: str
) -> None:
    """A planned fault hits the calls of its operation."""
    await sandbox.fault("x", operation, "rate_limit", retry_after_s=60)

    answer = await merchant.call(method, path)

    assert answer.status_code == 429
    assert answer.headers["x-rate-limit-remaining"] == "0"
    assert int(answer.headers["x-rate-limit-reset"]) == int(sandbox.clock.timestamp()) + 60


async def test_faults_tell_token_refresh_and_revoke_apart(sandbox: Sandbox) -> None:
    """The token endpoint does two things; each has its own faults."""
    await sandbox.fault("x", "refresh", "commit_then_500")
    code = await a_code(sandbox)
    tokens = (await exchange(sandbox, code)).json()

    lost = await refresh(sandbox, tokens["refresh_token"])
    again = await refresh(sandbox, tokens["refresh_token"])
    await sandbox.fault("x", "revoke", "html")
    page = await sandbox.client.post(f"{API}/2/oauth2/revoke", data={"token": "x"})

    assert lost.status_code == 500
    assert again.status_code == 400
    assert page.headers["content-type"].startswith("text/html")


async def test_an_answer_may_be_garbage(sandbox: Sandbox, merchant: Merchant) -> None:
    """JSON that ends in the middle."""
    await sandbox.fault("x", "publish", "garbage")

    answer = await merchant.post("Garbled")

    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Unterminated"):
        Response(200, content=answer.content).json()
