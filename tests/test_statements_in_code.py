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

FORMS = yaml.safe_load((Path(__file__).parent / "statement_forms.yaml").read_text(encoding="utf-8"))


def laid_out(folder: Path, code: str) -> tuple[Sql, ...]:
    """The statements of a service of one file, with an SQL file and a migration beside it."""
    (folder / "go.mod").write_text(
        "module example.com/orders\n\ngo 1.24\n\nrequire github.com/ClickHouse/clickhouse-go/v2 v2.30.0\n"
    )
    (folder / "main.go").write_text(HEAD + code + "\n\nfunc main() { (&store{}).run(context.Background()) }\n")
    (folder / "query.sql").write_text("SELECT id FROM orders WHERE day = today() LIMIT 5;\n")
    return resolved(folder).statements


@pytest.mark.parametrize("form", FORMS, ids=[form["name"] for form in FORMS])
def test_form_is_found_with_what_sends_it(form: dict[str, str], tmp_path: Path) -> None:
    """A statement in each form is found once as what it is, sent by the call that sends it, and known to be ClickHouse's."""
    sent = [one for one in laid_out(tmp_path, form["code"]) if one.operations]
    assert [form["kind"]] == [one.statement.kind for one in sent]
    named = {sent[0].statement.target, *sent[0].statement.tables}
    assert not form["target"] or form["target"] in named
    assert [form["role"]] == [operation.role for operation in sent[0].operations]
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
