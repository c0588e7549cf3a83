"""What a release may be made of."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from social_sandbox.answers import Answer
from social_sandbox.github.errors import DOCS, error, invalid
from social_sandbox.github.repositories import Repository

MAX_BODY = 125_000
_TYPES: Mapping[str, type] = {
    "tag_name": str,
    "target_commitish": str,
    "name": str,
    "body": str,
    "draft": bool,
    "prerelease": bool,
    "discussion_category_name": str,
    "generate_release_notes": bool,
    "make_latest": str,
}
_TYPE_NAMES = {str: "string", bool: "boolean"}
_LATEST = {"true", "false", "legacy"}
_COMMIT = re.compile(r"[0-9a-f]{40}")
_BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$|^\.|/\.|\.$|\.lock$|^@$|^-")


def check_release(body: Any, repository: Repository, *, tags: Collection[str]) -> Answer | None:
    """The refusal of a body for `POST …/releases`, or None. Keys GitHub does not know are ignored there, and here."""
    if not isinstance(body, dict):
        return error(400, "Body should be a JSON object")
    if "tag_name" not in body:
        return invalid(
            'Invalid request.\n\n"tag_name" wasn\'t supplied.', docs=f"{DOCS}/releases/releases#create-a-release"
        )
    for name, value in body.items():
        wanted = _TYPES.get(name)
        if wanted is not None and value is not None and not isinstance(value, wanted):
            shown = f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not a {_TYPE_NAMES[wanted]}."
            return invalid(shown)
    if body.get("make_latest") is not None and body["make_latest"] not in _LATEST:
        return invalid(f"Invalid request.\n\n{body['make_latest']} is not a member of {sorted(_LATEST)}.")
    problem = _problem(body, repository, tags)
    return invalid(errors=[{"resource": "Release", **problem}]) if problem else None


def _problem(body: Mapping[str, Any], repository: Repository, tags: Collection[str]) -> dict[str, str] | None:
    tag = body["tag_name"]
    if not tag:
        return {"code": "missing_field", "field": "tag_name"}
    if _BAD_REF.search(tag):
        return {"code": "custom", "field": "tag_name", "message": "tag_name is not a valid tag"}
    if len(body.get("body") or "") > MAX_BODY:
        message = f"body is too long (maximum is {MAX_BODY} characters)"
        return {"code": "custom", "field": "body", "message": message}
    target = body.get("target_commitish") or repository.option("default_branch")
    if tag not in tags and target != repository.option("default_branch") and not _COMMIT.fullmatch(target):
        return {"code": "invalid", "field": "target_commitish"}
    return None
