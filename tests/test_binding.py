"""What calls are bound to."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks import binding


def bound(folder: Path, **files: str) -> dict[str, str]:
    """Callee as written -> kind and what it is bound to, of the last call written so."""
    folder.joinpath("go.mod").write_text("module example.com/service\n\ngo 1.24\n", encoding="utf-8")
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.go"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    service = binding.resolved(folder)
    return {
        call.callee: f"{call.resolution.kind} {binding.bound_to(call.resolution)}".rstrip().replace(
            "example.com/service/", ""
        )
        for call in binding.sites(service)
    }


def test_a_struct_written_in_place_has_fields(tmp_path: Path) -> None:
    """Fields of a struct type without a name are followed, as a field's type, a variable's and a literal's."""
    found = bound(
        tmp_path,
        meter__meter="package meter\n\ntype Counter struct{}\n\nfunc (c *Counter) Inc() {}\n\nfunc (c *Counter) Dec() {}\n\n"
        "func (c *Counter) Set() {}\n",
        work__work="""package work

import "example.com/service/meter"

type Worker struct {
	stats struct {
		seen *meter.Counter
	}
}

func (w *Worker) Run() {
	var held struct {
		C *meter.Counter
	}
	w.stats.seen.Inc()
	held.C.Dec()
	for _, step := range []struct{ Done *meter.Counter }{{}} {
		step.Done.Set()
	}
}
""",
    )
    assert found == {
        "w.stats.seen.Inc": "resolved meter.Counter.Inc",
        "held.C.Dec": "resolved meter.Counter.Dec",
        "step.Done.Set": "resolved meter.Counter.Set",
    }


def test_the_share_counts_what_is_bound(tmp_path: Path) -> None:
    """Builtins and conversions are no call sites; a function value that is not followed is a site that is not bound."""
    tmp_path.joinpath("go.mod").write_text("module example.com/service\n", encoding="utf-8")
    tmp_path.joinpath("main.go").write_text(
        'package main\n\nimport "os"\n\nfunc run(then func()) { then() }\n\n'
        'func main() { run(nil); os.Exit(len(string("x"))) }\n',
        encoding="utf-8",
    )
    counted = binding.share(binding.resolved(tmp_path))
    assert counted == {"sites": 3, "bound": 2, "resolved": 1, "external": 1, "dynamic": 1}
