"""A service hears what the others said since the backup: its own handlers, its own inbox, no offset is moved."""

from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from social_cli.command import Unreachable
from social_cli.environment import Environments
from social_cli.progress import Progress
from social_cli.services import Service
from social_common.kafka.errors import Verdict, describe, judge
from social_common.kafka.reading import TopicReader
from social_common.logging import get_logger
from social_common.restoring import read_since

if TYPE_CHECKING:
    from social_common.events import CloudEvent
    from social_common.kafka.pipeline import Handler

_log = get_logger()


async def hear_others(
    environments: Environments, service: Service, reader: TopicReader, *, since: datetime | None, progress: Progress
) -> Mapping[str, int]:
    """How many records its consumers handled, let go, park in any case or failed on. Nothing is done a second time."""
    settings = environments.settings(service)
    counts: Counter[str] = Counter({"handled": 0, "let_go": 0, "parked": 0, "failed": 0})
    async with AsyncExitStack() as stack:
        # Apps and keys are looked up in the environment while the handlers are made.
        with environments.entered(service):
            subscriptions = await stack.enter_async_context(service.open_subscriptions(settings))
        for subscription in subscriptions:
            async for told in read_since(reader, [subscription.topic], since):
                for event in told.events:
                    counts[await _hear(subscription.handler, event, consumer=subscription.consumer)] += 1
                    progress.advance()
    return counts


async def _hear(handler: "Handler", event: "CloudEvent", *, consumer: str) -> str:
    try:
        await handler(event)
    except Exception as error:  # every error has a verdict, as in the consumer
        match judge(error):
            case Verdict.LET_GO:
                return "let_go"
            case Verdict.WAIT:
                raise Unreachable(
                    f"{consumer} waits for something that is away ({describe(error)}); nothing was half done. Start "
                    "the same command again once that is back"
                ) from error
            case Verdict.PARK:
                # No handler ever takes it: it stands with the dead letters, or will once its consumer comes to it.
                return "parked"
            case Verdict.RETRY:
                place = f"{event.topic}:{event.partition}:{event.offset}"
                _log.warning("restore_not_heard", record=place, consumer=consumer, cause=describe(error))
                return "failed"
    return "handled"
