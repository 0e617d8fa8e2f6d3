"""Every way in which code holds a statement: each is found in the resolved service, with its kind, target and sender."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from rda_nb.service.statements import Sql
from tests.cases import resolved

HEAD = """package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	sq "github.com/Masterminds/squirrel"
	"github.com/doug-martin/goqu/v9"
	"github.com/huandu/go-sqlbuilder"
)

var _, _, _, _, _ = fmt.Sprint, os.Args, sq.Select, goqu.From, sqlbuilder.NewSelectBuilder
var _ strings.Builder

type store struct {
	conn  driver.Conn
	table string
	query string
}

"""

# name -> (declarations and the function that sends, kind, target or table read, roles of what sends it)
FORMS: dict[str, tuple[str, str, str, str]] = {
    "a literal": (
        'func (s *store) run(ctx context.Context) { _ = s.conn.Exec(ctx, "OPTIMIZE TABLE orders FINAL") }',
        "optimize",
        "orders",
        "clickhouse.exec",
    ),
    "a raw literal over lines": (
        "func (s *store) run(ctx context.Context) {\n\t_, _ = s.conn.Query(ctx, `SELECT id\n\t\tFROM orders FINAL\n\t\tWHERE id = ?`, 1)\n}",
        "select",
        "orders",
        "clickhouse.query",
    ),
    "a constant": (
        'const drop = "ALTER TABLE orders DELETE WHERE day < ?"\n\nfunc (s *store) run(ctx context.Context) { _ = s.conn.Exec(ctx, drop, 1) }',
        "alter_delete",
        "orders",
        "clickhouse.exec",
    ),
    "a constant joined with a literal": (
        'const insert = "INSERT INTO orders (id, day)"\n\nfunc (s *store) run(ctx context.Context) { _ = s.conn.Exec(ctx, insert+" VALUES (?, ?)", 1, 2) }',
        "insert",
        "orders",
        "clickhouse.exec",
    ),
    "literals joined with +": (
        'func (s *store) run(ctx context.Context) { _, _ = s.conn.Query(ctx, "SELECT id, day "+"FROM orders "+"WHERE day > ? LIMIT 10", 1) }',
        "select",
        "orders",
        "clickhouse.query",
    ),
    "a literal joined with a name": (
        'func (s *store) run(ctx context.Context) { _ = s.conn.Exec(ctx, "TRUNCATE TABLE "+s.table) }',
        "truncate",
        "%s",
        "clickhouse.exec",
    ),
    "constants of constants": (
        'const (\n\tcolumns = "id, day"\n\tinsert  = "INSERT INTO orders (" + columns + ")"\n)\n\nfunc (s *store) run(ctx context.Context) { _, _ = s.conn.PrepareBatch(ctx, insert) }',
        "insert",
        "orders",
        "clickhouse.prepare_batch",
    ),
    "Sprintf over a literal": (
        'func (s *store) run(ctx context.Context) { _ = s.conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s UPDATE day = %d WHERE id = 1", s.table, 7)) }',
        "alter_update",
        "%s",
        "clickhouse.exec",
    ),
    "Sprintf over a constant": (
        'const move = "ALTER TABLE orders DROP PARTITION %s"\n\nfunc (s *store) run(ctx context.Context) { _ = s.conn.Exec(ctx, fmt.Sprintf(move, "202401")) }',
        "alter_drop_partition",
        "orders",
        "clickhouse.exec",
    ),
    "a local that Sprintf fills": (
        'func (s *store) run(ctx context.Context) {\n\tquery := fmt.Sprintf("SELECT id FROM %s WHERE day = ? LIMIT %d", "orders", 5)\n\t_, _ = s.conn.Query(ctx, query, 1)\n}',
        "select",
        "",
        "clickhouse.query",
    ),
    "a function that returns it": (
        'func statement(n int) string { return fmt.Sprintf("SELECT id FROM orders LIMIT %d", n) }\n\nfunc (s *store) run(ctx context.Context) { _, _ = s.conn.Query(ctx, statement(5)) }',
        "select",
        "orders",
        "clickhouse.query",
    ),
    "a parameter of a wrapper": (
        'func (s *store) exec(ctx context.Context, query string) { _ = s.conn.Exec(ctx, query) }\n\nfunc (s *store) run(ctx context.Context) { s.exec(ctx, "OPTIMIZE TABLE orders DEDUPLICATE") }',
        "optimize",
        "orders",
        "clickhouse.exec",
    ),
    "a field": (
        'func made() *store { return &store{query: "SELECT id FROM orders WHERE id = 1"} }\n\nfunc (s *store) run(ctx context.Context) { _, _ = s.conn.Query(ctx, s.query) }',
        "select",
        "orders",
        "clickhouse.query",
    ),
    "a list of statements": (
        'var setup = []string{"CREATE TABLE orders (id UInt64) ENGINE = MergeTree ORDER BY id"}\n\nfunc (s *store) run(ctx context.Context) {\n\tfor _, one := range setup {\n\t\t_ = s.conn.Exec(ctx, one)\n\t}\n}',
        "create_table",
        "orders",
        "clickhouse.exec",
    ),
    "a map of statements": (
        'var named = map[string]string{"late": "SELECT id FROM orders WHERE late"}\n\nfunc (s *store) run(ctx context.Context) { _, _ = s.conn.Query(ctx, named["late"]) }',
        "select",
        "orders",
        "clickhouse.query",
    ),
    "strings.Builder": (
        'func (s *store) run(ctx context.Context) {\n\tvar b strings.Builder\n\tb.WriteString("SELECT id FROM orders WHERE day = ?")\n\tb.WriteString(" ORDER BY id")\n\t_, _ = s.conn.Query(ctx, b.String(), 1)\n}',
        "select",
        "orders",
        "clickhouse.query",
    ),
    "text that grows": (
        'func (s *store) run(ctx context.Context) {\n\tquery := "SELECT id FROM orders WHERE 1"\n\tif s.table != "" {\n\t\tquery += " AND day = ?"\n\t}\n\t_, _ = s.conn.Query(ctx, query)\n}',
        "select",
        "orders",
        "clickhouse.query",
    ),
    "strings.ReplaceAll": (
        'const tmpl = "SELECT id FROM orders WHERE :filter"\n\nfunc (s *store) run(ctx context.Context) { _, _ = s.conn.Query(ctx, strings.ReplaceAll(tmpl, ":filter", "1")) }',
        "select",
        "orders",
        "clickhouse.query",
    ),
    "squirrel select": (
        'func (s *store) run(ctx context.Context) {\n\tquery, args, _ := sq.Select("id", "day").From("orders").Where(sq.Eq{"day": 1}).Limit(10).ToSql()\n\t_, _ = s.conn.Query(ctx, query, args...)\n}',
        "select",
        "orders",
        "clickhouse.query",
    ),
    "squirrel insert": (
        'func (s *store) run(ctx context.Context) {\n\tquery, args, _ := sq.Insert("orders").Columns("id").Values(1).ToSql()\n\t_ = s.conn.Exec(ctx, query, args...)\n}',
        "insert",
        "orders",
        "clickhouse.exec",
    ),
    "goqu": (
        'func (s *store) run(ctx context.Context) {\n\tquery, args, _ := goqu.From("orders").Select("id").Limit(5).ToSQL()\n\t_, _ = s.conn.Query(ctx, query, args...)\n}',
        "select",
        "orders",
        "clickhouse.query",
    ),
    "huandu": (
        'func (s *store) run(ctx context.Context) {\n\tb := sqlbuilder.NewSelectBuilder()\n\tb.Select("id").From("orders").Limit(5)\n\tquery, args := b.Build()\n\t_, _ = s.conn.Query(ctx, query, args...)\n}',
        "select",
        "orders",
        "clickhouse.query",
    ),
    "an embedded file": (
        "//go:embed query.sql\nvar query string\n\nfunc (s *store) run(ctx context.Context) { _, _ = s.conn.Query(ctx, query) }",
        "select",
        "orders",
        "clickhouse.query",
    ),
}


def laid_out(folder: Path, code: str) -> tuple[Sql, ...]:
    """The statements of a service of one file, with an SQL file and a migration beside it."""
    (folder / "go.mod").write_text(
        "module example.com/orders\n\ngo 1.24\n\nrequire github.com/ClickHouse/clickhouse-go/v2 v2.30.0\n"
    )
    (folder / "main.go").write_text(HEAD + code + "\n\nfunc main() { (&store{}).run(context.Background()) }\n")
    (folder / "query.sql").write_text("SELECT id FROM orders WHERE day = today() LIMIT 5;\n")
    return resolved(folder).statements


@pytest.mark.parametrize("form", FORMS, ids=list(FORMS))
def test_form_is_found_with_what_sends_it(form: str, tmp_path: Path) -> None:
    """A statement in each form is found once as what it is, sent by the call that sends it, and known to be ClickHouse's."""
    code, kind, target, role = FORMS[form]
    sent = [one for one in laid_out(tmp_path, code) if one.operations]
    assert [kind] == [one.statement.kind for one in sent]
    named = {sent[0].statement.target, *sent[0].statement.tables}
    assert not target or target in named
    assert [role] == [operation.role for operation in sent[0].operations]
    assert sent[0].clickhouse is True


