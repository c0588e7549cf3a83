"""When, as the platforms count, an attempt was sent and what it sends was prepared.

Leases and deadlines of the ledger are real time; what is compared with a platform's own times is product time.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from social_common.migrations import run_sql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Both may be empty: attempts from before this column are read by their real time, which then was the same.
STATEMENTS = (
    "ALTER TABLE retail_b2c.publisher_attempts ADD COLUMN sent_at timestamptz",
    "ALTER TABLE retail_b2c.publisher_attempts ADD COLUMN prepared_at timestamptz",
)


def upgrade() -> None:
    run_sql(op, *STATEMENTS)
