"""The services as operators meet them: who sends a topic, who reads it, and with which settings."""

import importlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from social_cli.command import WrongUsage

if TYPE_CHECKING:
    from datetime import datetime

    from social_common.cli import ServiceCommands
    from social_common.kafka.consumer import Subscription
    from social_common.restoring import Restorer
    from social_common.rotating import Sealed
    from social_common.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Service:
    """One service by name; its modules are imported when they are asked for something.

    `sealed_in` is its module that names what it keeps encrypted, where it keeps anything.
    """

    name: str
    sealed_in: str | None = None

    @property
    def sealed(self) -> "Sequence[Sealed]":
        """The columns whose values are encrypted and rewritten when the keys change."""
        if self.sealed_in is None:
            return ()
        return cast("Sequence[Sealed]", self._module(self.sealed_in).SEALED)

    @property
    def package(self) -> str:
        """Its package, which is also its name in SQL."""
        return self.name.replace("-", "_")

    @property
    def topics(self) -> Sequence[str]:
        """The topics it sends."""
        models: Mapping[str, Any] = self._module("events").EVENT_MODELS
        return tuple(models)

    @property
    def consumes(self) -> Sequence[tuple[str, str]]:
        """What it reads, as (topic, consumer)."""
        return cast("Sequence[tuple[str, str]]", self._module("events").CONSUMES)

    @property
    def commands(self) -> "ServiceCommands":
        """What its own command line is made of: settings, roles, migrations."""
        return cast("ServiceCommands", self._module("__main__").COMMANDS)

    @property
    def settings_class(self) -> "type[ServiceSettings]":
        """The settings that its own processes read."""
        return self.commands.settings

    def open_subscriptions(self, settings: "ServiceSettings") -> "AbstractAsyncContextManager[Sequence[Subscription]]":
        """Its consumers with their handlers, and all that those need open."""
        return cast(
            "AbstractAsyncContextManager[Sequence[Subscription]]", self._module("main").open_subscriptions(settings)
        )

    def open_restorer(
        self, settings: "ServiceSettings", *, stopped_at: "datetime"
    ) -> "AbstractAsyncContextManager[Restorer]":
        """What brings its restored tables together with what went on without them."""
        opened = self._module("main").open_restorer(settings, stopped_at=stopped_at)
        return cast("AbstractAsyncContextManager[Restorer]", opened)

    def _module(self, name: str) -> Any:
        return importlib.import_module(f"{self.package}.{name}")


SERVICES: Final = (
    Service("auth-linker", sealed_in="grants.rotation"),
    Service("publisher", sealed_in="sealing"),
    Service("analytics"),
)


@dataclass(frozen=True, slots=True)
class Consumer:
    """One consumer of one topic, and the service it belongs to."""

    service: Service
    topic: str
    name: str

    @property
    def dead_letters(self) -> str:
        """Its dead letter topic."""
        return f"{self.topic}.{self.name}.dlt"


def owner_of(topic: str) -> Service:
    """The service that sends a topic's events."""
    for service in SERVICES:
        if topic in service.topics:
            return service
    known = ", ".join(sorted(name for service in SERVICES for name in service.topics))
    raise WrongUsage(f"no service sends the topic {topic!r}. Topics are: {known}")


def service_named(name: str) -> Service:
    """The service of that name."""
    for service in SERVICES:
        if name in {service.name, service.package}:
            return service
    raise WrongUsage(f"there is no service {name!r}. Services are: {', '.join(s.name for s in SERVICES)}")


def all_consumers() -> Sequence[Consumer]:
    """Every consumer of every topic."""
    return [Consumer(service, topic, name) for service in SERVICES for topic, name in service.consumes]


def consumers_of(*, topic: str | None, name: str | None) -> Sequence[Consumer]:
    """The consumers with that topic and name; raises WrongUsage where there is none."""
    everyone = all_consumers()
    found = [c for c in everyone if topic in {None, c.topic} and name in {None, c.name}]
    if not found:
        known = "; ".join(f"{c.name} of {c.topic}" for c in everyone)
        raise WrongUsage(f"no consumer fits --topic and --consumer. Consumers are: {known}")
    return found
