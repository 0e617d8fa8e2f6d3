"""The schema that statements build in order, and the number of partitions an expression makes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rda_nb.facts.sql import Schema, classify, partition_grain, schema


def built(*texts: str) -> Schema:
    """The schema after `texts`, each with its position as origin."""
    return schema((statement, index) for index, text in enumerate(texts) for statement in classify(text))


CREATE = """CREATE TABLE shop.orders (id UInt64, at DateTime, note Nullable(String))
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY id"""


def test_a_table_cites_the_statement_of_each_clause() -> None:
    """Every clause names the origin and line of the statement that gave it its present form."""
    table = built(CREATE, "ALTER TABLE orders\n  MODIFY TTL at + INTERVAL 7 DAY").table("shop.orders")
    assert table is not None
    assert ("at + INTERVAL 7 DAY", "toYYYYMM(at)", ("id",)) == (table.ttl, table.partition_by, table.order_key)
    assert {"engine": (0, 1), "partition by": (0, 2), "order by": (0, 3), "ttl": (1, 1)} == {
        clause: (table.cited[clause].origin, table.cited[clause].line_offset)
        for clause in ("engine", "partition by", "order by", "ttl")
    }


def test_columns_follow_add_modify_rename_and_drop() -> None:
    """Columns are those after the last ALTER, with its types."""
    table = built(
        CREATE,
        "ALTER TABLE shop.orders ADD COLUMN channel String, MODIFY COLUMN note String DEFAULT ''",
        "ALTER TABLE shop.orders RENAME COLUMN channel TO source, MODIFY SETTING max_parts_in_total = 10",
        "ALTER TABLE shop.orders DROP COLUMN at",
        "ALTER TABLE shop.orders MODIFY ORDER BY (id, source)",
    ).table("orders")
    assert table is not None
    assert [("id", "UInt64"), ("note", "String"), ("source", "String")] == [(c.name, c.type) for c in table.columns]
    assert ("id", "source") == table.order_key
    assert {"max_parts_in_total": "10"} == dict(table.settings)


def test_rename_exchange_and_drop() -> None:
    """Tables answer to their last name only."""
    left = "CREATE TABLE a (x UInt8) ENGINE = Log"
    right = "CREATE TABLE b (y UInt8) ENGINE = Memory"
    swapped = built(left, right, "EXCHANGE TABLES a AND b")
    assert ["Memory", "Log"] == [table.engine for name in ("a", "b") if (table := swapped.table(name))]
    renamed = built(left, "RENAME TABLE a TO c", "DROP TABLE IF EXISTS nothing, c")
    assert {} == dict(renamed.tables)


def test_if_not_exists_keeps_the_first() -> None:
    """A second CREATE with IF NOT EXISTS changes nothing; without it the later wins."""
    later = "CREATE TABLE IF NOT EXISTS shop.orders (z UInt8) ENGINE = Log"
    assert ["MergeTree"] == [table.engine for table in built(CREATE, later).tables.values()]
    assert ["Log"] == [table.engine for table in built(CREATE, later.replace("IF NOT EXISTS ", "")).tables.values()]


def test_a_materialized_view_belongs_to_the_table_its_main_from_begins_with() -> None:
    """Inserts into the leftmost table run the view; a joined or common table expression's own table does not."""
    view = """CREATE MATERIALIZED VIEW mv TO sums AS
    WITH d AS (SELECT id FROM dim) SELECT o.id FROM shop.orders o JOIN d USING (id)"""
    found = built("CREATE TABLE dim (id UInt64) ENGINE = Log", CREATE, view)
    assert [("dim", ()), ("mv", ()), ("shop.orders", ("mv",))] == [(t.name, t.views) for t in found.tables.values()]


def test_rows_lie_behind_distributed_tables() -> None:
    """A Distributed or Buffer table leads to the table that stores its rows and keys."""
    found = built(
        CREATE, "CREATE TABLE shop.orders_all AS shop.orders ENGINE = Distributed('c', 'shop', 'orders', rand())"
    )
    shown, stored = found.table("orders_all"), found.storage("orders_all")
    assert shown is not None and stored is not None
    assert (3, "shop.orders", ("id",)) == (len(shown.columns), stored.name, stored.order_key)


def test_templates_never_merge_two_tables() -> None:
    """Two tables whose names are nothing but templates stay two, and no query resolves to either."""
    found = built("CREATE TABLE %s (a UInt8) ENGINE = Log", "CREATE TABLE {{.DB}}.%s (b UInt8) ENGINE = Log")
    assert 2 == len(found.tables)
    assert found.table("%s") is None


