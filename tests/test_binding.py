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


def test_a_method_of_a_target_type_goes_before_one_of_an_embedded_foreign_type(tmp_path: Path) -> None:
    """Of several embedded types the one that is seen to have the member gives it."""
    found = bound(
        tmp_path,
        app="""package app

import "go.uber.org/fx"

type Config struct{}

func (c *Config) Enabled() bool { return true }

type Common struct{ Config *Config }

func (c Common) Close() {}

type Params struct {
	fx.In
	Common
}

func run(params Params) {
	params.Config.Enabled()
	params.Close()
}
""",
    )
    assert found == {
        "params.Config.Enabled": "resolved example.com/service.Config.Enabled",
        "params.Close": "resolved example.com/service.Common.Close",
    }


def test_an_interface_is_implemented_by_equal_numbers_of_parameters_and_results(tmp_path: Path) -> None:
    """Methods of one name that give another number of results belong to other interfaces."""
    found = bound(
        tmp_path,
        app="""package app

type Plain interface{ Run(step func()) error }

type plain struct{}

func (p *plain) Run(step func()) error { return nil }

type counting struct{}

func (c *counting) Run(step func()) (int, error) { return 0, nil }

func call(p Plain) { p.Run(nil) }
""",
    )
    assert found == {"p.Run": "resolved example.com/service.plain.Run"}


def test_a_foreign_type_given_to_an_interface_is_a_candidate_beside_those_of_the_target(tmp_path: Path) -> None:
    """One implementer in the target is not the only one when a library's value is given to the interface too."""
    found = bound(
        tmp_path,
        app="""package app

import (
	"context"

	"gocloud.dev/pubsub"
)

type Acker interface{ Ack() }

type counted struct{}

func (c *counted) Ack() {}

type Message struct{ Acker }

func receive(ctx context.Context, sub *pubsub.Subscription) {
	msg, _ := sub.Receive(ctx)
	handle(&Message{Acker: msg})
	handle(&Message{Acker: &counted{}})
}

func handle(m *Message) { m.Ack() }
""",
    )
    assert found["m.Ack"] == "candidate example.com/service.counted.Ack | gocloud.dev/pubsub.Message.Ack"


def test_one_method_that_many_types_have_by_chance_is_not_followed(tmp_path: Path) -> None:
    """Thirteen types with a method `Stop` say nothing of the type behind an interface that asks for `Stop` alone."""
    types = "\n".join(f"type T{n} struct{{}}\n\nfunc (t *T{n}) Stop() error {{ return nil }}\n" for n in range(13))
    found = bound(
        tmp_path,
        app=f"package app\n\ntype stopper interface{{ Stop() error }}\n\n{types}\nfunc end(s stopper) {{ s.Stop() }}\n",
    )
    assert found == {"s.Stop": "unknown example.com/service.stopper.Stop"}


def test_a_mock_in_product_code_is_no_implementation(tmp_path: Path) -> None:
    """An interface is the library's type that its constructor returns, though a mock beside it has the same methods."""
    found = bound(
        tmp_path,
        events__client="""package events

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

type Client interface {
	PutRecord(context.Context, *kinesis.PutRecordInput, ...func(*kinesis.Options)) (*kinesis.PutRecordOutput, error)
}

func open(cfg aws.Config) (Client, error) {
	made := kinesis.NewFromConfig(cfg)
	return made, nil
}

func put(ctx context.Context, client Client) error {
	_, err := client.PutRecord(ctx, &kinesis.PutRecordInput{})
	return err
}
""",
        events__double="""package events

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/stretchr/testify/mock"
)

type double struct{ mock.Mock }

func (d *double) PutRecord(
	ctx context.Context, in *kinesis.PutRecordInput, opts ...func(*kinesis.Options),
) (*kinesis.PutRecordOutput, error) {
	return nil, nil
}
""",
    )
    assert found["client.PutRecord"] == "external github.com/aws/aws-sdk-go-v2/service/kinesis.Client.PutRecord"


def test_a_field_comes_before_what_an_embedded_type_may_have(tmp_path: Path) -> None:
    """A function in a field of the struct itself is no method of the library's type that the struct embeds."""
    found = bound(
        tmp_path,
        app="""package app

import "sync"

type worker struct {
	sync.Mutex
	handle func(string) error
}

func (w *worker) run(name string) error {
	w.Lock()
	return w.handle(name)
}
""",
    )
    assert found == {"w.Lock": "external sync.Mutex.Lock", "w.handle": "dynamic"}


def test_a_comment_in_a_chain_hides_no_call(tmp_path: Path) -> None:
    """Comments may stand before and behind the dots; the call's line is that of its name."""
    found = bound(
        tmp_path,
        q__q="package q\n\ntype Q struct{}\n\nfunc New() *Q { return nil }\n\nfunc (q *Q) Where() *Q { return q }\n\n"
        "func (q *Q) Scan() {}\n",
        work__work="""package work

import "example.com/service/q"

func Run() {
	q.New(). // see q.go.
		// then
		Where().
		/* a.b */ Scan()
}
""",
    )
    tails = {callee.rpartition(")")[2].split()[-1]: target for callee, target in found.items()}
    assert tails == {
        "q.New": "resolved q.New",
        "Where": "resolved q.Q.Where",
        "Scan": "resolved q.Q.Scan",
    }
    lines = {call.callee.split()[-1]: call.line for call in binding.sites(binding.resolved(tmp_path))}
    assert lines == {"q.New": 6, "Where": 8, "Scan": 9}


