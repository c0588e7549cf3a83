"""Telling an operator's command that something outside did not answer from everything else that can go wrong."""

from social_common.db import is_down, sqlstate


def describe_outage(error: BaseException) -> str | None:
    """One sentence about what does not answer, or None where the error is of another kind."""
    from aiokafka.errors import KafkaError

    if isinstance(error, KafkaError):
        return f"Kafka does not answer ({type(error).__name__})"
    if isinstance(error, OSError) or is_down(error):
        return f"the database does not answer ({sqlstate(error) or type(error).__name__})"
    return None
