"""`rda review`, `rda facts`, `--review` and `--new-only`, from the command line and from a notebook's session."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rda_nb import pipeline
from rda_nb.core import BadInput
from rda_nb.findings.review_file import read
from rda_nb.notebook import Session
from rda_nb.report import html
from tests.commands import rda, tree

GROWS = "Something in memory only grows"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the review file is, or will be."""
    return tmp_path / "team" / "orders.review.yaml"


def _findings(example: Path, *options: object) -> list[dict[str, object]]:
    said = rda("audit", example, "--no-notebook", "--no-write-target", "--format", "json", *options)
    assert said.code in (0, 1), said.err
    found: list[dict[str, object]] = json.loads(said.out)["findings"]
    return found


def _id(example: Path, title: str) -> str:
    listed = rda("review", example, "--review", "").out
    (line,) = [line for line in listed.splitlines() if title in line]
    return line.split()[0]


def test_a_verdict_is_written_and_counts_in_the_next_audit(example: Path, file: Path, tmp_path: Path) -> None:
    """Written once, replaced when it is given again, taken out again; the service itself is not touched."""
    before, id_ = tree(example), _id(example, GROWS)
    verdict = ("--finding", id_, "--verdict", "accepted", "--owner", "Ada", "--reason", "900: not more")
    said = rda("review", example, "--review", file, *verdict, "--until", "2099-01-31")
    assert (0, "") == (said.code, said.err)
    assert f"written in {file}: accepted until 2099-01-31, P0 {GROWS}, internal/enrich/pricing.go:67\n" == said.out
    assert f"- finding: {id_}  # P0 {GROWS}, internal/enrich/pricing.go:67\n" in file.read_text(encoding="utf-8")
    (waived,) = [f for f in _findings(example, "--review", file, "--out", tmp_path / "out") if f["id"] == id_]
    assert waived["review"]["status"] == "waived"  # type: ignore[index]
    said = rda("review", example, "--review", file, *verdict, "--list")
    assert f"replaced in {file}" in said.out and "without an end date" in said.out
    assert 1 == len(read(file, example).content.verdicts)
    said = rda("review", example, "--review", file, "--finding", id_, "--remove")
    assert (0, f"removed from {file}\n") == (said.code, said.out)
    assert () == read(file, example).content.verdicts
    assert before == tree(example)


def test_comments_and_order_of_the_file_stay(example: Path, file: Path) -> None:
    """So do quotes, indentation and a day that cannot be read; only the new entry is new."""
    text = (
        "# Ours.\nfindings: []  # none yet\nverdicts:\n"
        "- rule: io_in_loop  # the report\n  path: 'internal/*'\n  verdict: false alarm\n  owner: Ada\n"
        "  reason: >-\n    folded\n    text\n  expiry: 2027-02-31\n  # the end\n"
    )
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    said = rda(
        "review", example, "--review", file, "--rule", "log_in_loop", "--path", "internal/worker/",
        "--verdict", "confirmed", "--owner", "Ada", "--reason", "two\nlines",
    )  # fmt: skip
    assert 0 == said.code, said.err
    written = file.read_text(encoding="utf-8")
    assert [] == [line for line in text.splitlines() if line not in written.splitlines()]
    assert re.search(r"- rule: log_in_loop\n  path: internal/worker/\n  verdict: confirmed\n", written)
    assert "two\nlines" == read(file, example).content.verdicts[1].reason


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--finding", "42"], "--finding, --rule and --path say what a --verdict is on"),
        (["--verdict", "accepted"], "--verdict needs --finding ID, or --rule CHECK and --path PATTERN"),
        (["--remove"], "--remove takes --finding, or --rule and --path"),
        (["--finding", "4" * 16, "--verdict", "accepted", "--owner", "A", "--reason", "b"], "no finding of this audit"),
        (
            ["--rule", "no_check", "--path", "**", "--verdict", "accepted", "--owner", "A", "--reason", "b"],
            "no check is",
        ),
        (["--rule", "pacing", "--path", "**", "--verdict", "fine", "--owner", "A", "--reason", "b"], "verdict 'fine'"),
        (["--rule", "pacing", "--path", "**", "--verdict", "accepted", "--owner", "A"], "reason is missing"),
        (
            "--rule pacing --path ** --verdict accepted --owner A --reason b --until 2020-01-01".split(),
            "until 2020-01-01: that day is past",
        ),
        (
            "--rule pacing --path ** --verdict accepted --owner A --reason b --until soon".split(),
            "until 'soon': expected a day such as 2027-01-31",
        ),
        ("--rule pacing --verdict accepted --owner A --reason b".split(), "verdicts[0]: names either a finding"),
    ],
)
def test_a_wrong_verdict_is_one_line_and_nothing_is_written(
    small: Path, file: Path, options: list[str], message: str
) -> None:
    """Exit code 2; the file does not come into being."""
    said = rda("review", small, "--review", file, *options)
    assert 2 == said.code
    assert message in said.line
    assert not file.exists()


