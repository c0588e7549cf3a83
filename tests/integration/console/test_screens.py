"""The built screens as the console serves them."""

import os
from pathlib import Path

import pytest
from tests.integration.console.ground import Ground, a_ground

from social_common.http import HttpResponse


async def get(ground: Ground, path: str, **headers: str) -> HttpResponse:
    """One file."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await ground.http.request("GET", ground.console + path, headers=sent)


@pytest.mark.parametrize(
    "path", ["/", "/planner", "/analytics", "/analytics/accounts/1", "/operator", "/a/b/c?status=authorized"]
)
async def test_the_page_answers_every_address_of_the_application(ground: Ground, path: str) -> None:
    """A link into the application works when it is opened anew."""
    answer = await get(ground, path)

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "<title>Social Connections</title>" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/missing.js",
        "/assets/missing",
        "/elements/missing.js",
        "/session",
        "/linker/planner",
        "/analytics/internal",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/link.txt",
        "/.vite/manifest.json",
        "/a%00b.js",
        "/" + "x" * 5000 + ".js",
    ],
)
async def test_what_is_not_there_is_not_found(ground: Ground, path: str) -> None:
    """Neither outside of the folder nor hidden in it, and never the page in place of a file."""
    answer = await get(ground, path)

    assert answer.status == 404
    assert "not for the web" not in answer.text


async def test_hashed_files_are_kept_and_others_asked_for_again(ground: Ground) -> None:
    """An asset is good for a year; the rest is compared by its tag, which changes with the content."""
    asset = await get(ground, "/assets/app-1a2b3c.js")
    page = await get(ground, "/")
    same = await get(ground, "/", If_None_Match=page.headers["etag"])

    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (same.status, same.content) == (304, b"")
    assert same.headers["etag"] == page.headers["etag"]


async def test_a_new_build_of_the_same_size_and_time_has_another_tag(ground: Ground, web: Path) -> None:
    """Images built reproducibly give all files one time: the tag is the content's."""
    file = web / "robots.txt"
    file.write_text("one")
    stat = file.stat()
    first = await get(ground, "/robots.txt")
    file.write_text("two")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    second = await get(ground, "/robots.txt", If_None_Match=first.headers["etag"])

    assert (second.status, second.text) == (200, "two")


async def test_files_are_packed_as_the_browser_likes(web: Path, ground: Ground) -> None:
    """Text is packed on the way where the build did not; each packing has a tag of its own."""
    plain = await get(ground, "/", Accept_Encoding="identity")
    packed = await get(ground, "/", Accept_Encoding="gzip")
    refused = await get(ground, "/assets/app-1a2b3c.js", Accept_Encoding="br;q=0, identity")

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]
    assert refused.text.startswith("export const answer")


async def test_every_answer_says_what_a_browser_may_do(ground: Ground) -> None:
    """The page, a file, a problem, the session: the same strict policy, and nothing inline in it."""
    for path in (
        "/",
        "/assets/app-1a2b3c.js",
        "/missing.js",
        "/session",
        "/config.json",
        "/readyz",
        "/linker/internal",
    ):
        headers = (await get(ground, path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:;" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "geolocation=()" in headers["permissions-policy"]
        assert "strict-transport-security" not in headers


@pytest.mark.parametrize("path", ["/elements/seftec-social.js", "/assets/app-1a2b3c.js"])
async def test_any_page_may_embed_the_elements(ground: Ground, path: str) -> None:
    """Modules of another origin load only with CORS, and so do the pieces they share with the console's page."""
    answer = await get(ground, path, Origin="https://any-shop.example")

    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_without_a_build_it_says_which_command_makes_one(tmp_path: Path) -> None:
    """503 with the command; the process is ready all the same, and finds a build that comes later."""
    web = tmp_path / "dist"
    async with a_ground(web) as ground:
        before = await get(ground, "/planner")
        ready = await get(ground, "/readyz")
        web.mkdir()
        (web / "index.html").write_text("<title>now</title>")
        after = await get(ground, "/planner")

    assert (before.status, ready.status, after.status) == (503, 200, 200)
    assert "make web" in before.text


async def test_a_head_request_tells_without_the_body(ground: Ground) -> None:
    """As for GET, without the bytes."""
    answer = await ground.http.request("HEAD", f"{ground.console}/favicon.svg")

    assert (answer.status, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "image/svg+xml"
