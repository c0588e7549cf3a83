"""How often each platform is asked: by its facts, and what settings say instead.

Fresh posts move fastest and are read most often; how long their numbers are worth reading is a fact of the platform.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, model_validator

from analytics.collecting.domain import Schedule, Schedules, Step
from social_platforms._core import PlatformFacts, PostKind

ALL_PLATFORMS: Final = "*"


class StepSetting(BaseModel):
    """Posts younger than `until` are read every `every`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    until: timedelta
    every: timedelta


class ScheduleSetting(BaseModel):
    """One platform's schedule in a setting; what is left out stays as that platform's default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: timedelta | None = None
    posts: tuple[StepSetting, ...] | None = None
    kinds: dict[str, tuple[StepSetting, ...]] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        self.over(_DEFAULT)
        return self

    def over(self, schedule: Schedule) -> Schedule:
        """That schedule with what is set here in place of its own; kinds go where only posts are set."""
        kinds = self.kinds if self.kinds is not None else ({} if self.posts is not None else None)
        return Schedule(
            account_every=schedule.account_every if self.account is None else self.account,
            steps=schedule.steps if self.posts is None else _steps(self.posts),
            kinds=schedule.kinds if kinds is None else {kind: _steps(steps) for kind, steps in kinds.items()},
            one_limit=schedule.one_limit,
            reads_posts=schedule.reads_posts,
        )


def _steps(settings: tuple[StepSetting, ...]) -> tuple[Step, ...]:
    return tuple(Step(step.until, step.every) for step in settings)


def _until(first: timedelta, last: timedelta) -> tuple[Step, ...]:
    return (
        Step(timedelta(hours=1), first),
        Step(timedelta(days=1), timedelta(hours=1)),
        Step(timedelta(days=7), timedelta(hours=6)),
        Step(last, timedelta(days=1)),
    )


_STORY: Final = (
    Step(timedelta(hours=1), timedelta(minutes=15)),
    Step(timedelta(hours=24), timedelta(hours=1)),
)
_EVERY: Final = timedelta(hours=6)
_FRESH: Final = timedelta(minutes=15)
_DEFAULT: Final = Schedule(_EVERY, _until(_FRESH, timedelta(days=30)))
_SHORTEST: Final = timedelta(days=8)


def build_schedules(facts: Iterable[PlatformFacts], settings: Mapping[str, ScheduleSetting]) -> Schedules:
    """The platforms' schedules with the settings in them; `*` holds for every platform that is not named itself."""
    everywhere = settings.get(ALL_PLATFORMS, ScheduleSetting())
    stated = {one.platform.value: _stated(one) for one in facts}
    platforms = {*stated, *settings} - {ALL_PLATFORMS}
    by_platform = {
        platform: settings.get(platform, everywhere).over(stated.get(platform, _DEFAULT)) for platform in platforms
    }
    return Schedules(by_platform, everywhere.over(_DEFAULT))


def _stated(facts: PlatformFacts) -> Schedule:
    return Schedule(
        _EVERY,
        _until(_FRESH, max(facts.measured_for, _SHORTEST)),
        kinds={PostKind.STORY.value: _STORY} if PostKind.STORY in facts.post_kinds else {},
        one_limit=facts.one_limit,
        reads_posts=facts.measured_for > timedelta(0),
    )
