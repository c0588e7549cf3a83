"""Traces: nothing without an endpoint, and no query or error text on any span."""

from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from tests.unit.common_http.servers import answering, plain, serving

from social_common.http import HttpClient
from social_common.secrets import Secret
from social_common.settings import ServiceSettings
from social_common.telemetry import QueryStripper, configure_telemetry, current_traceparent, span


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
    provider.add_span_processor(QueryStripper())
    provider.add_span_processor(SimpleSpanProcessor(collected))
    return provider


def test_queries_are_cut(collected: Collected, provider: TracerProvider) -> None:
    """Whatever attribute a library puts a query into, it is gone before export."""
    attributes = {
        "url.query": "code=planted&state=planted",
        "url.full": "https://api.example/path?access_token=planted",
        "http.target": "/v1/oauth/x/callback?code=planted",
    }
    provider.get_tracer("library").start_span("request", attributes=attributes).end()

    (exported,) = collected.spans
    assert exported.attributes == {
        "url.query": "",
        "url.full": "https://api.example/path",
        "http.target": "/v1/oauth/x/callback",
    }


async def test_calls_and_errors(
    collected: Collected, provider: TracerProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call's span names method, host and status; an error marks it by its type, without its text."""
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", provider)
    with pytest.raises(ValueError, match="planted"), span("work", kind="example"):
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
