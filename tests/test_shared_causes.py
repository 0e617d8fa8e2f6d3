"""What a call without a bound is said to have in common with other calls, and with how many."""

from __future__ import annotations

from pathlib import Path

from rda_nb import checks
from tests.cases import resolved

CLIENTS = """package main

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/iam"
	"github.com/aws/aws-sdk-go/service/sqs"
)

type shop struct {
	queue *sqs.SQS
	roles *iam.IAM
	slow  *http.Client
}

func (s *shop) receive() {
	s.queue.ReceiveMessage(&sqs.ReceiveMessageInput{})
	s.queue.DeleteMessage(&sqs.DeleteMessageInput{})
	s.roles.GetRole(&iam.GetRoleInput{})
}

func (s *shop) send(ctx context.Context) {
	s.queue.SendMessageWithContext(ctx, &sqs.SendMessageInput{})
}

func (s *shop) fetch() {
	s.slow.Get("http://prices/")
	s.slow.Get("http://stock/")
}

func main() {
	one := session.Must(session.NewSession(aws.NewConfig().WithMaxRetries(250)))
	s := &shop{
		queue: sqs.New(one),
		roles: iam.New(session.Must(session.NewSession())),
		slow:  &http.Client{Timeout: 900 * time.Second},
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.receive()
		s.fetch()
		s.send(context.Background())
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		s.send(ctx)
	})
	http.ListenAndServe(":8080", nil)
}
"""


def claims(folder: Path, source: str) -> dict[str, str]:
    """Method -> what is said of its last call."""
    (folder / "go.mod").write_text("module example.com/service\n\ngo 1.24\n", encoding="utf-8")
    (folder / "main.go").write_text(source, encoding="utf-8")
    check = next(one for one in checks.checks() if one.id == "external_call_budget")
    rows = checks.rows_of(check, resolved(folder))
    return {row.subject.rpartition(".")[2]: row.claim for row in rows}


def test_calls_of_one_client_are_counted_together(tmp_path: Path) -> None:
    """A call of another client of the same library, with other retries, is none of them, nor is one that some ways bound."""
    said = claims(tmp_path, CLIENTS)
    assert said["ReceiveMessage"].endswith("One other call of the client made at main.go:38 has none either.")
    assert said["DeleteMessage"].endswith("One other call of the client made at main.go:38 has none either.")
    assert "other call" not in said["GetRole"]
    assert "other call" not in said["SendMessageWithContext"]


def test_calls_with_the_same_limit_are_counted_with_its_line(tmp_path: Path) -> None:
    """The limit of a client is told with the line that sets it."""
    said = claims(tmp_path, CLIENTS)["Get"]
    assert said.endswith("One other call ends by the same limit (main.go:40).")


def test_ways_that_cannot_be_followed_are_none_with_a_deadline(tmp_path: Path) -> None:
    """That others set one is said where some do, and not where it is unknown whether they do."""
    said = claims(tmp_path, CLIENTS)
    assert "no timeout bounds an attempt" in said["SendMessageWithContext"]
    assert "Some ways to it set one, others none." in said["SendMessageWithContext"]
    exported = CLIENTS.replace("s.send(ctx)", "_ = ctx")
    exported += "\nfunc (s *shop) Handed(ctx context.Context) { s.send(ctx) }\n"
    said = claims(tmp_path, exported)
    assert "A context starts without one at main.go:45." in said["SendMessageWithContext"]
    assert "ways to it" not in said["SendMessageWithContext"]


LIMITER = """package main

import (
	"context"
	"net/http"
	"time"
)

func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		actual := time.Minute
		if asked, err := time.ParseDuration(r.Header.Get("timeout")); err == nil {
			if asked > 10*time.Minute {
				actual = 10 * time.Minute
			} else {
				actual = asked
			}
		}
		ctx, cancel := context.WithTimeout(r.Context(), actual)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func main() {
	http.ListenAndServe(":8080", limited(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request, _ := http.NewRequestWithContext(r.Context(), "GET", "http://prices/", nil)
		http.DefaultClient.Do(request)
	})))
}
"""


def test_a_deadline_of_several_values_is_told_with_the_least(tmp_path: Path) -> None:
    """What only a request that asks for it gets is no plain upper end: the usual value stands beside it."""
    said = claims(tmp_path, LIMITER)["Do"]
    assert "ends after at most 600 s (10 min), and 60 s by another value of its deadline (main.go:19)" in said


HANDLES = """package main

import (
	"database/sql"
	"net/http"

	"example.com/elsewhere/dbs"
)

type backend struct{ db *sql.DB }

func newBackend() *backend {
	db, _ := dbs.Get("elections")
	return &backend{db: db}
}

func (b *backend) lead() { b.db.QueryRow("SELECT leader FROM elections") }

func main() {
	own, _ := sql.Open("postgres", "postgres://stock/")
	b := newBackend()
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		own.Ping()
		own.Query("SELECT 1")
		b.lead()
	})
	http.ListenAndServe(":8080", nil)
}
"""


def test_a_handle_that_is_opened_elsewhere_is_another_one(tmp_path: Path) -> None:
    """The one handle that is seen to be opened is not that of every statement where a library opens one too."""
    said = claims(tmp_path, HANDLES)
    assert said["Query"].endswith("One other call of the client made at main.go:20 has none either.")
    assert "other call" not in said["QueryRow"]
