"""What a change of encryption keys needs: which key wraps what is stored, and where others than the active one do.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

from social_common.migrations import create_rotation

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SEALED = {
    "grants": ("access_token", "refresh_token"),
    "social_connections": ("access_token", "refresh_token"),
    "link_attempts": ("verifier", "access_token", "refresh_token", "place_tokens"),
    "erasures": ("access_token", "refresh_token"),
}


def upgrade() -> None:
    create_rotation(op, "auth_linker", SEALED)
