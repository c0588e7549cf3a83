"""Pictures and videos on their way to a post: opened, filled, processed, looked at.

Records are plain data in the store's bucket; of the bytes only what they turned out to be is kept.
"""

import secrets
from datetime import datetime, timedelta
from typing import TypedDict

from social_sandbox.linkedin.access import Visit
from social_sandbox.linkedin.errors import Refusal, invalid_field, invalid_value
from social_sandbox.linkedin.gif import count_frames
from social_sandbox.linkedin.restli import urn_of
from social_sandbox.linkedin.switches import LinkedInSwitches
from social_sandbox.probe import probe
from social_sandbox.store import Store

IMAGE, VIDEO = "image", "video"
WAITING, PROCESSING, AVAILABLE, FAILED = "WAITING_UPLOAD", "PROCESSING", "AVAILABLE", "PROCESSING_FAILED"
PIXEL_LIMIT = 36_152_320
MOST_FRAMES = 250
SHORTEST, LONGEST = timedelta(seconds=3), timedelta(minutes=30)
_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif"})


class Asset(TypedDict):
    """One picture or video; times in seconds since the epoch, `parts` by their index while a video is uploaded."""

    urn: str
    kind: str
    owner: str
    client_id: str
    account_id: str
    url_expires_at: float
    total: int
    token: str
    parts: dict[str, bytes]
    etags: list[str]
    ready_at: float | None
    is_good: bool
    mime: str
    width: int
    height: int


class Assets:
    """Keeps them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, visit: Visit, kind: str, owner: str, *, total: int = 0) -> Asset:
        """Begin a picture or a video that belongs to `owner`."""
        number = self._store.next_number("linkedin.asset")
        urn = f"urn:li:{kind}:C5{visit.now.strftime('%y%j')}{number:06d}{secrets.token_hex(4)}"
        asset = Asset(
            urn=urn,
            kind=kind,
            owner=owner,
            client_id=visit.grant.client_id,
            account_id=visit.account.account_id,
            url_expires_at=visit.now.timestamp() + visit.switches.upload_url_life_s,
            total=total,
            token=visit.switches.upload_token,
            parts={},
            etags=[],
            ready_at=None,
            is_good=False,
            mime="",
            width=0,
            height=0,
        )
        self._records[urn] = asset
        return asset

    def find(self, urn: str) -> Asset | None:
        """The asset with this URN."""
        return self._records.get(urn)

    def sign(self, asset: Asset, part: int) -> str:
        """A secret that lets whoever has it put bytes into a part of the asset."""
        secret = secrets.token_urlsafe(24)
        self._signed[secret] = (asset["urn"], part)
        return secret

    def signed(self, secret: str) -> tuple[Asset, int] | None:
        """What an upload address is for."""
        found = self._signed.get(secret)
        asset = self._records.get(found[0]) if found else None
        return (asset, found[1]) if found and asset else None

    def fill(self, asset: Asset, content: bytes, switches: LinkedInSwitches, now: datetime) -> None:
        """All bytes are there: look what they are; the outcome shows when the processing is over."""
        found = probe(content)
        is_picture = asset["kind"] == IMAGE
        asset["is_good"] = not switches.processing_fails and (_is_picture if is_picture else _is_video)(content)
        if found is not None:
            asset["mime"], asset["width"], asset["height"] = found.mime, found.width, found.height
        lag = switches.image_processing_s if is_picture else switches.video_processing_s
        asset["ready_at"] = now.timestamp() + lag

    def usable(self, visit: Visit, urn: str, path: str, *, owner: str, kinds: tuple[str, ...]) -> Asset:
        """The asset a post of `owner` names; raises `Refusal` where the post cannot carry it."""
        urn_of(urn, path, *kinds)
        asset = self._records.get(urn)
        if asset is None:
            raise invalid_field("INVALID_URN_ID", path, f"{urn} does not exist")
        if asset["owner"] != owner:
            raise invalid_value(path, f"{urn} is not owned by the author {owner}")
        match status_of(asset, visit.now):
            case "WAITING_UPLOAD":
                raise _not_uploaded(asset, path, visit.now)
            case "PROCESSING_FAILED":
                raise invalid_field("MEDIA_ASSET_PROCESSING_FAILED", path, f"The processing of {urn} has failed")
            case "PROCESSING" if asset["kind"] == IMAGE or not visit.switches.processing_video_accepted:
                raise invalid_field("MEDIA_ASSET_WAITING_UPLOAD", path, f"{urn} is still being processed")
        return asset

    @property
    def _records(self) -> dict[str, Asset]:
        records: dict[str, Asset] = self._store.bucket("linkedin").setdefault("assets", {})
        return records

    @property
    def _signed(self) -> dict[str, tuple[str, int]]:
        signed: dict[str, tuple[str, int]] = self._store.bucket("linkedin").setdefault("signed", {})
        return signed


def status_of(asset: Asset, now: datetime) -> str:
    """Where an asset stands by now."""
    if asset["ready_at"] is None:
        return WAITING
    if now.timestamp() < asset["ready_at"]:
        return PROCESSING
    return AVAILABLE if asset["is_good"] else FAILED


def _not_uploaded(asset: Asset, path: str, now: datetime) -> Refusal:
    if asset["url_expires_at"] <= now.timestamp():
        return invalid_field("EXPIRED_UPLOAD_URL", path, f"The upload URL of {asset['urn']} has expired unused")
    return invalid_field("MEDIA_ASSET_WAITING_UPLOAD", path, f"{asset['urn']} waits for its upload")


def _is_picture(content: bytes) -> bool:
    found = probe(content)
    if found is None or found.mime not in _PICTURES or not 0 < found.width * found.height < PIXEL_LIMIT:
        return False
    return found.mime != "image/gif" or count_frames(content) <= MOST_FRAMES


def _is_video(content: bytes) -> bool:
    found = probe(content)
    if found is None or found.mime != "video/mp4" or found.duration is None or not found.width:
        return False
    return SHORTEST <= found.duration <= LONGEST
