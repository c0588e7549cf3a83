"""The functions that a change of encryption keys needs: which key wraps a stored value, and which rows older ones."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from social_common._plumbing_functions import DefinerSql

# Idempotent answers have no id of their own; they are gone within a day.
_ANSWERS: Final = "{s}_idempotency"


def functions(sealed: Mapping[str, Sequence[str]]) -> Iterator[DefinerSql]:
    """For the tables (with `id` and `user_id`) and their columns that hold ciphertexts."""
    grants = tuple(f"SELECT (id, user_id, {', '.join(columns)}) ON retail_b2c.{t}" for t, columns in sealed.items())
    yield DefinerSql(
        name="{s}_sealed_counts",
        job="rotate",
        returns="TABLE (place text, key_id text, stored bigint)",
        body=" UNION ALL ".join(
            f"SELECT '{table}.{column}', split_part(t.{column}, '.', 2), count(*) FROM retail_b2c.{table} t"
            f" WHERE t.{column} IS NOT NULL GROUP BY 2"
            for table, columns in {**sealed, _ANSWERS: ("answer",)}.items()
            for column in columns
        ),
        grants=(*grants, f"SELECT (answer) ON retail_b2c.{_ANSWERS}"),
        policies=tuple((table, "SELECT", "true") for table in (*sealed, _ANSWERS)),
    )
    yield DefinerSql(
        name="{s}_sealed_by_others",
        job="rotate",
        args="p_table text, p_active text, p_after uuid, p_limit integer",
        returns="TABLE (row_id uuid, owner_id uuid)",
        body=" UNION ALL ".join(_by_others(table, columns) for table, columns in sealed.items()),
    )


def _by_others(table: str, columns: Sequence[str]) -> str:
    differs = " OR ".join(f"split_part(t.{column}, '.', 2) <> p_active" for column in columns)
    return (
        f"(SELECT t.id, t.user_id FROM retail_b2c.{table} t WHERE p_table = '{table}' AND t.id > p_after"
        f" AND ({differs}) ORDER BY t.id LIMIT p_limit)"
    )
