"""`post.scheduled`: a post has a (new) due time, and its connection's token has to be good then."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from auth_linker.connections.service import find_connection
from auth_linker.grants import service as grants
from auth_linker.grants.service import plan_next_look, policy_of
from auth_linker.tokens import needs
from social_common.db import Database, UserGone
from social_common.events import CloudEvent
from social_common.inbox import first_time
from social_platforms.registry import OAuthApps

TOPIC: Final = "post.scheduled"
CONSUMER: Final = "token-ready"


class PostScheduled(BaseModel):
    """What is read of the event; unknown fields are no business of ours."""

    post_id: UUID
    connection_id: UUID
    revision: int
    scheduled_at: AwareDatetime


class TokenReady:
    """Plans the refresh of a grant so that its token outlasts the posts that need it."""

    def __init__(self, database: Database, *, apps: OAuthApps, lead: timedelta) -> None:
        self._database = database
        self._apps = apps
        self._lead = lead

    async def handle(self, event: CloudEvent) -> None:
        """One event; repeated, late or for an unknown connection it changes nothing."""
        post = PostScheduled.model_validate(event.data)
        try:
            async with self._database.write(event.user_id) as session:
                if not await first_time(session, consumer=CONSUMER, event=event):
                    return
                connection = await find_connection(session, post.connection_id)
                if connection is None:
                    return
                grant = await grants.lock_grant(session, connection.grant_id)
                if grant is None or not grant.is_live:
                    return
                await needs.forget_past_needs(session, grant.id)
                fresh = await needs.note_need(
                    session,
                    post_id=post.post_id,
                    grant_id=grant.id,
                    due_at=post.scheduled_at,
                    revision=post.revision,
                )
                adapter = self._apps.of(grant.platform, grant.app)
                # A refresh under way or in doubt plans with all needs itself, and must not be put off.
                is_settled = grant.lease_owner is None and not grant.in_doubt
                if not fresh or adapter is None or not is_settled:
                    return
                now: datetime = await session.scalar("SELECT retail_b2c.social_now()")
                needed_at = await needs.first_need(
                    session, grant.id, outlived_by=grant.life.expires_at, lead=self._lead
                )
                due_at = plan_next_look(policy_of(adapter), grant.life, now=now, needed_at=needed_at, lead=self._lead)
                await grants.plan_look(session, grant.id, due_at=due_at, health=grant.health)
        except UserGone:
            return
