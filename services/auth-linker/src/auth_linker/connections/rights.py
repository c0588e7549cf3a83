"""Which scopes a capability needs at a place, by the platforms' facts, and what refused ones cost a connection."""

from collections.abc import Mapping
from functools import cache

from auth_linker.connections.domain import Connection, Limitation, find_limitations
from social_platforms._core import PlatformFacts
from social_platforms.registry import all_facts


@cache
def _facts() -> Mapping[str, PlatformFacts]:
    return {platform.value: facts for platform, facts in all_facts().items()}


def needed_scopes(platform: str, kind: str) -> dict[str, frozenset[str]]:
    """The scopes of each capability at places of that kind; empty for a platform that is not known here."""
    facts = _facts().get(platform)
    if facts is None:
        return {}
    by_kind = {place_kind.value: scopes for place_kind, scopes in facts.scopes_by_kind.items()}
    needs = by_kind.get(kind, facts.scopes)
    return {capability.value: frozenset(scopes) for capability, scopes in needs.items()}


def limitations_of(connection: Connection) -> tuple[Limitation, ...]:
    """What a usable connection was linked for and cannot do; one that is lost says so by its problem."""
    if not connection.is_connected:
        return ()
    return find_limitations(
        wanted=connection.asked_capabilities,
        allowed=frozenset(connection.capabilities),
        missing_scopes=frozenset(connection.missing_scopes),
        needs=needed_scopes(connection.platform, connection.kind),
        reason=connection.problem.reason if connection.problem is not None else None,
    )
