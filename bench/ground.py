"""The product as processes, with merchants that have linked accounts: what the lines measure on.

Services run as operators run them, one process of each, with PostgreSQL that writes to the disk. Kafka is Apache's
where Java is, else the embedded broker. A line starts the workers that it needs and stops those that would disturb it.
"""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg

from social_common.http import HttpClient, HttpError
from social_stack.config import StackConfig
from social_stack.kafka import has_java
from social_stack.merchant import Merchant, sign_up
from social_stack.ports import Ports
from social_stack.postgres import wait_for_postgres
from social_stack.processes import Child, wait_until
from social_stack.secrets import SERVICES
from social_stack.up import Stack

PLATFORM: Final = "x"  # the fewest calls for each post, so the least of the platform's work in a figure
_OK: Final = 200
_UP_WITHIN: Final = timedelta(seconds=60)
# Merchants of a bench ask without a pause; a limit that is meant for one person would be all that is measured.
_SETTINGS: Final = {"RATE_LIMIT_PER_MINUTE": "10000000", "LOG_LEVEL": "warning"}
# X allows one account a hundred posts; the product keeps its own count of that all the same.
_SWITCHES: Final = {"limits": {"create": {"rate": 100_000, "user-limit-24hour": 100_000, "app-limit-24hour": 10**6}}}


def say(text: str) -> None:
    """Progress, beside the figures."""
    print(f"bench: {text}", file=sys.stderr, flush=True)  # noqa: T201


@dataclass(frozen=True, slots=True)
class Linked:
    """A connection, its merchant, and the token that merchant signs in with."""

    user_id: UUID
    connection_id: UUID
    platform_id: str
    merchant: Merchant
    bearer: str


