"""Errors inside a 200: GitHub's `type`, the path, and `null` where the value would stand."""

from typing import Any

from graphql import GraphQLError


class GraphTrouble(GraphQLError):
    """An error with one of GitHub's types."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message, extensions={"kind": kind})


def no_node(node_id: str) -> GraphTrouble:
    """There is nothing with this id, or nothing for you."""
    return GraphTrouble("NOT_FOUND", f"Could not resolve to a node with the global id of '{node_id}'.")


def no_repository(name: str) -> GraphTrouble:
    """There is no such repository, or not for you."""
    return GraphTrouble("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")


def not_accessible() -> GraphTrouble:
    """The app lacks the permission."""
    return GraphTrouble("FORBIDDEN", "Resource not accessible by integration")


def scopes_missing(field: str) -> GraphTrouble:
    """The token lacks the scope."""
    message = (
        "Your token has not been granted the required scopes to execute this query."
        f" The '{field}' field requires one of the following scopes: ['public_repo', 'repo']."
    )
    return GraphTrouble("INSUFFICIENT_SCOPES", message)


def formatted(error: GraphQLError) -> dict[str, Any]:
    """An error in GitHub's order."""
    kind = (error.extensions or {}).get("kind")
    shown: dict[str, Any] = {"type": kind} if kind else {}
    if error.path:
        shown["path"] = error.path
    if error.locations:
        shown["locations"] = [{"line": where.line, "column": where.column} for where in error.locations]
    return {**shown, "message": error.message}
