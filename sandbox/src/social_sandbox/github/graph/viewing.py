"""One execution of a document: who looks, at what, through which parts of the simulator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from social_sandbox.calls import Call
from social_sandbox.github.caller import Caller
from social_sandbox.github.discussions import Discussions
from social_sandbox.github.repositories import Repositories, Repository
from social_sandbox.platform import World

Paging = int | str | None


@dataclass(frozen=True, slots=True)
class Viewing:
    """One execution: who looks, and at what."""

    world: World
    call: Call
    caller: Caller
    repositories: Repositories
    discussions: Discussions
    show: "Callable[[Viewing, Repository], Any]"

    def repository_node(self, repository: Repository) -> Any:
        """A repository as a node; which class that is the nodes of posts and people need not know."""
        return self.show(self, repository)


@dataclass(frozen=True, slots=True)
class Counted:
    """A connection of which only the total is known."""

    total_count: int
    viewer_has_reacted: bool = False
    nodes: Sequence[Any] = ()
