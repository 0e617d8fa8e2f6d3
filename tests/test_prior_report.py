"""A prior report that this kit did not write: how it is read, what delta comes of it, and that nothing of it is copied."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from commands import rda

import rda_nb
from rda_nb.findings import read_prior
from rda_nb.findings.citations import citations, meant
from rda_nb.findings.state import recall
from tests.test_cli import REPORT, run_of

HANDWRITTEN = Path(__file__).parent / "prior" / "orders_ingest.md"


def place(folder: Path, text: str) -> None:
    """Put a report where a former run would have left it."""
    (folder / REPORT).parent.mkdir(parents=True, exist_ok=True)
    (folder / REPORT).write_text(text, encoding="utf-8")


def delta_of(folder: Path) -> dict[str, Any]:
    """The delta of an audit of the folder."""
    found: dict[str, Any] = dict(rda_nb.audit(folder).document["delta"])
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see `worker/a.go:4`", [("worker/a.go", 4)]),
        ("see `worker/a.go:4-9`, `:12` and `:15`", [("worker/a.go", 4), ("worker/a.go", 12), ("worker/a.go", 15)]),
        ("see (worker/a.go:12-20).", [("worker/a.go", 12)]),
        ("see worker/a.go#L12 and `worker/b.go#L3-L9`", [("worker/a.go", 12), ("worker/b.go", 3)]),
        (
            "`worker/a.go` line 12, `Makefile` lines 3-5, `b.sql`, L7",
            [("worker/a.go", 12), ("Makefile", 3), ("b.sql", 7)],
        ),
        ("worker/a.go line 12", [("worker/a.go", 12)]),
        ("[here](worker/a.go#L12) and [worker/b.go:3](worker/b.go)", [("worker/a.go", 12), ("worker/b.go", 3)]),
        ("[it](https://github.com/o/r/blob/0a1b2c/worker/a.go#L12-L14)", [("worker/a.go", 12)]),
        ("./worker/a.go:7", [("worker/a.go", 7)]),
        ("listens on `:8080`, redis:6379, `127.0.0.1:9000`, http://a.example:80/x, example.com:443", []),
        ("at 16:20, 3:1, version 1.2:3", []),
    ],
)
def test_places_are_read_in_every_common_style(text: str, expected: list[tuple[str, int]]) -> None:
    """A path with a line is a citation, a host with a port or a time of day is none."""
    assert expected == [(c.path, c.line) for c in citations(text)]


def test_a_path_may_be_longer_or_shorter_than_the_services_own() -> None:
    """Reports of a monorepo begin at its root, and people leave directories out; what two files could be is neither."""
    paths = {"internal/api/orders.go", "internal/store/orders.go", "internal/config/config.go"}
    assert "internal/api/orders.go" == meant("services/orders/internal/api/orders.go", paths)
    assert "internal/config/config.go" == meant("config.go", paths)
    assert "" == meant("orders.go", paths) == meant("gone.go", paths)


def test_verdicts_priorities_and_places_are_read_from_tables_and_lists() -> None:
    """Answers come from the checklist, risks and actions from lists, nested lists and tables; strengths and gaps do not count."""
    prior = read_prior(HANDWRITTEN.read_text(encoding="utf-8"))
    assert prior is not None
    assert {"1": "CONCERN", "2": "RISK", "3": "RISK", "4": "GOOD", "9": "GAP"}.items() <= prior["answers"].items()
    assert "10" not in prior["answers"]
    read = [(item["label"], item["priority"], *item["places"][0]) for item in prior["items"]]
    assert [
        ("R1", "P0", "internal/sink/writer.go", 156),
        ("R2", "P0", "internal/worker/refunds.go", 87),
        ("R3", "P1", "internal/enrich/fx.go", 37),
        ("R4", "P1", "internal/enrich/pricing.go", 67),
        ("R5", "P2", "internal/audit/exporter.go", 31),
        ("R6", "P2", "internal/replay/replay.go", 40),
        ("", "P0", "internal/api/orders.go", 42),
        ("P1-1", "P1", "services/orders-ingest/internal/api/orders.go", 48),
        ("P1-2", "P1", "config.go", 94),
    ] == read


OTHER_FORMS = """# Performance review

## Checklist

### 1. What are the critical paths?
The worker, mostly GOOD.
**Assessment:** CONCERN

### Q5: External calls
- Verdict: **RISK**

## Findings

### 4.2 Risks

#### R1: The insert may wait for ever
Severity: High

The flush takes a context that never ends, see `internal/sink/writer.go:156`.

#### R2 - Missing metrics inventory (Low)
- Evidence: internal/metrics/metrics.go:69

