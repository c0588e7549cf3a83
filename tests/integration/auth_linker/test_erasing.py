"""What is revoked and forgotten: disconnects, deletions by Supabase, soft deletes; each with its proof."""

from uuid import UUID, uuid4

import pytest
import structlog.testing
from tests.integration.auth_linker.world import RETURN_TO, Json, Merchant, World

from social_common.logging import redact_value


async def _link(world: World, platform: str, merchant: Merchant | None = None, account: Json | None = None) -> Json:
    details = {"places": [{"kind": "repository", "name": "kettles"}]} if platform == "github" else {}
    account = account or await world.account(platform, **details)
    merchant = merchant or await world.merchant()
    connection = await merchant.link(platform, account["username"])
    return {"merchant": merchant, "account": account, "connection": connection}


@pytest.mark.parametrize(
    ("platform", "proof"), [("x", "revoked"), ("github", "revoked"), ("instagram", "not_supported")]
)
async def test_a_disconnect_keeps_the_row_and_revokes_the_grant(world: World, platform: str, proof: str) -> None:
    """Row without tokens, event `user`, a revocation at the platform, its proof; and again is no error."""
    linked = await _link(world, platform)
    merchant, path = linked["merchant"], f"/v1/connections/{linked['connection']['id']}"

    answers = [await merchant.call("DELETE", path), await merchant.call("DELETE", path)]
    await world.erasure_worker().run_once()

    now = await merchant.read(linked["connection"]["id"])
    row = await world.admin.fetchrow(
        "SELECT access_token, refresh_token FROM retail_b2c.social_connections WHERE id = $1", UUID(now["id"])
    )
    assert [answer.status for answer in answers] == [204, 204]
    assert now["is_connected"] is False
    assert row is not None
    assert tuple(row) == (None, None)
    assert [event["reason"] for event in await world.events(merchant.user_id, "connection.unlinked")] == ["user"]
    assert await world.proofs(merchant.user_id) == [("disconnected", proof)]


async def test_a_grant_lives_until_its_last_place_goes(world: World) -> None:
    """Of two repositories on one grant the first disconnect revokes nothing, the second does."""
    merchant = await world.merchant()
    account = await world.account(
        "github", places=[{"kind": "repository", "name": name} for name in ("kettles", "cups")]
    )
    landing = await merchant.approve(await merchant.begin("github"), account["username"])
    choose = (await merchant.complete(landing.query["link_code"])).json()["choose"]
    answer = await merchant.complete(landing.query["link_code"], [place["platform_id"] for place in choose])
    first, second = answer.json()["connections"]

    await merchant.call("DELETE", f"/v1/connections/{first['id']}")
    after_first = await world.proofs(merchant.user_id)
    works = await world.broker(second["id"], merchant.user_id)
    await merchant.call("DELETE", f"/v1/connections/{second['id']}")
    await world.erasure_worker().run_once()

    assert after_first == []
    assert works.status == 200
    assert await world.proofs(merchant.user_id) == [("disconnected", "revoked")]


async def test_another_merchants_grant_on_the_same_person_is_spared(world: World) -> None:
    """Where a revocation ends all that a person granted, it is not sent while somebody else's grant rests on it."""
    one = await _link(world, "github")
    other = await _link(world, "github", account=one["account"])

    await one["merchant"].call("DELETE", f"/v1/connections/{one['connection']['id']}")
    await world.erasure_worker().run_once()

    assert await world.proofs(one["merchant"].user_id) == [("disconnected", "still_in_use")]
    assert (await world.broker(other["connection"]["id"], other["merchant"].user_id)).status == 200


async def test_a_revocation_waits_while_somebody_is_choosing(world: World) -> None:
    """A consent of the same person that is not finished yet is not revoked under the merchant's hands."""
    one = await _link(world, "github")
    merchant = await world.merchant()
    landing = await merchant.approve(await merchant.begin("github"), one["account"]["username"])
    await one["merchant"].call("DELETE", f"/v1/connections/{one['connection']['id']}")

    await world.erasure_worker().run_once()
    linked = await merchant.complete(landing.query["link_code"])

    assert await world.proofs(one["merchant"].user_id) == [("disconnected", None)]
    assert linked.status == 201
    assert (await world.broker(linked.json()["connections"][0]["id"], merchant.user_id)).status == 200


async def test_a_revocation_waits_for_a_link_that_ends_this_moment(world: World) -> None:
    """A consent at its end may be on its way to become a live grant: it counts until its row is gone."""
    one = await _link(world, "github")
    merchant = await world.merchant()
    await merchant.approve(await merchant.begin("github"), one["account"]["username"])
    await one["merchant"].call("DELETE", f"/v1/connections/{one['connection']['id']}")
    await world.admin.execute(
        "UPDATE retail_b2c.link_attempts SET expires_at = retail_b2c.social_now() WHERE user_id = $1", merchant.user_id
    )

    await world.erasure_worker().run_once()

    assert await world.proofs(one["merchant"].user_id) == [("disconnected", None)]


