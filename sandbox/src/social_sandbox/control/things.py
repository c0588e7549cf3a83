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


def chosen(simulation: Simulation, platform: str | None) -> list[str]:
    """The named platform, or all of them."""
    return [simulator_of(simulation, platform).name] if platform is not None else list(simulation.simulators)


def app_json(app: App) -> dict[str, Any]:
    """An app as the control interface shows it, without its secret."""
    return {
        "platform": app.platform,
        "client_id": app.client_id,
        "redirect_uris": list(app.redirect_uris),
        "name": app.name,
        "options": app.options,
    }


def account_json(account: Account) -> dict[str, Any]:
    """An account as the control interface shows it."""
    return {
        "platform": account.platform,
        "account_id": account.account_id,
        "username": account.username,
        "display_name": account.display_name,
        "followers": account.followers,
        "places": [place_json(place) for place in account.places],
        "details": account.details,
        "created_at": account.created_at.isoformat(),
    }


def place_json(place: Place) -> dict[str, Any]:
    """A place as the control interface shows it."""
    return {"platform_id": place.platform_id, "kind": place.kind, "name": place.name, "options": place.options}


def wished_account(simulation: Simulation, body: NewAccount) -> AccountSpec:
    """What is asked for, once it clashes with nothing that exists."""
    store = simulation.store
    if body.username and store.find_account(body.platform, body.username):
        raise RefusedByControl("username", "is taken on this platform", status=409)
    for index, place in enumerate(body.places or ()):
        earlier = {other.platform_id for other in (body.places or ())[:index]}
        if place.platform_id and (place.platform_id in earlier or store.find_place(body.platform, place.platform_id)):
            raise RefusedByControl(f"places.{index}.platform_id", "exists already", status=409)
    places = None
    if body.places is not None:
        places = [PlaceSpec(p.kind, p.name, p.platform_id, p.options) for p in body.places]
    return AccountSpec(body.username, body.display_name, body.followers, places, body.details)


def router(simulation: Simulation) -> APIRouter:
    """Routes for apps, accounts and places."""
    routes = APIRouter()
    store = simulation.store

    @routes.post("/apps", status_code=201)
    async def register_app(body: NewApp) -> dict[str, Any]:
        simulator = simulator_of(simulation, body.platform)
        redirects = tuple(body.redirect_uris)
        app = App(body.platform, body.client_id, body.client_secret, redirects, body.name, dict(body.options))
        simulator.check_app(app)
        return app_json(store.add_app(app))

    @routes.get("/apps")
    async def list_apps(platform: str | None = None) -> dict[str, Any]:
        names = chosen(simulation, platform)
        return {"apps": [app_json(app) for app in store.apps.values() if app.platform in names]}

    @routes.post("/accounts", status_code=201)
    async def create_account(body: NewAccount) -> dict[str, Any]:
        simulator = simulator_of(simulation, body.platform)
        return account_json(simulator.create_account(wished_account(simulation, body)))

    @routes.get("/accounts")
    async def list_accounts(platform: str | None = None) -> dict[str, Any]:
        names = chosen(simulation, platform)
        return {"accounts": [account_json(account) for name in names for account in store.accounts_of(name)]}

    @routes.post("/places")
    async def change_place(body: ChangedPlace) -> dict[str, Any]:
        simulator = simulator_of(simulation, body.platform)
        found = store.find_place(body.platform, body.platform_id)
        if found is None:
            raise RefusedByControl("platform_id", "names no place on this platform", status=404)
        account, place = found
        simulator.change_place(account, place, body.name, body.options)
        return place_json(place)

    return routes
