"""Who may touch which rows and columns: forced row security, roles, the browser's own rows."""

from alembic import op

from social_common.migrations import enable_rls, grant_browser, run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _isolation() -> None:
    readable = ("analytics_connections", "social_analytics", "analytics_posts")
    history = ("analytics_account_history", "analytics_post_history")
    for table in (*readable, *history):
        enable_rls(op, table, service="analytics", api="SELECT")
    enable_rls(op, "analytics_raw_answers", service="analytics", api="")
    enable_rls(op, "analytics_erasures", service="analytics", api="", worker="SELECT, INSERT")
    for table in ("analytics_holds", "analytics_budgets"):
        # No merchant's rows, and no grants: only the functions that are made for them reach these.
        run_sql(
            op,
            f"ALTER TABLE retail_b2c.{table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE retail_b2c.{table} FORCE ROW LEVEL SECURITY",
        )


def _browser() -> None:
    counts = ("reach", "impressions", "engagement_rate", "collected_at")
    standing = ("followers", "following", "posts")
    engagement = ("likes", "comments", "shares", "saves", "clicks", "views")
    true_counts = tuple(f"true_{name}" for name in (*standing, "reach", "impressions", "engagement_rate"))
    grant_browser(
        op,
        "social_analytics",
        ("id", "user_id", "platform", "connection_id", "last_updated", *standing, *counts, *true_counts),
    )
    grant_browser(op, "analytics_account_history", ("connection_id", "user_id", *standing, *counts))
    grant_browser(
        op,
        "analytics_posts",
        (
            "post_id", "user_id", "connection_id", "campaign_id", "platform", "kind", "product_id", "status",
            "scheduled_at", "posted_at", "platform_post_id", "permalink", "gone_at", *engagement, *counts,
        ),
    )  # fmt: skip
    grant_browser(op, "analytics_post_history", ("post_id", "user_id", *engagement, *counts))


def upgrade() -> None:
    _isolation()
    _browser()


def downgrade() -> None:
    raise NotImplementedError("migrations only go forward: expand, backfill, contract")
