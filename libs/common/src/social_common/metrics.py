"""Prometheus metrics: one registry per process, helpers that declare, and the app that shows them on their own port.

Labels are few and closed sets: never a merchant's, account's or post's id.
"""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
    make_asgi_app,
)
from starlette.requests import Request
from starlette.responses import Response

AsgiApp = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]

REGISTRY: Final = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def counter(name: str, doc: str, labels: Sequence[str] = ()) -> Counter:
    """Declares a counter; call it once per name, at import."""
    return Counter(name, doc, labels, registry=REGISTRY)


def gauge(name: str, doc: str, labels: Sequence[str] = ()) -> Gauge:
    """Declares a gauge; call it once per name, at import."""
    return Gauge(name, doc, labels, registry=REGISTRY)


def histogram(name: str, doc: str, labels: Sequence[str] = (), *, buckets: Sequence[float] = _SECONDS) -> Histogram:
    """Declares a histogram of seconds unless `buckets` say otherwise; call it once per name, at import."""
    return Histogram(name, doc, labels, buckets=buckets, registry=REGISTRY)


async def show_metrics(_request: Request) -> Response:
    """The metrics as one endpoint among others, at its very address: a mounted app would redirect to a slash."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


def metrics_app() -> AsgiApp:
    """The app that answers every path with the metrics; meant for a port of its own."""
    app: AsgiApp = make_asgi_app(registry=REGISTRY)
    return app
