"""Every statement form is classified, nothing is lost, and prose is not taken for SQL."""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rda_nb.facts.sql import KINDS, Statement, classify, looks_like_sql, migration_direction, up_part

STATEMENTS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "sql_statements.yaml").read_text(encoding="utf-8")
)


def only(sql: str, hint: str = "") -> Statement:
    """The one statement of `sql`."""
    (statement,) = classify(sql, dialect_hint=hint)
    return statement


def plain(value: object) -> object:
    """Tuples as lists and mappings as dicts, as YAML writes them."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return dict(value) if hasattr(value, "keys") else value  # type: ignore[call-overload]


def test_the_corpus_has_seventy_statements() -> None:
    """The corpus holds seventy statements."""
    assert 70 == len(STATEMENTS)


@pytest.mark.parametrize("case", STATEMENTS, ids=[case["sql"].split("\n")[0][:60] for case in STATEMENTS])
def test_statement_is_classified(case: dict[str, Any]) -> None:
    """Each statement of the corpus has the kind and the attributes that a reader sees in it."""
    statement = only(case["sql"])
    expected = dict(case["expect"])
    hints, lines = set(expected.pop("hints", [])), expected.pop("lines", {})
    assert expected == {name: plain(getattr(statement, name)) for name in expected}
    assert hints <= statement.dialect_hints
    assert lines == {clause: statement.clauses.get(clause) for clause in lines}
    assert statement.text in case["sql"]


@pytest.mark.parametrize("case", STATEMENTS, ids=[case["sql"].split("\n")[0][:60] for case in STATEMENTS])
def test_statement_looks_like_sql(case: dict[str, Any]) -> None:
    """Each statement of the corpus passes the prefilter for string literals."""
    assert looks_like_sql(case["sql"])


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "select id, name from users where id = $1",
        "with x as (select",
        "with x as (select 1) select * from x",
        "insert into users (name) values (?)",
        "INSERT INTO %s.%s (%s)",
        "INSERT INTO events",
        "update users set name = ? where id = ?",
        "delete from users where id = $1",
        "  -- name: GetUser :one\n SELECT * FROM users WHERE id = $1",
        "/* note */ SELECT version()",
        "(SELECT 1 AS a) UNION ALL (SELECT 2 AS a)",
        "SELECT DISTINCT name, kind from %s.%s group by name, kind",
        "SELECT (SELECT count() FROM a), (SELECT count() FROM b)",
        "SELECT resource_name$$id FROM traces.spans LIMIT 1",
        "SELECT substring(body FROM 2 FOR 3) FROM t",
        "SELECT match(a, 'x\\\\(.+') FROM t",
        "SELECT operation FROM table WHERE service IN {{.service}}",
        "SELECT %s toStartOfHour(now()) as ts, sum(v) FROM (%s) GROUP BY ts",
    ],
)
def test_sql_in_code_is_seen(text: str) -> None:
    """Statements as programs write them pass the prefilter, templates included."""
    assert looks_like_sql(text)


@pytest.mark.parametrize(
    "text",
    [
        "select an option",
        "Select one from the list",
        "Select a database from below",
        "select rows from storage failed",
        "select consolidated table with better range",
        "SELECT statement from client failed",
        "SELECT error:\n%+v",
        "SELECT (-got, +want):\n%s",
        "update failed: %s",
        "update user settings",
        "Update the set of labels",
        "Delete from cart",
        "delete from %s failed",
        "DELETE /api/items",
        "insert into storage: %w",
        "Insert into table failed",
        "INSERT INTO failed: %w",
        "create table failed",
        "create table: %v",
        "CREATE TABLE %s failed",
        "drop table failed",
        "alter table %s failed: %w",
        "truncate table",
        "with different namespace format",
        "with a client as (default)",
        "grant access to user",
        "use the force",
        "set / system name host-name",
        "system metadata 'timestamp' should be present",
        "explain select failed",
        'SELECT (.+) FROM "rule".+WHERE \\(org_id = ',
        "DELETE FROM rule WHERE \\(id = \\$1\\)",
        "",
    ],
)
def test_prose_is_not_sql(text: str) -> None:
    """Log lines, test names, help texts and patterns that mocks expect do not pass, whatever word they begin with."""
    assert not looks_like_sql(text)


def test_quotes_comments_and_heredocs_hide_semicolons() -> None:
    """A semicolon cuts only outside strings, quoted names, comments and heredocs."""
    text = "SELECT ';' AS `a;b`; -- one;\nSELECT /* ; /* ; */ ; */ 2;\nDO $$ BEGIN x; END $$;\nSELECT \"c;\" FROM t"
    assert ["select", "select", "other", "select"] == [statement.kind for statement in classify(text)]
    assert [0, 1, 2, 3] == [statement.line_offset for statement in classify(text)]


def test_a_routine_is_one_statement() -> None:
    """Semicolons between BEGIN and END of a routine do not cut it."""
    text = "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN UPDATE b SET c = 1; DELETE FROM d; END; SELECT 1"
    assert ["other", "select"] == [statement.kind for statement in classify(text)]


def test_backslash_ends_a_string_where_the_dialect_says_so() -> None:
    """`'\\'` is a whole string in PostgreSQL, and is tried as one when escapes would leave a quote open."""
    for hint in ("postgres", ""):
        assert ["select", "select"] == [s.kind for s in classify("SELECT '\\'; SELECT 2", dialect_hint=hint)]


def test_unknown_has_a_reason() -> None:
    """What has no known form is kept, with its text and a reason."""
    for text in ("florp the table", "WITH x AS (", "ALTER TABLE t", "INSERT INTO t florp", "SET nothing"):
        statement = only(text)
        assert ("unknown", text) == (statement.kind, statement.text)
        assert statement.reason


def test_a_statement_that_code_goes_on_building_is_marked() -> None:
    """A text that ends within a bracket or on a word that asks for more says that it is cut off."""
    for text in ("SELECT a FROM t WHERE", "SELECT a FROM (", "INSERT INTO t (a, ", "SELECT a,"):
        assert only(text).reason.startswith("cut off")


def test_star_over_a_subquery_is_what_the_subquery_selects() -> None:
    """A star counts only where it reaches a stored table."""
    assert not only("SELECT * FROM (SELECT a FROM t)").star
    assert only("SELECT * FROM (SELECT * FROM t) AS s").star
    assert not only("SELECT count(*) FROM t").star
    template = only("SELECT * FROM (%s) WHERE a = 1")
    assert (False, ()) == (template.star, template.tables)


def test_scalar_expressions_of_with_are_no_columns() -> None:
    """`WITH expression AS name` names a value, which a condition compares with and does not filter by."""
    statement = only("WITH now() - 3600 AS since, (1, 2) AS pair SELECT a FROM t WHERE at > since AND k = pair.1")
    assert ("at", "k") == statement.where_columns


def test_a_value_that_is_a_keyword_ends_a_statement() -> None:
    """`= ON` closes a setting; only a word that asks for more cuts a text off."""
    assert "PRAGMA FOREIGN_KEYS" == only("PRAGMA foreign_keys = ON").reason


def test_conditions_are_read_where_no_parser_helps() -> None:
    """The reading by keyword finds the same tables and columns, and says that it was by keyword."""
    statement = only(
        """SELECT a FROM db.t FINAL AS x JOIN u ON x.i = u.i
        WHERE x.day = 1 AND at > now() - INTERVAL 1 DAY AND d = DATE '2024-01-01' LIMIT 5"""
    )
    assert ("forms", ("db.t", "u"), ("day", "at", "d"), 5) == (
        statement.parsed_by,
        statement.tables,
        statement.where_columns,
        statement.limit,
    )
    assert statement.final
    assert statement.reason


def test_window_functions_do_not_aggregate() -> None:
    """An aggregate over a window leaves the number of rows alone."""
    assert not only("SELECT sum(v) OVER (ORDER BY t) FROM x").aggregates
    assert only("SELECT maxIf(v, k = 1) FROM x").aggregates


def test_settings_after_the_column_list_are_read_where_they_stand() -> None:
    """SETTINGS of an INSERT are read with their line, before VALUES and without data."""
    statement = only("INSERT INTO t (a)\nSETTINGS async_insert = 1, wait_for_async_insert = 1")
    assert {"async_insert": "1", "wait_for_async_insert": "1"} == dict(statement.settings)
    assert 1 == statement.clauses["settings"]


def test_columns_of_a_table_keep_type_codec_and_default() -> None:
    """A column definition quotes its type, codec and default, and says where it stands."""
    text = """CREATE TABLE t (
        key LowCardinality(Nullable(String)) DEFAULT 'a,b' CODEC(ZSTD(3)) COMMENT 'x',
        n UInt64 MATERIALIZED now()
    ) ENGINE = Log"""
    first, second = only(text).column_defs
    assert ("key", "LowCardinality(Nullable(String))", True, True) == (
        first.name,
        first.type,
        first.nullable,
        first.low_cardinality,
    )
    assert ("ZSTD(3)", "'a,b'", 1) == (first.codec, first.default, first.line_offset)
    assert ("MATERIALIZED now()", 2) == (second.default, second.line_offset)


@pytest.mark.parametrize(
    ("hint", "text", "kind", "tables"),
    [
        ("postgres", "SELECT data->>'k' FROM jobs WHERE id = ANY($1) FOR UPDATE SKIP LOCKED", "select", ("jobs",)),
        ("postgres", "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a LIMIT 5", "select", ("t",)),
        ("mysql", "SELECT `a` FROM `t` WHERE b = @x LIMIT 10, 20", "select", ("t",)),
        (
            "",
            "SELECT u.id FROM users u LEFT JOIN orgs o USING (org_id) WHERE u.deleted_at IS NULL",
            "select",
            ("users", "orgs"),
        ),
        ("", "INSERT INTO users (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET a = 1 RETURNING id", "insert", ()),
        ("", "UPDATE jobs SET state = $1 FROM q WHERE jobs.id = q.id", "update", ()),
        ("postgres", "ALTER TABLE jobs ALTER COLUMN data TYPE text USING data::text", "alter_modify_column", ()),
        ("", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON jobs USING btree (state)", "other", ()),
        ("sqlite", "PRAGMA foreign_keys = ON", "other", ()),
    ],
)
def test_other_dialects(hint: str, text: str, kind: str, tables: tuple[str, ...]) -> None:
    """Statements for PostgreSQL, MySQL and SQLite are classified too."""
    statement = only(text, hint)
    assert (kind, tables) == (statement.kind, statement.tables)


@pytest.mark.parametrize(
    ("path", "text", "direction"),
    [
        ("migrations/0001_init.up.sql", "", "up"),
        ("migrations/0001_init.down.sql", "", "down"),
        ("db/V1__init.sql", "", "up"),
        ("db/U1__init.sql", "", "down"),
        ("db/20240101_init.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;", "both"),
        ("db/20240101_init.sql", "-- migrate:up\nSELECT 1;", "up"),
        ("queries/list.sql", "SELECT 1", ""),
    ],
)
def test_migration_direction(path: str, text: str, direction: str) -> None:
    """The direction of a migration is read from its markers first and its name second."""
    assert direction == migration_direction(path, text)


def test_up_part_keeps_lines() -> None:
    """The down section is blanked without moving a line."""
    text = """-- +goose Up
