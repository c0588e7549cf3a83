"""${message}."""

from collections.abc import Sequence

from alembic import op

from social_common.migrations import run_sql

revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
branch_labels: str | Sequence[str] | None = ${repr(branch_labels)}
depends_on: str | Sequence[str] | None = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "run_sql(op)"}


def downgrade() -> None:
    raise NotImplementedError("migrations only go forward: expand, backfill, contract")
