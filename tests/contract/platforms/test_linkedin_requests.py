"""What is sent to LinkedIn is what LinkedIn's own client would send, and a check agrees with the platform."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from linkedin_api.clients.auth.client import AuthClient
from linkedin_api.clients.restli.client import RestliClient
from linkedin_api.clients.restli.utils.decoder import decode
from tests.contract.platforms.stage import VERIFIER, Publication, Stage, a_picture, a_video

from social_platforms._core import (
    AuthorizationRequest,
    ErrorCode,
    Platform,
    PlatformError,
    PostContent,
    PostKind,
    PostRef,
    PublishedPost,
)

VERSION = "202609"
ALPHABET = st.characters(codec="utf-8", exclude_characters="\x00") | st.sampled_from("|{}@[]()<>#\\*_~# 🫖")


class _Sent(Exception):
    def __init__(self, prepared: Any) -> None:
        self.prepared = prepared


def official(call: Callable[[Any], object], client: Any) -> Any:
    """The request that LinkedIn's client prepares for that call; it goes nowhere."""

    def send(prepared: Any) -> None:
        raise _Sent(prepared)

    client.session = SimpleNamespace(send=send)
    try:
        call(client)
    except _Sent as sent:
        return sent.prepared
    raise AssertionError("nothing was sent")


def rebuilt(request: dict[str, Any]) -> Any:
    """One of our requests, built anew by LinkedIn's client from its decoded parts."""
    resource, _, key = urlsplit(request["raw_path"]).path.partition("/rest")[2].strip("/").partition("/")
    pairs = [pair.partition("=") for pair in request["raw_query"].split("&") if pair]
    params: dict[str, Any] = {name: decode(value) for name, _, value in pairs}
    common: dict[str, Any] = {"access_token": "t", "version_string": VERSION, "resource_path": f"/{resource}"}
    if key:
        common |= {"resource_path": f"/{resource}/{{id}}", "path_keys": {"id": unquote(key)}}
    body = json.loads(request["body"]) if request["body"] else None
    match request["headers"]["x-restli-method"]:
        case "GET":
            return official(lambda client: client.get(query_params=params, **common), RestliClient())
        case "BATCH_GET":
            ids = params.pop("ids")
            return official(lambda client: client.batch_get(ids=ids, query_params=params, **common), RestliClient())
        case "FINDER":
            name = params.pop("q")
            return official(
                lambda client: client.finder(finder_name=name, query_params=params, **common), RestliClient()
            )
        case "ACTION":
            name = params.pop("action")
            return official(
                lambda client: client.action(action_name=name, action_params=body, query_params=params, **common),
                RestliClient(),
            )
        case "CREATE":
            return official(lambda client: client.create(entity=body, query_params=params, **common), RestliClient())
        case other:
            raise AssertionError(f"{other} is no method of ours")


