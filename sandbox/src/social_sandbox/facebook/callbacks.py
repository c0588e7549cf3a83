"""What Facebook tells an app unasked: that a person left, wants data deleted, or that something stands on a Page.

Everything is signed with the app's secret and sent before the call that caused it is answered; what a control call
caused goes out with the next call. An app hears of nothing unless its options name an address.
"""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from social_sandbox.facebook.app_options import options_of
from social_sandbox.fetch import Unreachable, send
from social_sandbox.grants import Grant
from social_sandbox.model import App, Post
from social_sandbox.platform import PlatformSimulator

_TIME_LIMIT = timedelta(seconds=5)
_FORGERY = "not-the-secret-of-this-app"
_ITEMS = {"text": "status", "link": "share", "image": "photo", "album": "album", "video": "video", "reel": "video"}


class Callbacks:
    """The calls that wait to be sent, and the Pages that apps have subscribed to."""

    def __init__(self, simulator: PlatformSimulator) -> None:
        self._simulator = simulator
        self._store = simulator.world.store

    def tell_removal(self, grant: Grant, *, wants_deletion: bool) -> None:
        """A person has removed an app, and perhaps asked it to delete what it knows."""
        app = self._store.app(self._simulator.name, grant.client_id)
        if app is None:
            return
        options = options_of(app)
        addresses = [options.deauthorize_url, options.data_deletion_url if wants_deletion else None]
        payload = {
            "user_id": grant.account_id,
            "algorithm": "HMAC-SHA256",
            "issued_at": int(self._simulator.world.clock.timestamp()),
        }
        body = urlencode({"signed_request": signed_request(payload, self._secret(app))})
        headers = {"content-type": "application/x-www-form-urlencoded"}
        for address in filter(None, addresses):
            self._waiting().append({"url": address, "body": body, "headers": headers})

    def tell_change(self, post: Post, verb: str) -> None:
        """Something was published, changed or removed on a Page that apps have subscribed to."""
        for client_id in self.subscribers(post.platform_id):
            app = self._store.app(self._simulator.name, client_id)
            if app is None or options_of(app).webhook_url is None:
                continue
            now = int(self._simulator.world.clock.timestamp())
            value = {
                "item": _ITEMS[post.kind],
                "verb": verb,
                "post_id": post.details["post_id"],
                "published": 1,
                "created_time": int(post.created_at.timestamp()),
            }
            entry = {"id": post.platform_id, "time": now, "changes": [{"field": "feed", "value": value}]}
            body = json.dumps({"object": "page", "entry": [entry]}, separators=(",", ":"))
            signature = hmac.new(self._secret(app).encode(), body.encode(), hashlib.sha256).hexdigest()
            headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={signature}"}
            delivery = {"url": options_of(app).webhook_url, "body": body, "headers": headers, "verify": client_id}
            self._waiting().extend(delivery for _ in range(self._simulator.switches.webhook_copies))

    def subscribers(self, page_id: str) -> list[str]:
        """The apps that have subscribed to a Page."""
        subscribed: dict[str, list[str]] = self._bucket().setdefault("subscribers", {})
        return subscribed.setdefault(page_id, [])

    async def send_waiting(self) -> None:
        """Send everything; who cannot be reached misses it."""
        waiting = self._waiting()
        while waiting:
            delivery = waiting.pop(0)
            try:
                if "verify" in delivery:
                    await self._verify(delivery["verify"], delivery["url"])
                await send(
                    "POST",
                    delivery["url"],
                    content=delivery["body"].encode(),
                    headers=delivery["headers"],
                    time_limit=_TIME_LIMIT,
                )
            except Unreachable:
                continue

    async def _verify(self, client_id: str, url: str) -> None:
        """Ask an address once whether it wants webhooks; only who repeats the challenge gets any."""
        verified: list[str] = self._bucket().setdefault("verified", [])
        app = self._store.app(self._simulator.name, client_id)
        if url in verified or app is None:
            return
        challenge = str(secrets.randbelow(10**9))
        token = options_of(app).webhook_verify_token
        query = urlencode({"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token})
        separator = "&" if "?" in url else "?"
        answer = await send("GET", f"{url}{separator}{query}", content=b"", headers={}, time_limit=_TIME_LIMIT)
        if answer.content.decode("utf-8", "replace").strip() != challenge:
            raise Unreachable("the challenge was not repeated")
        verified.append(url)

    def _secret(self, app: App) -> str:
        return _FORGERY if self._simulator.switches.forged_callbacks else app.client_secret

    def _waiting(self) -> list[dict[str, Any]]:
        waiting: list[dict[str, Any]] = self._bucket().setdefault("callbacks", [])
        return waiting

    def _bucket(self) -> dict[str, Any]:
        return self._store.bucket(self._simulator.name)


def signed_request(payload: dict[str, Any], secret: str) -> str:
    """A payload and its signature, which covers the encoded payload, not the JSON."""
    encoded = _base64(json.dumps(payload, separators=(",", ":")).encode())
    return f"{_base64(hmac.new(secret.encode(), encoded.encode(), hashlib.sha256).digest())}.{encoded}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
