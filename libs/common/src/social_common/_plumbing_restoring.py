"""The plumbing of a restore: what Kafka has of a service's events and its outbox has not. `{s}` is the service's name.

Events are told as JSON, in the order of their partition: event_id, topic, user_id, subject, headers, payload, at.
"""

from typing import Final

from social_common._plumbing_functions import DefinerSql

_TOLD: Final = """jsonb_to_recordset(p_events) AS (place integer, event_id uuid, topic text, user_id uuid, subject text,
    headers jsonb, payload text, at timestamptz)"""
_IS_KNOWN: Final = """EXISTS (SELECT FROM retail_b2c.{s}_outbox o
    WHERE o.user_id = t.user_id AND o.event_id = t.event_id)"""
_NOT_GONE: Final = """t.user_id NOT IN (SELECT g FROM retail_b2c.social_gone_users(
    ARRAY(SELECT DISTINCT u.user_id FROM told u)) g)"""

FUNCTIONS: Final = (
    DefinerSql(
        name="{s}_outbox_newest_at",
        job="restore",
        returns="timestamptz",
        # What a restore wrote back has one time for both; what it says anew is not sent yet.
        body="SELECT max(o.created_at) FROM retail_b2c.{s}_outbox o WHERE o.sent_at <> o.created_at",
        grants=(
            "SELECT, UPDATE (sent_at), INSERT ON retail_b2c.{s}_outbox",
            "USAGE ON SEQUENCE retail_b2c.{s}_outbox_id_seq",
        ),
        policies=tuple(("{s}_outbox", command, "true") for command in ("SELECT", "UPDATE", "INSERT")),
    ),
    DefinerSql(
        name="{s}_outbox_lacks",
        job="restore",
        # Of a merchant who is gone the outbox is purged; what is older than it is kept says nothing either.
        args="p_events jsonb, p_kept interval",
        returns="bigint",
        body=f"""WITH told AS MATERIALIZED (SELECT * FROM {_TOLD})
            SELECT count(*) FROM told t WHERE t.at > now() - p_kept AND NOT {_IS_KNOWN} AND {_NOT_GONE}""",
    ),
    DefinerSql(
        name="{s}_outbox_restore",
        job="restore",
        args="p_events jsonb",
        returns="TABLE (restored bigint, confirmed bigint)",
        body=f"""WITH told AS MATERIALIZED (SELECT * FROM {_TOLD}), confirmed AS (
                UPDATE retail_b2c.{{s}}_outbox o SET sent_at = t.at FROM told t
                WHERE o.user_id = t.user_id AND o.event_id = t.event_id AND o.sent_at IS NULL RETURNING 1
            ), restored AS (
                INSERT INTO retail_b2c.{{s}}_outbox
                    (event_id, topic, user_id, subject, headers, payload, created_at, sent_at)
                SELECT t.event_id, t.topic, t.user_id, t.subject, t.headers, t.payload, t.at, t.at
                FROM told t WHERE NOT {_IS_KNOWN} AND {_NOT_GONE} ORDER BY t.place RETURNING 1
            ) SELECT (SELECT count(*) FROM restored), (SELECT count(*) FROM confirmed)""",
    ),
)
