"""How GitHub says no in REST."""

from collections.abc import Mapping, Sequence

from social_sandbox.answers import Answer, json_answer

DOCS = "https://docs.github.com/rest"
NO_USER_AGENT = (
    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
    " (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). Check"
    " https://developer.github.com for other possible causes.\n"
)
NOT_ACCESSIBLE = "Resource not accessible by integration"


class Refusal(Exception):
    """Carries the answer out of the depth of a handler."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def error(status: int, message: str, *, headers: Mapping[str, str] | None = None, docs: str = DOCS) -> Answer:
    """GitHub's plain error body."""
    body = {"message": message, "documentation_url": docs, "status": str(status)}
    return json_answer(body, status, headers=headers)


def invalid(
    message: str = "Validation Failed", errors: Sequence[Mapping[str, str]] = (), *, docs: str = DOCS
) -> Answer:
    """422 with the fields at fault."""
    body = {"message": message, "errors": list(errors), "documentation_url": docs, "status": "422"}
    return json_answer(body if errors else {k: v for k, v in body.items() if k != "errors"}, 422)


def not_found() -> Refusal:
    """404, for what is not there and for what is none of your business."""
    return Refusal(error(404, "Not Found"))


def forbidden(message: str, *, permissions: str | None = None) -> Refusal:
    """403; `permissions` are the ones that would have sufficed."""
    headers = {"x-accepted-github-permissions": permissions} if permissions else {}
    return Refusal(error(403, message, headers=headers))