def test_a_review_file_lies_outside_the_service(small: Path, tmp_path: Path) -> None:
    """All that is in the service is evidence, and nothing is written there: it is refused on reading and writing."""
    before = tree(small)
    for command in (["audit", "--out", tmp_path / "out"], ["review"], ["review", "--finding", "4" * 16, "--remove"]):
        said = rda(command[0], small, "--review", small / "small.review.yaml", *command[1:])
        assert 2 == said.code
        assert "a review file lies outside the target, for instance as parameters/small.review.yaml" in said.line
    assert before == tree(small)


def test_a_review_file_that_is_missing_or_wrong_is_named(small: Path, file: Path, tmp_path: Path) -> None:
    """A name that was mistyped must not make an audit without its waivers."""
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "out", "--review", file)
    assert (2, f"{file}: the review file cannot be read (No such file or directory)") == (said.code, said.line)
    file.parent.mkdir()
    file.write_text("verdicts:\n  - rule: pacing\n    path: '**'\n    verdict: ok\n", encoding="utf-8")
    said = rda("audit", small, "--no-notebook", "--out", tmp_path / "out", "--review", file)
    assert 2 == said.code and said.line.startswith(f"{file}:4: verdicts[0].verdict: expected 'confirmed'")
    assert not (tmp_path / "out").exists()
    said = rda("review", small, "--list", "--review", file.with_name("other.yaml"))
    assert 2 == said.code and "the review file cannot be read" in said.line


