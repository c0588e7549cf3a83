"""The whole product as processes for the acceptance tests: once per run, on free ports, against the run's Kafka."""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.support.kafka import Kafka, running_kafka
from tests.support.spans import SpanCollector, collecting_spans

from social_common.http import HttpClient
from social_stack.config import StackConfig
from social_stack.merchant import Merchant, sign_up
from social_stack.ports import Ports
from social_stack.up import Stack, running_stack

Json = dict[str, Any]
# Only what a test asks for by its own traceparent is traced: the others cost next to nothing.
_TRACED = {"OTEL_TRACES_SAMPLER": "parentbased_always_off", "OTEL_BSP_SCHEDULE_DELAY": "200"}


@dataclass(frozen=True)
class World:
    """The running stack with the ways to look at it and to disturb it."""

    stack: Stack
    http: HttpClient
    kafka: Kafka

    @property
    def sandbox(self) -> str:
        """The sandbox's address."""
        return self.stack.environment.sandbox_url

    async def merchant(self) -> tuple[str, Merchant]:
        """A new merchant: id and signed-in client."""
        user_id, token = await sign_up(self.http, self.sandbox)
        urls = {s: self.stack.environment.api_url(s) for s in ("auth-linker", "publisher", "analytics")}
        return user_id, Merchant(self.http, urls, token, return_to=f"{self.stack.environment.console_url}/")

    async def control(self, method: str, path: str, body: Json | None = None, **query: str) -> Any:
        """One call of the sandbox's control interface; its JSON."""
        answer = await self.http.request(method, f"{self.sandbox}/_control/{path}", json=body, params=query or None)
        assert answer.status // 100 == 2, answer.text
        return answer.json() if answer.content else None

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncIterator[asyncpg.Connection]:
        """A superuser's session."""
        connection = await asyncpg.connect(self.stack.environment.superuser_url)
        try:
            yield connection
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def stack_kafka() -> Iterator[Kafka]:
    """The stack's own broker: other tests put records on theirs that no service of ours would ever send."""
    with running_kafka() as broker:
        yield broker


@pytest.fixture(scope="session")
def stack_spans() -> Iterator[SpanCollector]:
    """Where the stack's processes send their traces."""
    with collecting_spans() as collector:
        yield collector


@pytest.fixture(scope="session")
async def world(
    stack_kafka: Kafka, stack_spans: SpanCollector, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """The product, running. Its logs are kept with pytest's own folders."""
    kept: Path = tmp_path_factory.mktemp("stack")
    # Not in one of those folders: each pytest that starts closes theirs to other users, and PostgreSQL, which does not
    # run as root, panics at its next checkpoint when it cannot reach its files any more.
    with tempfile.TemporaryDirectory(prefix="social-stack-", ignore_cleanup_errors=True) as folder:
        config = StackConfig(
            data_dir=Path(folder),
            ports=Ports.free(),
            kafka_bootstrap_servers=stack_kafka.bootstrap_servers,
            kafka_is_embedded=stack_kafka.embedded,
            passed_on=_TRACED | {"OTEL_EXPORTER_OTLP_ENDPOINT": stack_spans.url},
        )
        try:
            async with (
                running_stack(config, say=print) as stack,
                HttpClient(user_agent="acceptance", timeout=timedelta(seconds=20)) as http,
            ):
                yield World(stack, http, stack_kafka)
        finally:
            shutil.copytree(config.data_dir / "logs", kept / "logs")
