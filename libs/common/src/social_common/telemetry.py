"""Traces, sent only where an OTLP endpoint is configured; without one every helper here does nothing.

Where they go, how many are kept and how they are batched is read from the OTEL_* variables by OpenTelemetry itself.
What leaves the process is cleaned once more: no query (a callback's carries a code), no caller's address, no text of
an exception.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from opentelemetry import propagate, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import Span, SpanKind, Status
from opentelemetry.util.types import Attributes

from social_common.logging import redact_text, redact_value
from social_common.settings import ServiceSettings

__all__ = ["CleanedSpans", "SpanKind", "configure_telemetry", "current_traceparent", "note_span", "span"]

_URLS: Final = frozenset({"url.full", "http.url", "http.target"})
_LEFT_OUT: Final = frozenset(
    {"url.query", "client.address", "network.peer.address", "net.peer.ip", "http.client_ip", "user_agent.original"}
)
_ERROR_NAME: Final = re.compile(r"[\w.]+")


class CleanedSpans(SpanExporter):
    """Hands spans on to an exporter, without whatever must not leave the process."""

    def __init__(self, to: SpanExporter) -> None:
        self._to = to

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Exports cleaned copies."""
        return self._to.export([_cleaned(one) for one in spans])

    def shutdown(self) -> None:
        """Ends the exporter behind."""
        self._to.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Flushes the exporter behind."""
        return self._to.force_flush(timeout_millis)


def configure_telemetry(settings: ServiceSettings, role: str) -> None:
    """Starts exporting traces of this process; does nothing without OTEL_EXPORTER_OTLP_ENDPOINT."""
    if settings.otel_exporter_otlp_endpoint is None or os.environ.get("OTEL_TRACES_EXPORTER") == "none":
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor

    resource = Resource.create({"service.name": settings.service, "service.role": role})
    sending = BatchSpanProcessor(CleanedSpans(OTLPSpanExporter()))
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(sending)
    trace.set_tracer_provider(provider)
    # Queries only as parts of traces: a worker's looking for work would else be a trace of its own each second.
    queries = TracerProvider(resource=resource, sampler=ParentBased(ALWAYS_OFF), shutdown_on_exit=False)
    queries.add_span_processor(sending)
    AsyncPGInstrumentor().instrument(tracer_provider=queries)  # type: ignore[no-untyped-call]


def current_traceparent() -> str | None:
    """The W3C traceparent of the span that runs now, to be stored or sent along."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span(
    name: str,
    /,
    *,
    traceparent: str | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
    **attributes: str | float | bool,
) -> Iterator[Span]:
    """A span around a block, part of the trace that `traceparent` names, else of the one that runs.

    Exceptions mark it, but their texts are not recorded.
    """
    context = None if traceparent is None else propagate.extract({"traceparent": traceparent})
    tracer = trace.get_tracer("social_common")
    with tracer.start_as_current_span(
        name, context, kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise


def note_span(name: str, /, *, traceparent: str | None, began: datetime, **attributes: str | float | bool) -> None:
    """A span of something that began then and ends now, in the trace that `traceparent` names, if that one is kept."""
    if traceparent is None:
        return
    context = propagate.extract({"traceparent": traceparent})
    if not trace.get_current_span(context).get_span_context().trace_flags.sampled:
        return
    trace.get_tracer("social_common").start_span(
        name,
        context,
        SpanKind.PRODUCER,
        attributes,
        start_time=int(began.timestamp() * 1e9),
    ).end()


def _cleaned(span: ReadableSpan) -> ReadableSpan:
    described = _ERROR_NAME.match(span.status.description or "")
    return ReadableSpan(
        redact_text(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_clean_attributes(span.attributes),
        # Of an exception only its type: its text may quote what it was about.
        events=[
            Event(
                one.name,
                {name: text for name, text in (one.attributes or {}).items() if name == "exception.type"},
                one.timestamp,
            )
            for one in span.events
        ],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code, described and described[0]),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _clean_attributes(attributes: Attributes) -> dict[str, str | bool | int | float | Sequence[str]]:
    kept: dict[str, str | bool | int | float | Sequence[str]] = {}
    for name, value in (attributes or {}).items():
        if name in _LEFT_OUT:
            continue
        match value:
            case bool() | int() | float():
                kept[name] = value
            case str() if name in _URLS:
                kept[name] = redact_text(value.split("?", 1)[0])
            case str():
                kept[name] = str(redact_value(name, value))
            case Sequence():
                kept[name] = [redact_text(str(item)) for item in value]
    return kept
