"""Text, links and photos on a Page."""

import pytest
from tests.unit.sandbox.facebook.visitors import GRAPH, Merchant, a_merchant, error_of, pages_of
from tests.unit.sandbox.harness import MediaServer, Response, Sandbox, a_picture

TARGETS = "id,message,attachments{media_type,type,url,target{id},subattachments}"


async def test_a_text_is_a_public_post(sandbox: Sandbox, merchant: Merchant) -> None:
    """Its id is the Page's and its own, joined."""
    post_id = await merchant.posted(message="New mugs")

    assert post_id.startswith(f"{merchant.page_id}_")
    (post,) = await sandbox.published("facebook")
    assert (post["platform_id"], post["platform_post_id"]) == (merchant.page_id, post_id)
    assert (post["text"], post["visibility"], post["kind"]) == ("New mugs", "public", "text")
    shown = (await merchant.read(post_id, "id,message,created_time,permalink_url,is_published,status_type")).json()
    assert shown["created_time"] == "2026-11-22T10:15:30+0000"
    assert shown["is_published"] is True
    assert shown["permalink_url"].startswith("https://www.facebook.com/")


async def test_a_link_may_stand_alone(sandbox: Sandbox, merchant: Merchant) -> None:
    """With or without a text; a preview of one's own is refused, as is what cannot be scraped."""
    link = "https://shop.example/p/1"
    post_id = await merchant.posted(link=link)

    (attachment,) = (await merchant.read(post_id, TARGETS)).json()["attachments"]["data"]
    assert attachment["url"] == link
    assert error_of(await merchant.post(link=link, picture="https://cdn.example/x.jpg"))[0] == 100
    assert error_of(await merchant.post(link="shop.example/p/1"))[0] == 100
    sandbox.switch("facebook", links_scraped=False)
    assert error_of(await merchant.post(link="https://gone.example/"))[0] == 1609005
    assert len(await sandbox.published("facebook")) == 1


@pytest.mark.parametrize(
    "params", [{}, {"message": ""}, {"message": " \n"}, {"message": "", "link": "https://shop.example/p/1"}]
)
async def test_an_empty_post_is_refused(sandbox: Sandbox, merchant: Merchant, params: dict[str, str]) -> None:
    """197, also for an empty text beside a link."""
    assert error_of(await merchant.post(**params)) == (197, None)
    assert await sandbox.published("facebook") == []


async def test_a_null_text_is_empty(merchant: Merchant) -> None:
    """In JSON too."""
    answer = await merchant.call("POST", "/{page}/feed", json={"message": None, "link": "https://shop.example/p/1"})

    assert error_of(answer) == (197, None)


async def test_the_same_text_twice_in_a_row_is_refused(sandbox: Sandbox, merchant: Merchant) -> None:
    """506; with another post between, or after a deletion, it may come again."""
    first = await merchant.posted(message="New mugs")

    again = await merchant.post(message="New  mugs\n")
    assert error_of(again) == (506, None)
    assert "Duplicate status message" in again.json()["error"]["message"]
    await merchant.posted(message="Other mugs")
    second = await merchant.posted(message="New mugs")
    await merchant.call("DELETE", f"/{second}")
    third = await merchant.posted(message="New mugs", link="https://shop.example/p/1")
    assert len({first, second, third}) == 3


async def test_equal_texts_can_be_taken(sandbox: Sandbox, merchant: Merchant) -> None:
    """A switch lets them through, so that whoever sends twice is seen by what stands there."""
    sandbox.switch("facebook", refuses_equal=False)

    assert await merchant.posted(message="New mugs") != await merchant.posted(message="New mugs")


async def test_a_text_has_a_longest_length(merchant: Merchant) -> None:
    """63,206 characters."""
    assert error_of(await merchant.post(message="x" * 63_207))[0] == 100
    assert (await merchant.post(message="x" * 63_206)).status_code == 200


