"""Apps, accounts and places."""

from typing import Any

from fastapi import APIRouter

from social_sandbox.control.schemas import ChangedPlace, NewAccount, NewApp
from social_sandbox.model import Account, App, Place
from social_sandbox.platform import AccountSpec, PlaceSpec, PlatformSimulator, RefusedByControl
from social_sandbox.simulation import Simulation


def simulator_of(simulation: Simulation, platform: str) -> PlatformSimulator:
    """The simulator of a platform; an unknown name is refused."""
    found = simulation.simulators.get(platform)
    if found is None:
        raise RefusedByControl("platform", f"must be one of {', '.join(sorted(simulation.simulators))}")
    return found


def account_json(account: Account) -> dict[str, Any]:
    """An account as the control interface shows it."""
    return {
        "platform": account.platform,
        "account_id": account.account_id,
        "username": account.username,
        "display_name": account.display_name,
        "followers": account.followers,
        "places": [place_json(place) for place in account.places],
        "created_at": account.created_at.isoformat(),
    }


def place_json(place: Place) -> dict[str, Any]:
    """A place as the control interface shows it."""
    return {
        "platform_id": place.platform_id,
        "kind": place.kind,
        "name": place.name,
        "options": place.options,
    }


def router(simulation: Simulation) -> APIRouter:
    """Routes for apps, accounts and places."""
    routes = APIRouter()

    @routes.post("/apps", status_code=201)
    async def register_app(body: NewApp) -> dict[str, Any]:
        simulator = simulator_of(simulation, body.platform)
        app = App(
            body.platform,
            body.client_id,
            body.client_secret,
            tuple(body.redirect_uris),
            body.name,
            dict(body.options),
        )
        simulator.check_app(app)
        simulation.store.add_app(app)
        return body.model_dump()

    @routes.get("/apps")
    async def list_apps(platform: str | None = None) -> list[dict[str, Any]]:
        if platform is not None:
            simulator_of(simulation, platform)
        return [
            {
                "platform": app.platform,
                "client_id": app.client_id,
                "redirect_uris": app.redirect_uris,
                "name": app.name,
                "options": app.options,
            }
            for app in simulation.store.apps.values()
            if platform in {None, app.platform}
        ]

    @routes.post("/accounts", status_code=201)
    async def create_account(body: NewAccount) -> dict[str, Any]:
        simulator = simulator_of(simulation, body.platform)
        if body.username and simulation.store.find_account(body.platform, body.username):
            raise RefusedByControl("username", "is taken on this platform", status=409)
        places = None
        if body.places is not None:
            places = [PlaceSpec(p.kind, p.name, p.platform_id, p.options) for p in body.places]
            for index, place in enumerate(places):
                if place.platform_id and simulation.store.find_place(body.platform, place.platform_id):
                    raise RefusedByControl(f"places.{index}.platform_id", "exists already", status=409)
        spec = AccountSpec(body.username, body.display_name, body.followers, places, body.details)
        return account_json(simulator.create_account(spec))

    @routes.get("/accounts")
    async def list_accounts(platform: str | None = None) -> list[dict[str, Any]]:
        names = [platform] if platform is not None else list(simulation.simulators)
        for name in names:
            simulator_of(simulation, name)
        return [account_json(account) for name in names for account in simulation.store.accounts_of(name)]

    @routes.post("/places")
    async def change_place(body: ChangedPlace) -> dict[str, Any]:
        simulator = simulator_of(simulation, body.platform)
        found = simulation.store.find_place(body.platform, body.platform_id)
        if found is None:
            raise RefusedByControl("platform_id", "names no place on this platform", status=404)
        _, place = found
        simulator.change_place(place, body.name, body.options)
        return place_json(place)

    return routes
