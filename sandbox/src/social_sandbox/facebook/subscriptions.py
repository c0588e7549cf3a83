"""`/{page}/subscribed_apps`: which Pages an app hears of."""

from social_sandbox.answers import Answer, json_answer
from social_sandbox.facebook.access import METADATA, Visit
from social_sandbox.facebook.callbacks import Callbacks
from social_sandbox.facebook.errors import invalid_parameter
from social_sandbox.meta.params import list_of
from social_sandbox.model import Place

_FIELDS = frozenset({"feed"})


class Subscriptions:
    """Subscribing an app to a Page."""

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks

    async def subscribe(self, visit: Visit) -> Answer:
        """Subscribe the app; of what can be subscribed to, only `feed` is simulated."""
        page = self._page(visit)
        wished = list_of(visit.params, "subscribed_fields")
        if not wished or not set(wished) <= _FIELDS:
            raise invalid_parameter(f"Param subscribed_fields must be one of {{{', '.join(sorted(_FIELDS))}}}.")
        subscribers = self._callbacks.subscribers(page.platform_id)
        if visit.grant.client_id not in subscribers:
            subscribers.append(visit.grant.client_id)
        return json_answer({"success": True})

    async def unsubscribe(self, visit: Visit) -> Answer:
        """End the subscription."""
        subscribers = self._callbacks.subscribers(self._page(visit).platform_id)
        if visit.grant.client_id in subscribers:
            subscribers.remove(visit.grant.client_id)
        return json_answer({"success": True})

    async def list(self, visit: Visit) -> Answer:
        """Return the subscription of this app, if there is one."""
        subscribers = self._callbacks.subscribers(self._page(visit).platform_id)
        mine = [number for number in subscribers if number == visit.grant.client_id]
        return json_answer({"data": [{"id": number, "subscribed_fields": sorted(_FIELDS)} for number in mine]})

    def _page(self, visit: Visit) -> Place:
        page = visit.own_page()
        visit.need(METADATA, page=page)
        return page
