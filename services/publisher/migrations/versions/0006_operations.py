"""What operators' commands need: replays by batches, and what was done with dead letters.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

from social_common.migrations import create_operations

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_operations(op, "publisher")
