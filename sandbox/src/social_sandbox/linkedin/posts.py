"""Creating, editing and deleting posts. There is no idempotency key, and a created post's id is in a header only."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from social_sandbox.answers import Answer
from social_sandbox.linkedin.access import Visit
from social_sandbox.linkedin.assets import VIDEO, Assets
from social_sandbox.linkedin.bodies import StrictBody, read_body
from social_sandbox.linkedin.contents import Content, carried
from social_sandbox.linkedin.duplicates import marks_of, refuse_duplicate, remember
from social_sandbox.linkedin.errors import invalid_field, invalid_value, not_found, refused
from social_sandbox.linkedin.little import Element, parse, visible, written
from social_sandbox.linkedin.media import check_author
from social_sandbox.linkedin.people import PLATFORM, POSTING_ROLES, find_organization, person_urn
from social_sandbox.linkedin.restli import urn_of
from social_sandbox.model import Post
from social_sandbox.store import Store

SHARE, UGC_POST = "share", "ugcPost"
_SEQUENCE_BITS = 22
Nothing = Annotated[list[Any], Field(max_length=0)]


class Distribution(StrictBody):
    """Who gets to see a post."""

    feed: Literal["MAIN_FEED", "NONE"] = Field(alias="feedDistribution")
    targets: Nothing = Field(default=[], alias="targetEntities")
    channels: Nothing = Field(default=[], alias="thirdPartyDistributionChannels")


class CreateBody(StrictBody):
    """Body of `POST /rest/posts`."""

    author: str
    commentary: str
    visibility: Literal["PUBLIC", "CONNECTIONS", "LOGGED_IN"]
    distribution: Distribution
    lifecycle_state: Literal["PUBLISHED"] = Field(alias="lifecycleState")
    is_reshare_disabled: bool = Field(default=False, alias="isReshareDisabledByAuthor")
    content: Content | None = None


class Changes(StrictBody):
    """What an edit may set."""

    commentary: str | None = None
    label: str | None = Field(default=None, alias="contentCallToActionLabel")
    landing_page: str | None = Field(default=None, alias="contentLandingPage")


class Patch(StrictBody):
    """A rest.li patch that sets fields."""

    changes: Changes = Field(alias="$set")


class EditBody(StrictBody):
    """Body of a partial update."""

    patch: Patch


class PostEndpoints:
    """Writing posts."""

    def __init__(self, store: Store, assets: Assets) -> None:
        self._store = store
        self._assets = assets

    async def create(self, visit: Visit) -> Answer:
        """Put a post at a member's or an organization's place."""
        visit.only()
        visit.need("w_member_social", "w_organization_social")
        body = read_body(visit.call, CreateBody)
        check_author(visit, body.author, "/author")
        if body.visibility == "CONNECTIONS" and body.author != visit.person:
            raise invalid_value("/visibility", "Only a member's post can be for connections")
        elements = self._elements(visit, body.commentary)
        if not body.commentary.strip() and body.content is None:
            raise invalid_field("INVALID_VALUE_BLANK_FIELD", "/commentary", "The commentary is blank")
        kind, media = carried(body.content, visit, self._assets, body.author)
        content = body.content.model_dump(by_alias=True, exclude_none=True) if body.content else None
        marks = marks_of(visit, body.author, visible(elements), content)
        refuse_duplicate(self._store, visit, marks, author=body.author)
        if visit.switches.write_conflict:
            raise refused(409, "CONFLICT", "The write conflicted with another one")
        post = Post(
            platform=PLATFORM,
            account_id=visit.account.account_id,
            platform_id=body.author,
            platform_post_id=self._new_urn(UGC_POST if kind == VIDEO else SHARE, visit.now),
            text=visible(elements),
            created_at=visit.now,
            kind=kind,
            media=media,
            visibility=body.visibility,
            details={
                "commentary": written(elements),
                "content": content,
                "modified_at": visit.now,
                "no_reshares": body.is_reshare_disabled,
                "client_id": visit.grant.client_id,
            },
        )
        self._store.add_post(post)
        remember(self._store, post, marks)
        return Answer(201, b"", {} if visit.switches.omit_post_id else {"x-restli-id": post.platform_post_id})

    async def edit(self, visit: Visit) -> Answer:
        """Change a post's text or call to action; its media stay."""
        visit.only()
        post = self._own(visit)
        if post.deleted_at is not None:
            raise not_found(visit.key)
        changes = read_body(visit.call, EditBody).patch.changes
        if not changes.model_fields_set:
            raise invalid_field("MISSING_FIELD", "/patch/$set", "Nothing is set")
        if changes.commentary is not None:
            elements = self._elements(visit, changes.commentary)
            if not changes.commentary.strip() and not post.details["content"]:
                raise invalid_field("INVALID_VALUE_BLANK_FIELD", "/patch/$set/commentary", "The commentary is blank")
            post.text, post.details["commentary"] = visible(elements), written(elements)
            marks = marks_of(visit, post.platform_id, post.text, post.details["content"])
            remember(self._store, post, marks)
        for name in ("contentCallToActionLabel", "contentLandingPage"):
            value = changes.model_dump(by_alias=True)[name]
            if value is not None:
                post.details[name] = value
        post.details["modified_at"] = visit.now
        return Answer(204)

    async def delete(self, visit: Visit) -> Answer:
        """Take a post away; one that is gone already is gone."""
        visit.only()
        post = self._own(visit)
        post.deleted_at = post.deleted_at or visit.now
        return Answer(204)

    def _own(self, visit: Visit) -> Post:
        """The post of the path, deleted or not, once the caller may write there."""
        visit.need("w_member_social", "w_organization_social")
        urn_of(visit.key, "/key", SHARE, UGC_POST)
        post = self._store.posts.get(PLATFORM, {}).get(visit.key)
        if post is None:
            raise not_found(visit.key)
        if post.platform_id.startswith("urn:li:organization:"):
            visit.need("w_organization_social")
            visit.organization(post.platform_id, POSTING_ROLES)
            return post
        visit.need("w_member_social")
        if post.account_id != visit.account.account_id or not visit.switches.member_may_delete:
            raise visit.denied()
        return post

    def _elements(self, visit: Visit, commentary: str) -> list[Element]:
        def name_of(urn: str) -> str | None:
            organization = find_organization(self._store, urn)
            if organization is not None:
                return organization.name
            people = self._store.accounts_of(PLATFORM)
            client_id = visit.grant.client_id
            return next((a.display_name for a in people if person_urn(a.account_id, client_id) == urn), None)

        elements = parse(commentary, name_of)
        switches = visit.switches
        counted = commentary if switches.length_of == "commentary" else visible(elements)
        length = len(counted) if switches.length_unit == "characters" else len(counted.encode("utf-16-le")) // 2
        if length > switches.longest_commentary:
            message = f"The commentary has {length} characters; {switches.longest_commentary} are allowed"
            raise invalid_field("FIELD_LENGTH_TOO_LONG", "/commentary", message)
        return elements

    def _new_urn(self, kind: str, now: datetime) -> str:
        """Ids rise with time and never repeat, even when time is moved back."""
        sequence = self._store.next_number("linkedin.post")
        candidate = (int(now.timestamp() * 1000) << _SEQUENCE_BITS) | (sequence & ((1 << _SEQUENCE_BITS) - 1))
        last: int = self._store.counters.get("linkedin.last_post", 0)
        self._store.counters["linkedin.last_post"] = max(candidate, last + 1)
        return f"urn:li:{kind}:{self._store.counters['linkedin.last_post']}"
