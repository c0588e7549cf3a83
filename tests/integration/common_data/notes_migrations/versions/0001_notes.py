"""Notes, the plumbing, a definer function that crosses merchants, and a trigger that writes an event."""

from alembic import op

from social_common.migrations import (
    allow_outbox_put,
    create_plumbing,
    definer_function,
    enable_rls,
    grant_browser,
    run_sql,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it all."""
    run_sql(
        op,
        """CREATE TABLE retail_b2c.notes (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
            body text NOT NULL,
            hidden text,
            due_at timestamptz
        )""",
    )
    enable_rls(op, "notes", service="notes", worker="SELECT, UPDATE (body)")
    grant_browser(op, "notes", ["id", "user_id", "body"])
    create_plumbing(op, "notes")
    definer_function(
        op,
        "notes_claim_due",
        role="notes_fn_claim_due",
        args="p_limit integer",
        returns="TABLE (id uuid, user_id uuid)",
        body="""SELECT n.id, n.user_id FROM retail_b2c.notes n WHERE n.due_at <= retail_b2c.social_now()
            ORDER BY n.due_at LIMIT p_limit FOR UPDATE SKIP LOCKED""",
        execute=["notes_worker"],
        grants=["SELECT (id, user_id, due_at), UPDATE (due_at) ON retail_b2c.notes"],
        policies=[("notes", "SELECT", "true"), ("notes", "UPDATE", "true")],
    )
    allow_outbox_put(op, "notes", role="notes_fn_erasure")
    definer_function(
        op,
        "notes_erased",
        role="notes_fn_erasure",
        args="",
        returns="trigger",
        language="plpgsql",
        body="""BEGIN
            PERFORM retail_b2c.notes_outbox_put('note.erased', OLD.id::text, OLD.user_id,
                jsonb_build_object('note_id', OLD.id, 'user_id', OLD.user_id));
            RETURN NULL;
        END""",
    )
    run_sql(
        op,
        """CREATE TRIGGER notes_erased AFTER DELETE ON retail_b2c.notes
            FOR EACH ROW EXECUTE FUNCTION retail_b2c.notes_erased()""",
    )


def downgrade() -> None:
    """Nobody goes back."""
    raise NotImplementedError