@dataclass
class Ground:
    """The running parts, and what lies in them."""

    stack: Stack
    http: HttpClient
    sql: asyncpg.Pool
    linked: list[Linked] = field(default_factory=list)

    @property
    def sandbox(self) -> str:
        """The sandbox's address."""
        return self.stack.environment.sandbox_url

    def child(self, name: str) -> Child:
        """A process by its name in the stack, such as `publisher worker`."""
        return self.stack.children[name]

    async def start(self, service: str, role: str) -> None:
        """Starts one process, if it does not run, and waits until it is ready."""
        child = self.stack.children.get(f"{service} {role}")
        if child is not None and child.is_running:
            return
        child = self.stack.start_service(service, role)
        index, ports = SERVICES.index(service) + 1, self.stack.config.ports
        port = ports.api(index) if role == "api" else ports.worker(index)

        async def is_ready() -> bool:
            with contextlib.suppress(HttpError):
                return (await self.http.request("GET", f"http://localhost:{port}/readyz")).status == _OK
            return False

        await wait_until(is_ready, child=child, within=_UP_WITHIN, what=child.name)

    async def stop(self, service: str, role: str) -> None:
        """Stops one process, if it runs."""
        child = self.stack.children.get(f"{service} {role}")
        if child is not None:
            await child.stop()

    async def counts_statements(self, *, on: bool) -> bool:
        """Has PostgreSQL count statements from now on, or no longer; False where it cannot."""
        if not await self.sql.fetchval("SELECT to_regclass('public.pg_stat_statements') IS NOT NULL"):
            return False
        await self.sql.execute(f"ALTER SYSTEM SET pg_stat_statements.track = {'top' if on else 'none'}")
        await self.sql.execute("SELECT pg_reload_conf()")
        return True

    async def control(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """A call of the sandbox's control interface."""
        answer = await self.http.request(method, f"{self.sandbox}/_control/{path}", json=body, params=query or None)
        if answer.status // 100 != 2:  # noqa: PLR2004
            raise RuntimeError(f"{path}: {answer.status} {answer.text[:300]}")
        return answer.json() if answer.content else None

    async def link(self, count: int) -> None:
        """Merchants with one account each, linked through the whole redirect flow."""
        await self.control("POST", "switches", {"platform": PLATFORM, "switches": _SWITCHES})
        urls = {service: self.stack.environment.api_url(service) for service in SERVICES}
        for _ in range(count):
            user_id, bearer = await sign_up(self.http, self.sandbox)
            merchant = Merchant(self.http, urls, bearer, return_to=f"{self.stack.environment.console_url}/")
            account = await self.control("POST", "accounts", {"platform": PLATFORM, "display_name": "Kettle & Co"})
            made = await merchant.link(PLATFORM, account=account["account_id"])
            self.linked.append(Linked(UUID(user_id), UUID(made["id"]), made["platform_id"], merchant, bearer))

        async def are_known() -> bool:
            known = await self.sql.fetchval("SELECT count(*) FROM retail_b2c.publisher_connections WHERE is_usable")
            return bool(known >= count)

        await wait_until(are_known, child=self.child("publisher worker"), within=_UP_WITHIN, what="the projection")

    async def plan_posts(self, count: int, *, in_s: float, every_s: float = 0.0) -> list[UUID]:
        """Scheduled posts, spread over the connections in turn: due together in `in_s`, or one each `every_s`."""
        ids = [uuid4() for _ in range(count)]
        turns = [self.linked[number % len(self.linked)] for number in range(count)]
        async with self.sql.acquire() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO retail_b2c.social_posts (id, user_id, platform, platform_id, content, status, "
                "campaign_id, connection_id, kind, revision, scheduled_at, due_at, connection_revision, grant_id) "
                "SELECT p.id, c.user_id, c.platform, c.platform_id, 'Sale of the day ' || p.id, 'scheduled', p.id, "
                "c.connection_id, 'text', 1, t.at, t.at, c.revision, c.grant_id "
                "FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS p (id, connection_id, n) "
                "JOIN retail_b2c.publisher_connections c USING (connection_id), "
                "LATERAL (SELECT retail_b2c.social_now() + make_interval(secs => $3 + p.n * $4)) t (at)",
                ids,
                [one.connection_id for one in turns],
                in_s,
                every_s,
            )
            await connection.execute("SELECT pg_notify('publisher_due', '')")
        return ids

    async def ended(self, ids: list[UUID], *, within_s: float) -> None:
        """Waits until all of those posts are live; fails when one ends otherwise or the time is up."""

        async def are_live() -> bool:
            left = await self.sql.fetch(
                "SELECT status, count(*) FROM retail_b2c.social_posts WHERE id = ANY($1) GROUP BY status", ids
            )
            bad = {row["status"] for row in left} - {"scheduled", "publishing", "published"}
            if bad:
                raise RuntimeError(f"posts ended as {bad}")
            await asyncio.sleep(0.2)
            return [row["status"] for row in left] == ["published"]

        await wait_until(are_live, child=None, within=timedelta(seconds=within_s), what="posts")


async def _load_counter(stack: Stack) -> None:
    """Has PostgreSQL start again with the extension that counts statements, which counts none until it is told to."""
    url = stack.environment.superuser_url
    connection = await asyncpg.connect(url)
    await connection.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    await connection.close()
    postgres = stack.children["PostgreSQL"]
    await postgres.stop()
    postgres.start()
    await wait_for_postgres(url, child=postgres, within=_UP_WITHIN)
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE EXTENSION pg_stat_statements SCHEMA public")
    await connection.execute("ALTER SYSTEM SET pg_stat_statements.track = 'none'")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()


class _CountingStack(Stack):
    """A stack whose PostgreSQL can count statements, from before anybody connects to it."""

    async def start_postgres(self) -> None:
        """Starts it, and once more with the extension."""
        await super().start_postgres()
        await _load_counter(self)


def _make_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="social-bench-"))
    folder.chmod(0o711)  # PostgreSQL does not run as root, and has to reach its data
    return folder


@contextlib.asynccontextmanager
async def standing_ground() -> AsyncIterator[Ground]:
    """The servers, auth-linker's API and publisher's worker, with nobody linked yet; gone after the block."""
    if has_java():
        os.environ.setdefault("SOCIAL_KAFKA", "apache")
    folder = _make_folder()
    stack = _CountingStack(StackConfig(data_dir=folder, ports=Ports.free(), passed_on=_SETTINGS), say=say)
    try:
        await stack.start_servers()
        async with (
            HttpClient(user_agent="bench", timeout=timedelta(seconds=20)) as http,
            asyncpg.create_pool(stack.environment.superuser_url, min_size=1, max_size=8, command_timeout=300) as sql,
        ):
            ground = Ground(stack, http, sql)
            await ground.start("auth-linker", "api")
            await ground.start("auth-linker", "worker")
            await ground.start("publisher", "worker")
            yield ground
    finally:
        await stack.stop()
        shutil.rmtree(folder, ignore_errors=True)
