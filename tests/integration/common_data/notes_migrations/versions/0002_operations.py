"""What operators' commands need, as a later release of the service adds it."""

from alembic import op

from social_common.migrations import create_operations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it."""
    create_operations(op, "notes")


def downgrade() -> None:
    """Nobody goes back."""
    raise NotImplementedError
