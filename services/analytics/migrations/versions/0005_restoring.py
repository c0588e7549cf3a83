"""What a restore of the database to an earlier point needs: the outbox is filled up again from Kafka.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

from social_common.migrations import create_restoring

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_restoring(op, "analytics")
