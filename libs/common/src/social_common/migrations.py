"""What a service's Alembic environment and its migrations are made of.

asyncpg takes one statement at a time: `run_sql` (and not one long `op.execute`) is how a migration runs several.
Login roles are always called `<service>_owner`, `<service>_api` and `<service>_worker`.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from social_common import _plumbing_operations, _plumbing_restoring, _plumbing_rotation, _plumbing_sql
from social_common._plumbing_functions import FUNCTIONS, DefinerSql
from social_common._plumbing_sql import spelled
from social_common.db import SCHEMA, engine_url, sql_name, sqlstate
from social_common.secrets import Secret
from social_common.unfit import Unfit

type_policy = tuple[str, str, str]

_NO_SUCH_ROLE: Final = "42704"
# Shorter than PostgreSQL's deadlock_timeout (1 s): whoever waits in a circle with a migration is not the one to fail.
_LOCK_TIMEOUT: Final = "SET lock_timeout = '500ms'"
_GAVE_WAY: Final = ("55P03", "40P01")


class Operations(Protocol):
    """The part of Alembic's `op` that the helpers here use."""

    def get_bind(self) -> Connection:
        """The connection of the migration."""


async def migrate(url: Secret, *, service: str, script_location: Path, revision: str = "head") -> None:
    """Bring a service's tables to a revision, giving way to what runs; raises Unfit where a role is missing."""
    engine = create_async_engine(engine_url(url), poolclass=NullPool, hide_parameters=True)
    for left in reversed(range(60)):
        try:
            async with engine.connect() as connection:
                await connection.run_sync(_upgrade, sql_name(service), script_location, revision)
                await connection.commit()
        except DBAPIError as exc:
            if left and sqlstate(exc) in _GAVE_WAY:
                await asyncio.sleep(random.uniform(0.1, 0.5))  # noqa: S311  # in no step with those it met
                continue
            if sqlstate(exc) != _NO_SUCH_ROLE:
                raise
            raise Unfit(
                f"the database lacks a role that this release of {service} needs: run its bootstrap first "
                "(`social migrate` with BOOTSTRAP_DATABASE_URL set does both)"
            ) from exc
        else:
            return
        finally:
            await engine.dispose()


def _upgrade(connection: Connection, service: str, script_location: Path, revision: str) -> None:
    # Held by the session, not the transaction: it must outlive the commit of each migration.
    connection.execute(text("SELECT pg_advisory_lock(hashtext(:name), 1)"), {"name": f"{service}_migrate"})
    connection.commit()
    config = alembic_config(script_location)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def find_head(script_location: Path) -> str | None:
    """The newest revision that a service's migrations lead to. Reads files."""
    return ScriptDirectory.from_config(alembic_config(script_location)).get_current_head()


def alembic_config(script_location: Path) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(script_location).replace("%", "%%"))
    return config


def run_migrations_env(service: str, metadata: MetaData) -> None:
    """The whole of a service's `env.py`."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _run(connection, sql_name(service), metadata)
        return
    asyncio.run(_run_by_environment(sql_name(service), metadata))


async def _run_by_environment(service: str, metadata: MetaData) -> None:
    import os

    engine = create_async_engine(engine_url(Secret(os.environ["MIGRATION_DATABASE_URL"])), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_run, service, metadata)
        await connection.commit()
    await engine.dispose()


def _run(connection: Connection, service: str, metadata: MetaData) -> None:
    owned = {table.name for table in metadata.tables.values() if table.schema == SCHEMA}

    def include_name(name: str | None, kind: str, parents: Any) -> bool:
        match kind:
            case "schema":
                return name == SCHEMA
            case "table":
                return name in owned
            case _:
                return True

    def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:  # noqa: FBT001
        return not (kind == "table" and item.schema != SCHEMA)

    connection.execute(text(_LOCK_TIMEOUT))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=f"{service}_alembic_version",
        version_table_schema=SCHEMA,
        include_schemas=True,
        include_name=include_name,
        include_object=include_object,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_sql(op: Operations, *statements: str) -> None:
    """Run statements one by one, as they stand: no parameter syntax is looked for in them."""
    bind = op.get_bind()
    for statement in statements:
        bind.exec_driver_sql(statement)


def create_plumbing(op: Operations, service: str) -> None:
    """Create a service's outbox, inbox, idempotency keys and relay state, with their functions and grants."""
    run_sql(op, *(spelled(statement, service) for statement in _plumbing_sql.TABLES))
    enable_rls(op, f"{service}_idempotency", service=service, worker="")
    _define(op, service, FUNCTIONS)
    run_sql(op, *(spelled(statement, service) for statement in _plumbing_sql.OWNER_FUNCTIONS))
    run_sql(
        op,
        f"""CREATE FUNCTION {SCHEMA}.{service}_revision() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
            SET search_path = pg_catalog, pg_temp
            AS $$ SELECT version_num FROM {SCHEMA}.{service}_alembic_version $$""",
        f"REVOKE ALL ON FUNCTION {SCHEMA}.{service}_revision() FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {SCHEMA}.{service}_revision() TO {service}_api, {service}_worker",
    )


def create_operations(op: Operations, service: str) -> None:
    """Create what operators' commands need beside the plumbing: replays by batches, what was done with dead letters."""
    run_sql(op, *(spelled(statement, service) for statement in _plumbing_operations.TABLES))
    _define(op, service, _plumbing_operations.FUNCTIONS)


def create_restoring(op: Operations, service: str) -> None:
    """Create what brings a restored database and Kafka together again; bootstrap has made the role of that job."""
    _define(op, service, _plumbing_restoring.FUNCTIONS)


