"""Values followed to where they come from: each snippet passes one expression to `use`, and says what reaches it."""

from pathlib import Path

import pytest

from rda_nb.core import Quantity, State
from tests.cases import resolved

GO = """package main

import (
	"flag"
	"math/rand"
	"os"
	"strconv"
	"time"

	"github.com/spf13/viper"
)

var _ = []any{flag.Int, rand.Intn, os.Getenv, strconv.Itoa, time.Second, viper.GetInt}

func use(value any) {}
"""


def quantity_of(folder: Path, body: str, unit: str, **files: str) -> Quantity:
    """What reaches the argument of the first call of `use` in a program with this body."""
    (folder / "go.mod").write_text("module example.org/svc\n\ngo 1.22\n")
    (folder / "main.go").write_text(GO + body)
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    service = resolved(folder)
    [call] = [call for made in service.calls.calls_of.values() for call in made if call.callee == "use"]
    return service.quantity(service.calls.arguments(call)[0], call, unit)


@pytest.mark.parametrize(
    ("body", "unit", "number"),
    [
        ("func main() { use(3 * 10 * time.Second) }", "s", 30),
        ("const base = 250 * time.Millisecond\n\nfunc main() { use(base * 2) }", "s", 0.5),
        ("func main() { use(1 << 20) }", "bytes", 1 << 20),
        ("func main() { n := min(8, 20); use(n) }", "count", 8),
        ("func main() { use(time.Second / time.Duration(4)) }", "s", 0.25),
        ("func main() { use(int(time.Minute / time.Second)) }", "count", 60),
        ('func main() { d, _ := time.ParseDuration("1m30s"); use(d) }', "s", 90),
        ('var n = flag.Int("workers", 12, "")\n\nfunc main() { use(*n) }', "count", 12),
        ("type box struct{ size int }\n\nfunc main() { b := box{size: 7}; use(b.size) }", "count", 7),
        (("type box struct{ inner struct{ size int } }\n\nfunc f(b *box) { b.inner.size = 9 }\n\n"
         "func main() { var b box; f(&b); use(b.inner.size) }"), "count", 9),
        ("func twice(n int) int { return 2 * n }\n\nfunc main() { use(twice(21)) }", "count", 42),
    ],
)  # fmt: skip
def test_an_expression_is_worked_out(tmp_path: Path, body: str, unit: str, number: float) -> None:
    found = quantity_of(tmp_path, body, unit)
    assert (State.KNOWN, number) == (found.state, found.number)
    assert found.origins and all(origin.evidence for origin in found.origins)


@pytest.mark.parametrize(
    ("body", "unit", "low", "high"),
    [
        ("func main() { use(time.Duration(rand.Intn(5)) * time.Second) }", "s", 0, 4),
        ("func main() { n := 4\n\tif len(os.Args) > 1 {\n\t\tn = 16\n\t}\n\tuse(n) }", "count", 4, 16),
        ("func pick(n int) { use(n) }\n\nfunc main() { pick(1); pick(2); pick(3); pick(4); pick(5); pick(6); pick(70) }",
         "count", 1, 70),
    ],
)  # fmt: skip
def test_several_values_are_a_range(tmp_path: Path, body: str, unit: str, low: float, high: float) -> None:
    found = quantity_of(tmp_path, body, unit)
    assert (State.RANGE, low, high) == (found.state, found.low, found.high)


def test_a_clamp_gives_no_value_of_its_own(tmp_path: Path) -> None:
    body = """type config struct{ size int }

func (c *config) check() {
	if c.size > 1000 {
		c.size = 1000
	}
}

func main() { c := &config{size: 50}; c.check(); use(c.size) }
"""
    assert 50 == quantity_of(tmp_path, body, "count").number


def test_a_default_gives_way_to_what_the_deployment_sets(tmp_path: Path) -> None:
    body = """func number(key string, fallback int) int {
	if n, err := strconv.Atoi(os.Getenv(key)); err == nil {
		return n
	}
	return fallback
}

func main() { use(number("BATCH_ROWS", 100)) }
"""
    compose = "services:\n  svc:\n    build: .\n    environment:\n      BATCH_ROWS: '5000'\n"
    found = quantity_of(
        tmp_path, body, "count", Dockerfile="FROM go\nENV BATCH_ROWS=200\n", **{"docker-compose_yml": compose}
    )
    assert (5000, "BATCH_ROWS") == (found.number, found.config_key)
    chain = [(origin.kind, str(origin.evidence)) for origin in found.origins]
    assert ("default", "main.go:23") in chain
    assert [place for kind, place in chain if kind == "override"] == ["Dockerfile:2", "docker-compose.yml:5"]


def test_two_deployments_that_differ_are_a_range(tmp_path: Path) -> None:
    body = 'func main() { n, _ := strconv.Atoi(os.Getenv("POOL_SIZE")); use(n) }\n'
    workload = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: svc}\nspec:\n  template:\n    spec:\n"
        "      containers:\n        - name: svc\n          image: svc\n          env:\n"
        "            - {name: POOL_SIZE, value: '%d'}\n"
    )
    found = quantity_of(tmp_path, body, "count", deploy__small_yaml=workload % 4, deploy__large_yaml=workload % 32)
    assert (State.RANGE, 4, 32) == (found.state, found.low, found.high)


def test_what_cannot_be_followed_says_why(tmp_path: Path) -> None:
    found = quantity_of(tmp_path, 'func main() { n, _ := strconv.Atoi(os.Getenv("LIMIT_X")); use(n) }\n', "count")
    assert State.UNKNOWN == found.state
    assert "LIMIT_X" in found.reason


_SQUASHED = """package main

import "time"

type Config struct {
	Backfiller BackfillerWorkflow `mapstructure:"backfiller"`
	Poller     PollerWorkflow     `mapstructure:"poller"`
}

type Workflow struct {
	HeartbeatTimeout time.Duration `mapstructure:"activity_heartbeat_timeout"`
}

type BackfillerWorkflow struct {
	Workflow  `mapstructure:",squash"`
	BatchSize int `mapstructure:"batch_size"`
}

type PollerWorkflow struct {
	Workflow `mapstructure:",squash"`
}
"""


def test_a_squashed_struct_is_set_below_the_keys_of_those_that_embed_it(tmp_path: Path) -> None:
    """Each of the values that files set for a field of an embedded struct may hold."""
    (tmp_path / "go.mod").write_text("module example.com/service\n\ngo 1.24\n")
    (tmp_path / "main.go").write_text(_SQUASHED)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "base.yml").write_text(
        "workflows:\n  backfiller:\n    activity_heartbeat_timeout: 2m\n"
        "  poller:\n    activity_heartbeat_timeout: 15m\n"
    )
    values = resolved(tmp_path).values
    found = values.quantity(values.field("example.com/service.Workflow", "HeartbeatTimeout"), "s", 1e-9)
    assert (State.RANGE, 120, 900) == (found.state, found.low, found.high)
