"""Producers: every broker confirms, and no retry of the client writes a record twice."""

from datetime import timedelta
from typing import Final

from aiokafka import AIOKafkaProducer

from social_common.kafka_access import client_options
from social_common.settings import ServiceSettings

# Above the 2 MiB of dead letter topics: what fits there must pass here.
LARGEST_REQUEST: Final = 2 * 1024 * 1024 + 64 * 1024


def create_producer(settings: ServiceSettings, *, timeout: timedelta = timedelta(seconds=20)) -> AIOKafkaProducer:
    """A producer that is not started yet. The embedded broker knows no idempotence; only there it is off."""
    return AIOKafkaProducer(
        **client_options(settings.kafka_access),
        client_id=settings.service,
        acks="all",
        enable_idempotence=not settings.kafka_embedded,
        request_timeout_ms=int(timeout.total_seconds() * 1000),
        max_request_size=LARGEST_REQUEST,
        max_batch_size=256 * 1024,
        metadata_max_age_ms=2_000 if settings.kafka_embedded else 60_000,
    )
