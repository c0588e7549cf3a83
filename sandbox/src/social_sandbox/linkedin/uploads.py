"""The signed addresses that take a media's bytes; whoever has one may use it until it expires."""

import hashlib

from social_sandbox.answers import Answer
from social_sandbox.calls import Call
from social_sandbox.faults import Operation
from social_sandbox.linkedin.app_options import options_of
from social_sandbox.linkedin.assets import IMAGE, Asset, Assets
from social_sandbox.linkedin.errors import Refusal, bad_syntax, not_found, refused, request_id
from social_sandbox.linkedin.limits import count_call
from social_sandbox.linkedin.people import PLATFORM
from social_sandbox.platform import PlatformSimulator, Route

WEB = "www.linkedin.com"
PART = 4 * 1024 * 1024


class Uploads:
    """`PUT /dms-uploads/…`."""

    def __init__(self, simulator: PlatformSimulator, assets: Assets) -> None:
        self._simulator = simulator
        self._assets = assets

    def routes(self) -> list[Route]:
        """The address, whatever it is signed for."""
        return [Route("PUT", WEB, "/dms-uploads/{secret}", Operation.MEDIA, self.put)]

    async def put(self, call: Call) -> Answer:
        """Take the bytes: a whole picture, or one part of a video, whose receipt is the ETag."""
        try:
            answer = self._put(call)
        except Refusal as refusal:
            answer = refusal.answer()
        return answer.plus(request_id())

    def _put(self, call: Call) -> Answer:
        found = self._assets.signed(call.params["secret"])
        if found is None:
            raise not_found("The upload URL")
        asset, part = found
        now = self._simulator.world.clock.now()
        if asset["url_expires_at"] <= now.timestamp():
            raise refused(400, "EXPIRED_UPLOAD_URL", "The upload URL has expired")
        self._count(asset)
        if asset["kind"] == IMAGE:
            self._assets.fill(asset, call.body, self._simulator.switches, now)
            return Answer(201)
        if call.media_type != "application/octet-stream":
            raise bad_syntax("The content type of a part must be application/octet-stream")
        if len(call.body) != min(PART, asset["total"] - part * PART):
            raise bad_syntax("The part has not the length of its instruction")
        asset["parts"][str(part)] = call.body
        asset["etags"][part] = hashlib.md5(b"%d:" % part + call.body, usedforsecurity=False).hexdigest()
        return Answer(200, b"", {"etag": f'"{asset["etags"][part]}"'})

    def _count(self, asset: Asset) -> None:
        """Uploads count, too, for the app and the member that opened them."""
        store = self._simulator.world.store
        app = store.app(PLATFORM, asset["client_id"])
        if app is not None:
            count_call(
                store,
                "dms-uploads.PUT",
                app=app.client_id,
                member=asset["account_id"],
                options=options_of(app),
                switches=self._simulator.switches,
                now=self._simulator.world.clock.now(),
            )
