"""The running whole: the world, its platforms, planned faults and the record of requests."""

from collections.abc import Sequence

from social_sandbox.clock import SandboxClock
from social_sandbox.config import SandboxConfig
from social_sandbox.faults import FaultPlan
from social_sandbox.model import DEMO_CLIENT_ID
from social_sandbox.platform import PlatformSimulator, World
from social_sandbox.recorder import RequestLog
from social_sandbox.store import Store


class Simulation:
    """Built once per server; `reset` brings it back to how it began, clock and identities excepted."""

    def __init__(
        self,
        config: SandboxConfig,
        simulators: Sequence[type[PlatformSimulator]],
        *,
        clock: SandboxClock | None = None,
        store: Store | None = None,
    ) -> None:
        self.config = config
        self.clock = clock or SandboxClock()
        self.store = store or Store()
        self.world = World(config, self.clock, self.store)
        self.simulators = {kind.name: kind(self.world) for kind in simulators}
        self.faults = FaultPlan()
        self.requests = RequestLog()
        self._seed()

    def reset(self) -> None:
        """Back to the default apps and demo accounts: no posts, grants, faults, switches or recorded requests."""
        self.store.clear()
        self.faults.clear()
        self.requests.clear()
        self._seed()

    def _seed(self) -> None:
        """Seed the platforms the store knows nothing about; a restored one keeps what it had.

        Only where the default app may return to is added: the ports may have moved since.
        """
        for name, simulator in self.simulators.items():
            if not any(platform == name for platform, _ in self.store.apps):
                simulator.seed()
            default = self.store.app(name, DEMO_CLIENT_ID)
            if default is not None:
                default.redirect_uris = tuple(dict.fromkeys((*self.config.callbacks(name), *default.redirect_uris)))
