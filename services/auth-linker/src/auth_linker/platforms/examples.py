"""What the API's document shows of platforms: the facts of one, as this release has them."""

from datetime import UTC, datetime
from typing import Final

from auth_linker.platforms.describing import describe
from auth_linker.platforms.schemas import PlatformsOut
from social_platforms._core import Platform
from social_platforms.registry import all_facts

_FACTS: Final = all_facts({})[Platform.GITHUB]

PLATFORMS: Final = PlatformsOut(
    platforms=[
        describe(
            _FACTS,
            configured=True,
            reached=frozenset(_FACTS.place_kinds),
            now=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
        )
    ]
)
