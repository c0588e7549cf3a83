"""What both kinds of insights have in common: one wrong name fails the whole request, and small Pages have nothing."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from social_sandbox.facebook.access import INSIGHTS, READ, Visit
from social_sandbox.facebook.errors import invalid_parameter, no_metric
from social_sandbox.facebook.pages import options_of
from social_sandbox.meta.params import list_of
from social_sandbox.model import Place

FEWEST_LIKES = 100


def need_insights(visit: Visit, page: Place) -> None:
    """Refuse the call without both permissions and the task."""
    visit.need(INSIGHTS, page=page)
    visit.need(READ, page=page)
    visit.need_task(page, "ANALYZE")


def has_insights(page: Place) -> bool:
    """Whether a Page is large enough to be measured."""
    return options_of(page).likes >= FEWEST_LIKES


def read_metrics(visit: Visit, known: Mapping[str, Any]) -> list[str]:
    """Return the asked metrics; one that is unknown or gone fails them all."""
    metrics = list(dict.fromkeys(list_of(visit.params, "metric")))
    if not metrics:
        raise no_metric()
    if any(metric not in known for metric in metrics):
        raise invalid_parameter("The value must be a valid insights metric")
    return metrics


def described(metric: str, period: str, owner: str, values: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one entry of an answer."""
    return {
        "name": metric,
        "period": period,
        "values": values,
        "title": metric.replace("_", " ").capitalize(),
        "description": f"The number of {metric.replace('_', ' ')}.",
        "id": f"{owner}/insights/{metric}/{period}",
    }


def is_too_young(visit: Visit, age: timedelta) -> bool:
    """Whether the figures of a post have not come yet."""
    return age < timedelta(seconds=visit.switches.insights_delay_s)