def part_of_a_module(folder: Path, parts: tuple[str, ...]) -> dict[str, str]:
    """What a part of a module, audited without the file that names the module, calls in its own `parts`."""
    for part in parts:
        folder.joinpath(part).mkdir()
        folder.joinpath(part, "own.go").write_text(f"package {part}\n\nfunc Do() {{}}\n", encoding="utf-8")
    imports = "\n".join(f'\t"example.com/service/pkg/{part}"' for part in parts)
    calls = "\n".join(f"\t{part}.Do()" for part in parts)
    text = f'package main\n\nimport (\n\t"example.com/other/alpha"\n{imports}\n)\n\nfunc main() {{\n\talpha.Do()\n{calls}\n}}\n'
    folder.joinpath("main.go").write_text(text, encoding="utf-8")
    return {call.callee: call.resolution.kind for call in binding.sites(binding.resolved(folder))}


def test_a_part_of_a_module_is_called_as_its_own_code_imports_it(tmp_path: Path) -> None:
    """Three own folders imported below one path name the root; another path's folder of the same name stays foreign."""
    assert part_of_a_module(tmp_path, ("beta", "gamma", "delta")) == {
        "alpha.Do": "external",
        "beta.Do": "resolved",
        "gamma.Do": "resolved",
        "delta.Do": "resolved",
    }


def test_two_folders_of_one_name_prove_no_module(tmp_path: Path) -> None:
    """A foreign module may have folders called as two of the target's."""
    assert set(part_of_a_module(tmp_path, ("beta", "gamma")).values()) == {"external"}


def test_a_function_value_is_bound_where_every_place_gives_the_same(tmp_path: Path) -> None:
    """A parameter, a closure's own outer parameter and a field: each is called; where two are given, none is meant."""
    found = bound(
        tmp_path,
        main="""package main

type consumer struct {
	onError func(error)
	handle  func(string)
}

func newConsumer(handle func(string)) *consumer {
	return &consumer{handle: handle}
}

func (c *consumer) run() { c.handle("x"); c.onError(nil) }

func start(work func()) func() {
	return func() { work() }
}

func twice(step func()) { step() }

func store(text string) {}

func job() {}

func other() {}

func main() {
	c := newConsumer(store)
	c.run()
	start(job)()
	twice(job)
	twice(other)
	local := func() {}
	once(local)
}

func once(run func()) { run() }
""",
    )
    assert found["c.handle"].endswith(".store")
    assert found["work"].endswith(".job")
    assert found["step"] == "dynamic"
    assert found["c.onError"] == "dynamic"
    assert found["run"].endswith("main.func1")


def test_a_function_that_a_constructor_gives_back_is_bound_where_it_gives_no_other(tmp_path: Path) -> None:
    """Kept in a local, handed on as a parameter or kept in a field; of two that it may give back, none is meant."""
    found = bound(
        tmp_path,
        main="""package main

type step func(string) error

type consumer struct {
	first  step
	second step
}

func newStep(prefix string) (step, error) {
	if prefix == "" {
		return nil, errEmpty
	}
	return func(text string) error { return nil }, nil
}

func newChecked(prefix string) (step, error) {
	return newStep(prefix)
}

func newEither(loud bool) step {
	if loud {
		return shout
	}
	return whisper
}

func shout(text string) error { return nil }

func whisper(text string) error { return nil }

func (c *consumer) run() {
	c.first("x")
	c.second("x")
}

func consume(process func(string) error) { process("x") }

func main() {
	own, _ := newChecked("a")
	own("x")
	consume(own)
	either := newEither(true)
	either("x")
	changed, _ := newStep("a")
	changed = whisper
	changed("x")
	c := &consumer{first: own, second: either}
	c.run()
}
""",
    )
    assert found["own"].endswith("newStep.func1")
    assert found["process"].endswith("newStep.func1")
    assert found["c.first"].endswith("newStep.func1")
    assert found["either"] == "dynamic"
    assert found["c.second"] == "dynamic"
    assert found["changed"] == "dynamic"


def test_what_only_tests_make_is_no_implementation_though_constructors_share_their_name(tmp_path: Path) -> None:
    """Of two types behind an interface the one counts that the program makes, and without a program, the one that is made."""
    store = """package store

type Store interface{ Get(id string) string }

func Open() Store { return &shared{} }

type shared struct{}

func (s *shared) Get(id string) string { return "" }
"""
    double = """package memory

type held struct{}

func Open() *held { return &held{} }

func (h *held) Get(id string) string { return "" }
"""
    serve = 'package api\n\nimport "example.com/service/store"\n\nfunc Serve() { s := store.Open(); s.Get("a") }\n'
    start = 'package main\n\nimport "example.com/service/api"\n\nfunc main() { api.Serve() }\n'
    other = 'package main\n\nfunc main() { println("nothing") }\n'
    for name, main in (("used", start), ("apart", other)):
        folder = tmp_path / name
        folder.mkdir()
        found = bound(folder, main=main, store__store=store, memory__memory=double, api__api=serve)
        assert found["s.Get"] == "resolved store.shared.Get"
    library = tmp_path / "library"
    library.mkdir()
    found = bound(library, store__store=store, memory__memory=double, api__api=serve)
    assert found["s.Get"] == "candidate memory.held.Get | store.shared.Get"
