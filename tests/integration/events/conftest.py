"""One broker for these tests: their records are such as no service of ours would send."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.integration.events.ground import Ground
from tests.support.kafka import Kafka, running_kafka
from tests.support.postgres import PostgresServer, prepare_service

from social_cli.services import SERVICES
from social_common.keyfiles import generate_service_key, generate_token_keys


@pytest.fixture(scope="session")
def own_kafka() -> Iterator[Kafka]:
    """A broker of their own."""
    with running_kafka() as broker:
        yield broker


@pytest.fixture
async def ground(own_kafka: Kafka, postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Ground]:
    """An empty database of all three services, and declared topics."""

    def build(name: str) -> None:
        for service in SERVICES:
            prepare_service(postgres.service(service.package, database=name))

    database = postgres.from_template("events", build)
    generate_token_keys(tmp_path / "token-keys.json")
    generate_service_key(tmp_path / "service-key.json")
    ground = Ground(own_kafka, postgres, database, tmp_path)
    await ground.declare()
    yield ground
    postgres.drop_database(database)
