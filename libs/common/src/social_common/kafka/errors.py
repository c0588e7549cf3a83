"""What went wrong with a record, and what follows: park it, try it again, wait for the infrastructure, or let it go."""

from enum import Enum
from typing import Final

import asyncpg
from aiokafka.errors import KafkaConnectionError, KafkaError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from social_common.db import UserGone, is_down, sqlstate
from social_common.events import MalformedEvent


class RecordError(Exception):
    """The record itself is wrong, and no retry helps: it is parked at once. The message goes into the dead letter."""


class InfrastructureDown(Exception):
    """Something a handler needs is down: the consumer pauses and tries again, without limit."""


class Verdict(Enum):
    """What follows an error of a handler."""

    PARK = "park"
    RETRY = "retry"
    WAIT = "wait"
    LET_GO = "let_go"


# A value that no column could hold, such as a text with a NUL in it.
_UNSTORABLE: Final = "22"


def judge(exc: Exception) -> Verdict:
    """What follows this error."""
    match exc:
        case UserGone():
            return Verdict.LET_GO
        case RecordError() | MalformedEvent() | ValidationError():
            return Verdict.PARK
        case InfrastructureDown() | ConnectionError() | TimeoutError() | KafkaConnectionError() | PoolTimeout():
            return Verdict.WAIT
        case KafkaError():
            return Verdict.WAIT if exc.retriable else Verdict.RETRY
        case DBAPIError() | asyncpg.PostgresError() | asyncpg.InterfaceError() | asyncpg.InternalClientError():
            return _judge_database(exc)
        case OSError():
            return Verdict.WAIT
        case _:
            return Verdict.RETRY


def _judge_database(exc: Exception) -> Verdict:
    if is_down(exc):
        return Verdict.WAIT
    return Verdict.PARK if (sqlstate(exc) or "").startswith(_UNSTORABLE) else Verdict.RETRY


def describe(exc: BaseException) -> str:
    """The cause for a dead letter or a log: plain, short, and without values of the record."""
    match exc:
        case RecordError() | MalformedEvent():
            return f"{type(exc).__name__}: {exc}"[:512]
        case ValidationError():
            places = ", ".join(
                f"{'.'.join(str(part) for part in error['loc'])} {error['type']}" for error in exc.errors()[:8]
            )
            return f"ValidationError: {places}"[:512]
        case _:
            state = sqlstate(exc)
            return type(exc).__name__ if state is None else f"{type(exc).__name__} {state}"