| ID | Risk | Severity | Evidence |
|----|------|----------|----------|
| R3 | A goroutine for each order, which is a high price for a small gain | Critical | `internal/api/orders.go:42` |

## Recommendations

### High priority
* Hold the lock for less time: internal/enrich/fx.go#L37

### P2: later
**P2-1** Compile the pattern once (`internal/order/order.go` line 116)
"""


def test_other_forms_of_the_same_report_are_read() -> None:
    """Items under headings of their own, severities in words and cells, questions as headings, actions called otherwise."""
    prior = read_prior(OTHER_FORMS)
    assert prior is not None
    assert {"1": "CONCERN", "5": "RISK"} == prior["answers"]
    assert [
        ("R1", "P1", ["internal/sink/writer.go", 156]),
        ("R2", "P2", ["internal/metrics/metrics.go", 69]),
        ("R3", "P0", ["internal/api/orders.go", 42]),
        ("", "P1", ["internal/enrich/fx.go", 37]),
        ("P2-1", "P2", ["internal/order/order.go", 116]),
    ] == [(item["label"], item["priority"], item["places"][0]) for item in prior["items"]]


def test_the_delta_to_a_handwritten_report_says_what_is_known_and_no_more(example: Path) -> None:
    """Confirmed where a finding on the matter stands, not seen where only the code does, gone where not even that."""
    place(example, HANDWRITTEN.read_text(encoding="utf-8"))
    delta = delta_of(example)
    bullets = delta["bullets"]
    assert not delta["first_run"]
    assert 3 <= len(bullets) <= 10
    assert "of its 9 risks and actions, 7 are confirmed" in bullets[0]
    told = {bullet.split(" where ", 1)[1] for bullet in bullets if bullet.startswith("Confirmed: ")}
    assert "R1 (P0) of the prior report pointed (`internal/sink/writer.go:156`)" in told
    assert "R2 (P0) of the prior report pointed (`internal/worker/refunds.go:87`)" in told
    assert any(bullet.endswith("R3 (P1), R4 (P1), P1-1, P1-2") for bullet in bullets)
    (unseen,) = [bullet for bullet in bullets if bullet.startswith("Not seen by this kit: ")]
    assert "R6 (P2) of the prior report at `internal/replay/replay.go:40`" in unseen
    assert "does not show that it is resolved" in unseen
    assert "Prior items whose cited code is gone from the target (1): R5 (P2)" in bullets
    (verdicts,) = [bullet for bullet in bullets if bullet.startswith("Question 1: ")]
    assert "Question 4: GOOD → RISK" in verdicts
    assert "Question 9: GAP → CONCERN" in verdicts
    assert not any(bullet.startswith(("Resolved", "New")) for bullet in bullets)


def test_what_was_rechecked_stands_in_this_runs_findings(example: Path) -> None:
    """An item is called re-checked only at a place that a finding of this run cites."""
    place(example, HANDWRITTEN.read_text(encoding="utf-8"))
    document = rda_nb.audit(example).document
    cited = {(e["path"], e["line"]) for f in document["findings"] for e in f["evidence"]}
    again = [(e["path"], e["line"]) for item in document["delta"]["rechecked"] for e in item["evidence"]]
    assert 3 <= len(again) <= 5
    assert set(again) <= cited


def test_a_place_near_another_matter_confirms_nothing(example: Path) -> None:
    """A finding at the cited line that is on something else is not taken for the prior risk."""
    place(
        example, "# Report\n## 4.2 Risks\n- **R1 (High)** The key may hold a secret (`internal/enrich/pricing.go:67`)\n"
    )
    assert "0 are confirmed, 1 point at where this run finds something else" in delta_of(example)["bullets"][0]


def test_code_that_changed_since_the_reports_commit_is_gone(example: Path) -> None:
    """Where git knows the commit of the report, the text decides and not the line."""

    def git(*arguments: str) -> str:
        names = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *names, *arguments], cwd=example, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "The service")
    replay = example / "internal/replay/replay.go"
    lines = replay.read_text(encoding="utf-8").split("\n")
    lines[39] = "\t// another line stands here now"
    replay.write_text("\n".join(lines), encoding="utf-8")
    risks = "## 4.2 Risks\n- **R1 (High)** Replays (`internal/replay/replay.go:40`)\n"
    place(example, f"# Report\n- **Git Commit:** `{git('rev-parse', 'HEAD')}`\n{risks}")
    assert "Prior items whose cited code is gone from the target (1): R1 (P1)" in delta_of(example)["bullets"]
    place(example, f"# Report\n- **Git Commit:** GAP\n{risks}")
    assert any(bullet.startswith("Not seen by this kit: R1 (P1)") for bullet in delta_of(example)["bullets"])


SENTENCE = "The kumquat loop drops 4711 orders each night"
CITED = "`internal/sink/writer.go:156`"
PLANTED = (
    ("## 1. ", False, f"- {SENTENCE} ({CITED})"),
    ("**Checklist answers**", True, f"| 7 | {SENTENCE} | {CITED} | RISK |"),
    ("### 3.1 ", True, f"| Kumquat ingest | {CITED} | {SENTENCE} | kumquat store | 4711 s | RISK |"),
    ("### 4.1 ", False, f"- {SENTENCE} ({CITED})"),
    ("### 4.2 ", False, f"- **R1 (P0 Critical, outage)** {SENTENCE} ({CITED})"),
    ("### P0 ", False, f"- **P0-1 {SENTENCE}** | {SENTENCE} | {CITED} | none"),
    ("## 6. ", False, f"- New: P0 {SENTENCE} ({CITED})"),
)


def plant(text: str, heading: str, line: str, *, in_table: bool) -> str:
    """The report with a line below a heading, or as the first row of the table below it."""
    lines = text.split("\n")
    at = next(n for n, known in enumerate(lines) if known.startswith(heading))
    if in_table:
        at = next(n for n in range(at, len(lines)) if re.match(r"\|\s*-", lines[n]))
    return "\n".join([*lines[: at + 1], line, *lines[at + 1 :]])


@pytest.fixture(scope="module")
def kit_made(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report that this kit wrote on the bundled example."""
    from rda_nb.scaffold import copy_example

    return rda_nb.audit(copy_example(tmp_path_factory.mktemp("kit") / "orders-ingest")).markdown()


