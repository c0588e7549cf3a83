"""Logs as events with fields, one JSON object per line, from which secrets are taken before anything is written.

Both our own events and what libraries log through the standard library pass the same redaction: fields are blanked by
name, texts by shape. It is a net below the rule, not the rule: secrets are `Secret`s, and nobody logs them.
"""

import logging
import math
import re
import sys
import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any, Final, TextIO, cast

import structlog
from structlog.typing import FilteringBoundLogger, Processor

REDACTED: Final = "[redacted]"
_REPEAT_AFTER_S: Final = 10.0
_KIND_LENGTH: Final = 40
_MOST_KINDS: Final = 256

# Numbers, booleans and None pass whatever their name: `token_version=3`, `status_code=200`.
_SECRET_NAME: Final = re.compile(
    r"(?i)(token|secret|authorization|passw(or)?d|verifier|cookie|credential|signature|proof|dsn|database_url|jwt|api_?key"
    r"|private_?key|(^|_)(code|state|key|nonce|link|bearer|assertion))$"
)
_PUBLIC_NAMES: Final = frozenset({"error_code", "status_code", "http_code"})

_LONG_NAME: Final = (
    r"[\w-]*(?:token|secret|passw(?:or)?d|verifier|cookie|credential|signature|proof|api_?key|private_?key)"
)
_SHAPES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), REDACTED),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w\-.~+/=%]{6,}"), rf"\1 {REDACTED}"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s:/?#@]*):[^\s@/]*@"), rf"\1:{REDACTED}@"),
    (re.compile(r"(?i)\b(https?://[^\s?#\"'<>]+|/[\w\-./]*)\?[^\s\"'<>]+"), rf"\1?{REDACTED}"),
    (re.compile(r"\beyJ[\w-]{4,}\.[\w-]+(\.[\w-]*)?"), REDACTED),
    (re.compile(r"\b(gh[a-z]_|github_pat_|xox[a-z]-|EAA|IG[A-Z]{2}|ya29\.|1//0|sk[-_])[\w\-.]{8,}"), REDACTED),
    # name=value and "name": "value" inside texts, such as a quoted form or a dict's repr.
    (
        re.compile(rf"(?i)\b({_LONG_NAME})(['\"]?\s*[:=]\s*['\"]?)(?!\[redacted|\*{{3}})[^\s'\",;&)}}\]]+"),
        rf"\1\2{REDACTED}",
    ),
    (
        re.compile(r"(?i)\b((?:\w+_)?(?:code|state|key|nonce))(=|['\"]\s*:\s*['\"])(?!\[redacted)[^\s'\",;&)}\]]+"),
        rf"\1\2{REDACTED}",
    ),
    # Long random texts: our own codes, states, verifiers and keys have no prefix to know them by.
    (re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{32,}={0,2}(?![\w-])"), REDACTED),
    (re.compile(r"(?<![\w+/])[A-Za-z0-9+/]{40,}={1,2}"), REDACTED),
)


def redact_text(text: str) -> str:
    """The text without whatever looks like a secret."""
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text


def redact_value(name: str, value: object) -> object:
    """The value of a field of that name, fit for a log: blanked by name, else cleaned by shape, containers too."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if _SECRET_NAME.search(name) and name not in _PUBLIC_NAMES:
        return REDACTED
    match value:
        case str():
            return redact_text(value)
        case bytes():
            return redact_text(value.decode("utf-8", errors="replace"))
        case Mapping():
            return {redact_text(str(key)): redact_value(str(key), item) for key, item in value.items()}
        case Sequence() | set() | frozenset():
            return [redact_value("", item) for item in value]
        case _:
            return redact_text(str(value))


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor: every field of the event, cleaned."""
    return {redact_text(name): redact_value(name, value) for name, value in event.items()}


def configure_logging(*, service: str, role: str, level: str, fmt: str, stream: TextIO | None = None) -> None:
    """Sends this process's logs to stdout, or to another stream; call once, first thing. `fmt`: `json` or `console`."""
    out = stream or sys.stdout
    minimum = logging.getLevelNamesMapping()[level.upper()]

    def name_process(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"], event["role"] = service, role
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        name_process,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=out.isatty())
    )
    # Exceptions become text before redaction, so that their messages pass through it too.
    last: list[Processor] = [structlog.processors.format_exc_info, redact, renderer]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(minimum),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    _route_stdlib(minimum, before=shared, last=last, stream=out)


class _OnceAWhile(logging.Filter):
    """Lets each kind of line of Kafka's client through once in ten seconds.

    While a broker is away it repeats itself hundreds of times a second.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        if not record.name.startswith("aiokafka"):
            return True
        kind, now = (record.name, str(record.msg)[:_KIND_LENGTH]), self._monotonic()
        if now - self._last.get(kind, -math.inf) < _REPEAT_AFTER_S:
            return False
        if len(self._last) >= _MOST_KINDS:
            self._last.clear()
        self._last[kind] = now
        return True


def _route_stdlib(minimum: int, *, before: list[Processor], last: list[Processor], stream: TextIO) -> None:
    """Has what libraries log pass the same processors, and quiets those that log addresses or every record."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*before, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    handler.addFilter(_OnceAWhile())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(minimum)
    for noisy in ("httpx", "httpcore", "aiokafka", "faststream", "sqlalchemy", "asyncio"):
        logging.getLogger(noisy).setLevel(max(minimum, logging.WARNING))
    for own_handlers in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(own_handlers).handlers = []
        logging.getLogger(own_handlers).propagate = own_handlers != "uvicorn.access"


def get_logger(**context: object) -> FilteringBoundLogger:
    """A logger with that context bound; log events as `snake_case` names with fields."""
    return cast("FilteringBoundLogger", structlog.get_logger(**context))


def bind_log_context(**context: object) -> None:
    """Adds fields to every event of this task from here on (request, record, trace)."""
    structlog.contextvars.bind_contextvars(**context)


def clear_log_context() -> None:
    """Forgets what `bind_log_context` added in this task."""
    structlog.contextvars.clear_contextvars()


# Until a process configures its own, structlog would print the local variables of every frame of an exception.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.LogfmtRenderer(bool_as_flag=False),
    ]
)
