"""The consuming side of a worker: a FastStream broker with the settings that are not optional."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.opentelemetry import KafkaTelemetryMiddleware
from faststream.kafka.prometheus import KafkaPrometheusMiddleware
from faststream.security import BaseSecurity, SASLScram512

from social_common.events import RawRecord
from social_common.kafka.dead_letters import Failure, park
from social_common.kafka.pipeline import RecordPipeline
from social_common.kafka.producer import create_producer
from social_common.kafka.records import decode_raw, parse_raw
from social_common.kafka.unreadable import CarefulConsumer
from social_common.kafka_access import KafkaAccess, client_options
from social_common.metrics import REGISTRY
from social_common.settings import ServiceSettings

DRAIN_SECONDS: Final = 20.0


class ServiceBroker(KafkaBroker):
    """A broker that parks what its consumers cannot handle, and knows when it drains."""

    def __init__(self, settings: ServiceSettings, **options: Any) -> None:
        way_in = client_options(settings.kafka_access)
        super().__init__(way_in["bootstrap_servers"], security=_security(settings.kafka_access, way_in), **options)
        self.settings = settings
        self.draining = asyncio.Event()
        self.pipelines: list[RecordPipeline] = []
        self._letters: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Start parking first, then consuming; raises when Kafka is down, after undoing what it began."""
        self.draining.clear()
        try:
            await self._ensure_letters()
            await self.connect()
            # Side by side: a broker may make every group wait for members, and one after the other that adds up.
            async with asyncio.TaskGroup() as group:
                for subscriber in self.subscribers:
                    group.create_task(subscriber.start())
            self.running = True
        except BaseException:
            await self.stop()
            raise

    async def stop(self, *args: Any, **kwargs: Any) -> None:
        """Let the records in hand finish (20 s), commit them, and leave the group."""
        self.draining.set()
        await super().stop(*args, **kwargs)
        letters, self._letters = self._letters, None
        if letters is not None:
            await letters.stop()

    async def _connect(self) -> Callable[..., AIOKafkaConsumer]:
        # FastStream makes its consumers with this; there is no option for another class.
        await super()._connect()
        config = self.config.broker_config
        options = cast("partial[AIOKafkaConsumer]", config.builder).keywords
        config.builder = partial(CarefulConsumer, **options)
        return config.builder

    async def park(self, record: RawRecord, failure: Failure) -> None:
        """Put a record into its dead letter topic."""
        await park(await self._ensure_letters(), record, failure)

    async def _ensure_letters(self) -> AIOKafkaProducer:
        if self._letters is None:
            producer = create_producer(self.settings)
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._letters = producer
        return self._letters


class _Declared(logging.Filter):
    """Drops FastStream's reminder at every start that topics are declared resources: here they always are."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Auto create topics is disabled")


_logger: Final = logging.getLogger("social_common.kafka")
_logger.addFilter(_Declared())
_metrics: Final[list[KafkaPrometheusMiddleware]] = []


def _prometheus(service: str) -> KafkaPrometheusMiddleware:
    # Its metrics register at construction, and a registry takes a name once per process.
    if not _metrics:
        _metrics.append(KafkaPrometheusMiddleware(registry=REGISTRY, app_name=service))
    return _metrics[0]


def _security(access: KafkaAccess, options: Mapping[str, Any]) -> BaseSecurity:
    """The same way in, in FastStream's words."""
    context = options.get("ssl_context")
    if access.username is None or access.password is None or not access.protocol.startswith("SASL"):
        return BaseSecurity(ssl_context=context, use_ssl=context is not None)
    return SASLScram512(access.username, access.password.reveal(), ssl_context=context, use_ssl=context is not None)


def create_broker(settings: ServiceSettings) -> ServiceBroker:
    """A broker for the consumers of one worker; `subscribe` adds them, `start` connects."""
    return ServiceBroker(
        settings,
        client_id=settings.service,
        allow_auto_create_topics=False,
        consumer_only=True,
        # The backstop: the pipeline swallows what it has parked, so only what could not be parked is nacked.
        ack_policy=AckPolicy.NACK_ON_ERROR,
        graceful_timeout=DRAIN_SECONDS,
        parser=parse_raw,
        decoder=decode_raw,
        apply_types=False,
        middlewares=[_prometheus(settings.service), KafkaTelemetryMiddleware()],
        metadata_max_age_ms=2_000 if settings.kafka_embedded else 60_000,
        # Not FastStream's own logger, which writes coloured lines past our format.
        logger=_logger,
        log_level=logging.DEBUG,
    )
