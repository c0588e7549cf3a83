"""What operators' commands need: replays by batches, and what was done with dead letters.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

from social_common.migrations import create_operations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_operations(op, "analytics")
