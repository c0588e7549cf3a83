"""What a process does that finds a refresh in doubt: its answer was lost, or its sender vanished."""

from enum import StrEnum

from auth_linker.grants.domain import Policy


class TakeoverStep(StrEnum):
    """What a process that took over a vanished refresher's lease does."""

    REFRESH = "refresh"
    GIVE_UP = "give_up"


def settle_takeover(policy: Policy, *, token_works: bool, token_expired: bool) -> TakeoverStep:
    """What one probe of the access token tells after a refresher vanished.

    A dead token that should still live was rotated away, so the answer was lost. A token past its expiry tells nothing,
    and a working one shows that nothing is lost yet: then the refresh is tried.
    """
    if token_works or token_expired or not policy.lost_answer_is_fatal:
        return TakeoverStep.REFRESH
    return TakeoverStep.GIVE_UP
