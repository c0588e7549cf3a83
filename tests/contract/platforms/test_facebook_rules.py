"""What `check` says of a post, Facebook says, too: fit is accepted, unfit is refused."""

import io
import secrets
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.contract.platforms.facebook_films import Film, a_film
from tests.contract.platforms.stage import Linked, Publication, Stage, a_picture

from social_common.http import FilePart
from social_platforms._core import MediaItem, MediaKind, Platform, PlatformError, PostContent, PostKind
from social_platforms.facebook.api import GRAPH
from social_platforms.facebook.limits import API_VERSION, FACTS, IMAGE_BYTES, TEXT_LIMIT

_PLAIN = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
TEXTS = (
    st.text(_PLAIN, max_size=60)
    | st.sampled_from(["", " ", "\n\t", "\N{NO-BREAK SPACE}", "☕️", "e\u0301"])
    | st.sampled_from([TEXT_LIMIT - 1, TEXT_LIMIT, TEXT_LIMIT + 1]).map(lambda length: "☕" * length)
)
LINKS = st.none() | st.sampled_from(
    [
        "https://shop.example/k1",
        "http://shop.example/k1?a=1#b",
        "https://shop.example/ä",
        "shop.example",
        "ftp://shop.example/k1",
        "https://",
        "javascript:alert(1)",
    ]
)


def is_fit(stage: Stage, content: PostContent) -> bool:
    """True where `check` finds no problem."""
    findings = stage.publishing().check(content, {})
    return not [finding for finding in findings if finding.severity == "problem"]


async def comes_out(stage: Stage, linked: Linked, content: PostContent, *, media: Film | None = None) -> bool:
    """True where Facebook takes the post; nothing of ours is asked whether it would."""
    publication = Publication(stage, linked, content, stage.publishing(), media=media)
    before = len(await stage.posts())
    try:
        await publication.prepare()
        await publication.publish()
    except PlatformError:
        assert len(await stage.posts()) == before
        return False
    assert len(await stage.posts()) == before + 1
    return True


class TestFacebookRules:
    platform = Platform.FACEBOOK

    @given(text=TEXTS, link=LINKS)
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    async def test_texts_and_links(self, stage: Stage, text: str, link: str | None) -> None:
        """Any text with any link, or without."""
        linked = await stage.link()
        content = PostContent(text, options={} if link is None else {"link": link})

        assert await comes_out(stage, linked, content) == is_fit(stage, content)

    @given(text=TEXTS, pictures=st.integers(1, 3))
    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    async def test_texts_with_pictures(self, stage: Stage, text: str, pictures: int) -> None:
        """With pictures a text is not needed, and has its limit all the same."""
        linked = await stage.link()
        content = PostContent(text, tuple([await a_picture(stage) for _ in range(pictures)]))

        assert await comes_out(stage, linked, content) == is_fit(stage, content)

    @pytest.mark.parametrize("extra", [-1, 0, 1])
    @pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
    async def test_files_of_pictures(self, stage: Stage, form: str, extra: int) -> None:
        """Each form of file up to the last byte that is allowed."""
        linked = await stage.link()
        picture = io.BytesIO()
        Image.new("RGB", (300, 300)).save(picture, form)
        content = picture.getvalue().ljust(IMAGE_BYTES + extra, b"\0")
        kind = MediaKind.GIF if form == "GIF" else MediaKind.IMAGE
        mime = f"image/{form.lower()}"
        item = MediaItem("https://shop.example/k", kind, "", mime, len(content), 300, 300)

        accepted = await self.upload(stage, linked, FilePart(content, "picture", mime))

        assert accepted == is_fit(stage, PostContent("Hello", (item,)))

    async def upload(self, stage: Stage, linked: Linked, file: FilePart) -> bool:
        """Sends a picture past all checks of ours."""
        assert linked.proof is not None
        response = await stage.http.request(
            "POST",
            f"{stage.url}/{self.platform}/{GRAPH}/{API_VERSION}/{linked.place.platform_id}/photos",
            multipart={"source": file, "published": "false", "appsecret_proof": linked.proof.reveal()},
            bearer=linked.token,
        )
        return response.status == 200

    @pytest.mark.parametrize(
        ("figures", "kind"),
        [
            ({"width": 1080, "height": 1920, "length": timedelta(seconds=3)}, PostKind.REEL),
            ({"width": 540, "height": 960, "length": timedelta(seconds=90)}, PostKind.REEL),
            ({"width": 1080, "height": 1920, "length": timedelta(seconds=2)}, PostKind.VIDEO),
            ({"width": 1080, "height": 1920, "length": timedelta(seconds=91)}, PostKind.VIDEO),
            ({"width": 270, "height": 480, "length": timedelta(seconds=5)}, PostKind.VIDEO),
            ({"width": 1080, "height": 1350, "length": timedelta(seconds=5)}, PostKind.VIDEO),
            ({"width": 1920, "height": 1080, "length": timedelta(hours=4)}, PostKind.VIDEO),
        ],
    )
    async def test_forms_of_videos(self, stage: Stage, figures: dict[str, Any], kind: PostKind) -> None:
        """What counts as a reel is accepted as one; anything else goes out as an ordinary video."""
        linked = await stage.link()
        film = a_film(**figures)
        content = PostContent(secrets.token_hex(4), (film.item,))

        assert stage.publishing().kind_of(content) is kind
        assert is_fit(stage, content)
        assert await comes_out(stage, linked, content, media=film)
        assert (await stage.posts())[-1]["kind"] == kind.value

    @pytest.mark.parametrize(
        "figures",
        [
            {"width": 1920, "height": 1080, "length": timedelta(hours=4, seconds=1)},
            {"width": 1920, "height": 1080, "mime": "video/quicktime"},
        ],
    )
    async def test_unfit_videos_are_refused_before_anything_is_sent(
        self, stage: Stage, figures: dict[str, Any]
    ) -> None:
        """In words of ours, and at no cost."""
        linked = await stage.link()
        film = a_film(**figures)
        content = PostContent("Look", (film.item,))

        assert not is_fit(stage, content)
        assert not await comes_out(stage, linked, content, media=film)
        assert not [request for request in await stage.requests() if request["raw_path"].endswith("/uploads")]

    async def test_a_post_is_one_thing(self, stage: Stage) -> None:
        """Pictures and a video, two videos, media and a link, and too many pictures are told beforehand."""
        picture, film = await a_picture(stage), a_film(width=1280, height=720).item

        for content in (
            PostContent("Hello", (picture, film)),
            PostContent("Hello", (film, film)),
            PostContent("Hello", (picture,), {"link": "https://shop.example/k1"}),
            PostContent("Hello", (picture,) * (FACTS.media[0].max_count + 1)),
            PostContent("a\x00b"),
        ):
            assert not is_fit(stage, content)
