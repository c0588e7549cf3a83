"""`social events replay`: events that are still kept are sent again, no faster than they are taken off our hands."""

import argparse
import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from social_cli.command import Exit, Refused, Subcommands, WrongUsage, add_command
from social_cli.environment import Environments
from social_cli.events.arguments import moment, user_id
from social_cli.output import Output
from social_cli.progress import Progress
from social_cli.services import owner_of

if TYPE_CHECKING:
    from social_common.db import Database
    from social_common.replay import ReplayDay, ReplayRequest

_PATIENCE: Final = 60.0
_LOOK_FIRST: Final = 0.05
_LOOK_LONGEST: Final = 0.5


def add(commands: Subcommands) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "replay",
        summary="send a topic's kept events again, for one merchant, one aggregate or a time range",
        example="social events replay --topic post.published --since 2026-11-22T00:00:00Z --dry-run",
        run=replay,
    )
    parser.add_argument("--topic", required=True, help="whose events; the service that sends it is found by it")
    parser.add_argument("--merchant", type=user_id, metavar="UUID", help="only this merchant's")
    parser.add_argument("--aggregate", type=user_id, metavar="UUID", help="only this post's or connection's")
    parser.add_argument("--since", type=moment, metavar="TIME", help="only those written at or after this time")
    parser.add_argument("--until", type=moment, metavar="TIME", help="only those written before this time")
    parser.add_argument(
        "--new-ids", action="store_true", help="with ids nobody has seen, for consumers of others that would drop them"
    )
    parser.add_argument("--dry-run", action="store_true", help="only tell what would be sent, day by day")
    parser.add_argument("--after", type=int, default=0, metavar="N", help="go on where an earlier run broke off")
    parser.add_argument(
        "--no-wait", action="store_true", help="mark all of them at once; the relay sends them whenever it runs"
    )


async def replay(arguments: argparse.Namespace, output: Output) -> Exit:
    """Tell what there is, or send it again batch by batch; live events wait behind one batch at most."""
    from social_common.replay import ReplayRequest, plan_replay

    if not (arguments.merchant or arguments.aggregate or arguments.since or arguments.until):
        raise WrongUsage("say which events: --merchant, --aggregate, or a time range with --since and --until")
    if arguments.since and arguments.until and arguments.since >= arguments.until:
        raise WrongUsage("--since has to be before --until")
    service = owner_of(arguments.topic)
    request = ReplayRequest(
        topic=arguments.topic,
        user_id=arguments.merchant,
        subject=str(arguments.aggregate) if arguments.aggregate else None,
        since=arguments.since,
        until=arguments.until,
        new_ids=arguments.new_ids,
    )
    async with Environments(local=arguments.local).database(service) as database:
        days = await plan_replay(database, request)
        if arguments.dry_run:
            _tell_plan(output, arguments.topic, days)
            return Exit.DONE
        return await _send(database, request, output, days=days, arguments=arguments)


def _tell_plan(output: Output, topic: str, days: Sequence["ReplayDay"]) -> None:
    columns = ("topic", "day", "events", "waiting", "gone", "first", "last")
    rows = [(topic, d.day, d.events, d.waiting, d.gone, d.first, d.last) for d in days]
    output.table(columns, rows)
    events, waiting, gone = (sum(column) for column in ([d.events for d in days], [d.waiting for d in days],
                                                         [d.gone for d in days]))  # fmt: skip
    output.say()
    output.say(
        f"{events} events would be sent again; {waiting} wait to be sent anyway; "
        f"{gone} of merchants who are gone are skipped"
    )
    output.document(
        {
            "topic": topic,
            "events": events,
            "waiting": waiting,
            "gone": gone,
            "days": [dict(zip(columns[1:], row[1:], strict=True)) for row in rows],
        }
    )


async def _send(
    database: "Database",
    request: "ReplayRequest",
    output: Output,
    *,
    days: Sequence["ReplayDay"],
    arguments: argparse.Namespace,
) -> Exit:
    from social_common.replay import replay_batches

    sent = gone = 0
    after: int = arguments.after
    total = sum(day.events for day in days) if not after else None
    try:
        async with Progress(f"replaying {request.topic}", total=total) as progress:
            async for batch in replay_batches(database, request, after=after):
                if batch.newest_id is not None and not arguments.no_wait:
                    await _wait_until_sent(database, batch.newest_id)
                after, sent, gone = batch.last_id, sent + batch.replayed, gone + batch.gone
                progress.advance(batch.replayed, note=f"--after {after} goes on from here")
    except BaseException:
        output.remark(f"{sent} events are sent again; the same command with --after {after} goes on from there")
        raise
    how = "are marked, and go out when the relay runs" if arguments.no_wait else "were sent again"
    ids = "new ids" if request.new_ids else "the same ids"
    output.say(f"{sent} events of {request.topic} {how}, with {ids}; {gone} of merchants who are gone were skipped")
    output.document({"topic": request.topic, "sent": sent, "gone": gone, "after": after, "new_ids": request.new_ids})
    return Exit.DONE


async def _wait_until_sent(database: "Database", newest_id: int) -> None:
    from social_common.replay import count_waiting

    pause, fewest, since = _LOOK_FIRST, None, time.monotonic()
    while waiting := await count_waiting(database, until=newest_id):
        if fewest is None or waiting < fewest:
            fewest, since = waiting, time.monotonic()
        elif time.monotonic() - since > _PATIENCE:
            raise Refused(
                f"{waiting} events are marked, but the worker of {database.service} has sent none for "
                f"{_PATIENCE:.0f} s; see that it runs and reaches Kafka. What is marked goes out then, by itself"
            )
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LOOK_LONGEST)