async def test_a_failing_revocation_is_tried_again(world: World) -> None:
    """The copy stays until the platform has answered."""
    linked = await _link(world, "x")
    await world.erasure_worker().run_once()  # what other tests left owing must not meet the fault
    await linked["merchant"].call("DELETE", f"/v1/connections/{linked['connection']['id']}")
    await world.fault("x", "revoke", "error_500")

    await world.erasure_worker().run_once()
    first = await world.proofs(linked["merchant"].user_id)
    await world.erasure_worker().run_once()

    assert first == [("disconnected", None)]
    assert await world.proofs(linked["merchant"].user_id) == [("disconnected", "revoked")]


@pytest.mark.parametrize("platform", ["x", "instagram", "github"])
async def test_deleting_the_user_erases_and_revokes(world: World, platform: str) -> None:
    """Supabase's own delete: no row is left, the event `erased` is there at once, the revocation follows."""
    linked = await _link(world, platform)
    user_id = linked["merchant"].user_id

    await world.admin.execute("DELETE FROM auth.users WHERE id = $1", user_id)
    (event,) = await world.events(user_id, "connection.unlinked")
    await world.erasure_worker().run_once()

    for table in ("social_connections", "grants", "link_attempts", "auth_linker_idempotency"):
        count = await world.admin.fetchval(f"SELECT count(*) FROM retail_b2c.{table} WHERE user_id = $1", user_id)
        assert count == 0, table
    assert set(event) == {
        "topic", "connection_id", "grant_id", "user_id", "revision", "platform", "platform_id", "reason",
        "unlinked_at",
    }  # fmt: skip
    assert event["reason"] == "erased"
    assert event["revision"] > linked["connection"]["revision"]
    proof = "not_supported" if platform == "instagram" else "revoked"
    assert await world.proofs(user_id) == [("erased", proof)]


async def test_a_pending_link_is_revoked_with_its_merchant(world: World) -> None:
    """Tokens that only waited for a choice are not forgotten by a deletion."""
    merchant = await world.merchant()
    account = await world.account("x")
    await merchant.approve(await merchant.begin("x"), account["username"])

    await world.admin.execute("DELETE FROM auth.users WHERE id = $1", merchant.user_id)
    await world.erasure_worker().run_once()

    assert await world.proofs(merchant.user_id) == [("unfinished", "revoked")]


async def test_a_soft_deleted_user_ends_as_by_the_cascade(world: World) -> None:
    """The sweep finds `deleted_at`, and the same rows, event and proof come of it; kept answers name accounts too."""
    linked = await _link(world, "x")
    user_id = linked["merchant"].user_id
    begun = {"return_to": RETURN_TO}
    await linked["merchant"].call("POST", "/v1/connections/x/authorize", begun, Idempotency_Key="once")
    await world.admin.execute("UPDATE auth.users SET deleted_at = now() WHERE id = $1", user_id)

    await world.sweeper().end_deleted_users()
    await world.erasure_worker().run_once()

    for table in ("grants", "social_connections", "link_attempts", "auth_linker_idempotency"):
        left = await world.admin.fetchval(f"SELECT count(*) FROM retail_b2c.{table} WHERE user_id = $1", user_id)
        assert left == 0, table
    assert [event["reason"] for event in await world.events(user_id, "connection.unlinked")] == ["erased"]
    assert await world.proofs(user_id) == [("erased", "revoked")]


async def test_the_log_says_how_a_revocation_ended(world: World) -> None:
    """An operator who must show it finds the proof in plain words: the redaction takes the field for no secret."""
    linked = await _link(world, "instagram")
    await linked["merchant"].call("DELETE", f"/v1/connections/{linked['connection']['id']}")

    with structlog.testing.capture_logs() as logged:
        await world.erasure_worker().run_once()

    (fields,) = [fields for fields in logged if fields["event"] == "erasure_finished"]
    assert redact_value("ended", fields["ended"]) == "not_supported"


async def test_what_an_erased_merchant_left_in_the_outbox_goes_once_it_was_sent(world: World) -> None:
    """Before the relay has sent the last word everything stays; afterwards only that last word does."""
    linked = await _link(world, "x")
    user_id = linked["merchant"].user_id
    await world.admin.execute("DELETE FROM auth.users WHERE id = $1", user_id)

    await world.sweeper().purge_erased()
    before = [event["topic"] for event in await world.events(user_id)]
    await world.admin.execute("UPDATE retail_b2c.auth_linker_outbox SET sent_at = now() WHERE user_id = $1", user_id)
    await world.sweeper().purge_erased()

    assert before == ["connection.linked", "connection.unlinked"]
    assert [event["topic"] for event in await world.events(user_id)] == ["connection.unlinked"]


async def test_a_copy_that_no_key_opens_ends_with_that_proof(world: World) -> None:
    """A ciphertext bound to another row is never sent anywhere."""
    linked = await _link(world, "x")
    user_id = linked["merchant"].user_id
    await world.admin.execute("DELETE FROM auth.users WHERE id = $1", user_id)
    await world.admin.execute(
        "UPDATE retail_b2c.erasures SET source_row = $2 WHERE user_id = $1", user_id, str(uuid4())
    )

    await world.erasure_worker().run_once()

    assert await world.proofs(user_id) == [("erased", "unreadable")]