async def test_only_the_page_itself_publishes(sandbox: Sandbox, merchant: Merchant) -> None:
    """A person's token is refused with one of three codes; another Page's token does not find the Page."""
    for code in (200, 283, 1705):
        sandbox.switch("facebook", user_token_answer=code)
        answer = await merchant.as_person("POST", "/{page}/feed", data={"message": "Hi"})
        assert error_of(answer) == (code, None)
    other = await a_merchant(sandbox, merchant.media, account="ben.many")
    assert error_of(await other.call("POST", f"/{merchant.page_id}/feed", data={"message": "Hi"})) == (100, 33)
    assert await sandbox.published("facebook") == []


async def test_publishing_needs_its_permissions_and_the_task(sandbox: Sandbox, media: MediaServer) -> None:
    """Code 200 for each that is missing."""
    kept = ["pages_show_list", "pages_read_engagement", "read_insights"]
    reader = await a_merchant(sandbox, media, scope=kept)
    assert error_of(await reader.post(message="Hi")) == (200, None)
    assert error_of(await reader.photo()) == (200, None)

    many = await a_merchant(sandbox, media, account="ben.many")
    page = (await pages_of(sandbox, many.long))[2]
    employed = type(many)(sandbox, media, many.long, page["access_token"], page["id"], many.user_id)
    answer = await employed.post(message="Hi")
    assert error_of(answer) == (200, None)
    assert "CREATE_CONTENT" in answer.json()["error"]["message"]


async def test_posting_too_fast_is_abuse(merchant: Merchant) -> None:
    """368 with a subcode for speed, without one where a person must settle it."""
    await merchant.change_page(abuse="too_fast")
    assert error_of(await merchant.post(message="Hi")) == (368, 1390008)
    await merchant.change_page(abuse="person")
    assert error_of(await merchant.photo()) == (368, None)
    await merchant.change_page(abuse="none")
    assert (await merchant.post(message="Hi")).status_code == 200


async def test_a_photo_answers_two_ids(sandbox: Sandbox, merchant: Merchant) -> None:
    """Its own and its post's; the ground truth has one post."""
    answer = await merchant.photo(caption="A mug", alt_text_custom="An orange mug")

    body = answer.json()
    assert set(body) == {"id", "post_id"}
    (post,) = await sandbox.published("facebook")
    assert post["platform_post_id"] == body["post_id"]
    assert (post["kind"], post["text"], post["media"][0]["alt_text"]) == ("image", "A mug", "An orange mug")
    shown = (await merchant.read(body["post_id"], TARGETS + ",full_picture")).json()
    assert shown["attachments"]["data"][0]["target"] == {"id": body["id"]}
    photo = (await merchant.read(body["id"], "id,name,alt_text_custom,page_story_id")).json()
    assert photo == {
        "id": body["id"],
        "name": "A mug",
        "alt_text_custom": "An orange mug",
        "page_story_id": body["post_id"],
    }


async def test_a_photo_may_come_as_a_file(sandbox: Sandbox, merchant: Merchant) -> None:
    """Multipart, in the part `source`; `message` is another name of the caption."""
    files = {"source": ("a.png", a_picture(form="PNG"), "image/png")}
    answer = await merchant.call("POST", "/{page}/photos", data={"message": "A mug"}, files=files)

    assert set(answer.json()) == {"id", "post_id"}
    assert (await sandbox.published("facebook"))[0]["text"] == "A mug"


async def test_unpublished_photos_make_one_post(sandbox: Sandbox, merchant: Merchant) -> None:
    """They answer only their id and are seen by nobody, until a post names them, which shows them as its targets."""
    answer = await merchant.photo(published="false")
    photos = [answer.json()["id"], await merchant.kept_photo(), await merchant.kept_photo()]
    assert set(answer.json()) == {"id"}
    assert await sandbox.published("facebook") == []

    attached = {f"attached_media[{i}]": f'{{"media_fbid":"{photo}"}}' for i, photo in enumerate(photos)}
    post_id = await merchant.posted(message="Three mugs", **attached)

    (attachment,) = (await merchant.read(post_id, TARGETS)).json()["attachments"]["data"]
    assert attachment["media_type"] == "album"
    assert [inner["target"]["id"] for inner in attachment["subattachments"]["data"]] == photos
    (post,) = await sandbox.published("facebook")
    assert [item["media_id"] for item in post["media"]] == photos


