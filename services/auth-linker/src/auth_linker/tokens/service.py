"""What other slices use of tokens."""

from auth_linker.tokens.asking import Answered, Asker, GrantGone, SignInEnded
from auth_linker.tokens.broker import ReconnectNeeded
from auth_linker.tokens.findings import is_stand_in
from auth_linker.tokens.refreshing import Refresher
from auth_linker.tokens.results import Outcome, Result

__all__ = [
    "Answered",
    "Asker",
    "GrantGone",
    "Outcome",
    "ReconnectNeeded",
    "Refresher",
    "Result",
    "SignInEnded",
    "is_stand_in",
]
