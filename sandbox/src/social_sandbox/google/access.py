"""Who may call a Business Profile API, how often, and at which location."""

from datetime import timedelta

from social_sandbox.answers import Answer
from social_sandbox.google.errors import (
    BusinessRefusals,
    not_found,
    permission_denied,
    quota_exceeded,
    service_disabled,
)
from social_sandbox.google.switches import GoogleSwitches
from social_sandbox.google_identity.access import Visit, Work, admitting
from social_sandbox.google_identity.scopes import BUSINESS, OLD_BUSINESS
from social_sandbox.model import Place
from social_sandbox.platform import Handler, PlatformSimulator, World
from social_sandbox.store import Store, Window

PLATFORM = "google"
NO_ROLE = "NONE"
POSTS_HOST = "mybusiness.googleapis.com"
_MINUTE = timedelta(minutes=1)
_PER_MINUTE = "RequestsPerMinutePerProject"
_EDITS = "EditsPerMinutePerProfile"


def guarded(simulator: PlatformSimulator, work: Work, *, host: str) -> Handler:
    """Make a handler of work: token, scope, an API that is on, and the project's quota come first."""
    # The scope of the time before 2019 opens the old generation only.
    scopes = frozenset({BUSINESS, OLD_BUSINESS}) if host == POSTS_HOST else frozenset({BUSINESS})

    async def counted(visit: Visit) -> Answer:
        switches: GoogleSwitches = simulator.switches
        if host in switches.disabled_services:
            raise service_disabled(host, visit.grant.client_id)
        _count_request(simulator.world, visit, host=host, switches=switches)
        return await work(visit)

    return admitting(simulator, counted, scopes_any=scopes, refusals=BusinessRefusals())


def count_edit(world: World, visit: Visit, place: Place, *, limit: int) -> None:
    """Count a change of a profile, whoever's project makes it; a refused one uses nothing up."""
    window = _window(world.store, f"edits:{place.platform_id}")
    if window.count(visit.now.timestamp()) >= limit:
        raise quota_exceeded(POSTS_HOST, visit.grant.client_id, name=_EDITS, limit=limit)
    window.add(visit.now.timestamp())


def own_location(store: Store, visit: Visit, location: str) -> Place:
    """The location of a path, where the person has a role at it."""
    found = store.find_place(PLATFORM, f"locations/{location}")
    if found is None or found[1].options.get("deleted"):
        raise not_found()
    owner, place = found
    if owner.account_id != visit.person.account_id or place.options["role"] == NO_ROLE:
        raise permission_denied()
    return place


def posting_location(store: Store, visit: Visit) -> Place:
    """The location of a v4 path, which names its account, too."""
    place = own_location(store, visit, visit.call.params["location"])
    if place.options["account"] != f"accounts/{visit.call.params['account']}":
        raise not_found()
    return place


def _count_request(world: World, visit: Visit, *, host: str, switches: GoogleSwitches) -> None:
    client_id = visit.grant.client_id
    app = world.store.app(PLATFORM, client_id)
    is_approved = app is None or app.options.get("approved", True)
    limit = switches.requests_per_minute if is_approved else 0
    window = _window(world.store, f"requests:{host}:{client_id}")
    if window.count(visit.now.timestamp()) >= limit:
        raise quota_exceeded(host, client_id, name=_PER_MINUTE, limit=limit)
    window.add(visit.now.timestamp())


def _window(store: Store, key: str) -> Window:
    windows: dict[str, Window] = store.bucket(PLATFORM).setdefault("windows", {})
    return windows.setdefault(key, Window(_MINUTE.total_seconds()))