@pytest.mark.parametrize("written_by", ["kit", "hand"])
def test_nothing_planted_in_a_prior_report_reaches_an_output(
    example: Path, tmp_path: Path, kit_made: str, written_by: str
) -> None:
    """A false sentence and a false row, wherever they stand in the prior report, are in none of the files of the next run."""
    text = kit_made if written_by == "kit" else HANDWRITTEN.read_text(encoding="utf-8")
    for heading, in_table, line in PLANTED:
        text = plant(text, heading, line, in_table=in_table)
    assert text.lower().count("kumquat") >= len(PLANTED)
    place(example, text)
    said = rda("audit", example, "--no-notebook", "--out", tmp_path / "out")
    assert 0 == said.code, said.err
    run = run_of(tmp_path / "out")
    files = [*(path for path in run.rglob("*") if path.is_file()), example / REPORT]
    assert len(files) >= 10
    for file in files:
        content = file.read_text(encoding="utf-8")
        assert not re.search("kumquat|4711 s|drops 4711", content, re.IGNORECASE), file.name
    assert not re.search("kumquat|4711 s|drops 4711", said.out + said.err, re.IGNORECASE)


def test_a_forged_label_or_path_is_not_shown() -> None:
    """Of a prior item only a number of the specification's form and a path's form are ever kept."""
    forged = {
        "schema": "rda.handwritten/1",
        "commit": "PLANTED sentence",
        "answers": {"7": "PLANTED"},
        "items": [{"priority": "P0", "places": [["a PLANTED\npath", 3]], "label": "PLANTED", "topics": ["PLANTED"]}],
    }
    memory = recall(forged)
    assert memory is not None
    assert ("", {}, "", "") == (memory.commit, memory.answers, memory.items[0].label, memory.items[0].places[0][0])
    assert recall({**forged, "items": [{"priority": "PLANTED", "places": []}]}) is None


def test_a_report_of_an_older_state_is_compared_as_one_written_by_hand(example: Path, kit_made: str) -> None:
    """A block that this version does not read is no reason to call the run the first."""
    place(example, re.sub(r"<!-- rda-state [A-Za-z0-9+/=]+ -->", "<!-- rda-state AAAA -->", kit_made))
    delta = delta_of(example)
    assert not delta["first_run"]
    assert "are confirmed" in delta["bullets"][0]
    confirmed = re.search(r"of its (\d+) risks and actions, (\d+) are confirmed", delta["bullets"][0])
    assert confirmed is not None
    assert int(confirmed[2]) >= int(confirmed[1]) * 0.9


def test_a_report_full_of_nonsense_is_harmless(example: Path) -> None:
    """Long lines, unclosed tables and fences, and thousands of citations end in a delta or a GAP, and soon."""
    shutil.rmtree(example / "docs/rda/reports", ignore_errors=True)
    text = (
        "## 4.2 Risks\n" + "- `a.go:1` " * 3000 + "\n" + "| 1 |" * 3000 + "\n```\n" + "[x](" * 2000 + "**R1** " * 2000
    )
    place(example, text)
    assert 1 <= len(delta_of(example)["bullets"]) <= 10
