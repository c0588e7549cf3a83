"""Which port each part listens on. SOCIAL_PORT_BASE moves all of them together (8100 → base)."""

import os
import socket
from dataclasses import dataclass
from typing import Self

DEFAULT_BASE = 8100
_FREE_BASES = range(20_000, 30_000, 200)


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one local stack, as offsets from its base."""

    base: int = DEFAULT_BASE

    @property
    def console(self) -> int:
        """The console."""
        return self.base

    @property
    def sandbox(self) -> int:
        """The simulated platforms and the local identity."""
        return self.base + 10

    @property
    def postgres(self) -> int:
        """The embedded PostgreSQL."""
        return self.base + 20

    @property
    def kafka(self) -> int:
        """The embedded broker."""
        return self.base + 21

    @property
    def storefront(self) -> int:
        """The example of a shop, where somebody serves it: not a part of the stack, which only lets it in."""
        return self.base + 90

    @property
    def console_metrics(self) -> int:
        """The metrics of the console's server."""
        return self.base + 1000

    def api(self, index: int) -> int:
        """A service's API: 8101 to 8103."""
        return self.base + index

    def api_metrics(self, index: int) -> int:
        """The metrics of a service's API: 9101 to 9103."""
        return self.base + 1000 + index

    def worker(self, index: int) -> int:
        """Probes and metrics of a service's worker: 9111 to 9113."""
        return self.base + 1010 + index

    def all(self) -> dict[int, str]:
        """Every port with what listens there."""
        services = ("auth-linker", "publisher", "analytics")
        named = {
            self.console: "console",
            self.console_metrics: "console metrics",
            self.sandbox: "sandbox",
            self.postgres: "PostgreSQL",
            self.kafka: "Kafka",
        }
        for index, name in enumerate(services, start=1):
            named[self.api(index)] = name
            named[self.api_metrics(index)] = f"{name} metrics"
            named[self.worker(index)] = f"{name} worker"
        return named

    def busy(self) -> dict[int, str]:
        """Those ports of ours that something else listens on already."""
        return {port: name for port, name in self.all().items() if not is_free(port)}

    @classmethod
    def free(cls) -> Self:
        """A base whose ports are all free now, for a stack beside others."""
        # Stacks that start at the same moment must not choose the same range before either listens.
        first = os.getpid() % len(_FREE_BASES)
        for base in (*_FREE_BASES[first:], *_FREE_BASES[:first]):
            ports = cls(base)
            if not ports.busy():
                return ports
        raise RuntimeError("no free range of ports was found between 20000 and 31000")


def is_free(port: int) -> bool:
    """True when nothing listens on that port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
