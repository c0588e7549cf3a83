"""The errors a service answers with: one root, a closed list of codes, and texts fit for the caller.

Services raise these, or small subclasses of their own, wherever something is refused; `problems` turns them into
RFC 9457 documents. `detail` is always in plain words and never carries a secret or another system's text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

TYPE_BASE = "https://seftec.store/problems/"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `field` is spelled as a path such as `body.targets.0.connection_id`."""

    field: str
    detail: str


class ServiceError(Exception):
    """A refusal or failure with its HTTP status and its code of the closed list."""

    default_code: ClassVar[str] = "internal"
    default_status: ClassVar[int] = 500
    default_title: ClassVar[str] = "Something went wrong on our side"

    def __init__(
        self,
        detail: str = "",
        *,
        code: str | None = None,
        status: int | None = None,
        title: str | None = None,
        action: str | None = None,
        field: str | None = None,
        errors: tuple[FieldError, ...] = (),
        retry_after: timedelta | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code or self.default_code
        self.status = status or self.default_status
        self.title = title or self.default_title
        self.detail = detail or f"{self.title}."
        self.action = action
        self.field = field
        self.errors = errors or ((FieldError(field, self.detail),) if field else ())
        self.retry_after = retry_after
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})
        super().__init__(f"{self.code}: {self.detail}")

    @property
    def type_uri(self) -> str:
        """The stable URI that names this kind of problem."""
        return TYPE_BASE + self.code

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later without being changed."""
        return self.retry_after is not None or self.status >= 500  # noqa: PLR2004


class NotFound(ServiceError):
    """There is no such thing, or it is another merchant's."""

    default_code = "not_found"
    default_status = 404
    default_title = "Not found"


class Conflict(ServiceError):
    """The state of the thing does not allow this now."""

    default_code = "conflict"
    default_status = 409
    default_title = "Not possible in this state"


class Invalid(ServiceError):
    """The request is understood, and one of its fields is wrong; name it in `field`."""

    default_code = "invalid_request"
    default_status = 422
    default_title = "The request is not valid"


class Malformed(Invalid):
    """The request cannot even be read, such as a body that is no JSON."""

    default_status = 400
    default_title = "The request cannot be read"


class Unauthenticated(ServiceError):
    """No token, or one that proves nothing."""

    default_code = "unauthenticated"
    default_status = 401
    default_title = "Sign in first"

    def __init__(self, detail: str = "", *, reason: str | None = None, **more: Any) -> None:
        """`reason` is RFC 6750's error (`invalid_token`), left out where no token was sent at all."""
        challenge = 'Bearer realm="seftec"' + (f', error="{reason}"' if reason else "")
        headers = {"WWW-Authenticate": challenge, **(more.pop("headers", None) or {})}
        super().__init__(detail, headers=headers, **more)


class Forbidden(ServiceError):
    """Known, but not allowed."""

    default_code = "forbidden"
    default_status = 403
    default_title = "Not allowed"


class PreconditionRequired(ServiceError):
    """The request must say which revision it is about (`If-Match`)."""

    default_code = "precondition_failed"
    default_status = 428
    default_title = "Say which revision you mean"


class PreconditionFailed(ServiceError):
    """The thing has moved on since the caller read it."""

    default_code = "precondition_failed"
    default_status = 412
    default_title = "It has changed meanwhile"


class PayloadTooLarge(ServiceError):
    """The body is longer than this API reads."""

    default_code = "payload_too_large"
    default_status = 413
    default_title = "The body is too large"


class IdempotencyConflict(ServiceError):
    """The Idempotency-Key was used before, with another request."""

    default_code = "idempotency_conflict"
    default_status = 409
    default_title = "This Idempotency-Key belongs to another request"


class TooManyRequests(ServiceError):
    """The caller asks more often than it may."""

    default_code = "rate_limited"
    default_status = 429
    default_title = "Too many requests"


class Unavailable(ServiceError):
    """Something this service needs is down for the moment; `retry_after` says when to ask again."""

    default_status = 503
    default_title = "Not available at the moment"