def test_no_statement_of_the_corpus_is_lost_in_code(tmp_path: Path) -> None:
    """Each of the corpus's statements, handed to a client as a literal, is found in the service with its kind."""
    corpus = yaml.safe_load((Path(__file__).parent / "sql_statements.yaml").read_text(encoding="utf-8"))
    texts = [case["sql"] for case in corpus if "`" not in case["sql"]]
    calls = "\n".join(f"\t_ = s.conn.Exec(ctx, `{text}`)" for text in texts)
    found = [
        one for one in laid_out(tmp_path, f"func (s *store) run(ctx context.Context) {{\n{calls}\n}}") if one.operations
    ]
    assert len(texts) == len(found) > 65
    kinds = [case["expect"]["kind"] for case in corpus if "`" not in case["sql"]]
    assert kinds == [one.statement.kind for one in found]
    assert all(one.clickhouse for one in found)


def test_files_of_statements_are_read(tmp_path: Path) -> None:
    """Migrations and a shell script's statements are found, and what a migration undoes is not."""
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "1.sql").write_text(
        "-- +goose Up\nCREATE TABLE scans (id UInt64) ENGINE = MergeTree ORDER BY id;\n-- +goose Down\nDROP TABLE scans;\n"
    )
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "load.sh").write_text(
        "clickhouse-client --query 'INSERT INTO scans SELECT number FROM numbers(10)'\n"
    )
    kinds = [
        (one.path, one.statement.kind) for one in laid_out(tmp_path, "func (s *store) run(ctx context.Context) {}")
    ]
    assert ("migrations/1.sql", "create_table") in kinds
    assert ("migrations/1.sql", "drop") not in kinds
    assert ("scripts/load.sh", "insert") in kinds
