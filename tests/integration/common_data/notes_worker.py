"""The worker of the small service as a process of its own: it notes in the database which events it handled."""

import asyncio
import sys

from tests.integration.common_data.conftest import NotesSettings

from social_common import inbox
from social_common.db import Database
from social_common.events import CloudEvent
from social_common.kafka.consumer import Subscription
from social_common.kafka.topics import TopicSpec
from social_common.logging import configure_logging
from social_common.runner import StopEvent, run_process, run_worker
from social_common.settings import load_settings, required


async def work(stop: StopEvent) -> None:
    """Consume one topic slowly, and relay."""
    settings = load_settings(NotesSettings)
    topic, pause = sys.argv[1], float(sys.argv[2])
    url = required(settings.worker_database_url, name="WORKER_DATABASE_URL")
    async with Database(url, service="notes") as database:

        async def handle(event: CloudEvent) -> None:
            print("began", event.data["number"], flush=True)  # noqa: T201 - the test reads it
            async with database.write(event.user_id) as session:
                await inbox.first_time(session, consumer="reader", event=event)
                await asyncio.sleep(pause)
            print("handled", event.data["number"], flush=True)  # noqa: T201 - the test reads it

        await run_worker(
            settings,
            stop,
            database=database,
            subscriptions=[Subscription(topic, "reader", handle)],
            topics=[TopicSpec(topic, partitions=3)],
        )


if __name__ == "__main__":
    configure_logging(service="notes", role="worker", level="info", fmt="json")
    run_process(work)
