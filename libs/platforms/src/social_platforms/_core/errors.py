"""What a platform's refusal or failure is mapped to, once, in its adapter."""

from datetime import timedelta
from enum import StrEnum
from typing import Literal


class ErrorCode(StrEnum):
    """The closed set every platform's errors are mapped to (design, section 5)."""

    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED = "quota_exhausted"
    AUTH_EXPIRED = "auth_expired"
    AUTH_REVOKED = "auth_revoked"
    PERMISSION_MISSING = "permission_missing"
    ACCOUNT_RESTRICTED = "account_restricted"
    DESTINATION_GONE = "destination_gone"
    APP_MISCONFIGURED = "app_misconfigured"
    VERSION_RETIRED = "version_retired"
    CONTENT_REJECTED = "content_rejected"
    MEDIA_REJECTED = "media_rejected"
    DUPLICATE_POST = "duplicate_post"
    NOT_FOUND = "not_found"
    PLATFORM_DOWN = "platform_down"
    OUTCOME_UNKNOWN = "outcome_unknown"


class PlatformError(Exception):
    """A platform refused or failed, said in the closed set.

    `detail` and `action` are plain words of ours, fit for a merchant, without tokens, URLs with queries or bodies.
    `retry_after` is how long the platform asked to wait; `scope` is what it holds back: one account, or the whole app.
    `final` is for token calls: True only where the platform's answer means that the grant is dead. `evidence` is the
    platform's own answer, shortened and without tokens: for the operator's eyes only.
    """

    def __init__(
        self,
        code: ErrorCode,
        detail: str,
        *,
        retryable: bool = False,
        retry_after: timedelta | None = None,
        action: str = "",
        http_status: int | None = None,
        scope: Literal["account", "app"] = "account",
        final: bool = False,
        evidence: str = "",
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.retryable = retryable
        self.retry_after = retry_after
        self.action = action
        self.http_status = http_status
        self.scope = scope
        self.final = final
        self.evidence = evidence


class OutcomeUnknown(PlatformError):
    """A request that creates was sent and nobody can tell yet what became of it: time-out, reset, 5xx, garbage."""

    def __init__(self, detail: str, *, http_status: int | None = None, evidence: str = "") -> None:
        super().__init__(ErrorCode.OUTCOME_UNKNOWN, detail, http_status=http_status, evidence=evidence)


class NothingSent(PlatformError):
    """No byte of the request left this machine (refused connection, no address): sending again is safe."""

    def __init__(self, detail: str) -> None:
        super().__init__(ErrorCode.PLATFORM_DOWN, detail, retryable=True)


class PreparationGone(PlatformError):
    """What was prepared is gone at the platform, and nothing was published: it is to be prepared anew.

    Only for answers that leave no doubt about either. `code` says what else was refused with it.
    """

    def __init__(
        self,
        detail: str,
        *,
        code: ErrorCode = ErrorCode.NOT_FOUND,
        action: str = "Nothing to do: it is prepared again and then goes out.",
        http_status: int | None = None,
        evidence: str = "",
    ) -> None:
        super().__init__(
            code,
            detail,
            retryable=True,
            action=action,
            http_status=http_status,
            evidence=evidence,
        )
