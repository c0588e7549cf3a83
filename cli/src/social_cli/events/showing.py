"""`social events dlt show`: one letter whole, but for what looks like a secret in it."""

import argparse
import json
from typing import Any, Final

from social_cli.command import Exit
from social_cli.environment import Environments
from social_cli.events.letters import find_letter, letter_reader, parse_id
from social_cli.output import Output
from social_cli.services import Consumer, all_consumers
from social_common.kafka.letters import ParkedLetter
from social_common.letters import UNTOUCHED, LetterStatus, read_statuses
from social_common.logging import redact_text, redact_value

_LONGEST: Final = 8_000


async def show_letter(arguments: argparse.Namespace, output: Output) -> Exit:
    """Print one letter."""
    place = parse_id(arguments.id)
    environments = Environments(local=arguments.local)
    async with letter_reader(environments, all_consumers()) as reader:
        consumer, parked = await find_letter(reader, place)
    async with environments.database(consumer.service) as database:
        status = (await read_statuses(database, [parked.key])).get(parked.key, UNTOUCHED)
    shape = _shape(consumer, parked, status)
    output.document(shape)
    _print(output, shape)
    return Exit.DONE


def _shape(consumer: Consumer, parked: ParkedLetter, status: LetterStatus) -> dict[str, Any]:
    letter = parked.letter
    return {
        "id": str(parked.id),
        "service": consumer.service.name,
        "consumer": consumer.name,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "cause": letter.failure.cause,
        "first_failure": letter.failure.first_failure,
        "attempts": letter.failure.attempts,
        "parked_at": parked.parked_at,
        "state": status.state,
        "retries": status.tries,
        "last_cause": status.cause,
        "reason": status.reason,
        "actor": status.actor,
        "changed_at": status.changed_at,
        "key": _decoded(letter.key),
        "headers": [[name, _header(name, value)] for name, value in letter.headers],
        "value": _value(letter.value),
        "value_bytes": None if letter.value is None else len(letter.value),
        "value_left_out": letter.value_left_out,
    }


def _decoded(raw: bytes | None) -> str | None:
    return None if raw is None else redact_text(raw.decode("utf-8", errors="replace"))


def _header(name: str, value: bytes | None) -> object:
    return None if value is None else redact_value(name, value.decode("utf-8", errors="replace"))


def _value(raw: bytes | None) -> object:
    if raw is None:
        return None
    try:
        found = json.loads(raw)
        return redact_value("", found)
    except (ValueError, RecursionError):
        return _decoded(raw)


def _print(output: Output, shape: dict[str, Any]) -> None:
    came_from = f"{shape['topic']}:{shape['partition']}:{shape['offset']}"
    rows = [
        ("id", shape["id"]),
        ("came from", came_from),
        ("consumer", f"{shape['consumer']} of {shape['service']}"),
        ("cause", shape["cause"]),
        ("first failure", shape["first_failure"]),
        ("tries then", shape["attempts"]),
        ("parked", shape["parked_at"]),
        ("state", shape["state"].value),
    ]
    if shape["actor"] is not None:
        rows += [
            ("retries", shape["retries"]),
            ("last cause", shape["last_cause"]),
            ("reason", shape["reason"]),
            ("by", shape["actor"]),
            ("at", shape["changed_at"]),
        ]
    rows.append(("key", shape["key"]))
    output.table(("what", "is"), rows)
    output.say()
    output.table(("header", "value"), shape["headers"])
    output.say()
    if shape["value_left_out"]:
        output.say("value: too large to park; it stands in its own topic")
        return
    output.say(f"value ({shape['value_bytes'] or 0} bytes):")
    text = shape["value"] if isinstance(shape["value"], str) else json.dumps(shape["value"], indent=2)
    for line in text[:_LONGEST].splitlines():
        output.say("".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line))
    if len(text) > _LONGEST:
        output.remark(f"{len(text) - _LONGEST} more characters; --json prints them all")
