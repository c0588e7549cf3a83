"""Refusals of planning, in the words of the API."""

from collections.abc import Sequence

from publisher.domain import NotAllowedError
from social_common.errors import Conflict, FieldError, Invalid, NotFound, ServiceError, Unavailable
from social_platforms._core import Finding

NO_SUCH_POST = "There is no such post."


class ConnectionNotUsable(Conflict):
    """The place cannot be published to at the moment."""

    default_code = "connection_not_usable"
    default_title = "The connection cannot publish"


class PassingInvalid(Invalid):
    """What is wrong lies with somebody else's server, and may pass by itself."""


def may_pass(refusal: ServiceError) -> bool:
    """Whether the same request might be taken later: only its content and the clock decide for good."""
    return isinstance(refusal, PassingInvalid) or not isinstance(refusal, Invalid)


def no_such_post() -> NotFound:
    """The post does not exist, or is another merchant's."""
    return NotFound(NO_SUCH_POST)


def unknown_connection(field: str) -> NotFound:
    """The connection does not exist, or is another merchant's."""
    return NotFound("There is no such connection.", field=field)


def not_usable(field: str | None) -> ConnectionNotUsable:
    """The connection is down or was not given the right to publish."""
    return ConnectionNotUsable(
        "The connection cannot publish at the moment.",
        field=field,
        action="Connect the account again and allow publishing.",
    )


def not_allowed(error: NotAllowedError) -> Conflict:
    """The state table has no such move."""
    return Conflict(f"This is not possible while the post is {error.status}.")


def linker_down(error: Exception) -> Unavailable:
    """auth-linker could not be asked."""
    retry_after = getattr(error, "retry_after", None)
    return Unavailable("The connections cannot be read at the moment.", retry_after=retry_after)


def refused_content(findings: Sequence[tuple[str, Finding]], *, passes: bool = False) -> Invalid:
    """What the platforms would refuse, each with its field; `passes` where a file only could not be fetched now."""
    errors = tuple(FieldError(field, finding.detail) for field, finding in findings)
    refusal = PassingInvalid if passes else Invalid
    return refusal(f"{errors[0].field}: {errors[0].detail}", errors=errors)
