"""YouTube's Data and Analytics APIs as all three facets call them."""

from collections.abc import Mapping
from typing import Any, Final

from social_platforms._core import Access, PlatformError
from social_platforms.answers import Answer, at, text
from social_platforms.google_identity.api import GoogleApi
from social_platforms.youtube.errors import NAME, error_of
from social_platforms.youtube.limits import API_VERSION, UNITS_BUCKET

DATA: Final = "www.googleapis.com"
DATA_ALIAS: Final = "youtube.googleapis.com"
ANALYTICS: Final = "youtubeanalytics.googleapis.com"


class YouTubeApi(GoogleApi):
    """Calls to the Data API and to Analytics."""

    name = NAME
    machine = frozenset({DATA, DATA_ALIAS, ANALYTICS})
    lists = frozenset({"items", "columnHeaders"})

    def error_of(self, answer: Answer, *, creating: bool = False) -> PlatformError:
        """What an unsuccessful answer means."""
        return error_of(answer, now=self.clock(), creating=creating)

    def is_readable(self, body: Mapping[str, Any]) -> bool:
        """Every answer says of what kind it is; one that does not is no empty list."""
        return super().is_readable(body) and (text(body, "kind") or "").startswith("youtube")

    async def read(
        self, access: Access, path: str, params: dict[str, str], *, bucket: str = UNITS_BUCKET
    ) -> dict[str, Any]:
        """The body of a list of the Data API."""
        return await self.call(
            "GET",
            DATA,
            f"/youtube/{API_VERSION}{path}",
            bearer=access.token,
            rates=access.rates,
            bucket=bucket,
            params=params,
        )


def digits(value: Any, *path: str | int) -> int | None:
    """A counter, which YouTube writes as text. One that its owner switched off is absent."""
    found = at(value, *path)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) <= 18:  # noqa: PLR2004
        return int(found)
    return None
