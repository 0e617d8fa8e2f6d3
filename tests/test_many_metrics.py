"""A wrapper that defines many metrics: none is lost, and each keeps its own updates."""

from __future__ import annotations

from pathlib import Path

from tests.cases import resolved

COUNT = 90


def test_every_metric_of_a_wrapper_has_its_own_updates(tmp_path: Path) -> None:
    """Ninety counters made through one factory are ninety metrics with one update each."""
    fields = "\n".join(f"\tm{i} prometheus.Counter" for i in range(COUNT))
    made = "\n".join(
        f'\t\tm{i}: counter(prometheus.CounterOpts{{Name: "m{i}_total", Help: "One."}}),' for i in range(COUNT)
    )
    used = "\n".join(f"\tm.m{i}.Inc()" for i in range(COUNT))
    (tmp_path / "go.mod").write_text("module example.com/many\n\ngo 1.24\n")
    (tmp_path / "main.go").write_text(
        'package main\n\nimport "github.com/prometheus/client_golang/prometheus"\n\n'
        f"type metrics struct {{\n{fields}\n}}\n\n"
        "func counter(opts prometheus.CounterOpts) prometheus.Counter { return prometheus.NewCounter(opts) }\n\n"
        f"func made() *metrics {{\n\treturn &metrics{{\n{made}\n\t}}\n}}\n\n"
        f"func main() {{\n\tm := made()\n{used}\n}}\n"
    )
    found = resolved(tmp_path).metrics
    assert COUNT == len(found)
    assert {1} == {len(metric.updates) for metric in found}
