"""What a change of encryption keys needs: which key wraps what is stored, and where others than the active one do.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

from social_common.migrations import create_rotation

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SEALED = {
    "publisher_attempts": ("handle",),
    "publisher_preparations": ("handle",),
}


def upgrade() -> None:
    create_rotation(op, "publisher", SEALED)
