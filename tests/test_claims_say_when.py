"""Claims say under what condition a place runs and who starts it."""

from pathlib import Path

import pytest

from rda_nb import checks
from tests.cases import resolved

_CODE = """package main

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
	"time"
)

var label = regexp.MustCompile("^[a-z]+$")

type tags struct {
	mu    sync.Mutex
	known map[string]string
}

func (t *tags) refresh() error {
	answer, err := http.Get("http://hub/tags")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	fmt.Println(len(text))
	return err
}

func (t *tags) submit() error {
	answer, err := http.Post("http://hub/jobs", "", nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("hub: %s", text)
	}
	return nil
}

func (t *tags) keep() {
	for {
		t.mu.Lock()
		t.known["now"] = time.Now().String()
		t.mu.Unlock()
		time.Sleep(time.Minute)
	}
}

func (t *tags) list(w http.ResponseWriter, r *http.Request) {
	go t.refresh()
	go t.keep()
	t.submit()
	t.mu.Lock()
	t.known[r.URL.Path] = "asked"
	t.mu.Unlock()
}

type message struct{ names []string }

func consume(messages chan message, strict bool) {
	for one := range messages {
		for _, name := range one.names {
			if strict && label.MatchString(name) {
				fmt.Println(name)
			}
		}
	}
}

func main() {
	messages := make(chan message)
	go consume(messages, true)
	t := &tags{known: map[string]string{}}
	http.HandleFunc("GET /tags", t.list)
	http.ListenAndServe(":8080", nil)
}
"""


@pytest.mark.parametrize(
    ("check_id", "said"),
    [
        ("unbounded_read", "in a goroutine that GET /tags starts"),
        ("unbounded_read", "tags.submit reads the answer of a failed request into memory on GET /tags"),
        ("lock_across_io", "in each turn of a loop that runs in a goroutine of its own"),
        ("lock_across_io", "The lock is taken per request or message"),
        ("regex_match_per_item", "for each of `one.names`, where `strict`, on"),
    ],
)
def test_a_claim_says_when(tmp_path: Path, check_id: str, said: str) -> None:
    """What a request starts, what only a failure reaches and what a condition holds back is not told as every request's."""
    (tmp_path / "go.mod").write_text("module example.com/service\n\ngo 1.24\n")
    (tmp_path / "main.go").write_text(_CODE)
    check = next(check for check in checks.checks() if check.id == check_id)
    claims = [row.claim for row in checks.rows_of(check, resolved(tmp_path))]
    assert [claim for claim in claims if said in claim] != [], claims


_NAMED = """package main

import "github.com/prometheus/client_golang/prometheus"

var counters = map[string]*prometheus.CounterVec{}

func define() {
	counters["taken"] = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "taken"}, []string{"group"})
	counters["given"] = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "given"}, []string{"group"})
	counters["kept"] = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kept"}, []string{"group"})
	counters["left"] = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "left"}, []string{"group"})
}

func Increment(name string, labels map[string]string) {
	counters[name].With(labels).Inc()
}

func work() {
	Increment("taken", nil)
	Increment("taken", nil)
	Increment("given", nil)
}

func main() { define(); work() }
"""


def test_updates_by_name_are_not_counted(tmp_path: Path) -> None:
    """Metrics that one function updates by their names have no number of places of their own."""
    (tmp_path / "go.mod").write_text("module example.com/service\n\ngo 1.24\n")
    (tmp_path / "main.go").write_text(_NAMED)
    check = next(check for check in checks.checks() if check.id == "metric_inventory")
    claims = [row.claim for row in checks.rows_of(check, resolved(tmp_path))]
    assert "taken (counter) is updated by its name, where 3 others are too." in claims, claims


_REGISTERED = """package main

import (
	"encoding/json"
	"expvar"
	"net/http"
	"sync"
)

type quota struct {
	sync.RWMutex
	Series map[string]int
}

var quotas = &quota{Series: map[string]int{}}

func init() {
	expvar.Publish("Series", expvar.Func(func() interface{} {
		quotas.RLock()
		defer quotas.RUnlock()
		text, _ := json.Marshal(quotas)
		return string(text)
	}))
}

func take(w http.ResponseWriter, r *http.Request) {
	quotas.Lock()
	quotas.Series[r.URL.Path]++
	quotas.Unlock()
}

func main() {
	http.HandleFunc("GET /", take)
	http.ListenAndServe(":8080", nil)
}
"""


def test_what_an_initializer_registers_runs_later(tmp_path: Path) -> None:
    """A function that an initializer hands to a library does not run at the start."""
    (tmp_path / "go.mod").write_text("module example.com/service\n\ngo 1.24\n")
    (tmp_path / "main.go").write_text(_REGISTERED)
    check = next(check for check in checks.checks() if check.id == "encode_under_lock")
    claims = [row.claim for row in checks.rows_of(check, resolved(tmp_path))]
    assert [claim for claim in claims if claim.startswith("What init registers encodes all of `quotas`")] != [], claims
