"""Arguments that several commands of the group have, read once and in one way."""

import argparse
from datetime import UTC, datetime
from uuid import UUID


def moment(text: str) -> datetime:
    """A time with its offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise argparse.ArgumentTypeError("a time needs its offset, such as 2026-11-01T00:00:00Z")
    return found.astimezone(UTC)


def user_id(text: str) -> UUID:
    """The id of a merchant, or of an aggregate."""
    try:
        return UUID(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("an id is a UUID, such as 0d2c5f0e-6f3a-4c39-9f6a-5f0f5a1c7e11") from error


def count(text: str) -> int:
    """A number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a number above 0 belongs here")
    return int(text)


def add_letter_filters(parser: argparse.ArgumentParser) -> None:
    """The filters that choose dead letters."""
    parser.add_argument("--topic", help="only letters of this topic's events")
    parser.add_argument("--consumer", help="only letters that this consumer parked")
    parser.add_argument("--cause", metavar="TEXT", help="only letters with this in their cause, whatever its case")
    parser.add_argument("--since", type=moment, metavar="TIME", help="only those that failed first at or after this")
