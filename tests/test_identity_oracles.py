"""A service under git is edited on the disk and audited again: the delta tells an edit as what it is, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from commands import rda

import rda_nb
from rda_nb import checks
from rda_nb.scaffold import copy_example
from rda_nb.source import write_report
from tests.test_cli import run_of, timeless

REFUNDS = "internal/worker/refunds.go"
PROCESSOR = "internal/worker/processor.go"
METRICS = "internal/metrics/metrics.go"
ORDERS = "internal/api/orders.go"
ORDER = "internal/order/order.go"
NOTIFY = "internal/notify/notify.go"
LOG = '\t\tp.log.Info("order event received", "order_id", event.OrderID,'
SEPARATORS = "\tseparators := regexp.MustCompile(`[^A-Z0-9]+`)\n"
NONE: tuple[int, int, list[str], int] = (0, 0, [], 0)


@dataclass(frozen=True)
class Service:
    """A committed service with the report of its first audit in it."""

    root: Path
    first: dict[str, Any]

    def edit(self, path: str, change: Callable[[str], str]) -> None:
        """Change one file; a change that changes nothing is a mistake of the test."""
        before = (self.root / path).read_text(encoding="utf-8")
        after = change(before)
        assert before != after
        (self.root / path).write_text(after, encoding="utf-8")

    def git(self, *arguments: str) -> None:
        """Run git in the service."""
        names = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *names, *arguments], cwd=self.root, check=True, capture_output=True)

    def delta(self) -> dict[str, Any]:
        """The delta of an audit of what now stands on the disk."""
        found: dict[str, Any] = dict(rda_nb.audit(self.root).document["delta"])
        return found

    def findings_in(self, *paths: str) -> list[dict[str, Any]]:
        """The first audit's findings that have a site in one of these files."""
        return [f for f in self.first["findings"] if any(path in paths for path, *_ in f["identity"]["sites"])]


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The bundled example, committed and audited once."""
    root = copy_example(tmp_path_factory.mktemp("oracles") / "orders-ingest")
    service = Service(root, {})
    service.git("init", "--quiet")
    service.git("add", "--all")
    service.git("commit", "--quiet", "--message", "The service")
    audit = rda_nb.audit(root)
    write_report(root, audit.markdown())
    return Service(root, dict(audit.document))


@pytest.fixture
def service(committed: Service, tmp_path: Path) -> Service:
    """A copy of it to be edited."""
    root = tmp_path / "orders-ingest"
    shutil.copytree(committed.root, root)
    return Service(root, committed.first)


def tally(delta: dict[str, Any]) -> tuple[int, int, list[str], int]:
    """New, resolved, how the rest changed, and detector changes."""
    changed = sorted(change["how"] for change in delta["changed"])
    return len(delta["added"]), len(delta["resolved"]), changed, len(delta["detector"])


def test_blank_lines_above_are_no_difference(service: Service) -> None:
    """Fifty blank lines at the head of every source file, migration and manifest move everything and change nothing."""
    for pattern, head in (("*.go", "// Package"), ("*.sql", ""), ("*.yaml", "")):
        for path in service.root.rglob(pattern):
            if path.is_file() and not path.name.endswith("_test.go"):
                text = path.read_text(encoding="utf-8")
                where = text.index(head) if head in text else 0
                path.write_text(text[:where] + "\n" * 50 + text[where:], encoding="utf-8")
    delta = service.delta()
    assert NONE == tally(delta)
    assert "No material changes detected" == delta["bullets"][0]
    moved = {(e["path"], e["line"]) for item in delta["rechecked"] for e in item["evidence"]}
    stood = {(e["path"], e["line"]) for f in service.first["findings"] for e in f["evidence"]}
    assert 3 <= len(delta["rechecked"]) <= 5
    assert not moved & stood


def test_another_indentation_is_no_difference(service: Service) -> None:
    """Each tab doubled and a tab before each line of a migration: the text is the same but for its blanks."""
    for path in service.root.rglob("*.go"):
        path.write_text(path.read_text(encoding="utf-8").replace("\t", "\t\t"), encoding="utf-8")
    for path in service.root.rglob("*.sql"):
        lines = path.read_text(encoding="utf-8").split("\n")
        path.write_text("\n".join(f"\t{line}" if line else line for line in lines), encoding="utf-8")
    assert NONE == tally(service.delta())


def test_a_changed_comment_is_no_difference(service: Service) -> None:
    """A remark behind the statement is not part of what was found."""
    service.edit(ORDER, lambda text: text.replace(SEPARATORS, SEPARATORS.rstrip() + " // compiled each time\n"))
    assert NONE == tally(service.delta())


def test_moved_files_move_their_findings(service: Service) -> None:
    """After git mv nothing is new or resolved; every finding of the files is told as moved, with both places."""
    service.git("mv", REFUNDS, "internal/worker/repayments.go")
    service.git("mv", NOTIFY, "internal/notify/webhook.go")
    expected = service.findings_in(REFUNDS, NOTIFY)
    delta = service.delta()
    assert (0, 0, ["file moved"] * len(expected), 0) == tally(delta)
    assert len(expected) >= 3
    assert {f["rule"] for f in expected} == {change["rule"] for change in delta["changed"]}
    moved = {(change["before"].split("`")[1], change["after"].split("`")[1]) for change in delta["changed"]}
    assert {(REFUNDS, "internal/worker/repayments.go"), (NOTIFY, "internal/notify/webhook.go")} == moved


def test_a_moved_and_edited_file_keeps_its_findings(service: Service) -> None:
    """A site that was edited in a file that was moved is found by what moved with it."""
    service.git("mv", REFUNDS, "internal/worker/repayments.go")
    service.edit(
        "internal/worker/repayments.go",
        lambda text: text.replace("r.delete(ctx, messages)", "r.delete(ctx, messages[:])"),
    )
    added, resolved, changed, detector = tally(service.delta())
    assert (0, 0, 0) == (added, resolved, detector)
    assert {"file moved"} == set(changed)


@pytest.mark.parametrize("in_history", [True, False])
def test_the_only_finding_of_a_moved_file_may_be_edited(service: Service, in_history: bool) -> None:
    """Git knows the rename once it is committed; before, the symbol and half of the path have to be the same."""
    to = "internal/order/event.go"
    service.git("mv", ORDER, to)
    service.edit(to, lambda text: text.replace("separators", "runs"))
    if in_history:
        service.git("commit", "--all", "--quiet", "--message", "Moved and edited")
    assert (0, 0, ["file moved"], 0) == tally(service.delta())


def test_a_package_moved_with_its_imports_keeps_its_findings(service: Service) -> None:
    """A directory that is renamed, with all imports of it rewritten, resolves nothing and brings nothing new."""
    service.git("mv", "internal/sink", "internal/warehouse")
    for path in service.root.rglob("*.go"):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"(?<![.\w])sink\.(?=[A-Z])", "warehouse.", text.replace("internal/sink", "internal/warehouse"))
        path.write_text(text.replace("package sink", "package warehouse"), encoding="utf-8")
    added, resolved, changed, _ = tally(service.delta())
    assert (0, 0) == (added, resolved)
    assert changed.count("file moved") >= 3


def test_a_renamed_local_variable_is_a_change_in_place(service: Service) -> None:
    """The matched text changed, so it is told; it is the same finding, so it is neither new nor resolved."""
    service.edit(ORDER, lambda text: text.replace("separators", "runs"))
    delta = service.delta()
    assert (0, 0, ["changed in place"], 0) == tally(delta)
    assert "regex_per_item" == delta["changed"][0]["rule"]


def test_a_renamed_function_takes_its_finding_along(service: Service) -> None:
    """The text is the same and the enclosing function another one."""
    for path in service.root.rglob("*.go"):
        path.write_text(path.read_text(encoding="utf-8").replace("NormalizeSKU", "CanonicalSKU"), encoding="utf-8")
    assert (0, 0, ["moved to another symbol"], 0) == tally(service.delta())


@pytest.mark.parametrize(
    ("path", "statement", "rule"),
    [
        (PROCESSOR, LOG + r"[^\n]*\n", "log_in_loop"),
    ],
)
def test_a_copy_is_exactly_one_new_finding(service: Service, path: str, statement: str, rule: str) -> None:
    """The same statement once more is one more finding, told as new although the same text stood there before."""
    pattern = re.compile(statement.replace(LOG, re.escape(LOG)))
    service.edit(path, lambda text: pattern.sub(lambda found: found[0] * 2, text, count=1))
    delta = service.delta()
    assert (1, 0, [], 0) == tally(delta)
    assert (rule, "new") == (delta["added"][0]["rule"], delta["added"][0]["how"])


@pytest.mark.parametrize(
    ("path", "statement", "rule"),
    [
        (ORDERS, r"\tgo a\.notifier\.Accepted\([^\n]*\n", "goroutine_fanout"),
        ("internal/enrich/fx.go", r"\tf\.mu\.Lock\(\)\n", "lock_across_io"),
    ],
)
def test_a_copy_within_a_shared_cause_is_one_more_site(service: Service, path: str, statement: str, rule: str) -> None:
    """Starts of one package, and holds of one lock, are one finding: one more is told as a site of it, and as nothing new."""
    pattern = re.compile(statement)
    service.edit(path, lambda text: pattern.sub(lambda found: found[0] * 2, text, count=1))
    delta = service.delta()
    assert (0, 0, ["sites"], 0) == tally(delta)
    assert rule == delta["changed"][0]["rule"]


@pytest.mark.parametrize(
    ("path", "statement", "rule", "sites"),
    [
        (ORDER, SEPARATORS, "regex_per_item", "1 site → 2 sites (1 new)"),
        (NOTIFY, "\tresp, err := n.http.Do(req)\n", "external_call_budget", "1 site → 2 sites (1 new)"),
        (
            "internal/sink/writer.go",
            "\tbatch, err := w.conn.PrepareBatch(context.Background(), insertOrderEvents)\n",
            "external_call_budget",
            "2 sites → 3 sites (1 new)",
        ),
    ],
)
def test_a_copy_within_one_cause_is_one_more_site(
    service: Service, path: str, statement: str, rule: str, sites: str
) -> None:
    """Where the sites of one cause are one finding, a copy makes it one site larger, and the new site is the one cited."""
    service.edit(path, lambda text: text.replace(statement, statement * 2, 1))
    delta = service.delta()
    assert (0, 0, ["sites"], 0) == tally(delta)
    change = delta["changed"][0]
    assert (rule, sites) == (change["rule"], f"{change['before']} → {change['after']}")
    lines = (service.root / path).read_text(encoding="utf-8").split("\n")
    last = max(n for n, line in enumerate(lines, 1) if line == statement.rstrip("\n"))
    assert change["evidence"][0]["line"] in (last - 1, last)


def test_the_first_of_several_sites_may_go(service: Service) -> None:
    """A finding that loses the very site which named it is still the same finding, one site smaller."""
    finding = next(f for f in service.first["findings"] if f["sites"] == 2 and f["rule"] == "external_call_budget")
    path, line = finding["evidence"][0]["path"], finding["evidence"][0]["line"]

    def without_first(text: str) -> str:
        lines = text.split("\n")
        return "\n".join([*lines[: line - 1], "\tvar batch driver.Batch; var err error", *lines[line:]])

    service.edit(path, without_first)
    delta = service.delta()
    # Without that site other checks see more: what they raise is new, the finding itself is not.
    assert finding["rule"] not in {told["rule"] for told in (*delta["added"], *delta["resolved"])}
    assert [("sites", "1 site (1 gone)")] == [(told["how"], told["after"]) for told in delta["changed"]]


def test_a_deleted_statement_is_one_resolved_finding(service: Service) -> None:
    """What is gone is told as resolved, at the place where it stood."""
    service.edit(PROCESSOR, lambda text: re.sub(re.escape(LOG) + r"[^\n]*\n", "", text, count=1))
    delta = service.delta()
    assert (0, 1, [], 0) == tally(delta)
    assert ("log_in_loop", PROCESSOR) == (delta["resolved"][0]["rule"], delta["resolved"][0]["path"])


def test_a_new_version_of_a_check_is_never_a_new_risk(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the next version of a check sees, more or less or the same, is told as a detector change."""
    known = checks.checks()
    newer = tuple(
        replace(c, page=replace(c.page, version=c.page.version + 1)) if c.id == "log_in_loop" else c for c in known
    )
    monkeypatch.setattr(checks, "checks", lambda: newer)
    service.edit(PROCESSOR, lambda text: re.sub(re.escape(LOG) + r"[^\n]*\n", lambda m: m[0] * 2, text, count=1))
    delta = service.delta()
    assert (0, 0, []) == tally(delta)[:3]
    assert {"log_in_loop"} == {change["rule"] for change in delta["detector"]}
    assert any(bullet.startswith("Detector changed: ") for bullet in delta["bullets"])


