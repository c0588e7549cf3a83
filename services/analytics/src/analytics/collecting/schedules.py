"""How often each platform is asked, as data: its own document's advice, and what settings say instead.

Fresh posts move fastest and are read most often. X gives its private numbers for 30 days only, so nothing is gained
by asking longer; Instagram's may be two days late; GitHub's traffic is lost after 14 days, so a daily look misses none.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, model_validator

from analytics.collecting.domain import Schedule, Schedules, Step

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
_DEFAULT: Final = Schedule(timedelta(hours=6), _until(timedelta(minutes=15), timedelta(days=30)))
_DEFAULTS: Final[Mapping[str, Schedule]] = {
    "x": Schedule(timedelta(hours=6), _until(timedelta(minutes=10), timedelta(days=30))),
    "instagram": Schedule(
        timedelta(hours=6),
        _until(timedelta(minutes=15), timedelta(days=90)),
        kinds={"story": _STORY},
        one_limit=True,
    ),
    "github": Schedule(timedelta(hours=6), _until(timedelta(minutes=10), timedelta(days=90)), one_limit=True),
}


def build_schedules(settings: Mapping[str, ScheduleSetting]) -> Schedules:
    """The schedules with the settings in them; `*` holds for every platform that is not named itself."""
    everywhere = settings.get(ALL_PLATFORMS, ScheduleSetting())
    platforms = {*_DEFAULTS, *settings} - {ALL_PLATFORMS}
    by_platform = {
        platform: settings.get(platform, everywhere).over(_DEFAULTS.get(platform, _DEFAULT)) for platform in platforms
    }
    return Schedules(by_platform, everywhere.over(_DEFAULT))
