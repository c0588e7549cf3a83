"""The error bodies of X, in each of its shapes.

`XError` is a whole answer: problem documents (with or without `errors`), the legacy list of codes, and the flat shape
of the OAuth endpoints. `Partial` is one entry of the `errors` list of an otherwise successful answer.
"""

from collections.abc import Mapping
from typing import Any

from social_sandbox.answers import Answer, json_answer

_PROBLEMS = "https://api.x.com/2/problems/"
_OLD_PROBLEMS = "https://api.twitter.com/2/problems/"
ABOUT_BLANK = "about:blank"
_INVALID = "One or more parameters to your request was invalid."


class XError(Exception):
    """An answer that refuses a request."""

    def __init__(
        self,
        status: int,
        body: dict[str, Any],
        *,
        headers: Mapping[str, str] | None = None,
        media_type: str = "application/problem+json",
    ) -> None:
        super().__init__(str(body.get("detail") or body.get("error_description") or status))
        self.status = status
        self.body = body
        self.headers = dict(headers or {})
        self.media_type = media_type

    def answer(self) -> Answer:
        """The refusal as it goes over the wire."""
        return json_answer(self.body, self.status, headers=self.headers, media_type=self.media_type)


def unauthorized() -> XError:
    """The access token is missing, expired, revoked or unknown."""
    return problem(401, "Unauthorized", "Unauthorized")


def forbidden(detail: str) -> XError:
    """The account or the app may not do this; the detail is all X says."""
    return problem(403, "Forbidden", detail)


def missing_scope() -> XError:
    """The token was not granted a scope that the endpoint lists."""
    return forbidden("You are not permitted to perform this action.")


def problem(status: int, title: str, detail: str, *, kind: str | None = None, **more: Any) -> XError:
    """A problem document; without a kind its type is `about:blank`."""
    uri = ABOUT_BLANK if kind is None else _PROBLEMS + kind
    return XError(status, {"title": title, "type": uri, "status": status, "detail": detail, **more})


def invalid_body(message: str, *, detail: str = _INVALID) -> XError:
    """A JSON body that breaks the specification."""
    body = {
        "errors": [{"parameters": {}, "message": message}],
        "title": "Invalid Request",
        "detail": detail,
        "type": _PROBLEMS + "invalid-request",
    }
    return XError(400, body)


def invalid_request(parameter: str, value: object, message: str) -> XError:
    """A request that breaks the specification, with the parameter that does."""
    error = {"parameters": {parameter: [str(value)]}, "message": message}
    body = {
        "errors": [error],
        "title": "Invalid Request",
        "detail": _INVALID,
        "type": _PROBLEMS + "invalid-request",
    }
    return XError(400, body)


def credits_depleted(form: str) -> XError:
    """The app has no credits left; `form` names which of the two known bodies is sent."""
    if form == "credits-depleted":
        return problem(402, "Payment Required", "credits depleted", kind="credits-depleted")
    detail = "Your enrolled account does not have any credits to fulfill this request."
    body = {"title": "CreditsDepleted", "type": _OLD_PROBLEMS + "credits", "status": 402, "detail": detail}
    return XError(402, body)


def app_refused(state: str) -> XError:
    """The app is at fault or out of its monthly quota, not the person whose token it uses."""
    if state == "usage-capped":
        detail = "Usage cap exceeded: Monthly product cap"
        return problem(429, "UsageCapExceeded", detail, kind="usage-capped", period="Monthly", scope="Product")
    detail = "When authenticating requests, you must use keys from an app that is attached to a project."
    return problem(403, "Client Forbidden", detail, kind="client-forbidden", reason=state)


def rate_limited(headers: Mapping[str, str], *, legacy: bool = False) -> XError:
    """A limiter is exhausted, told in the newer or in the legacy shape."""
    if legacy:
        body: dict[str, Any] = {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}
        return XError(429, body, headers=headers, media_type="application/json")
    body = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": ABOUT_BLANK, "status": 429}
    return XError(429, body, headers=headers)


def oauth_error(error: str, description: str, *, status: int = 400) -> XError:
    """A refusal of the token endpoints, in the shape of RFC 6749."""
    body = {"error": error, "error_description": description}
    return XError(status, body, media_type="application/json")


def not_found(resource: str, parameter: str, value: str) -> dict[str, Any]:
    """The entry that tells that a resource does not exist."""
    return {
        "value": value,
        "detail": f"Could not find {resource} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "type": _PROBLEMS + "resource-not-found",
    }


def missing_post(parameter: str, post_id: str) -> XError:
    """A post that does not exist, as an answer of its own."""
    return XError(404, {**not_found("tweet", parameter, post_id), "status": 404})


def field_refused(resource_id: str, field: str, *, parameter: str) -> dict[str, Any]:
    """The entry that tells that one field of one post is not for this reader."""
    return {
        "resource_id": resource_id,
        "parameter": parameter,
        "field": field,
        "resource_type": "tweet",
        "section": "data",
        "title": "Field Authorization Error",
        "value": field,
        "detail": f"Sorry, you are not authorized to access '{field}' on the post with id: [{resource_id}].",
        "type": _PROBLEMS + "not-authorized-for-field",
    }
