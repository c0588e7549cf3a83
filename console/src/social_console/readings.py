"""What a process's metrics say, read from Prometheus' text format; what they do not say is None, never 0."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True, slots=True)
class Reading:
    """One sample: its labels, and its value where there is one."""

    labels: Mapping[str, str]
    value: float | None


@dataclass(frozen=True, slots=True)
class Readings:
    """The samples of one process by name."""

    samples: Mapping[str, Sequence[Reading]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The samples of an answer; raises ValueError for what is no such text."""
        samples: dict[str, list[Reading]] = defaultdict(list)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                # A gauge that cannot be read at the moment says NaN.
                value = sample.value if math.isfinite(sample.value) else None
                samples[sample.name].append(Reading(sample.labels, value))
        return cls(samples)

    def all(self, name: str) -> Sequence[Reading]:
        """Every sample of that name."""
        return self.samples.get(name, ())


def highest(replicas: Sequence[Readings], name: str) -> float | None:
    """The highest value that any replica has: they measure the same thing, some of them a little later."""
    return max((one.value for replica in replicas for one in replica.all(name) if one.value is not None), default=None)


def highest_by_label(
    replicas: Sequence[Readings], name: str, labels: Sequence[str]
) -> Mapping[tuple[str, ...], float | None]:
    """The same for each combination of those labels."""
    found: dict[tuple[str, ...], float | None] = {}
    for reading in (one for replica in replicas for one in replica.all(name)):
        key = tuple(reading.labels.get(label, "") for label in labels)
        known = found.get(key)
        found[key] = known if reading.value is None else max(reading.value, reading.value if known is None else known)
    return found
