"""The error bodies of Facebook, by the codes its contract lists."""

from social_sandbox.meta.errors import GraphError, graph_error

FORBIDDEN = 403


def invalid_token(subcode: int | None, message: str, *, code: int = 190) -> GraphError:
    """The access token is expired, ended or unknown."""
    return graph_error(code, f"Error validating access token: {message}" if subcode else message, subcode=subcode)


def unreadable_token() -> GraphError:
    """A text that is no token."""
    return invalid_token(None, "Invalid OAuth access token - Cannot parse access token")


def invalid_parameter(message: str, *, subcode: int | None = None) -> GraphError:
    """A bad parameter, field or metric."""
    return graph_error(100, f"(#100) {message}", subcode=subcode)


def bad_proof(message: str) -> GraphError:
    """`appsecret_proof` is missing or of another token."""
    return graph_error(100, message, kind="GraphMethodException")


def missing_permission(name: str, *, code: int = 10) -> GraphError:
    """A permission was not granted, was withdrawn, or has lapsed."""
    message = f"(#{code}) This endpoint requires the '{name}' permission or the permission has lapsed."
    return graph_error(code, message, status=FORBIDDEN)


def missing_task(task: str) -> GraphError:
    """The person may not do this on this Page."""
    return graph_error(200, f"(#200) The user's role on this Page lacks the task {task}.", status=FORBIDDEN)


def page_token_required() -> GraphError:
    """Something that only the Page itself may ask."""
    return graph_error(210, "(#210) A page access token is required to request this resource.", status=FORBIDDEN)


def acted_as_person(code: int) -> GraphError:
    """A post sent with a user token."""
    words = {
        200: "(#200) The permission to publish as this Page is missing: use a Page access token.",
        283: "(#283) Requires a Page access token with the permission pages_manage_posts.",
        1705: "(#1705) There was an error posting: it was made as a person, not as the Page.",
    }
    return graph_error(code, words[code], status=FORBIDDEN if code != 1705 else 400)  # noqa: PLR2004


def no_such_object(object_id: str, method: str = "get") -> GraphError:
    """The object does not exist, or the caller may not see it, or the method is not for it."""
    message = (
        f"Unsupported {method.lower()} request. Object with ID '{object_id}' does not exist, cannot be loaded due to"
        " missing permissions, or does not support this operation"
    )
    return graph_error(100, message, subcode=33, kind="GraphMethodException")


def no_such_field(field: str, node: str) -> GraphError:
    """A field or edge that this kind of node does not have."""
    return invalid_parameter(f"Tried accessing nonexisting field ({field}) on node type ({node})")


def unknown_path() -> GraphError:
    """A path that names no edge."""
    return graph_error(2500, "Unknown path components")


def empty_post() -> GraphError:
    """Nothing to post, or a text that is empty."""
    return graph_error(197, "(#197) The post is empty. Please enter a message to share.")


def duplicate_post() -> GraphError:
    """The same text as the post before."""
    return graph_error(
        506,
        "(#506) Duplicate status message",
        title="Duplicate Status Update",
        explanation="This status update is identical to the last one you posted.",
    )


def unusable_picture(reason: str) -> GraphError:
    """No picture, or one that cannot be taken."""
    return graph_error(324, f"(#324) Missing or invalid image file: {reason}")


def link_not_scraped() -> GraphError:
    """The address of a link gives nothing."""
    return graph_error(1609005, "(#1609005) There was a problem scraping the link you posted.")


def bad_schedule() -> GraphError:
    """A time outside the window."""
    return invalid_parameter("The specified scheduled publish time is invalid.")


def blocked(*, too_fast: bool) -> GraphError:
    """The Page's posts are taken for abuse: too fast, or something a person must settle."""
    message = "(#368) The action attempted has been deemed abusive or is otherwise disallowed"
    return graph_error(368, message, subcode=1390008 if too_fast else None)


def no_metric() -> GraphError:
    """Insights without a metric."""
    return graph_error(3001, "(#3001) Please specify at least one metric.", subcode=1504028)


def too_many_reels() -> GraphError:
    """The day's reels are used up."""
    return graph_error(613, "(#613) Calls to this api have exceeded the rate limit of reels in 24 hours.")


def server_trouble() -> GraphError:
    """Meta's words for its own trouble."""
    message = "An unexpected error has occurred. Please retry your request later."
    return graph_error(2, message, status=500, transient=True)
