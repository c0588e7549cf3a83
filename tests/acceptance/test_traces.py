"""One trace goes from the request that plans a post to its measured numbers, through every process in between."""

import secrets

from tests.acceptance.steps import Json, a_linked_merchant, until_status
from tests.support.eventually import eventually
from tests.support.spans import SeenSpan, SpanCollector
from tests.support.stack import World

# Process and span, in the order in which they come about.
WAY = (
    ("publisher api", "POST /v1/posts"),
    ("publisher worker", "outbox.send"),
    ("auth-linker worker", "post.scheduled process"),
    ("publisher worker", "post.due"),
    ("auth-linker api", "POST /internal/v1/connections/{connection_id}/token"),
    ("publisher worker", "post.publish"),
    ("publisher worker", "http.call"),
    ("analytics worker", "post.published process"),
    ("analytics worker", "post.measure"),
    ("analytics worker", "outbox.send"),
    ("publisher worker", "post.measured process"),
)


async def test_one_trace_leads_from_the_request_to_the_measured_post(world: World, stack_spans: SpanCollector) -> None:
    """The caller's trace holds API, outbox, consumers, platform call and measurement, and nothing that is secret."""
    _, merchant, connection = await a_linked_merchant(world)
    trace_id, text = secrets.token_hex(16), f"Traced kettle {secrets.token_hex(4)}"
    body = {"content": text, "media": [], "targets": [{"connection_id": connection["id"]}], "mode": "now"}
    answer = await merchant.call(
        "POST", "publisher", "/v1/posts", body, headers={"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"}
    )
    planned: Json = answer.json()["posts"][0]
    post = await until_status(merchant, planned, "published")
    numbers = {"platform": "x", "platform_post_id": post["platform_post_id"], "metrics": {"likes": 7}}
    await world.control("POST", "engagement", numbers)

    async def whole() -> list[SeenSpan] | None:
        spans = stack_spans.of(trace_id)
        return spans if set(WAY) <= {(one.process, one.name) for one in spans} else None

    try:
        spans = await eventually(whole, within=60, what="the whole trace")
    except AssertionError as error:
        missing = [one for one in WAY if one not in {(span.process, span.name) for span in stack_spans.of(trace_id)}]
        raise AssertionError(f"not in the trace: {missing}") from error
    async with world.database() as database:
        stored = await database.fetch(
            "SELECT headers ->> 'traceparent' FROM retail_b2c.publisher_outbox WHERE subject = $1 "
            "UNION ALL SELECT headers ->> 'traceparent' FROM retail_b2c.analytics_outbox WHERE subject = $1",
            post["id"],
        )

    told = "\n".join(span.text for span in spans)
    assert len(stored) >= 3
    assert all(trace_id in row[0] for row in stored)
    for secret in (text, merchant._token.reveal(), "Bearer", "eyJ", "url.query"):
        assert secret not in told
    # Nobody else's work is in it, and nothing is kept that no caller asked for.
    assert {span.trace_id for span in stack_spans.seen} == {trace_id}
