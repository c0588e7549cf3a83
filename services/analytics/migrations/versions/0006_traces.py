"""The trace that a post came with, which its measurements go on with.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

from social_common.migrations import run_sql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql(
        op,
        "SET LOCAL lock_timeout = '10s'",
        # Empty where nothing is traced, and for what a release before wrote.
        "ALTER TABLE retail_b2c.analytics_posts ADD COLUMN traceparent varchar(55)",
    )