def test_a_template_database_is_any_database() -> None:
    """A hole in place of the database leaves the table's own name to decide."""
    found = built("CREATE TABLE {{.DB}}.orders (a UInt8) ENGINE = Log")
    assert found.table("orders") is not None
    assert found.table("%s.orders") is not None


def test_an_ambiguous_name_resolves_to_nothing() -> None:
    """A bare name that two databases hold is not guessed."""
    found = built("CREATE TABLE a.t (x UInt8) ENGINE = Log", "CREATE TABLE b.t (x UInt8) ENGINE = Log")
    assert found.table("t") is None
    assert found.table("b.t") is not None


def test_changes_to_unknown_tables_are_kept() -> None:
    """An ALTER of a table that nothing creates is an orphan, not lost."""
    assert ["alter_ttl"] == [o.statement.kind for o in built("ALTER TABLE gone MODIFY TTL at + INTERVAL 1 DAY").orphans]


@pytest.mark.parametrize(
    ("expression", "grain", "number"),
    [
        ("", "none", 1),
        ("tuple()", "none", 1),
        ("1", "constant", 1),
        ("toYYYYMM(ts)", "month", 12),
        ("toYYYYMM(toDate(ts), 'UTC')", "month", 12),
        ("toYYYYMMDD(ts)", "day", 365),
        ("toDate(ts)", "day", 365),
        ("toDate(intDiv(ts_ms, 1000))", "day", 365),
        ("toDate(toStartOfMonth(ts))", "month", 12),
        ("ts::Date", "day", 365),
        ("CAST(ts AS Date)", "day", 365),
        ("toMonday(d)", "week", 52),
        ("toStartOfWeek(d, 1)", "week", 52),
        ("toStartOfHour(ts)", "hour", 8760),
        ("toStartOfInterval(ts, INTERVAL 15 MINUTE)", "15 minutes", 35040),
        ("toStartOfInterval(ts, toIntervalDay(2))", "2 days", 183),
        ("date_trunc('quarter', ts)", "quarter", 4),
        ("formatDateTime(ts, '%Y-%m')", "month", 12),
        ("intDiv(toUnixTimestamp(ts), 3600)", "hour", 8760),
        ("toYear(ts)", "year", 1),
        ("toHour(ts)", "cycle", 24),
        ("intHash32(id) % 16", "hash", 16),
        ("modulo(cityHash64(a, b), 32)", "hash", 32),
        ("bitAnd(id, 7)", "hash", 8),
        ("(toYYYYMM(ts), intHash32(id) % 16)", "month", 192),
        ("tuple(toYYYYMM(ts), toDate(ts))", "day", 365),
        ("(toYYYYMM(ts), tenant_id)", "month", None),
        ("(toYYYYMM(created), toYYYYMM(updated))", "month", None),
        ("tenant_id", "value", None),
        ("cityHash64(id)", "value", None),
        ("intDiv(id, 1000)", "value", None),
        ("{{.Partition}}", "unknown", None),
    ],
)
def test_partition_grain(expression: str, grain: str, number: int | None) -> None:
    """The grain and the number of partitions follow from the expression; values leave the number open."""
    assert (grain, number) == partition_grain(expression)[:2]


def test_ten_years_of_days() -> None:
    """Daily partitions kept ten years are 3,650, monthly ones 120."""
    day, month = partition_grain("toDate(ts)"), partition_grain("toYYYYMM(ts)")
    assert (3650, 120) == (10 * (day.partitions_per_year or 0), 10 * (month.partitions_per_year or 0))


def test_types_decide_bare_columns() -> None:
    """A bare column counts by its type: a date per day, an enumeration by its members."""
    types = {"d": "Date", "t": "Nullable(DateTime64(3))", "e": "Enum8('a' = 1, 'b' = 2)", "s": "LowCardinality(String)"}
    assert [("day", 365), ("second", 31_536_000), ("hash", 2), ("value", None)] == [
        partition_grain(name, types)[:2] for name in types
    ]
    assert "365 a year × values of s" == partition_grain("(d, s)", types).symbolic


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="toYMDate(),%:'1 abINTERVAL{}.*[]", max_size=60))
def test_partition_grain_takes_any_text(text: str) -> None:
    """Any expression has a grain, and a number only where one follows."""
    grain = partition_grain(text)
    assert grain.grain
    assert grain.symbolic
