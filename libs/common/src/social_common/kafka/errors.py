"""What went wrong with a record, and what follows: park it, try it again, wait for the infrastructure, or let it go."""

from enum import Enum
from typing import Final

import asyncpg
from aiokafka.errors import KafkaConnectionError, KafkaError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from social_common.db import UserGone, sqlstate
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


# Connection lost, resources used up, shut down by an operator, disk trouble.
_DATABASE_IS_DOWN: Final = ("08", "53", "58", "57P")


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
        case DBAPIError() | asyncpg.PostgresError() | asyncpg.InterfaceError():
            return Verdict.WAIT if _is_down(exc) else Verdict.RETRY
        case OSError():
            return Verdict.WAIT
        case _:
            return Verdict.RETRY


def _is_down(exc: Exception) -> bool:
    state = sqlstate(exc)
    if state is not None:
        return state.startswith(_DATABASE_IS_DOWN)
    if isinstance(exc, OperationalError) or (isinstance(exc, DBAPIError) and exc.connection_invalidated):
        return True
    # The driver's own errors have no state: a lost connection is one of them, and so is a wrong number of arguments.
    return "connection" in str(exc.orig if isinstance(exc, DBAPIError) else exc)


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
