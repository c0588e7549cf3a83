"""Connections at the moment a post is stored for them: what was checked before may have ended meanwhile."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from publisher.planning.errors import not_usable
from publisher.posts import Post
from publisher.projections import repository
from publisher.projections.repository import Connection
from social_common.db import WriteSession


async def keep_places(session: WriteSession, wanted: Iterable[tuple[UUID, str | None]]) -> dict[UUID, Connection]:
    """The connections as they stand, kept so until the transaction ends; posts are locked after them, never before.

    Each comes with the field that names it, for the 409 where it cannot publish any more. An event of a disconnect
    either came first, and is seen here, or waits, and then finds the posts that are stored now.
    """
    fields = dict(wanted)
    standing = await repository.share(session, fields)
    for connection_id, field in fields.items():
        if connection_id not in standing or not standing[connection_id].can_publish:
            raise not_usable(field)
    return standing


def at_place(post: Post, places: Mapping[UUID, Connection]) -> Post:
    """The post with what its connection is by now; one that is not to go out yet stays as it was planned."""
    place = places.get(post.connection_id)
    if place is None or place.revision <= post.connection_revision:
        return post
    return replace(post, connection_revision=place.revision, grant_id=place.grant_id)
