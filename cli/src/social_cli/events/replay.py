"""`social events replay`: events that are still kept are sent again, no faster than they are taken off our hands."""

import argparse
import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from social_cli.arguments import moment, user_id
from social_cli.command import Exit, Refused, Subcommands, WrongUsage, add_command
from social_cli.environment import Environments
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
    parser.add_argument(
        "--topic",
        required=True,
        action="append",
        dest="topics",
        help="whose events, several times for several; the service that sends them is found by it",
    )
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
    from social_common.replay import plan_replay

    requests = _requests(arguments)
    owners = [owner_of(request.topic) for request in requests]
    environments = Environments(local=arguments.local)
    plans: list[tuple[ReplayRequest, Sequence[ReplayDay]]] = []
    sent: list[Mapping[str, object]] = []
    for request, service in zip(requests, owners, strict=True):
        async with environments.database(service) as database:
            days = await plan_replay(database, request)
            plans.append((request, days))
            if not arguments.dry_run:
                sent.append(await _send(database, request, output, days=days, arguments=arguments))
    if arguments.dry_run:
        _tell_plan(output, plans)
    else:
        output.document({"topics": sent, "new_ids": arguments.new_ids})
    return Exit.DONE


def _requests(arguments: argparse.Namespace) -> "Sequence[ReplayRequest]":
    from social_common.replay import ReplayRequest

    if not (arguments.merchant or arguments.aggregate or arguments.since or arguments.until):
        raise WrongUsage("say which events: --merchant, --aggregate, or a time range with --since and --until")
    if arguments.since and arguments.until and arguments.since >= arguments.until:
        raise WrongUsage("--since has to be before --until")
    topics = list(dict.fromkeys(arguments.topics))
    if arguments.after and len(topics) > 1:
        raise WrongUsage("--after goes on with one topic; name that one alone")
    return [
        ReplayRequest(
            topic=topic,
            user_id=arguments.merchant,
            subject=str(arguments.aggregate) if arguments.aggregate else None,
            since=arguments.since,
            until=arguments.until,
            new_ids=arguments.new_ids,
        )
        for topic in topics
    ]


def _tell_plan(output: Output, plans: "Sequence[tuple[ReplayRequest, Sequence[ReplayDay]]]") -> None:
    columns = ("topic", "day", "events", "waiting", "gone", "first", "last")
    rows = [
        (request.topic, d.day, d.events, d.waiting, d.gone, d.first, d.last) for request, days in plans for d in days
    ]
    events, waiting, gone = (sum(int(getattr(d, name)) for _, days in plans for d in days) for name in columns[2:5])
    output.table(columns, rows)
    output.say()
    output.say(
        f"{events} events would be sent again; {waiting} wait to be sent anyway; "
        f"{gone} of merchants who are gone are skipped"
    )
    days = [dict(zip(columns, row, strict=True)) for row in rows]
    output.document({"events": events, "waiting": waiting, "gone": gone, "days": days})


async def _send(
    database: "Database",
    request: "ReplayRequest",
    output: Output,
    *,
    days: Sequence["ReplayDay"],
    arguments: argparse.Namespace,
) -> Mapping[str, object]:
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
        output.remark(
            f"{sent} events of {request.topic} are sent again; go on with that topic alone and --after {after}"
        )
        raise
    how = "are marked, and go out when the relay runs" if arguments.no_wait else "were sent again"
    ids = "new ids" if request.new_ids else "the same ids"
    output.say(f"{sent} events of {request.topic} {how}, with {ids}; {gone} of merchants who are gone were skipped")
    if waiting := sum(day.waiting for day in days):
        output.say(f"{waiting} more had not been sent yet, and go out by themselves")
    return {"topic": request.topic, "sent": sent, "waiting": waiting, "gone": gone, "after": after}


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
