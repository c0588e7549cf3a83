"""The operator's page: who may see it, and what it says while parts are down."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from tests.integration.console.ground import PASSWORD, Ground, Json, a_ground, an_email

from social_common.http import HttpResponse

METRICS = """\
# TYPE social_outbox_unsent gauge
social_outbox_unsent{service="publisher"} 7.0
# TYPE social_outbox_oldest_unsent_seconds gauge
social_outbox_oldest_unsent_seconds{service="publisher"} NaN
# TYPE social_consumer_lag gauge
social_consumer_lag{topic="connection.linked",group="publisher.connections.connection.linked"} 3.0
# TYPE social_dead_letters_depth gauge
social_dead_letters_depth{topic="connection.linked.connections.dlt"} 2.0
# TYPE publisher_overdue_posts gauge
publisher_overdue_posts 4.0
# TYPE publisher_oldest_due_seconds gauge
publisher_oldest_due_seconds -30.0
# TYPE publisher_unsettled_attempts gauge
publisher_unsettled_attempts NaN
# TYPE publisher_posts gauge
publisher_posts{platform="x",status="scheduled"} 12.0
publisher_posts{platform="facebook",status="failed"} 0.0
"""


@pytest.fixture(autouse=True)
async def measured(ground: Ground) -> AsyncIterator[None]:
    """The API that stands for publisher measures something."""
    ground.api.metrics, ground.api.ready = METRICS, True
    yield
    ground.api.metrics, ground.api.ready = "", True


async def a_token(ground: Ground, *, roles: list[str]) -> str:
    """An access token of somebody with those roles."""
    session = await ground.control("/sessions", {"user_id": str(uuid4()), "roles": roles})
    return str(session["access_token"])


async def ask(ground: Ground, token: str | None) -> HttpResponse:
    """The operator's page."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return await ground.http.request("GET", f"{ground.console}/operator/status", headers=headers)


async def look(ground: Ground) -> Json:
    """What an operator is shown."""
    answer = await ask(ground, await a_token(ground, roles=["operator"]))
    assert answer.status == 200, answer.text
    shown: Json = answer.json()
    return shown


async def test_only_operators_see_it(ground: Ground) -> None:
    """401 without a token or with a forged one, 403 for a merchant and for other roles, 200 with the claim."""
    operator = await a_token(ground, roles=["operator"])
    head, _, signature = operator.rpartition(".")
    forged = f"{head}.{signature[::-1]}"
    tokens = [
        None,
        "made-up",
        forged,
        await a_token(ground, roles=[]),
        await a_token(ground, roles=["operators"]),
        operator,
    ]

    assert [(await ask(ground, token)).status for token in tokens] == [401, 401, 401, 403, 403, 200]


async def test_nobody_makes_an_operator_of_themselves(ground: Ground) -> None:
    """What users may write about themselves counts for nothing."""
    body = {"email": an_email(), "password": PASSWORD, "data": {"roles": ["operator"]}}
    made = await ground.http.request("POST", f"{ground.sandbox}/auth/v1/signup", json=body)

    assert (await ask(ground, made.json()["access_token"])).status == 403


async def test_the_session_says_whether_the_page_is_offered(ground: Ground) -> None:
    """An operator who signs in is told so."""
    mine = {"email": an_email(), "password": PASSWORD}
    await ground.control("/users", {**mine, "roles": ["operator"]})

    session = (await ground.browser().fetch("POST", "/session", mine)).json()

    assert session["user"]["is_operator"] is True
    assert (await ask(ground, session["access_token"])).status == 200


async def test_parts_that_are_down_show_as_such(ground: Ground) -> None:
    """One replica of two away, a worker away altogether: said beside what is known, and nothing fails."""
    shown = await look(ground)

    parts = {(part["name"], part["role"]): part for part in shown["parts"]}
    assert parts["publisher", "api"]["state"] == "not_ready"
    assert parts["publisher", "api"]["detail"] == "1 of 2 replicas are ready"
    assert (parts["publisher", "api"]["replicas"], parts["publisher", "api"]["replicas_up"]) == (2, 1)
    assert parts["publisher", "worker"] == {
        "name": "publisher", "role": "worker", "state": "up", "detail": None, "replicas": 1, "replicas_up": 1
    }  # fmt: skip
    assert parts["analytics", "worker"]["state"] == "unreachable"


async def test_what_is_not_known_is_null_and_never_zero(ground: Ground) -> None:
    """Of a worker that is away, of a gauge that says NaN; what is known is shown as it is."""
    shown = await look(ground)

    assert shown["outbox"] == [
        {"service": "publisher", "unsent": 7, "oldest_s": None},
        {"service": "analytics", "unsent": None, "oldest_s": None},
    ]
    assert shown["consumers"] == [
        {
            "service": "publisher",
            "topic": "connection.linked",
            "group": "publisher.connections.connection.linked",
            "lag": 3,
        },
        {"service": "analytics", "topic": None, "group": None, "lag": None},
    ]
    assert shown["dead_letters"][0] == {
        "service": "publisher", "topic": "connection.linked.connections.dlt", "depth": 2
    }  # fmt: skip
    assert shown["due"] == {"due_now": 4, "oldest_due_s": 0.0, "unsettled": None}
    assert shown["posts"] == [
        {"platform": "facebook", "status": "failed", "posts": 0},
        {"platform": "x", "status": "scheduled", "posts": 12},
    ]


async def test_a_failing_check_is_named(ground: Ground) -> None:
    """So that an operator knows where to look first."""
    ground.api.ready = False

    shown = await look(ground)

    worker = next(part for part in shown["parts"] if (part["name"], part["role"]) == ("publisher", "worker"))
    assert (worker["state"], worker["detail"]) == ("not_ready", "failing: database")


@pytest.mark.parametrize("garbage", ["what is this {", "\x00\xff", "a{b=} 1", "social_outbox_unsent x"])
async def test_metrics_nobody_can_read_are_unknown(ground: Ground, garbage: str) -> None:
    """The page is shown all the same."""
    ground.api.metrics = garbage

    shown = await look(ground)

    assert shown["outbox"][0] == {"service": "publisher", "unsent": None, "oldest_s": None}


async def test_everybody_may_see_which_parts_are_up(ground: Ground) -> None:
    """One word for each part, without a token."""
    answer = await ground.http.request("GET", f"{ground.console}/status")

    assert answer.json() == {
        "publisher API": "not ready",
        "publisher worker": "up",
        "analytics worker": "not ready",
    }


async def test_the_local_stacks_moved_clock_counts(web: Path) -> None:
    """A token of moved time is good where the console was told where that time is, and pages are told that time."""
    async with a_ground(web) as plain:
        url = f"{plain.sandbox}/_control/clock"
        await plain.control("/clock", {"advance_s": 7200})
        token = await a_token(plain, roles=["operator"])
        too_early = await ask(plain, token)
        async with a_ground(web, supabase_url=plain.sandbox, console_clock_url=url) as told:
            in_time = await ask(told, token)
            answers = [
                await told.http.request("GET", f"{told.console}{path}")
                for path in ("/config.json", "/publisher/v1/posts")
            ]
        untold = await plain.http.request("GET", f"{plain.console}/config.json")

    assert (too_early.status, in_time.status) == (401, 200)
    for answer in answers:
        ahead = datetime.fromisoformat(answer.headers["x-product-time"]) - datetime.now(UTC)
        assert abs(ahead - timedelta(hours=2)) < timedelta(seconds=10)
    assert "x-product-time" not in untold.headers