def create_rotation(op: Operations, service: str, sealed: Mapping[str, Sequence[str]]) -> None:
    """Create what a change of encryption keys needs, for the tables and columns that hold ciphertexts."""
    _define(op, service, tuple(_plumbing_rotation.functions(sealed)))


def _define(op: Operations, service: str, functions: Sequence[DefinerSql]) -> None:
    for function in functions:
        definer_function(
            op,
            spelled(function.name, service),
            role=f"{service}_fn_{function.job}",
            args=function.args,
            returns=function.returns,
            body=spelled(function.body, service),
            language=function.language,
            execute=tuple(spelled(role, service) for role in function.execute),
            grants=tuple(spelled(grant, service) for grant in function.grants),
            policies=tuple((spelled(table, service), cmd, using) for table, cmd, using in function.policies),
        )


def enable_rls(
    op: Operations,
    table: str,
    *,
    service: str,
    api: str = "SELECT, INSERT, UPDATE, DELETE",
    worker: str = "SELECT, INSERT, UPDATE, DELETE",
) -> None:
    """Force row level security on a table: both login roles reach the claimed merchant's rows only.

    `api` and `worker` are privileges as GRANT spells them (columns allowed); empty means none.
    """
    run_sql(
        op,
        f"ALTER TABLE {SCHEMA}.{table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {SCHEMA}.{table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_own ON {SCHEMA}.{table} FOR ALL TO {service}_api, {service}_worker "
        "USING (user_id = (SELECT auth.uid())) WITH CHECK (user_id = (SELECT auth.uid()))",
    )
    for role, privileges in ((f"{service}_api", api), (f"{service}_worker", worker)):
        if privileges:
            run_sql(op, f"GRANT {privileges} ON {SCHEMA}.{table} TO {role}")


def grant_browser(op: Operations, table: str, columns: Sequence[str]) -> None:
    """Let `authenticated` (a browser through Supabase) read these columns of its own rows."""
    run_sql(
        op,
        f"GRANT SELECT ({', '.join(columns)}) ON {SCHEMA}.{table} TO authenticated",
        f"CREATE POLICY {table}_browser ON {SCHEMA}.{table} FOR SELECT TO authenticated "
        "USING (user_id = (SELECT auth.uid()))",
    )


def definer_function(
    op: Operations,
    name: str,
    *,
    role: str,
    args: str,
    returns: str,
    body: str,
    execute: Sequence[str] = (),
    language: Literal["sql", "plpgsql"] = "sql",
    grants: Sequence[str] = (),
    policies: Sequence[type_policy] = (),
    settings: Sequence[str] = (),
) -> None:
    """Create (or replace) the function `retail_b2c.<name>(args)`, SECURITY DEFINER and owned by the NOLOGIN `role`.

    `grants` are GRANTs without their end (`SELECT (id) ON retail_b2c.x`), given to the role; `policies` are
    (table, command, condition), made for the role, because under forced row security it would see nothing else.
    `FOR UPDATE` needs an UPDATE policy too. `settings` are further `SET` clauses. For the rest: fixed search path,
    nothing for PUBLIC, EXECUTE for the named roles. A trigger function may be used by the table's owner.
    """
    callers = [*execute]
    owner = f"{role.split('_fn_', maxsplit=1)[0]}_owner"
    if returns.strip().lower() == "trigger" and owner not in callers:
        callers.append(owner)
    run_sql(op, *(f"GRANT {grant} TO {role}" for grant in grants))
    for table, cmd, condition in policies:
        run_sql(op, *_policy(table, cmd, condition, role=role))
    tag = "$definer$"
    clauses = " ".join(f"SET {setting}" for setting in settings)
    run_sql(
        op,
        # Made as that role rather than handed over: a later migration replaces it the same way.
        f"SET LOCAL ROLE {role}",
        f"CREATE OR REPLACE FUNCTION {SCHEMA}.{name}({args}) RETURNS {returns} LANGUAGE {language} "
        f"SECURITY DEFINER SET search_path = pg_catalog, pg_temp {clauses} AS {tag}{body}{tag}",
        f"REVOKE ALL ON FUNCTION {SCHEMA}.{name} FROM PUBLIC",
        *(f"GRANT EXECUTE ON FUNCTION {SCHEMA}.{name} TO {caller}" for caller in callers),
        "RESET ROLE",
    )


def _policy(table: str, cmd: str, condition: str, *, role: str) -> tuple[str, str]:
    kind = cmd.upper()
    clauses = {
        "SELECT": f"USING ({condition})",
        "DELETE": f"USING ({condition})",
        "INSERT": f"WITH CHECK ({condition})",
    }.get(kind, f"USING ({condition}) WITH CHECK ({condition})")
    name = f"{role}_{table}_{kind.lower()}"[-63:]
    return (
        f"DROP POLICY IF EXISTS {name} ON {SCHEMA}.{table}",
        f"CREATE POLICY {name} ON {SCHEMA}.{table} FOR {kind} TO {role} {clauses}",
    )


def drop_definer_function(op: Operations, name: str, *, role: str) -> None:
    """Drop a function made by `definer_function`."""
    run_sql(op, f"SET LOCAL ROLE {role}", f"DROP FUNCTION {SCHEMA}.{name}", "RESET ROLE")


def allow_outbox_put(op: Operations, service: str, *, role: str) -> None:
    """Let a definer role (a trigger's) write events: `retail_b2c.<service>_outbox_put(topic, subject, user, data)`."""
    owner = f"{service}_fn_outbox_put"
    run_sql(
        op,
        f"SET LOCAL ROLE {owner}",
        f"GRANT EXECUTE ON FUNCTION {SCHEMA}.{service}_outbox_put TO {role}",
        "RESET ROLE",
    )