def test_a_file_named_after_the_service_is_picked_up_and_said_so(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In parameters/, or beside the parameters file; `--review ''` and REVIEW leave it out; one in the service never."""
    verdict = "verdicts:\n  - {rule: pacing, path: '**', verdict: accepted, owner: A, reason: b}\n"
    for folder in (tmp_path / "parameters", tmp_path / "team", small / "parameters"):
        folder.mkdir()
        (folder / "small.review.yaml").write_text(verdict, encoding="utf-8")
    (tmp_path / "team" / "mine.yaml").write_text("{}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def picked(*options: object) -> str:
        said = rda("review", small, "--list", *options)
        assert 0 == said.code, said.err
        return next((re.split(r"[:(]", line)[1].strip() for line in said.err.splitlines() if "picked up" in line), "")

    assert "parameters/small.review.yaml" == picked()
    assert str(tmp_path / "team" / "small.review.yaml") == picked("--params", tmp_path / "team" / "mine.yaml")
    assert "" == picked("--review", "")
    assert "" == picked("--set", "REVIEW=")
    said = rda("audit", small, "--no-notebook", "--no-write-target", "--out", tmp_path / "out")
    assert "Stale, to be removed: accepted pacing in ** (verdicts[0], A)" in said.out
    monkeypatch.chdir(small)
    assert "" == picked()


def test_fail_on_leaves_waived_findings_out(example: Path, file: Path, tmp_path: Path) -> None:
    """Until its day is past, a waiver opens the gate; then the finding counts again."""
    found = _findings(example, "--out", tmp_path / "out")
    gravest = [f for f in found if f["priority"] == "P0"]
    file.parent.mkdir()

    def gate(expiry: str, drop: int = 0) -> int:
        entries = "".join(
            f"  - {{finding: '{f['id']}', verdict: accepted, owner: A, reason: b, expiry: {expiry}}}\n"
            for f in gravest[drop:]
        )
        file.write_text(f"verdicts:\n{entries}", encoding="utf-8")
        options = ("--no-notebook", "--no-write-target", "--out", tmp_path / "out", "--fail-on", "P0")
        return rda("audit", example, "--review", file, *options).code

    assert [0, 1, 1] == [gate("2099-12-31"), gate("2099-12-31", drop=1), gate("2026-01-01")]


def test_new_only_counts_what_the_previous_report_has_not(example: Path, tmp_path: Path) -> None:
    """The first time all are new; then none, until the code changes; a report that cannot be compared opens nothing."""
    options = ("--no-notebook", "--out", tmp_path / "out", "--fail-on", "P1", "--new-only")
    assert 1 == rda("audit", example, *options).code
    said = rda("audit", example, *options)
    assert 0 == said.code
    assert "New and not waived  P0: 0  P1: 0  P2: 0" in said.err
    report = example / "docs" / "rda" / "reports" / "09_performance_capacity.md"
    source = example / "internal" / "notify" / "again.go"
    source.write_text(
        'package notify\n\nimport (\n\t"context"\n\t"net/http"\n)\n\n'
        "func (n *Notifier) Again(ctx context.Context, urls []string) {\n\tfor _, url := range urls {\n"
        "\t\tresp, err := http.Get(url)\n\t\tif err != nil {\n\t\t\tcontinue\n\t\t}\n\t\tresp.Body.Close()\n\t}\n}\n",
        encoding="utf-8",
    )
    said = rda("audit", example, *options, "--fail-on", "P2", "--no-write-target")
    new = [line for line in said.err.splitlines() if line.startswith("New and not waived")]
    assert 1 == said.code and new != ["New and not waived  P0: 0  P1: 0  P2: 0"]
    source.unlink()
    report.write_text("# A report by hand\n\nNothing that can be compared.\n", encoding="utf-8")
    said = rda("audit", example, *options, "--no-write-target")
    assert 1 == said.code
    assert "cannot be compared with, so that every finding counts as new" in said.err


def test_new_only_needs_fail_on(small: Path) -> None:
    """Alone it would do nothing, in silence."""
    said = rda("audit", small, "--new-only")
    assert (2, "--new-only narrows --fail-on; give both") == (said.code, said.line)


FOUND = """findings:
  - title: {title}
    priority: P1
    question: 7
    reviewer: a model
    evidence: [{{path: main.go, line: {line}, excerpt: 'fmt.Println("ready")'}}]
    recommendation: Say it once.
    verification: Start it.
"""


def test_findings_are_added_when_their_citations_hold(small: Path, file: Path, tmp_path: Path) -> None:
    """Those that do not hold are refused and listed, exit code 1; what is there already is not added twice."""
    found = tmp_path / "found.yaml"
    found.write_text(
        FOUND.format(title="Good", line=5) + FOUND.format(title="Bad", line=1).removeprefix("findings:\n"), "utf-8"
    )
    said = rda("review", small, "--review", file, "--add", found)
    assert 1 == said.code
    assert f"1 findings added to {file}, 0 were there already, 1 refused" in said.out
    assert "refused findings[1]: P1 Bad: main.go:1: the excerpt is not there; it stands at line 5" in said.out
    as_json = tmp_path / "found.json"
    content = read(found, small).content.model_dump(mode="json", exclude_defaults=True)
    as_json.write_text(json.dumps({"findings": content["findings"][:1]}), encoding="utf-8")
    said = rda("review", small, "--review", file, "--add", as_json)
    assert (0, f"0 findings added to {file}, 1 were there already, 0 refused\n") == (said.code, said.out)
    assert ["Good"] == [one.title for one in read(file, small).content.findings]
    listed = rda("review", small, "--review", file).out
    assert "P1  Good  main.go:5  reviewer  [added by the reviewer a model]" in listed


def test_a_session_writes_a_verdict(example: Path, file: Path) -> None:
    """The same file as the command's; the next session counts it and shows it."""
    id_ = _id(example, GROWS)
    session = Session(TARGET_SERVICE_PATH=str(example))
    with pytest.raises(BadInput, match="name the review file"):
        session.review(id_, "accepted", owner="Ada", reason="small")
    with pytest.raises(BadInput, match="no finding of this audit has the id 'x'"):
        session.review("x", "accepted", owner="Ada", reason="small", file=str(file))
    said = session.review(id_, "accepted", owner="Ada", reason="small", until="2099-01-31", file=str(file))
    assert f"written in {file}: accepted until 2099-01-31" in repr(said)
    again = Session(TARGET_SERVICE_PATH=str(example), REVIEW=str(file))
    assert "accepted until 2099-01-31" in again.findings()._repr_html_()
    assert html.part(again.document, "reviewed") == again.reviewed()._repr_html_()
    assert "Ada" in again.reviewed()._repr_html_() and "P0 9, " in repr(again.reviewed())


@pytest.mark.parametrize("where", ["above", "behind"])
def test_every_finding_can_be_waived_where_it_stands(example: Path, where: str) -> None:
    """A remark above or behind each site waives its finding, and no finding becomes another one by it."""
    before = pipeline.run(pipeline.parameters({"TARGET_SERVICE_PATH": example})).document
    rows = {row["id"]: row for table in before["tables"].values() for row in table if "rule" in row}
    sites: dict[str, dict[int, set[str]]] = {}
    for finding in before["findings"]:
        # What a decision alone raises has no row: its site is the place in the code that departs.
        for place in [rows[id_]["evidence"][0] for id_ in finding["rows"]] or finding["evidence"][:1]:
            sites.setdefault(place["path"], {}).setdefault(place["line"], set()).add(finding["rule"])
    opener = {"go": "//", "sql": "--", "yaml": "#"}
    for path, found in sites.items():
        lines = (example / path).read_text(encoding="utf-8").split("\n")
        for line in sorted(found, reverse=True):
            at = line - 1
            while path.endswith(".go") and "`" in "".join(lines[:at]) and "".join(lines[:at]).count("`") % 2:
                at -= 1  # a statement in a raw string is waived where the string begins
            said = f"{opener[path.rpartition('.')[2]]} rda:ignore {', '.join(sorted(found[line]))} -- seen"
            if where == "above" or at != line - 1:
                lines.insert(at, said)
            else:
                lines[at] += f" {said}"
        (example / path).write_text("\n".join(lines), encoding="utf-8")
    after = pipeline.run(pipeline.parameters({"TARGET_SERVICE_PATH": example})).document
    assert [f["id"] for f in before["findings"]] == [f["id"] for f in after["findings"]]
    assert [] == [f["title"] for f in after["findings"] if (f["review"] or {}).get("status") != "waived"]
    assert {"counts"} == {verdict["state"] for verdict in after["review"]["verdicts"]}


def test_every_fact_can_be_cited(example: Path) -> None:
    """What `rda facts` gives as evidence holds as the citation of an added finding."""
    from rda_nb import source
    from rda_nb.findings.added import admitted
    from rda_nb.findings.review_file import Added, Citation

    def cited(node: object) -> list[Citation]:
        if isinstance(node, list):
            return [found for item in node for found in cited(item)]
        if not isinstance(node, dict):
            return []
        own = [Citation(path=node["path"], line=node["line"], excerpt=node["excerpt"])] if "excerpt" in node else []
        return [*own, *(found for value in node.values() for found in cited(value))]

    evidence = tuple(cited(json.loads(rda("facts", example, "--format", "json").out)))
    added = Added(
        title="All of it", priority="P2", question=1, reviewer="a model", evidence=evidence, recommendation="r",
        verification="v",
    )  # fmt: skip
    findings, refused = admitted((added,), source.read(example))
    assert len(evidence) > 500 and refused == ()
    assert len(set(evidence)) >= len(findings[0].evidence) > 200


def test_facts_are_data_without_judgement(example: Path) -> None:
    """Every kind of fact of the example with its places; the same bytes twice; nothing written, no verdict in it."""
    before = tree(example)
    said = rda("facts", example, "--format", "json")
    assert (0, said.out) == (said.code, rda("facts", example, "--format", "json").out)
    facts = json.loads(said.out)
    assert "rda.facts/1" == facts["schema"]
    kinds = ("flows", "external_calls", "controls", "settings", "goroutines", "channels", "locks", "growing")
    for kind in (*kinds, "statements", "metrics"):
        assert facts[kind], kind
        for fact in facts[kind]:
            assert fact["evidence"], (kind, fact)
            for cited in fact["evidence"]:
                lines = (example / cited["path"]).read_text(encoding="utf-8").splitlines()
                assert cited["excerpt"].split("\n")[0].strip() == lines[cited["line"] - 1].strip()
    assert not re.search(r'"(?:assessment|finding|priority|claim|timestamp_utc)":', said.out)
    (flow,) = [flow for flow in facts["flows"] if flow["title"] == "POST /v1/orders/lookup"]
    assert ["dynamodb"] == [operation["system"] for operation in flow["operations"]]
    call = next(call for call in facts["external_calls"] if call["operation"] == "SQS receive")
    assert 81 == call["worst_case_s"] and call["factors"] and call["origins"]["timeout"]
    assert before == tree(example)


def test_facts_in_a_screen_of_text(example: Path) -> None:
    """How much there is of each, and every flow with what it waits for."""
    said = rda("facts", example)
    assert "    22  flows" in said.out.splitlines()
    assert "POST /v1/orders/lookup  internal/api/server.go:68: dynamodb DynamoDB batch get" in said.out


def test_the_day_of_the_run_is_the_only_clock(
    example: Path, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same tree gives the same bytes but for the time; the waiver of yesterday counts in a run of yesterday."""
    file.parent.mkdir()
    file.write_text(
        "verdicts:\n  - {rule: pacing, path: '**', verdict: accepted, owner: A, reason: b, expiry: 2027-05-01}\n",
        "utf-8",
    )
    states = []
    for number, time in enumerate(("2027-05-01T23:59:59Z", "2027-05-01T00:00:00Z", "2027-05-02T00:00:00Z")):
        monkeypatch.setattr(pipeline, "now", lambda time=time: time)
        document = dict(pipeline.run(pipeline.parameters({"TARGET_SERVICE_PATH": example, "REVIEW": file})).document)
        document["run"] = {**document["run"], "timestamp_utc": "", "duration_s": 0}
        states.append((document["review"]["verdicts"][0]["state"], json.dumps(document), number))
    assert ["counts", "counts", "expired"] == [state for state, _, _ in states]
    assert states[0][1] == states[1][1]
