"""Sharing a product: a text per platform within its limits, the media it takes, and the product's id on every post."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from publisher.planning.checking import Checker, Looked
from publisher.planning.errors import PassingInvalid
from publisher.planning.plans import PlannedTarget, targets_of
from publisher.planning.prices import WrongPriceError, format_price
from publisher.planning.schemas import MediaIn, Mode, Moment, NewPosts, Target, Targets, Url
from publisher.planning.service import Planner
from publisher.planning.texts import (
    DEFAULT_TEMPLATE,
    Parts,
    TooLongError,
    WrongTemplateError,
    check_template,
    fit,
)
from publisher.posts import Post
from social_common.errors import FieldError, Invalid
from social_platforms._core import MediaItem, MediaKind, PlatformFacts, PostContent

_TITLE_OPTION: Final = "title"
# What stands in for signs that a platform refuses in any text.
_STAND_INS: Final = str.maketrans("<>", "\u2039\u203a")


def _exact(value: object) -> object:
    # A float's digits are not the merchant's: 19.9 is written as people write it.
    return repr(value) if isinstance(value, float) else value


class Product(BaseModel):
    """What is shared."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00]*$")]
    title: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
    description: Annotated[str, Field(max_length=20_000, pattern=r"^[^\x00]*$")] = ""
    price: Annotated[
        Decimal, Field(ge=0, max_digits=15, decimal_places=3, allow_inf_nan=False), BeforeValidator(_exact)
    ]
    currency: Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")]
    url: Url
    image_url: Url
    video_url: Url | None = None

    @field_validator("currency")
    @classmethod
    def _upper(cls, value: str) -> str:
        return value.upper()


class Share(BaseModel):
    """One product to one or several places."""

    model_config = ConfigDict(extra="forbid")

    product: Product
    targets: Targets
    template: Annotated[str, Field(min_length=1, max_length=5_000, pattern=r"^[^\x00]*$")] | None = None
    scheduled_at: Moment | None = None
    mode: Mode


class Sharer:
    """Turns a share into an ordinary campaign."""

    def __init__(self, planner: Planner, checker: Checker) -> None:
        self._planner = planner
        self._checker = checker

    async def plan(self, user_id: UUID, share: Share) -> list[Post]:
        """The campaign's posts, checked and not yet stored."""
        body = await self.render(user_id, share)
        return await self._planner.plan(user_id, body, product_id=share.product.id)

    async def render(self, user_id: UUID, share: Share) -> NewPosts:
        """The create call that this share stands for."""
        template, parts = _template_of(share), _parts_of(share.product)
        plain = NewPosts(targets=share.targets, scheduled_at=share.scheduled_at, mode=share.mode)
        planned = targets_of(plain, await self._planner.connections(user_id, plain))
        looked = await self._checker.look_at(_media_of(share.product))
        if share.mode != "draft" and any(target.media is None for target in share.targets):
            _refuse_faults(share.product, looked)
        targets = [
            self._target(share.product, target, planned[position], template, parts, looked, position=position)
            for position, target in enumerate(share.targets)
        ]
        return NewPosts(targets=targets, scheduled_at=share.scheduled_at, mode=share.mode)

    def _target(
        self,
        product: Product,
        target: Target,
        planned: PlannedTarget,
        template: str,
        parts: Parts,
        looked: Looked,
        *,
        position: int,
    ) -> Target:
        facts = self._checker.facts_of(planned.connection.platform)
        media = target.media if target.media is not None else _pick_media(product, facts, looked)
        if facts is not None and facts.refused_signs:
            product = writable(product, facts)
            parts = _parts_of(product)
        options = options_for(target.options, product, facts)
        if target.content is not None:
            return target.model_copy(update={"media": media, "options": options})
        items = tuple(_item(one, looked) for one in media)

        def fits(text: str) -> bool:
            return self._checker.check_text(planned.connection, PostContent(text, items, options))

        try:
            text = fit(template, parts, fits=fits)
        except TooLongError as error:
            raise Invalid(str(error), field=f"body.targets.{position}.content") from error
        return target.model_copy(update={"content": text, "media": media, "options": options})


def _template_of(share: Share) -> str:
    try:
        return check_template(share.template or DEFAULT_TEMPLATE)
    except WrongTemplateError as error:
        raise Invalid(str(error), field="body.template") from error


def _parts_of(product: Product) -> Parts:
    try:
        price = format_price(product.price, product.currency)
    except WrongPriceError as error:
        raise Invalid(str(error), field="body.product.price") from error
    return Parts(product.title.strip(), product.description.strip(), price, product.url)


def _media_of(product: Product) -> list[MediaIn]:
    image = MediaIn(url=product.image_url, alt_text=product.title[:1000])
    if product.video_url is None:
        return [image]
    return [MediaIn(url=product.video_url), image]


def _refuse_faults(product: Product, looked: Looked) -> None:
    """A file of the product's that cannot be used is refused by the product's own field, never left out in silence."""
    named = (("image_url", product.image_url), ("video_url", product.video_url))
    errors = tuple(
        FieldError(f"body.product.{field}", looked.faults[url].detail)
        for field, url in named
        if url is not None and url in looked.faults
    )
    if errors:
        refusal = PassingInvalid if looked.may_pass else Invalid
        raise refusal(f"{errors[0].field}: {errors[0].detail}", errors=errors)


def _pick_media(product: Product, facts: PlatformFacts | None, looked: Looked) -> list[MediaIn]:
    """The video where the platform takes it, else the picture: most platforms mix them in no way."""
    named = _media_of(product)
    for one in named[:-1]:
        found = looked.items.get(one.url)
        if found is not None and facts is not None and _is_taken(found, facts):
            return [one]
    return [named[-1]]


def _is_taken(item: MediaItem, facts: PlatformFacts) -> bool:
    for rule in facts.media:
        if rule.kind is not item.kind or item.mime not in rule.mimes or item.kind is not MediaKind.VIDEO:
            continue
        is_short = rule.max_duration is None or item.duration is None or item.duration <= rule.max_duration
        return is_short and (item.size_bytes or 0) <= rule.max_bytes
    return False


def _item(one: MediaIn, looked: Looked) -> MediaItem:
    found = looked.items.get(one.url)
    return found if found is not None else MediaItem(url=one.url, kind=MediaKind(one.kind or "image"))


def writable(product: Product, facts: PlatformFacts) -> Product:
    """The product in words that the platform takes: what it refuses in any text is written otherwise."""
    refused = {ord(sign): _STAND_INS.get(ord(sign), "") for sign in facts.refused_signs}
    words = {"title": product.title.translate(refused), "description": product.description.translate(refused)}
    return product.model_copy(update=words)


def options_for(options: dict[str, Any], product: Product, facts: PlatformFacts | None) -> dict[str, Any]:
    """The target's options, and what the merchant left to us: the product's title and link where posts have such."""
    if facts is None:
        return options
    ours = {name: _linked(value, product.url) for name, value in facts.product_link.items()}
    known = facts.options_schema.get("properties") or {}
    if _TITLE_OPTION in known:
        ours[_TITLE_OPTION] = product.title[: known[_TITLE_OPTION].get("maxLength", len(product.title))]
    return {**ours, **options}


def _linked(value: Any, url: str) -> Any:
    """A part of an option with the product's link in its place."""
    if isinstance(value, Mapping):
        return {key: _linked(item, url) for key, item in value.items()}
    return value.replace("{url}", url) if isinstance(value, str) else value
