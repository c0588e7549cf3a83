"""Every secret that passed through the product is looked for wherever something is written down."""

import json
import re
from base64 import b64encode
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from tests.acceptance.steps import a_linked_merchant, publish_now, until_status
from tests.support.stack import World

from social_platforms._core import Platform
from social_stack.events import read_topics

_TOPICS = ("connection.linked", "connection.updated", "connection.unlinked", "post.scheduled", "post.published")
_PLATFORMS = tuple(platform.value for platform in Platform)
_TEXT_IS_ENOUGH = ("x", "facebook", "linkedin", "google", "github")
_SECRET_FIELDS = (
    "access_token", "refresh_token", "code", "code_verifier", "client_secret", "state",
    "fb_exchange_token", "input_token", "appsecret_proof", "token",
)  # fmt: skip
_SHORTEST = 12


async def _secrets_that_passed(world: World) -> set[str]:
    """Tokens, codes, verifiers and states of every call between the product and the platforms."""
    found: set[str] = set()
    for platform in _PLATFORMS:
        for request in (await world.control("GET", "requests", platform=platform))["requests"]:
            bearer = re.fullmatch(r"(?i)(?:bearer|token|oauth) (\S+)", request["headers"].get("authorization", ""))
            if bearer:
                found.add(bearer[1])
            for text in (request["raw_query"], request.get("body") or ""):
                fields = parse_qs(text)
                found |= {value for name in _SECRET_FIELDS for value in fields.get(name, [])}
    found -= {"sandbox-secret", "sandbox-client|sandbox-secret"}
    return {value for value in found if len(value) >= _SHORTEST}


def _keys(world: World) -> set[str]:
    found = set(world.stack.secrets.passwords.values())
    for file in world.stack.secrets.folder.glob("*-token-keys.json"):
        found |= set(json.loads(file.read_text())["keys"].values())
    for file in world.stack.secrets.folder.glob("*-service-key.json"):
        pem = json.loads(file.read_text())["private_key"]
        found.add("".join(pem.splitlines()[1:-1]))
    return found


async def _everything_stored(world: World) -> dict[str, str]:
    """Each table of ours as one text."""
    async with world.database() as database:
        tables = await database.fetch(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'retail_b2c' AND c.relkind = 'r'"
        )
        return {
            name: str(await database.fetchval(f'SELECT json_agg(t)::text FROM retail_b2c."{name}" t'))
            for (name,) in tables
        }


async def test_no_secret_is_written_down_anywhere(world: World) -> None:
    """Logs, tables, events, problem documents and answers hold none of the tokens, codes, verifiers and keys."""
    answers = []
    for platform in _PLATFORMS:
        _, merchant, connection = await a_linked_merchant(world, platform)
        landing = await merchant.consent(await merchant.authorize(platform), account="nobody", decision="deny")
        assert landing.query["status"] == "denied"
        answers.append((await merchant.call("GET", "auth-linker", "/v1/connections")).text)
        answers.append((await merchant.complete("not-a-code")).text)
        if platform in _TEXT_IS_ENOUGH:
            await until_status(merchant, await publish_now(merchant, connection, "nothing leaks"), "published")
        answers.append((await merchant.call("GET", "auth-linker", f"/v1/connections/{connection['id']}/siblings")).text)
        await merchant.call("POST", "auth-linker", f"/v1/connections/{connection['id']}/refresh")
        answers.append((await merchant.call("GET", "publisher", "/v1/posts?cursor=broken")).text)

    secrets = await _secrets_that_passed(world) | _keys(world)
    assert len(secrets) > 3 * len(_PLATFORMS), "the search would prove nothing"

    places = await _everything_stored(world)
    places |= {f"log {path.name}": path.read_text(errors="replace") for path in world.stack.log("x").parent.iterdir()}
    records = await read_topics(world.kafka.bootstrap_servers, _TOPICS, within=timedelta(seconds=10))
    places["events"] = json.dumps([[r.headers, r.data] for r in records])
    places["answers"] = "\n".join(answers)
    places.pop("log sandbox.log", None)
    leaks = {
        place
        for place, text in places.items()
        for secret in secrets
        if secret in text or b64encode(secret.encode()).decode() in text
    }
    assert not leaks


async def test_the_authorization_url_holds_no_verifier(world: World) -> None:
    """What goes through the browser is the challenge, never the verifier, and no token."""
    _, merchant = await world.merchant()

    for platform in _PLATFORMS:
        query = parse_qs(urlsplit(await merchant.authorize(platform)).query)

        assert "code_verifier" not in query
        assert not {"access_token", "client_secret"} & set(query)
