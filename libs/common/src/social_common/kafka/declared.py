"""The topics of an installation as one file declares them: `deploy/topics.toml`.

The file says what the code cannot know, such as how often a record is stored, and says again what it does, for those
who make topics without the code. Every consumer it names has a dead letter topic.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, PositiveInt, ValidationError, model_validator

from social_common.kafka.topics import TopicSpec, dead_letter_topic


class DeclarationError(Exception):
    """The file of topics cannot be read or contradicts itself; the text says where in one sentence."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Sizes(_Part):
    partitions: PositiveInt
    retention_days: PositiveInt
    replication: PositiveInt
    min_insync_replicas: PositiveInt
    largest_record_bytes: PositiveInt

    @model_validator(mode="after")
    def _can_be_written(self) -> Self:
        if self.min_insync_replicas > self.replication:
            raise ValueError("min_insync_replicas is above replication, so nothing could be written")
        return self


class _Topic(_Part):
    sent_by: str
    read_by: Mapping[str, str] = {}


class _File(_Part):
    events: _Sizes
    dead_letters: _Sizes
    topics: Mapping[str, _Topic]


@dataclass(frozen=True, slots=True)
class DeclaredTopic:
    """One topic of events: what it is, the service that sends it, and the consumer of each service that reads it."""

    spec: TopicSpec
    sent_by: str
    read_by: Mapping[str, str]
    dead_letters: tuple[TopicSpec, ...]


def read_declaration(path: Path, *, most_replicas: int | None = None) -> tuple[DeclaredTopic, ...]:
    """The declared topics, in the file's order; raises `DeclarationError`.

    `most_replicas` is for clusters with fewer brokers than the file asks for.
    """
    try:
        file = _File.model_validate(tomllib.loads(path.read_text()))
    except OSError as error:
        raise DeclarationError(f"{path} cannot be read ({error.strerror})") from None
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"{path} is no TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DeclarationError(f"{path}: {where}: {first['msg'].removeprefix('Value error, ')}") from None
    return tuple(_declared(file, most_replicas))


def all_specs(declared: tuple[DeclaredTopic, ...]) -> tuple[TopicSpec, ...]:
    """Every topic to be made: those of events first, then those of dead letters."""
    return (*(topic.spec for topic in declared), *(letters for topic in declared for letters in topic.dead_letters))


def _declared(file: _File, most_replicas: int | None) -> Iterator[DeclaredTopic]:
    for name, topic in file.topics.items():
        letters = (dead_letter_topic(name, consumer) for consumer in topic.read_by.values())
        yield DeclaredTopic(
            _spec(name, file.events, most_replicas),
            sent_by=topic.sent_by,
            read_by=topic.read_by,
            dead_letters=tuple(_spec(letter, file.dead_letters, most_replicas) for letter in letters),
        )


def _spec(name: str, sizes: _Sizes, most_replicas: int | None) -> TopicSpec:
    replication = min(sizes.replication, most_replicas or sizes.replication)
    return TopicSpec(
        name,
        partitions=sizes.partitions,
        retention=timedelta(days=sizes.retention_days),
        largest_record=sizes.largest_record_bytes,
        replication=replication,
        min_insync_replicas=min(sizes.min_insync_replicas, replication),
    )
