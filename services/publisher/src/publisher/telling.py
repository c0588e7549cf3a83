"""A platform's refusal as the merchant is told it."""

from publisher.domain import Problem
from social_platforms._core import PlatformError


def problem_of(error: PlatformError) -> Problem:
    """The adapter's words, which are already fit for a merchant, in the stored form."""
    return Problem(error.code.value, error.detail, error.action, evidence=error.evidence)
