"""The plumbing that operators' commands need, added after the first release. `{s}` is the service's name.

A replay goes by batches in the order of ids, so that neither memory nor a transaction grows with it. What was done with
a dead letter is a row: Kafka deletes no single record, and the letter itself stays as it was parked.
"""

from typing import Final

from social_common._plumbing_functions import NEW_ID, DefinerSql

TABLES: Final = (
    # The time of parking belongs to the key: a broker that was set up anew counts its offsets from 0 again.
    """CREATE TABLE retail_b2c.{s}_letters (
        topic text NOT NULL,
        letter_partition integer NOT NULL,
        letter_offset bigint NOT NULL,
        parked_at timestamptz NOT NULL,
        state text NOT NULL CONSTRAINT {s}_letters_state_check
            CHECK (state IN ('open', 'handled', 'let_go', 'dropped')),
        tries integer NOT NULL DEFAULT 0,
        cause text,
        reason text,
        actor text NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (topic, letter_partition, letter_offset, parked_at)
    )""",
    "CREATE INDEX {s}_letters_changed_at_idx ON retail_b2c.{s}_letters (changed_at)",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON retail_b2c.{s}_letters TO {s}_worker",
)

_CHOICE_ARGS: Final = "p_topic text, p_user uuid, p_subject text, p_from timestamptz, p_to timestamptz"
_CHOSEN: Final = """o.topic = p_topic
    AND (p_user IS NULL OR o.user_id = p_user) AND (p_subject IS NULL OR o.subject = p_subject)
    AND (p_from IS NULL OR o.created_at >= p_from) AND (p_to IS NULL OR o.created_at < p_to)"""
# What an earlier replay with new ids made is the same event: it is not copied again.
_IS_FIRST: Final = """NOT EXISTS (SELECT FROM retail_b2c.{s}_outbox e
    WHERE e.user_id = o.user_id AND e.id < o.id AND e.topic = o.topic AND e.subject = o.subject
        AND e.payload = o.payload AND e.headers = o.headers)"""

FUNCTIONS: Final = (
    DefinerSql(
        name="{s}_outbox_newest",
        job="replay",
        returns="bigint",
        body="SELECT coalesce(max(o.id), 0) FROM retail_b2c.{s}_outbox o",
    ),
    DefinerSql(
        name="{s}_outbox_waiting",
        job="replay",
        args="p_until bigint",
        returns="bigint",
        body="SELECT count(*) FROM retail_b2c.{s}_outbox o WHERE o.sent_at IS NULL AND o.id <= p_until",
    ),
    DefinerSql(
        name="{s}_outbox_replay_plan",
        job="replay",
        args=f"{_CHOICE_ARGS}, p_new_ids boolean",
        returns="TABLE (day date, events bigint, waiting bigint, gone bigint, first timestamptz, last timestamptz)",
        body=f"""WITH chosen AS MATERIALIZED (
                SELECT o.user_id, o.created_at, o.sent_at FROM retail_b2c.{{s}}_outbox o
                WHERE {_CHOSEN} AND (NOT p_new_ids OR {_IS_FIRST})
            ), gone AS MATERIALIZED (
                SELECT g AS user_id FROM retail_b2c.social_gone_users(ARRAY(SELECT DISTINCT user_id FROM chosen)) g
            ), told AS (
                SELECT c.created_at, c.sent_at, c.user_id IN (SELECT gone.user_id FROM gone) AS is_gone FROM chosen c
            )
            SELECT (t.created_at AT TIME ZONE 'UTC')::date,
                count(*) FILTER (WHERE t.sent_at IS NOT NULL AND NOT t.is_gone),
                count(*) FILTER (WHERE t.sent_at IS NULL AND NOT t.is_gone),
                count(*) FILTER (WHERE t.is_gone),
                min(t.created_at), max(t.created_at)
            FROM told t GROUP BY 1 ORDER BY 1""",
    ),
    DefinerSql(
        name="{s}_outbox_replay_some",
        job="replay",
        args=f"{_CHOICE_ARGS}, p_new_ids boolean, p_after bigint, p_until bigint, p_limit integer",
        returns="TABLE (last_id bigint, newest_id bigint, replayed bigint, gone bigint)",
        language="plpgsql",
        body=f"""DECLARE ids bigint[]; users uuid[]; vanished uuid[]; lo timestamptz; hi timestamptz;
            BEGIN
                SELECT max(c.id), min(c.created_at), max(c.created_at), array_agg(c.id), array_agg(DISTINCT c.user_id)
                    INTO last_id, lo, hi, ids, users
                    FROM (SELECT o.id, o.created_at, o.user_id FROM retail_b2c.{{s}}_outbox o
                        WHERE {_CHOSEN} AND o.sent_at IS NOT NULL AND o.id > p_after AND o.id <= p_until
                        ORDER BY o.id LIMIT p_limit) c;
                IF last_id IS NULL THEN
                    RETURN;
                END IF;
                SELECT coalesce(array_agg(g), '{{}}') INTO vanished FROM retail_b2c.social_gone_users(users) g;
                SELECT count(*) INTO gone FROM retail_b2c.{{s}}_outbox o
                    WHERE o.id = ANY (ids) AND o.created_at BETWEEN lo AND hi AND o.user_id = ANY (vanished);
                IF p_new_ids THEN
                    WITH copied AS (
                        INSERT INTO retail_b2c.{{s}}_outbox (event_id, topic, user_id, subject, headers, payload)
                        SELECT {NEW_ID}, o.topic, o.user_id, o.subject, o.headers, o.payload
                        FROM retail_b2c.{{s}}_outbox o
                        WHERE o.id = ANY (ids) AND o.created_at BETWEEN lo AND hi AND o.user_id <> ALL (vanished)
                            AND {_IS_FIRST}
                        ORDER BY o.id RETURNING id
                    ) SELECT count(*), max(copied.id) INTO replayed, newest_id FROM copied;
                ELSE
                    WITH again AS (
                        UPDATE retail_b2c.{{s}}_outbox o SET sent_at = NULL
                        WHERE o.id = ANY (ids) AND o.created_at BETWEEN lo AND hi AND o.user_id <> ALL (vanished)
                        RETURNING o.id
                    ) SELECT count(*), max(again.id) INTO replayed, newest_id FROM again;
                END IF;
                PERFORM pg_notify('{{s}}_outbox', '');
                RETURN NEXT;
            END""",
    ),
)
