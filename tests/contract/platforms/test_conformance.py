"""What is really sent agrees with models that others generated from the platforms' own descriptions."""

import importlib
import importlib.util
import json
import sys
import types
from typing import Any

import pytest
import xdk.schemas
from pydantic import BaseModel
from tests.contract.platforms.stage import Linked, Publication, Stage, a_picture, a_video

from social_platforms._core import Platform, PostContent

TEXT = "New: copper kettle"


async def published(stage: Stage, linked: Linked, content: PostContent) -> None:
    """One post, all the way."""
    publication = Publication(stage, linked, content, stage.publishing())
    await publication.prepare()
    await publication.publish()


def known(model: type[BaseModel], body: Any) -> None:
    """The body is valid, and has no key that the model does not name (the models would let it pass)."""
    model.model_validate(body)
    assert set(body) <= {field.alias or name for name, field in model.model_fields.items()}


class TestXBodies:
    platform = Platform.X

    async def test_bodies_are_those_of_the_specification(self, stage: Stage) -> None:
        """Posts, uploads and descriptions of X validate against the models of its own SDK."""
        linked = await stage.link()
        picture = await a_picture(stage)
        await published(stage, linked, PostContent(TEXT, (picture,), {"reply_settings": "following"}))
        await published(stage, linked, PostContent("Look", (await a_video(stage),)))

        seen = set()
        for request in await stage.requests():
            path, is_json = request["raw_path"], "application/json" in request["headers"].get("content-type", "")
            models = {
                "/2/tweets": xdk.schemas.CreatePostsRequest,
                "/2/media/metadata": xdk.schemas.CreateMediaMetadataRequest,
                "/2/media/upload/initialize": xdk.schemas.InitializeMediaUploadRequest,
            }
            for ending, model in models.items():
                if request["method"] == "POST" and is_json and path.endswith(ending):
                    body = json.loads(request["body"])
                    known(model, body)
                    seen.add(ending)
                    if "media" in body:
                        known(xdk.schemas.CreatePostsMedia, body["media"])
        assert seen == set(models)


@pytest.fixture
def github_model(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A model of GitHub's REST description by its name.

    The package that registers them imports an HTTP cache of an older release than the one installed; the models need
    nothing of it, so an empty package of that name stands in while they are loaded.
    """
    package = types.ModuleType("githubkit")
    spec = importlib.util.find_spec("githubkit")
    assert spec is not None
    package.__path__ = list(spec.submodule_search_locations or ())
    monkeypatch.setitem(sys.modules, "githubkit", package)
    models = importlib.import_module("githubkit_schemas.v2026_03_10.models")

    def find(name: str) -> type[BaseModel]:
        group = next(group for group, names in models.__lazy_vars__.items() if name in names)
        model: type[BaseModel] = getattr(importlib.import_module(f"{models.__name__}{group}"), name)
        return model

    return find


class TestGitHubBodies:
    platform = Platform.GITHUB

    async def test_bodies_are_those_of_the_description(self, stage: Stage, github_model: Any) -> None:
        """Releases and the deletion of a grant validate against GitHub's own REST description, headers included."""
        linked = await stage.link()
        await published(stage, linked, PostContent(TEXT, options={"kind": "release", "tag": "v1.0"}))
        await published(stage, linked, PostContent(TEXT, options={"kind": "release", "prerelease": True}))
        await stage.oauth().revoke(linked.tokens)

        seen = set()
        for request in await stage.requests():
            if request["host"] != "api.github.com":
                continue
            assert request["headers"]["user-agent"]
            if not request["raw_path"].endswith(("/graphql", "/grant")):
                assert request["headers"]["x-github-api-version"] == "2026-03-10"
                assert request["headers"]["accept"] == "application/vnd.github+json"
            models = {
                "/releases": github_model("ReposOwnerRepoReleasesPostBody"),
                "/grant": github_model("ApplicationsClientIdGrantDeleteBody"),
            }
            for ending, model in models.items():
                if request["method"] in {"POST", "DELETE"} and request["raw_path"].endswith(ending):
                    known(model, json.loads(request["body"]))
                    seen.add(ending)
        assert seen == {"/releases", "/grant"}
