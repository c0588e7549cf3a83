"""Linking on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from auth_linker.connections.service import Connection, ConnectionOut, LimitationOut
from auth_linker.linking.domain import ChosenPlace
from auth_linker.linking.siblings import Reach

Kind = Literal["account", "page", "member", "organization", "channel", "location", "repository"]
PlatformIds = Annotated[list[Annotated[str, Field(min_length=1, max_length=255)]], Field(min_length=1, max_length=100)]


class AuthorizeIn(BaseModel):
    """What to link, for what, and where the browser goes afterwards."""

    model_config = ConfigDict(extra="forbid")

    return_to: str = Field(max_length=2048, description="A page of an allowed origin.")
    capabilities: list[Literal["publish", "analytics"]] = Field(
        default=["publish", "analytics"], min_length=1, max_length=2
    )
    kinds: list[Kind] = Field(default=[], max_length=7, description="Only places of these kinds; all where empty.")
    connection_id: UUID | None = Field(None, description="The connection to bring back with the same account.")


class AuthorizeOut(BaseModel):
    """Where the browser goes now."""

    authorization_url: str
    expires_at: datetime


class CompleteIn(BaseModel):
    """The code from the return address, and the chosen places where there was a choice."""

    model_config = ConfigDict(extra="forbid")

    link_code: str = Field(min_length=1, max_length=200, repr=False)
    platform_ids: PlatformIds | None = None


class LinkedOut(BaseModel):
    """What is linked now."""

    connections: list[ConnectionOut]

    @classmethod
    def of(cls, connections: tuple[Connection, ...]) -> Self:
        """The connections as they are told."""
        return cls(connections=[ConnectionOut.of(connection) for connection in connections])


class PlaceOut(BaseModel):
    """One place to choose."""

    platform_id: str
    kind: str
    name: str
    avatar_url: str | None
    usable: bool
    reason: str | None
    limitations: list[LimitationOut] = Field(description="What was wished for and will not work there.")

    @classmethod
    def fields_of(cls, place: ChosenPlace) -> dict[str, Any]:
        """What is told of a place wherever one is listed."""
        return {
            "platform_id": place.platform_id,
            "kind": place.kind,
            "name": place.name,
            "avatar_url": place.avatar_url,
            "usable": place.usable,
            "reason": place.reason,
            "limitations": [LimitationOut.of(limitation) for limitation in place.limitations],
        }


class ChooseOut(BaseModel):
    """The places a consent reaches, where there are several."""

    choose: list[PlaceOut]

    @classmethod
    def of(cls, places: tuple[ChosenPlace, ...]) -> Self:
        """The places as they are told."""
        return cls(choose=[PlaceOut(**PlaceOut.fields_of(place)) for place in places])


class SiblingOut(PlaceOut):
    """One place of a grant, with the connection it has already."""

    connection_id: UUID | None


class SiblingsOut(BaseModel):
    """All places of a grant."""

    siblings: list[SiblingOut]

    @classmethod
    def of(cls, reach: Reach) -> Self:
        """The places as they are told."""
        return cls(
            siblings=[
                SiblingOut(
                    **PlaceOut.fields_of(place),
                    connection_id=reach.connected.get(place.platform_id),
                )
                for place in reach.choices
            ]
        )


class SiblingsIn(BaseModel):
    """Which further places to link."""

    model_config = ConfigDict(extra="forbid")

    platform_ids: PlatformIds