async def test_photos_can_be_named_as_json(merchant: Merchant) -> None:
    """As a list in one parameter, of a form or of a JSON body."""
    first, second = await merchant.kept_photo(), await merchant.kept_photo()

    await merchant.posted(attached_media=f'[{{"media_fbid":"{first}"}}]')
    body = {"message": "Hi", "attached_media": [{"media_fbid": second}]}
    assert (await merchant.call("POST", "/{page}/feed", json=body)).status_code == 200


async def test_a_photo_stands_in_one_post(merchant: Merchant) -> None:
    """Unknown, published, used, repeated or another Page's photos are refused."""
    used, published = await merchant.kept_photo(), (await merchant.photo()).json()["id"]
    await merchant.posted(attached_media=f'[{{"media_fbid":"{used}"}}]')
    fresh = await merchant.kept_photo()
    other = await a_merchant(merchant.sandbox, merchant.media, account="ben.many")
    foreign = await other.kept_photo()

    for wrong in ([used], [published], ["1"], [fresh, fresh], [foreign]):
        entries = ",".join(f'{{"media_fbid":"{photo}"}}' for photo in wrong)
        assert error_of(await merchant.post(message="Hi", attached_media=f"[{entries}]"))[0] == 100
    assert error_of(await merchant.post(message="Hi", attached_media="[nonsense"))[0] == 100


async def test_the_address_of_a_picture_is_really_fetched(sandbox: Sandbox, merchant: Merchant) -> None:
    """Missing, slow, too large or not a picture of the five kinds: 324, and no post."""
    sandbox.switch("facebook", fetch_time_limit_s=0.1)
    media = merchant.media
    large = a_picture() + bytes(10_000_000)
    wrong = [
        f"{media.base}/missing.jpg",
        media.keep_silent("slow.jpg"),
        media.serve("large.jpg", large, "image/jpeg"),
        media.serve("page.jpg", b"<html>", "image/jpeg"),
        media.serve("a.webp", a_picture(form="WEBP"), "image/webp"),
        "http://shop.example/a.jpg",
        "ftp://127.0.0.1/a.jpg",
        "",
    ]

    for url in wrong:
        assert error_of(await merchant.photo(url=url)) == (324, None)
    assert await sandbox.published("facebook") == []


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "TIFF"])
async def test_five_kinds_of_pictures_are_taken(merchant: Merchant, form: str) -> None:
    """Jpeg, png, gif, bmp and tiff."""
    url = merchant.picture(name=f"a.{form}", content=a_picture(form=form))

    assert (await merchant.photo(url=url)).status_code == 200


async def test_a_lost_answer_leaves_a_photo(sandbox: Sandbox, merchant: Merchant) -> None:
    """500 with code 2 while the photo was posted: every retry makes one more."""
    await sandbox.fault("facebook", "publish", "commit_then_500", count=2)

    for _ in range(2):
        answer = await merchant.photo(caption="A mug")
        assert answer.status_code == 500
        assert error_of(answer) == (2, None)
        assert answer.json()["error"]["is_transient"] is True
    assert len(await sandbox.published("facebook")) == 2


async def test_a_resent_text_proves_the_first_try(sandbox: Sandbox, merchant: Merchant) -> None:
    """The answer was cut off; 506 says that the post is there."""
    await sandbox.fault("facebook", "publish", "commit_then_drop")

    with pytest.raises(ConnectionResetError):
        await merchant.post(message="New mugs")
    assert error_of(await merchant.post(message="New mugs")) == (506, None)
    assert len(await sandbox.published("facebook")) == 1


