"""A place and its problem as the columns of a connection's row hold them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from auth_linker.connections.domain import Problem
from auth_linker.tables import to_json

_LONGEST_NAME: Final = 255


def clip(name: str | None) -> str | None:
    """A name as its column can hold it."""
    return name[:_LONGEST_NAME] if name is not None else None


@dataclass(frozen=True, slots=True)
class PlaceFields:
    """What a consent tells of a place, ready for its row."""

    platform_id: str
    kind: str
    username: str | None
    name: str | None
    avatar_url: str | None
    facts: Mapping[str, Any]
    capabilities: tuple[str, ...]
    problem: Problem | None = None

    def as_params(self) -> dict[str, object]:
        """The same as bound values."""
        return {
            "platform_id": self.platform_id,
            "kind": self.kind,
            "username": clip(self.username),
            "name": clip(self.name),
            "avatar_url": self.avatar_url,
            "facts": to_json(self.facts),
            "capabilities": list(self.capabilities),
            **problem_params(self.problem),
        }


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose consent a connection rests on: kept with its row too, which may outlive the grant's in a deletion."""

    app: str
    family: str
    platform_user_id: str
    person_id: str

    def as_params(self) -> dict[str, object]:
        """The same as bound values."""
        return {
            "app": self.app,
            "family": self.family,
            "platform_user_id": self.platform_user_id,
            "person_id": self.person_id,
        }


def problem_params(problem: Problem | None) -> dict[str, object]:
    """A problem, or none, as bound values."""
    return {
        "problem_code": problem.code if problem is not None else None,
        "problem_detail": problem.detail if problem is not None else None,
    }
