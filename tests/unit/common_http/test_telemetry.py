"""Traces: nothing without an endpoint, one trace through everything, and no query or error text on any span."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Tracer
from opentelemetry.util.types import Attributes
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from tests.unit.common_http.servers import answering, plain, serving

from social_common.http import HttpClient
from social_common.secrets import Secret
from social_common.settings import ServiceSettings
from social_common.telemetry import CleanedSpans, configure_telemetry, current_traceparent, note_span, span


class Collected(SpanExporter):
    """Keeps what would be exported."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Keeps them."""
        self.spans.extend(spans)
        return SpanExportResult.SUCCESS


@pytest.fixture
def collected() -> Collected:
    """Where spans end up."""
    return Collected()


@pytest.fixture
def provider(collected: Collected) -> TracerProvider:
    """A provider put together as configure_telemetry does."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(CleanedSpans(collected)))
    return provider


def _fail_within(tracer: Tracer, attributes: Attributes, later: Attributes) -> None:
    with tracer.start_as_current_span("request", attributes=attributes) as current:
        current.set_attributes(dict(later or {}))
        raise ValueError("planted")


def test_nothing_leaves_that_may_be_a_secret(collected: Collected, provider: TracerProvider) -> None:
    """Queries, callers' addresses and exceptions' texts are gone before export, whoever put them on a span and when."""
    tracer = provider.get_tracer("library")
    later = {
        "http.target": "/v1/oauth/x/callback?code=planted",
        "client.address": "planted",
        "access_token": "planted",
    }
    attributes: Attributes = {
        "url.query": "code=planted",
        "url.full": "https://api.example/path?access_token=planted",
        "port": 8,
    }
    with pytest.raises(ValueError, match="planted"):
        _fail_within(tracer, attributes, later)

    (exported,) = collected.spans
    assert exported.attributes == {
        "url.full": "https://api.example/path",
        "http.target": "/v1/oauth/x/callback",
        "port": 8,
        "access_token": "[redacted]",
    }
    assert [dict(event.attributes or {}) for event in exported.events] == [{"exception.type": "ValueError"}]
    assert exported.status.description == "ValueError"
    assert "planted" not in exported.to_json()


def test_a_stored_trace_is_gone_on_with(
    collected: Collected, provider: TracerProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept of a span names the parent of a later one, elsewhere; a trace that is not kept stays so."""
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", provider)
    with span("asked"):
        stored = current_traceparent()
    ignored = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"

    with span("done later", traceparent=stored):
        note_span("sent", traceparent=current_traceparent(), began=datetime.now(UTC) - timedelta(seconds=3))
    with span("done unseen", traceparent=ignored):
        note_span("sent unseen", traceparent=ignored, began=datetime.now(UTC))

    asked, sent, later = collected.spans
    assert [one.name for one in collected.spans] == ["asked", "sent", "done later"]
    assert later.parent is not None
    assert asked.context is not None
    assert later.parent.span_id == asked.context.span_id
    assert len({one.context.trace_id for one in collected.spans if one.context}) == 1
    assert (sent.end_time or 0) - (sent.start_time or 0) >= 3e9


async def test_only_our_own_services_hear_of_a_trace(provider: TracerProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call carries the trace where it is told to, and to nobody else."""
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", provider)
    heard: list[str | None] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.append(Headers(scope=scope).get("traceparent"))
        await Response()(scope, receive, send)

    async with HttpClient(asgi_app=app) as http:
        with span("work") as work:
            await http.request("GET", "http://ours/", tell_trace=True)
            await http.request("GET", "http://theirs/")

    ours, theirs = heard
    assert ours is not None
    assert format(work.get_span_context().trace_id, "032x") in ours
    assert theirs is None


async def test_calls_and_errors(
    collected: Collected, provider: TracerProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call's span names method, host and status; an error marks it by its type, without its text."""
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", provider)
    with pytest.raises(ValueError, match="planted"), span("work", example="yes"):
        raise ValueError(f"planted in {current_traceparent()}")
    async with serving(answering(plain(b"{}"))) as port, HttpClient() as http:
        await http.request("GET", f"http://127.0.0.1:{port}/?code=planted", bearer=Secret("planted"))

    work, call = collected.spans
    assert work.status.description == "ValueError"
    assert not work.events
    assert call.attributes == {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "http.response.status_code": 200,
    }
    assert "planted" not in work.to_json() + call.to_json()


def test_without_an_endpoint() -> None:
    """Without an endpoint nothing is configured, and the helpers do nothing."""
    configure_telemetry(ServiceSettings(), "api")

    with span("work"):
        assert current_traceparent() is None