-- +goose StatementBegin
CREATE TABLE a (b UInt8) ENGINE = Log;
-- +goose StatementEnd
-- +goose Down
DROP TABLE a;
"""
    statements = classify(up_part(text))
    assert [("create_table", 2)] == [(s.kind, s.line_offset) for s in statements]
    assert text.count("\n") == up_part(text).count("\n")


def test_statements_survive_pickling() -> None:
    """A statement can cross a process border and be cached."""
    statement = only("SELECT a FROM t SETTINGS max_threads = 1")
    assert statement == pickle.loads(pickle.dumps(statement))


def test_the_parser_is_not_loaded_for_prose() -> None:
    """Neither importing the classifier nor the prefilter nor a text without a query loads the parser."""
    code = (
        "import sys; from rda_nb.facts.sql import classify, looks_like_sql;"
        "looks_like_sql('select an option'); classify(''); classify('OPTIMIZE TABLE t FINAL');"
        "sys.exit('sqlglot' in sys.modules)"
    )
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode


def test_no_warning_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The parser's own warnings are held back, and its logger is left as it was."""
    before = list(logging.getLogger("sqlglot").filters)
    with caplog.at_level(logging.WARNING):
        classify("SELECT a FROM t WHERE x BETWEEN; SELECT 1 SETTINGS a = (")
    assert [] == caplog.records
    assert before == logging.getLogger("sqlglot").filters


