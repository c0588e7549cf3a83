"""A collector of traces for tests: takes what processes send by OTLP over HTTP, and shows it by trace."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

_PATH: Final = "/v1/traces"


@dataclass(frozen=True)
class SeenSpan:
    """A span as it arrived: whose, its name, and all of it as text."""

    process: str
    name: str
    trace_id: str
    text: str


@dataclass
class SpanCollector:
    """What arrived so far, at an address of its own."""

    url: str
    seen: list[SeenSpan] = field(default_factory=list)

    def of(self, trace_id: str) -> list[SeenSpan]:
        """The spans of one trace."""
        return [one for one in tuple(self.seen) if one.trace_id == trace_id]

    def take(self, body: bytes) -> None:
        """One export of a process."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            told = {one.key: one.value.string_value for one in resource.resource.attributes}
            process = f"{told['service.name']} {told['service.role']}"
            self.seen += [
                SeenSpan(process, span.name, span.trace_id.hex(), str(span))
                for scope in resource.scope_spans
                for span in scope.spans
            ]


@contextmanager
def collecting_spans() -> Iterator[SpanCollector]:
    """A collector that listens on a free port until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == _PATH:
                collector.take(body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = SpanCollector(f"http://127.0.0.1:{server.server_port}")
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield collector
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
