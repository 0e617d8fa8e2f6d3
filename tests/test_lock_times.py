"""How long a lock is said to be held over a call."""

from __future__ import annotations

from pathlib import Path

from rda_nb import checks
from tests.cases import resolved

SOURCE = """package main

import (
	"context"
	"database/sql"
	"net/http"
	"sync"
	"time"
)

type store struct{ db *sql.DB }

func (s *store) list(ctx context.Context) { s.db.QueryContext(ctx, "SELECT 1") }

type service struct {
	mu    sync.Mutex
	store *store
}

func (s *service) get(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.list(ctx)
}

// Refresh is called from outside.
func (s *service) Refresh(ctx context.Context) { s.store.list(ctx) }

func (s *service) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	s.get(ctx)
}

func main() {
	db, _ := sql.Open("postgres", "postgres://stock/")
	s := &service{store: &store{db}}
	http.HandleFunc("/", s.serve)
	http.ListenAndServe(":8080", nil)
}
"""


def test_only_the_way_from_the_lock_bounds_what_is_held(tmp_path: Path) -> None:
    """What other callers give the functions between a lock and a call is nothing that the lock waits for."""
    (tmp_path / "go.mod").write_text("module example.com/service\n\ngo 1.24\n", encoding="utf-8")
    (tmp_path / "main.go").write_text(SOURCE, encoding="utf-8")
    service = resolved(tmp_path)
    by_id = {check.id: check for check in checks.checks()}
    (held,) = checks.rows_of(by_id["lock_across_io"], service)
    assert "for up to 3 s by way of" in held.claim
    # The call's own row speaks of all ways to it.
    (called,) = checks.rows_of(by_id["external_call_budget"], service)
    assert called.worst_case.result is None