VOCABULARY = """SELECT FROM WHERE INSERT INTO VALUES CREATE TABLE MATERIALIZED VIEW ALTER UPDATE
    DELETE ADD COLUMN MODIFY ORDER BY
    TTL FINAL LIMIT OFFSET BY SETTINGS FORMAT PARTITION
    ENGINE = ( ) [ ] { } , ; . * ' ` " -- /* */ $1 %s {{.A}} ${b} ? :c @d 1 1e6 a b t AS WITH
    ON CLUSTER POPULATE TO AND OR IN NOT NULL DROP RENAME EXCHANGE TABLES EXPLAIN SET
    OPTIMIZE TRUNCATE GROUP UNION ALL
    JOIN PREWHERE SAMPLE
    INTERVAL DAY :: -> % $$ \\ # tuple BEGIN END INDEX PROJECTION IF EXISTS"""
WORDS = st.sampled_from(VOCABULARY.split())


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.text(max_size=120), st.lists(WORDS, max_size=25).map(" ".join), st.lists(WORDS, max_size=25).map("".join)
    )
)
def test_classify_never_raises(text: str) -> None:
    """Any text gives statements of known kinds, in order, each a slice of the text, and no reader fails inside."""
    position = 0
    for statement in classify(text):
        assert statement.kind in KINDS
        assert statement.text in text
        assert position <= statement.line_offset <= statement.end_line_offset
        assert not statement.reason.startswith("reader failed")
        assert statement.kind != "unknown" or statement.reason
        position = statement.line_offset
    looks_like_sql(text)