class TestLinkedInRequests:
    platform = Platform.LINKEDIN
    second_app = "community"
    person: ClassVar[dict[str, Any]] = {"places": [{"kind": "organization", "name": "Copper & Co"}]}

    async def test_every_call_is_the_official_clients(self, stage: Stage) -> None:
        """Paths, queries, bodies and headers of all three facets agree, ids and lists encoded alike."""
        linked = await stage.link()
        pictures = (await a_picture(stage), await a_picture(stage, position=1))
        for content in (PostContent("Two (2) kettles", pictures), PostContent("A film", (await a_video(stage),))):
            publication = Publication(stage, linked, content, stage.publishing())
            await publication.prepare()
            live = await publication.publish()
        await stage.advance(5)
        await publication.settle()
        await stage.measuring().read_account(linked.access())
        posts = [
            PublishedPost(urn, PostKind.TEXT, publication.sent_at)
            for urn in (str(live.platform_post_id), "urn:li:share:19", "urn:li:ugcPost:19", "urn:li:ugcPost:20")
        ]
        await stage.measuring().read_posts(linked.access(), posts)

        seen = set()
        for request in await stage.requests():
            if not urlsplit(request["raw_path"]).path.partition("/rest/")[1]:
                continue
            theirs = rebuilt(request)
            ours = request["headers"]
            assert request["method"] == theirs.method
            assert request["raw_path"].endswith(urlsplit(theirs.url).path)
            assert sorted(request["raw_query"].split("&")) == sorted(urlsplit(theirs.url).query.split("&"))
            for name in ("x-restli-method", "x-restli-protocol-version", "linkedin-version"):
                assert ours[name] == theirs.headers[name]
            if request["body"]:
                assert json.loads(request["body"]) == json.loads(theirs.body)
                assert ours["content-type"] == theirs.headers["content-type"]
            seen.add(ours["x-restli-method"])
        assert seen == {"GET", "BATCH_GET", "FINDER", "ACTION", "CREATE"}

    async def test_signed_addresses_get_neither_token_nor_version(self, stage: Stage) -> None:
        """Bytes are put to the address alone."""
        linked = await stage.link()
        content = PostContent("A film", (await a_video(stage),))
        await Publication(stage, linked, content, stage.publishing()).prepare()

        [put] = [request for request in await stage.requests() if request["method"] == "PUT"]
        assert "/dms-uploads/" in put["raw_path"]
        assert put["headers"]["content-type"] == "application/octet-stream"
        assert {"authorization", "linkedin-version", "x-restli-protocol-version"}.isdisjoint(put["headers"])

    async def test_the_token_calls_are_the_official_clients(self, stage: Stage) -> None:
        """Consent, exchange, refresh and introspection carry the same fields in the same place."""
        oauth, person, app = stage.oauth(), await stage.a_person(), stage.app()
        scopes = oauth.scopes_for(frozenset())
        scopes = scopes or ("r_organization_admin",)
        url = oauth.authorization_url(AuthorizationRequest(stage.callback, "st_9f2", VERIFIER, scopes))
        client = AuthClient(app.client_id, app.client_secret.reveal(), redirect_url=stage.callback)
        theirs = urlsplit(client.generate_member_auth_url(scopes=list(scopes), state="st_9f2"))
        assert sorted(parse_qsl(urlsplit(url).query)) == sorted(parse_qsl(theirs.query))
        assert urlsplit(url).path.endswith(f"/{theirs.netloc}{theirs.path}")

        linked = await stage.link_person(person, oauth=oauth)
        await oauth.refresh(linked.tokens)
        await oauth.probe(linked.tokens.access_token)

        refresh = linked.tokens.refresh_token
        assert refresh is not None
        forms = {
            "authorization_code": official(lambda auth: auth.exchange_auth_code_for_access_token("c"), client),
            "refresh_token": official(
                lambda auth: auth.exchange_refresh_token_for_access_token(refresh.reveal()), client
            ),
            "": official(lambda auth: auth.introspect_access_token(linked.tokens.access_token.reveal()), client),
        }
        asked = [request for request in await stage.requests() if "/oauth/v2/" in request["raw_path"]]
        compared = set()
        for request in asked:
            if request["method"] != "POST" or request["raw_path"].endswith("/authorization"):
                continue
            form = parse_qs(request["body"])
            [grant] = form.get("grant_type", [""])
            expected = parse_qs(forms[grant].body)
            if grant == "authorization_code":
                expected["code"] = form["code"]
            assert form == expected
            assert request["raw_path"].endswith(urlsplit(forms[grant].url).path)
            compared.add(grant)
        assert compared == set(forms)


class TestLinkedInTexts:
    platform = Platform.LINKEDIN

    @given(
        text=st.text(ALPHABET, max_size=60)
        | st.builds(
            lambda piece, length: (piece * length)[:length], st.text(ALPHABET, min_size=1), st.integers(1400, 3100)
        )
    )
    @example(text="a" * 3000)
    @example(text="a" * 3001)
    @example(text="(" * 1500)
    @example(text="(" * 1501)
    @example(text="#kettle " * 375)
    @example(text="")
    @example(text=" \n")
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    async def test_a_check_agrees_with_the_platform(self, stage: Stage, text: str) -> None:
        """A text that is found fit stands there whole, and one that is not is refused."""
        linked = await stage.link()
        posts, content = stage.publishing(), PostContent(text)
        is_fit = not any(found.severity == "problem" for found in posts.check(content, linked.place.facts))
        before = len(await stage.posts())

        refusal: PlatformError | None = None
        try:
            await posts.publish(linked.access(), content, PostRef("8f1c2d"), handle={"media": []})
        except PlatformError as error:
            refusal = error

        after = await stage.posts()
        assert (refusal is None) == is_fit
        assert len(after) == before + is_fit
        assert refusal is None or refusal.code is ErrorCode.CONTENT_REJECTED
        if is_fit:
            assert after[-1]["text"] == text
