"""A disk that is full for one service's outbox: a trigger of the harness refuses every row while a gate is shut."""

import asyncpg

from social_stack.secrets import SERVICES
from social_stack.up import Stack

_INSTALL = """
CREATE SCHEMA IF NOT EXISTS chaos;
CREATE TABLE IF NOT EXISTS chaos.gates (service text PRIMARY KEY, is_full boolean NOT NULL DEFAULT false);
CREATE OR REPLACE FUNCTION chaos.refuse_when_full() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF (SELECT is_full FROM chaos.gates WHERE service = TG_ARGV[0]) THEN
        RAISE EXCEPTION 'could not extend file: no space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NEW;
END $$;
"""


class Gates:
    """Open after `install`."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    async def install(self) -> None:
        """Puts the triggers on the outboxes, as superuser: the product has no such thing."""
        connection = await asyncpg.connect(self._stack.environment.superuser_url)
        try:
            await connection.execute(_INSTALL)
            for service in SERVICES:
                await connection.execute("INSERT INTO chaos.gates VALUES ($1) ON CONFLICT DO NOTHING", service)
                await connection.execute(
                    f"CREATE OR REPLACE TRIGGER chaos_full BEFORE INSERT ON retail_b2c.{_outbox(service)} "
                    f"FOR EACH ROW EXECUTE FUNCTION chaos.refuse_when_full('{service}')"
                )
        finally:
            await connection.close()

    async def set_full(self, service: str, *, on: bool) -> None:
        """Shuts or opens one gate."""
        connection = await asyncpg.connect(self._stack.environment.superuser_url)
        try:
            await connection.execute("UPDATE chaos.gates SET is_full = $2 WHERE service = $1", service, on)
        finally:
            await connection.close()


def _outbox(service: str) -> str:
    return f"{service.replace('-', '_')}_outbox"
