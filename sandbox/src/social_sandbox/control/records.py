"""What exists and what was asked: posts, requests, numbers."""

from typing import Any

from fastapi import APIRouter

from social_sandbox.control.schemas import Engagement, Moment
from social_sandbox.control.things import simulator_of
from social_sandbox.faults import FaultKind, Operation
from social_sandbox.platform import RefusedByControl
from social_sandbox.simulation import Simulation


def router(simulation: Simulation) -> APIRouter:
    """Routes for the ground truth, the record of requests, and engagement."""
    routes = APIRouter()

    @routes.get("/posts")
    async def list_posts(platform: str | None = None, account_id: str | None = None) -> dict[str, Any]:
        if platform is not None:
            simulator_of(simulation, platform)
        for simulator in simulation.simulators.values():
            simulator.catch_up()
        posts = sorted(simulation.store.posts_of(platform, account_id), key=lambda post: post.created_at)
        return {"posts": [post.as_control_json() for post in posts]}

    @routes.get("/requests")
    async def list_requests(
        platform: str | None = None,
        since: Moment | None = None,
        operation: Operation | None = None,
        fault: FaultKind | None = None,
    ) -> dict[str, Any]:
        if platform is not None:
            simulator_of(simulation, platform)
        found = simulation.requests.select(platform, since)
        return {
            "requests": [
                entry.as_control_json()
                for entry in found
                if operation in {None, entry.operation} and fault in {None, entry.fault}
            ]
        }

    @routes.post("/engagement")
    async def set_engagement(body: Engagement) -> dict[str, Any]:
        simulator_of(simulation, body.platform)
        return {"metrics": _keep(simulation, body)}

    return routes


def _keep(simulation: Simulation, body: Engagement) -> dict[str, int]:
    """The numbers of a post or an account, with the new ones in them."""
    store = simulation.store
    if (body.platform_post_id is None) == (body.account_id is None):
        raise RefusedByControl("platform_post_id", "name either a post or an account")
    if body.platform_post_id is not None:
        if store.post(body.platform, body.platform_post_id) is None:
            raise RefusedByControl("platform_post_id", "names no post on this platform", status=404)
        kept = store.post_metrics.setdefault((body.platform, body.platform_post_id), {})
    else:
        account_id = body.account_id or ""
        if store.account(body.platform, account_id) is None:
            raise RefusedByControl("account_id", "names no account on this platform", status=404)
        kept = store.account_metrics.setdefault((body.platform, account_id), {})
    kept.update(body.metrics)
    return kept
