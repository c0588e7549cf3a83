"""What is really sent to Facebook agrees with the parameter tables of Meta's own SDK, made from Meta's schema."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from facebook_business.adobjects.advideo import AdVideo
from facebook_business.adobjects.page import Page
from facebook_business.adobjects.pagepost import PagePost
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession
from tests.contract.platforms.facebook_films import a_film
from tests.contract.platforms.stage import Linked, Publication, Stage, a_picture

from social_platforms._core import Platform, PostContent, PublishedPost

_PARTS = re.compile(r'name="([^"]+)"(?:; filename="[^"]*")?(?:\r\nContent-Type: [^\r]*)?\r\n\r\n(.*?)\r\n--', re.DOTALL)
# Understood at every edge, and told by no table.
_EVERYWHERE = frozenset({"appsecret_proof", "fields", "limit", "after"})
_FILES = frozenset({"source"})  # the SDK hands files over beside the parameters

Table = Callable[[FacebookAdsApi], Any]
TABLES: dict[tuple[str, str], Table] = {
    ("POST", "feed"): lambda api: Page("1", api=api).create_feed(pending=True),
    ("POST", "photos"): lambda api: Page("1", api=api).create_photo(pending=True),
    ("POST", "videos"): lambda api: Page("1", api=api).create_video(pending=True),
    ("POST", "video_reels"): lambda api: Page("1", api=api).create_video_reel(pending=True),
    ("GET", "published_posts"): lambda api: Page("1", api=api).get_published_posts(pending=True),
    ("GET", "insights"): lambda api: Page("1", api=api).get_insights(pending=True),
    ("GET", "accounts"): lambda api: User("1", api=api).get_accounts(pending=True),
    ("GET", "permissions"): lambda api: User("1", api=api).get_permissions(pending=True),
    ("DELETE", "permissions"): lambda api: User("1", api=api).delete_permissions(pending=True),
}
FIELDS: dict[str, type] = {"published_posts": PagePost, "accounts": Page}
# Told by the list of Pages only, and no field of a Page.
_LISTED = frozenset({"tasks"})


def parameters_of(request: dict[str, Any]) -> dict[str, str]:
    """Everything that was sent as a parameter, wherever it stood."""
    sent = dict(parse_qsl(request["raw_query"], keep_blank_values=True))
    body = request.get("body") or ""
    kind = request["headers"].get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        sent |= dict(parse_qsl(body, keep_blank_values=True))
    elif kind.startswith("multipart/form-data"):
        sent |= dict(_PARTS.findall(body))
    return sent


def fields_of(told: str) -> set[str]:
    """The names of a field list, without what is asked inside each."""
    outer, depth = "", 0
    for sign in told:
        depth += (sign == "{") - (sign == "}")
        outer += sign if depth == 0 and sign != "}" else ""
    return set(outer.split(","))


def names_of(model: type) -> set[str]:
    """The fields that the SDK knows of a node."""
    return {value for name, value in vars(model.Field).items() if not name.startswith("_")}  # type: ignore[attr-defined]


async def use_everything(stage: Stage) -> Linked:
    """Links, publishes in every form, reads back, measures, and takes the grant back."""
    linked = await stage.link()
    posts = stage.publishing()
    contents: list[tuple[PostContent, Any]] = [
        (PostContent("A text"), None),
        (PostContent("A link", options={"link": "https://shop.example/k1"}), None),
        (PostContent("Pictures", (await a_picture(stage), await a_picture(stage, position=1))), None),
    ]
    for width, height in ((1280, 720), (1080, 1920)):
        film = a_film(width=width, height=height)
        contents.append((PostContent(f"A film of {width}", (film.item,)), film))
    for content, media in contents:
        publication = Publication(stage, linked, content, posts, media=media)
        await publication.prepare()
        live = await publication.publish()
        await publication.settle()
        assert live.platform_post_id is not None
        post = PublishedPost(live.platform_post_id, posts.kind_of(content), publication.sent_at)
        await stage.measuring().read_posts(linked.access(), [post])
    await stage.measuring().read_account(linked.access())
    await stage.oauth().revoke(linked.tokens)
    return linked


class TestFacebookParameters:
    platform = Platform.FACEBOOK

    async def test_parameters_are_those_of_the_tables(self, stage: Stage) -> None:
        """Every parameter of every edge is known there by that name, and fits its type."""
        await use_everything(stage)
        api = FacebookAdsApi(FacebookSession(access_token="EAAtest"))

        seen = set()
        for request in await stage.requests():
            if not request["host"].startswith("graph"):
                continue
            edge = (request["method"], request["raw_path"].rstrip("/").rsplit("/", 1)[-1])
            if edge not in TABLES:
                continue
            checker = TABLES[edge](api)._param_checker
            for name, value in parameters_of(request).items():
                plain, _, position = name.partition("[")
                if plain in _EVERYWHERE | _FILES:
                    continue
                assert checker.is_valid_key(plain), f"{edge} {name}"
                if checker.is_list_param(plain):
                    # A list is told by positions, or in short: with commas.
                    assert isinstance(json.loads(value), dict) if position else all(value.split(","))
                    continue
                told = checker.get_typed_value(plain, value)
                assert checker.is_valid_pair(plain, told), f"{edge} {name}={value}"
            seen.add(edge)
        assert seen == set(TABLES)

    async def test_fields_are_those_of_the_nodes(self, stage: Stage) -> None:
        """Facebook refuses a whole call for one field that it does not know."""
        linked = await use_everything(stage)
        page_id = linked.place.platform_id

        seen = set()
        for request in await stage.requests():
            fields = parameters_of(request).get("fields")
            if fields is None or request["method"] != "GET":
                continue
            last = request["raw_path"].rstrip("/").rsplit("/", 1)[-1]
            model = FIELDS.get(last) or {"me": User, page_id: Page}.get(last) or (PagePost if "_" in last else AdVideo)
            known = names_of(model) | (_LISTED if last == "accounts" else set())
            # Edges, which a field list may name as well.
            known |= {PagePost: {"attachments"}, Page: {"picture"}}.get(model, set())
            assert fields_of(fields) <= known, f"{last} {fields}"
            seen.add(model)
        assert seen == {User, Page, PagePost, AdVideo}

    async def test_every_call_names_its_version_and_keeps_the_token_out_of_its_address(self, stage: Stage) -> None:
        """Unversioned calls would follow the dashboard's default."""
        linked = await use_everything(stage)

        for request in await stage.requests():
            path = request["raw_path"]
            if request["host"] != "rupload.facebook.com":
                assert path.split("/")[1] == "v26.0" or "/v26.0/" in path, path
            if not path.endswith("/debug_token"):
                assert not [secret for secret in linked.secrets() if secret in request["raw_query"]]