def test_a_check_that_is_new_brings_no_new_risk(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The findings of a check that the previous run did not have are the detector's."""
    known = checks.checks()
    monkeypatch.setattr(checks, "checks", lambda: tuple(c for c in known if c.id != "log_in_loop"))
    write_report(service.root, rda_nb.audit(service.root).markdown())
    monkeypatch.setattr(checks, "checks", lambda: known)
    delta = service.delta()
    assert (0, 0, [], 1) == tally(delta)


def test_two_rows_on_one_line_have_two_ids(service: Service) -> None:
    """Two statements on one line are two rows of the one finding that they share."""
    call = "go a.notifier.Accepted(context.WithoutCancel(r.Context()), event)"
    service.edit(ORDERS, lambda text: text.replace(call, f"{call}; {call}"))
    audit = rda_nb.audit(service.root)
    (found,) = [f for f in audit.document["findings"] if f["rule"] == "goroutine_fanout"]
    assert 2 == found["sites"] == len(set(found["rows"]))
    assert 1 == len({(e["path"], e["line"]) for e in found["evidence"] if e["role"] == "site"})
    write_report(service.root, audit.markdown())
    service.edit(ORDERS, lambda text: "\n\n" + text)
    assert NONE == tally(service.delta())


def test_two_runs_are_byte_identical_but_for_the_time(service: Service, tmp_path: Path) -> None:
    """Report, page, document and tables of two runs differ in the timestamp and the duration alone."""
    runs = []
    for name in ("one", "two"):
        said = rda("audit", service.root, "--no-notebook", "--no-write-target", "--out", tmp_path / name)
        assert 0 == said.code, said.err
        run = run_of(tmp_path / name)
        files = {path.relative_to(run).as_posix(): path.read_text(encoding="utf-8") for path in run.rglob("*.*")}
        runs.append({name: timeless(text) for name, text in files.items()})
    assert runs[0].keys() == runs[1].keys()
    assert [] == [name for name in runs[0] if runs[0][name] != runs[1][name]]
    assert {"09_performance_capacity.md", "audit.json", "report.html"} <= runs[0].keys()


def test_what_lies_elsewhere_makes_no_unchanged_line_new(service: Service) -> None:
    """A finding whose cited lines all stood before is told apart from one in new code: a handler became its caller."""
    service.edit(
        PROCESSOR,
        lambda text: text.replace(
            "WithLabelValues(event.OrderID, failureReason(err))", "WithLabelValues(failureReason(err))"
        ),
    )
    # All metrics of a file that nothing updates are one finding: it goes first.
    service.edit(METRICS, lambda text: re.sub(r"\t+DynamoThrottles(?: prometheus|: auto[^}]*\})[^\n]*\n", "", text))
    service.git("commit", "--all", "--quiet", "--message", "Without the order")
    write_report(service.root, rda_nb.audit(service.root).markdown())
    service.edit(
        PROCESSOR,
        lambda text: text.replace("\t\tp.metrics.EnrichFailures.WithLabelValues(failureReason(err)).Inc()\n", ""),
    )
    delta = service.delta()
    assert [("surfaced", "metric_inventory")] == [(change["how"], change["rule"]) for change in delta["added"]]
    assert delta["bullets"][0].startswith("New at lines that did not change: ")


def test_what_lies_elsewhere_resolves_nothing_in_unchanged_code(service: Service) -> None:
    """A finding that went with its caller is not told as mended: its own file is what it was."""
    service.edit(ORDERS, lambda text: re.sub(r"\tgo a\.notifier\.Accepted\([^\n]*\n", "", text))
    delta = service.delta()
    told = {(change["how"], change["rule"]) for change in delta["resolved"]}
    assert {("vanished", "external_call_budget"), ("resolved", "goroutine_fanout")} == told
    assert any(bullet.startswith("Not found any more, in code that did not change: ") for bullet in delta["bullets"])