async def test_clean_failures_publish_nothing(sandbox: Sandbox, merchant: Merchant) -> None:
    """A 500 before the work, and a gateway's page."""
    await sandbox.fault("facebook", "publish", "error_500")
    await sandbox.fault("facebook", "publish", "html")

    assert error_of(await merchant.post(message="New mugs")) == (2, None)
    page = await merchant.post(message="New mugs")
    assert page.status_code == 502
    assert page.headers["content-type"].startswith("text/html")
    assert await sandbox.published("facebook") == []


async def test_keeping_a_photo_is_no_publishing(sandbox: Sandbox, merchant: Merchant) -> None:
    """Faults of `media` hit it, in every kind of body; those of `publish` do not."""
    await sandbox.fault("facebook", "media", "error_500", count=3)
    files = {"source": ("a.jpg", a_picture(), "image/jpeg")}
    hidden = {"published": "false"}

    answers = [
        await merchant.photo(**hidden),
        await merchant.call("POST", "/{page}/photos", data=hidden, files=files),
        await merchant.call("POST", "/{page}/photos", json={"published": False, "url": merchant.picture()}),
    ]

    assert [error_of(answer)[0] for answer in answers] == [2, 2, 2]


async def test_only_own_posts_can_be_edited(sandbox: Sandbox, merchant: Merchant) -> None:
    """Another app may delete them, but not change them."""
    post_id = await merchant.posted(message="New mugs")
    assert (await merchant.call("POST", f"/{post_id}", data={"message": "Newer mugs"})).json() == {"success": True}
    assert (await sandbox.published("facebook"))[0]["text"] == "Newer mugs"
    assert error_of(await merchant.call("POST", f"/{post_id}", data={"message": ""})) == (197, None)
    assert error_of(await merchant.call("POST", f"/{post_id}")) == (100, None)

    sandbox.simulation.store.posts["facebook"][post_id].details["client_id"] = "900100200"

    assert error_of(await merchant.call("POST", f"/{post_id}", data={"message": "Mine"})) == (200, None)
    assert (await merchant.call("DELETE", f"/{post_id}")).json() == {"success": True}


async def test_a_deletion_works_once(sandbox: Sandbox, merchant: Merchant) -> None:
    """The second answers 100/33, for posts and photos; a photo takes the post with it that it alone makes up."""
    post_id = await merchant.posted(message="New mugs")
    photo = (await merchant.photo()).json()

    for node in (post_id, photo["id"]):
        assert (await merchant.call("DELETE", f"/{node}")).json() == {"success": True}
        assert error_of(await merchant.call("DELETE", f"/{node}")) == (100, 33)
    assert error_of(await merchant.read(photo["post_id"])) == (100, 33)
    assert await sandbox.published("facebook") == []


async def test_what_is_not_there_is_said_in_metas_words(sandbox: Sandbox, merchant: Merchant) -> None:
    """Versions that do not exist, unknown edges, calls without a token, bodies that cannot be read."""

    async def get(path: str, **kwargs: str) -> Response:
        return await sandbox.client.get(f"{GRAPH}{path}", headers=kwargs)

    bearer = f"Bearer {merchant.token}"
    assert error_of(await get("/v27.0/me", authorization=bearer)) == (2500, None)
    assert error_of(await get("/me", authorization=bearer)) == (2500, None)
    assert (await get("/v21.0/me", authorization=bearer)).status_code == 200
    assert error_of(await get("/v26.0/me")) == (2500, None)
    assert error_of(await get("/v26.0/me", authorization=f"token {merchant.token}")) == (2500, None)
    assert error_of(await get("/v26.0/me", authorization="Bearer nonsense")) == (190, None)
    assert error_of(await merchant.call("GET", "/{page}/reviews")) == (100, None)
    assert error_of(await merchant.call("POST", "/{page}/reviews")) == (2500, None)
    broken = {"content": b"{", "headers": {"content-type": "application/json"}}
    assert error_of(await merchant.call("POST", "/{page}/feed", **broken)) == (100, None)
    for fields in ("id{", "picture.width(200", "id}", "a{b{c{d{e{f{g{h{i{j{k{l}}}}}}}}}}}"):
        assert error_of(await merchant.read("me", fields)) == (100, None)
