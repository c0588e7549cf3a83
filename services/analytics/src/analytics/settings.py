"""What analytics can be told; names in the environment are the fields' in upper case."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from analytics.collecting.schedules import ScheduleSetting
from social_common.settings import Port, ServiceSettings

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


class AnalyticsSettings(ServiceSettings):
    """Settings of both roles of analytics."""

    service: ClassVar[str] = "analytics"

    api_port: Port = Field(8103, description="Port of the HTTP API.")
    metrics_port: Port = Field(9103, description="Port of the API's metrics.")
    worker_port: Port = Field(9113, description="Port of the worker's probes and metrics.")
    collection_schedule: dict[str, ScheduleSetting] = Field(
        {},
        description=(
            "JSON: how often numbers are read, per platform or `*` for all not named: "
            '`{"x": {"account": 3600, "posts": [{"until": 86400, "every": 600}], "kinds": {}}}`; '
            "durations in seconds or ISO 8601; what is left out keeps the platform's default."
        ),
    )
    collection_concurrency: int = Field(
        8, ge=1, le=64, description="Connections of one platform that a worker collects at once."
    )
    collection_lease: timedelta = Field(
        timedelta(minutes=3),
        ge=timedelta(minutes=1),
        description="How long a connection is one worker's; a worker that vanished gives it back after that.",
    )
    collection_poll: timedelta = Field(
        timedelta(seconds=1), gt=timedelta(0), description="Wait between two looks for what is due, where nothing was."
    )
    departure_scan: timedelta = Field(
        timedelta(minutes=1), gt=timedelta(0), description="Wait between two looks for merchants who were deleted."
    )
