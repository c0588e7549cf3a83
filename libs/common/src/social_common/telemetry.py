"""Traces, sent only where an OTLP endpoint is configured; without one every helper here does nothing.

Queries are cut from all spans: the address of an OAuth callback carries a code and a state.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span as AnySpan

from social_common.settings import ServiceSettings

_QUERY_ATTRIBUTES: Final = ("url.query", "url.full", "http.url", "http.target")


class QueryStripper(SpanProcessor):
    """Takes queries off spans before any exporter can see them."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002
        """Replaces whole queries, and cuts URLs at their question mark."""
        for name in _QUERY_ATTRIBUTES:
            value = (span.attributes or {}).get(name)
            if isinstance(value, str):
                span.set_attribute(name, "" if name == "url.query" else value.split("?", 1)[0])

    def on_end(self, span: ReadableSpan) -> None:
        """Nothing to do: attributes were cut at the start."""


def configure_telemetry(settings: ServiceSettings, role: str) -> None:
    """Starts exporting traces of this process; does nothing without OTEL_EXPORTER_OTLP_ENDPOINT."""
    endpoint = settings.otel_exporter_otlp_endpoint
    if endpoint is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor

    resource = Resource.create({"service.name": settings.service, "service.role": role})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(QueryStripper())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)
    AsyncPGInstrumentor().instrument()  # type: ignore[no-untyped-call]


def current_traceparent() -> str | None:
    """The W3C traceparent of the span that runs now, to be stored or sent along."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span(name: str, **attributes: str | float | bool) -> Iterator[AnySpan]:
    """A span around a block; exceptions mark it, but their texts are not recorded."""
    tracer = trace.get_tracer("social_common")
    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise
