"""Does a finding whose code did not change stay known? `python -m tests.benchmarks.history REPOSITORY` walks its commits.

REPOSITORY is a git directory or work tree. Each of the last `--count` first-parent commits up to `--until` is audited with
the report of the commit before it in place, as a team would have it in the service, and what the delta says is held
against git's own diff:

- *false new*: a finding told as new although the run before had a finding of the same check at the same text, in the same
  file or in the one that git says it was renamed from. There must be none.
- *false resolved*: the same the other way round.
- *unchanged new*: any other finding told as new although git calls none of the lines it cites new. There must be none
  either: what lies elsewhere and makes a finding is told as *surfaced*, new at lines that did not change.

`--record FILE` writes the figures as YAML; `--json FILE` every change that was told, for reading.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

import rda_nb
from rda_nb.source import write_report

Document = Mapping[str, Any]
REPORT = "docs/rda/reports/09_performance_capacity.md"
WRONG = ("false_new", "false_resolved", "unchanged_new")
HOW = ("added", "resolved", "changed", "detector")


_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")


@dataclass
class Diff:
    """Paths touched, the new path -> the old one of renames, and the numbers of lines that are new, by new path."""

    touched: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)
    lines: dict[str, set[int]] = field(default_factory=dict)

    def holds(self, e: Mapping[str, Any]) -> bool:
        """True when no line of a citation is new."""
        return self.lines.get(e["path"], set()).isdisjoint(range(e["line"], max(e["end_line"], e["line"]) + 1))


class History:
    """The commits of a repository, oldest first, read with git alone."""

    def __init__(self, repository: Path, below: str = "") -> None:
        self._directory = repository / ".git" if (repository / ".git").exists() else repository
        self._below = below

    def commits(self, until: str, count: int) -> list[str]:
        """`count` commits and the one before them."""
        listed = self._git("rev-list", "--first-parent", f"--max-count={count + 1}", until).decode().split()
        return list(reversed(listed))

    def unpack(self, commit: str, folder: Path) -> None:
        """The commit's regular files as git holds them; one whose content the repository lacks is left out."""
        listing = self._git("ls-tree", "-r", "-z", f"{commit}:{self._below}").decode().split("\0")[:-1]
        entries = [entry.split("\t", 1) for entry in listing if entry.startswith("100")]
        names = "".join(about.split(" ")[2] + "\n" for about, _ in entries)
        stream = io.BytesIO(self._git("cat-file", "--batch", given=names.encode()))
        for _, path in entries:
            header = stream.readline().split()
            if header[-1] == b"missing":
                continue
            data = stream.read(int(header[2]))
            stream.read(1)
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)

    def changes(self, before: str, after: str) -> Diff:
        """What git's own diff says of two commits."""
        found = Diff()
        where = [f"{commit}:{self._below}" for commit in (before, after)]
        told = self._git("-c", "core.quotePath=false", "diff", "-M", "-U0", "--no-color", *where).decode(
            "utf-8", "replace"
        )
        old = new = ""
        for line in told.splitlines():
            if line.startswith("diff --git "):
                old, new = (
                    (part[2:] for part in line.removeprefix("diff --git ").split(" ", 1))
                    if line.count(" ") == 3
                    else ("", "")
                )
                found.touched.update(path for path in (old, new) if path)
            elif line.startswith("rename from "):
                old = line.removeprefix("rename from ")
            elif line.startswith("rename to "):
                new = line.removeprefix("rename to ")
                found.renamed[new] = old
                found.touched.update((old, new))
            elif hunk := _HUNK.match(line):
                first, count = int(hunk[1]), int(hunk[2] or 1)
                found.lines.setdefault(new, set()).update(range(first, first + count))
        return found

    def start(self, folder: Path) -> None:
        """Make a folder a work tree that shares the repository's objects, so that an audit sees what git knows."""
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True, capture_output=True)
        objects = self._directory.resolve() / "objects"
        (folder / ".git/objects/info/alternates").write_text(f"{objects}\n")

    def enter(self, folder: Path, commit: str) -> None:
        """Put a commit into the folder in the place of the one before; the report of that one stays."""
        kept = (folder / REPORT).read_bytes() if (folder / REPORT).is_file() else b""
        for path in folder.iterdir():
            if path.name != ".git":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.unpack(commit, folder)
        if kept:
            (folder / REPORT).parent.mkdir(parents=True, exist_ok=True)
            (folder / REPORT).write_bytes(kept)
        head = ["git", "-C", str(folder), "update-ref", "--no-deref", "HEAD", commit]
        subprocess.run(head, check=True, capture_output=True)

    def _git(self, *arguments: str, given: bytes = b"") -> bytes:
        command = ["git", "--git-dir", str(self._directory), *arguments]
        own = os.environ | {"GIT_NO_LAZY_FETCH": "1"}
        return subprocess.run(command, input=given, check=True, capture_output=True, env=own).stdout


def _plain(text: str) -> str:
    return " ".join(text.split())


def sites(finding: Document, document: Document) -> Counter[tuple[str, str]]:
    """The places (path, text) of a finding's rows."""
    wanted = set(finding["rows"])
    rows = [r for table in document["tables"].values() for r in table if r.get("id") in wanted]
    return Counter((r["evidence"][0]["path"], _plain(r["evidence"][0]["excerpt"])) for r in rows)


def places(document: Document) -> Counter[tuple[str, str, str]]:
    """How many findings of a check cite a site: (rule, path, text)."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for finding in document["findings"]:
        counted.update((finding["rule"], *site) for site in sites(finding, document).elements())
    return counted


def judged(after: Document, before: Document, diff: Diff) -> Iterator[dict[str, Any]]:
    """Every change with a verdict."""
    renamed = diff.renamed
    knew, knows = places(before), places(after)
    forth = {path: new for new, path in renamed.items()}
    found = {f["id"]: f for f in after["findings"]}
    had = {f["id"]: f for f in before["findings"]}
    for how in HOW:
        for change in after["delta"][how]:
            verdict = ""
            if change["how"] in ("new", "surfaced"):
                finding = found[change["id"]]
                mine = sites(finding, after)
                if any(_stood(finding["rule"], site, renamed, knew, knows) for site in mine):
                    verdict = "false new"
                elif change["how"] == "new" and all(map(diff.holds, finding["evidence"])):
                    verdict = "unchanged new"
            elif change["how"] in ("resolved", "vanished"):
                finding = had.get(change["id"])
                if finding and any(
                    _stood(finding["rule"], site, forth, knows, knew) for site in sites(finding, before)
                ):
                    verdict = "false resolved"
            yield {**change, "list": how, "verdict": verdict}


def _stood(rule: str, site: tuple[str, str], names: Mapping[str, str], there: Counter[Any], here: Counter[Any]) -> bool:
    """True when the other run had at least as many findings of the rule at this text as this one has."""
    path, text = site
    return there[rule, names.get(path, path), text] >= here[rule, path, text]


def walk(history: History, until: str, count: int) -> Iterator[dict[str, Any]]:
    """One entry per commit: what git says of it, what was audited, what the delta told and how that is judged."""
    before: Document | None = None
    last = ""
    with tempfile.TemporaryDirectory(prefix="rda-history-") as name:
        folder = Path(name) / "service"
        history.start(folder)
        for commit in history.commits(until, count):
            history.enter(folder, commit)
            audit = rda_nb.audit(folder)
            write_report(folder, audit.markdown())
            if before is not None:
                diff = history.changes(last, commit)
                yield {
                    "commit": commit,
                    "touched": len(diff.touched),
                    "code": sum(path.endswith(".go") for path in diff.touched),
                    "findings": len(audit.document["findings"]),
                    "sites": sum(f["sites"] for f in audit.document["findings"]),
                    "changes": list(judged(audit.document, before, diff)),
                    "bullets": audit.document["delta"]["bullets"],
                }
            before, last = audit.document, commit


def figures(repository: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
    """The sums of a walk."""
    hows = Counter(change["how"] for step in steps for change in step["changes"])
    verdicts = Counter(change["verdict"] for step in steps for change in step["changes"] if change["verdict"])
    return {
        "repository": repository,
        "first": steps[0]["commit"],
        "last": steps[-1]["commit"],
        "commits": len(steps),
        "with_code": sum(bool(step["code"]) for step in steps),
        "files_touched": sum(step["touched"] for step in steps),
        "findings_compared": sum(step["findings"] for step in steps),
        "sites_compared": sum(step["sites"] for step in steps),
        "told": dict(sorted(hows.items())),
        "false_new": verdicts["false new"],
        "false_resolved": verdicts["false resolved"],
        "unchanged_new": verdicts["unchanged new"],
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--name", default="", help="owner/name, as the record shall call it")
    parser.add_argument("--below", default="", help="the service's directory in the repository")
    parser.add_argument("--until", default="HEAD")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    steps = []
    for step in walk(History(given.repository, given.below), given.until, given.count):
        steps.append(step)
        shown = Counter(change["verdict"] or change["how"] for change in step["changes"])
        sys.stderr.write(f"{step['commit'][:10]} {step['findings']:4} findings  {dict(sorted(shown.items()))}\n")
    found = figures(given.name or given.repository.name, steps)
    if given.json:
        given.json.write_text(json.dumps(steps, indent=1), encoding="utf-8")
    text = yaml.safe_dump(found, sort_keys=False, allow_unicode=True)
    if given.record:
        given.record.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    raise SystemExit(1 if any(found[name] for name in WRONG) else 0)


if __name__ == "__main__":
    main()
