"""Is what a report cites still there? Every citation is opened again and found to hold, to have moved, or to be gone."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from rda_nb import source
from rda_nb.core import BadInput, Disturbed, RdaError
from rda_nb.findings.citations import meant
from rda_nb.findings.state import digest_of
from rda_nb.report import inline
from rda_nb.report.cited import Citation, Report, of_document
from rda_nb.source import Reopened, Target
from rda_nb.source.target import LONGEST_EXCERPT_LINES

SCHEMA = "rda.verification/1"
STATUSES = ("holds", "moved", "gone")
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`status` is one of STATUSES. `basis` is what was compared: text, or only that the line exists."""

    citation: Citation
    status: str
    basis: str = "text"
    path: str = ""
    line: int = 0
    why: str = ""


class Checker:
    """Looks citations up in the target's files as they are on the disk, or as a commit holds them."""

    def __init__(self, root: str | os.PathLike[str], report: Report, at: str = "") -> None:
        self._root, self._report, self._at = root, report, at
        self._now = self._opened({c.path for c in report.citations})
        self._before = self._opened_before()
        self._renames: Mapping[str, str] | None = None
        self._lines = cache(self._plain_lines)
        self._all: frozenset[str] | None = None

    def verdicts(self) -> list[Verdict]:
        """One verdict per citation, in the report's order."""
        return [self._told(c) for c in self._report.citations]

    def _told(self, c: Citation) -> Verdict:
        """The verdict on a citation whose path may be one that only people understand: a longer or a shorter one."""
        path = c.path
        if not self._report.kit_made and path in self._now.missing and not self._renamed(path):
            path = meant(path, self._listed()) or path
        verdict = self._judged(replace(c, path=path))
        if path == c.path:
            return verdict
        why = "; ".join(filter(None, (f"meant is {path}", verdict.why)))
        return replace(verdict, citation=c, why=why)

    def changed_since(self, path: str, moment: float) -> bool:
        """True when a file is gone, or was written after a moment in seconds of the epoch."""
        return path in self._now.missing or self._now.changed.get(path, 0.0) >= moment

    def _opened(self, paths: set[str]) -> Reopened:
        return source.reopen_at(self._root, self._at, paths) if self._at else source.reopen(self._root, paths)

    def _opened_before(self) -> Target | None:
        """The cited files at the report's own commit, for citations that show no text; None when git has it not."""
        commit = self._report.commit
        paths = {c.path for c in self._report.citations if not (c.excerpt or c.digest)}
        if not commit or not paths:
            return None
        try:
            return source.reopen_at(self._root, commit, paths).target
        except BadInput:
            return None

    def _judged(self, c: Citation) -> Verdict:
        told = c if c.excerpt or c.digest else self._told_by_commit(c)
        if not (told.excerpt or told.digest):
            return self._by_line(c)
        if self._stands(told, c.path, c.line):
            return Verdict(c, "holds")
        lines = self._lines(c.path)
        found = self._nearest(told, c.path) if lines is not None else None
        if found:
            return Verdict(c, "moved", path=c.path, line=found)
        # While the file stands, its text in another one of the same name is another text.
        elsewhere = self._elsewhere(told) if lines is None else None
        if elsewhere:
            return Verdict(c, "moved", path=elsewhere[0], line=elsewhere[1])
        if not self._report.kit_made and lines is not None and told is c and c.line <= len(lines):
            # Beside a place a person may write a name or a remark as code; only the line can be looked at then.
            return Verdict(c, "holds", "line", why="the line exists; the code beside it is not the text of the file")
        return Verdict(c, "gone", why=self._now.missing.get(c.path, "the text is not in the file any more"))

    def _told_by_commit(self, c: Citation) -> Citation:
        """The citation with the text that stood there when the report was made; without, when git cannot say."""
        file = self._before.file(c.path) if self._before else None
        if (
            file is None
            or self._before is None
            or not 1 <= c.line <= len(file.lines)
            or not file.lines[c.line - 1].strip()
        ):
            return c
        cited = self._before.cite(c.path, c.line)
        return Citation(c.path, c.line, c.where, cited.excerpt, cited.end_line, True)

    def _by_line(self, c: Citation) -> Verdict:
        """What can be said of a place without its text: the line exists, or it does not."""
        lines = self._lines(c.path)
        if lines is None:
            renamed = self._renamed(c.path)
            if renamed and c.line <= len(self._lines(renamed) or ()):
                return Verdict(c, "moved", "line", renamed, c.line, "git renamed the file; its text was not compared")
            return Verdict(c, "gone", "line", why=self._now.missing.get(c.path, "no such file"))
        if 1 <= c.line <= len(lines):
            return Verdict(c, "holds", "line", why="the line exists; the report shows no text to compare it with")
        return Verdict(c, "gone", "line", why=f"the file has {len(lines)} lines")

    def _stands(self, c: Citation, path: str, line: int) -> bool:
        """True when the text stands at a line: letter for letter, or as far as the report shows it."""
        file = self._now.target.file(path)
        if file is None or not 1 <= line <= len(file.lines):
            return False
        if not c.excerpt:
            return digest_of(self._now.target.cite(path, line).excerpt) == c.digest
        if c.whole:
            last = line + max(c.end_line - c.line, 0)
            if last > len(file.lines):
                return False
            plain = textwrap.dedent("\n".join(text.rstrip() for text in file.lines[line - 1 : last])).strip("\n")
            # Only what is masked, cut or not printable has to be cited as it was the first time.
            return plain == c.excerpt or self._now.target.cite(path, line, last).excerpt == c.excerpt
        last = min(line + LONGEST_EXCERPT_LINES - 1, len(file.lines))
        text = inline.one_line(self._now.target.cite(path, line, last).excerpt)
        shown = inline.one_line(c.excerpt)
        if self._report.kit_made:
            return text.startswith(shown.removesuffix(_CUT).rstrip())
        return shown in inline.one_line(self._now.target.cite(path, line).excerpt)

    def _nearest(self, c: Citation, path: str) -> int | None:
        """The line nearest to the cited one at which the text stands; None when it stands nowhere in the file."""
        lines = self._lines(path) or ()
        wanted = inline.one_line(c.excerpt.split("\n", 1)[0]).removesuffix(_CUT).rstrip()
        any_line = not wanted or "[REDACTED" in wanted
        likely = (n for n, text in enumerate(lines, 1) if text and (any_line or _akin(text, wanted)))
        for line in sorted(likely, key=lambda n: (abs(n - c.line), n)):
            if self._stands(c, path, line):
                return line
        return None

    def _elsewhere(self, c: Citation) -> tuple[str, int] | None:
        """The text in the file that git says was renamed, or in the only other file of the same name that holds it."""
        renamed = self._renamed(c.path)
        name = c.path.rpartition("/")[2]
        others = (
            [renamed]
            if renamed
            else [p for p in sorted(self._listed()) if p != c.path and p.rpartition("/")[2] == name]
        )
        found = [(path, line) for path in others if self._lines(path) is not None and (line := self._nearest(c, path))]
        return found[0] if len(found) == 1 else None

    def _renamed(self, path: str) -> str:
        if self._renames is None:
            known = self._report.commit
            self._renames = source.renamed_since(self._root, known, self._at or "HEAD") if known else {}
        return self._renames.get(path, "")

    def _listed(self) -> frozenset[str]:
        """Every file of the target."""
        if self._all is None:
            at = self._at
            paths = source.paths_at(self._root, at) if at else [file.path for file in source.read(self._root).files]
            self._all = frozenset(paths)
        return self._all

    def _plain_lines(self, path: str) -> list[str] | None:
        """A file's lines with blanks collapsed, opened when it was not yet; None when it cannot be read."""
        if self._now.target.file(path) is None and path not in self._now.missing:
            more = self._opened({path})
            both = (*self._now.target.files, *more.target.files)
            target = Target(**{**_fields(self._now.target), "files": both})
            self._now = Reopened(target, {**self._now.missing, **more.missing}, {**self._now.changed, **more.changed})
        file = self._now.target.file(path)
        return None if file is None else [inline.one_line(line) for line in file.lines]


def check_own(document: Mapping[str, Any], root: str | os.PathLike[str]) -> int:
    """Open all evidence of an audit that was just made again, and return how many citations hold.

    Disturbed when a file changed since it was read, RdaError naming the row when the fault is the kit's.
    """
    report = of_document(document)
    checker = Checker(root, report)
    for verdict in checker.verdicts():
        if verdict.status != "holds":
            c = verdict.citation
            if checker.changed_since(c.path, _begun(document["run"])):
                raise Disturbed(
                    f"{c.path} changed while the audit ran: line {c.line} is not what was read; run it again, nothing was written"
                )
            raise RdaError(f"{c.where}: {c.path}:{c.line} does not hold the text it is cited with; nothing was written")
    return len(report.citations)


def _begun(run: Mapping[str, Any]) -> float:
    """When the target was read at the earliest, in seconds of the epoch."""
    ended = datetime.strptime(run["timestamp_utc"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return ended.timestamp() - (run["duration_s"] or 0.0) - 1.0


def _fields(target: Target) -> dict[str, Any]:
    """The constructor's arguments of a target."""
    names = ("root", "name", "files", "skipped", "gaps", "git", "decisions", "prior_reports")
    return {name: getattr(target, name) for name in names}


def _akin(text: str, wanted: str) -> bool:
    """True when a line may begin the wanted text: neither is cut where the other is not."""
    return wanted in text or text.startswith(wanted[:40]) or wanted.startswith(text)


def summary(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """How many citations hold by their text, hold as far as a line can, moved and are gone."""
    counted = Counter(v.status for v in verdicts)
    weak = sum(v.status == "holds" and v.basis == "line" for v in verdicts)
    return {name: counted[name] for name in STATUSES} | {"holds_by_line_only": weak}


def as_document(report: str, at: str, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The verification as plain values, schema `rda.verification/1`."""
    told = []
    for v in verdicts:
        entry = {name: value for name, value in asdict(v.citation).items() if name != "whole"}
        now = {"path": v.path, "line": v.line} if v.status == "moved" else None
        told.append(entry | {"status": v.status, "basis": v.basis, "now": now, "why": v.why or None})
    return {"schema": SCHEMA, "report": report, "at": at or None, "counts": summary(verdicts), "citations": told}


def tell(verdicts: Sequence[Verdict], say: Callable[[str], None]) -> None:
    """One line per citation, then the sums."""
    for v in verdicts:
        to = f" to {v.path}:{v.line}" if v.status == "moved" else ""
        why = f" ({v.why})" if v.why else ""
        say(f"{v.status:<6} {v.citation.path}:{v.citation.line}{to}  {v.citation.where}{why}")
    counts = summary(verdicts)
    weak = counts.pop("holds_by_line_only")
    told = ", ".join(f"{n} {'hold' if name == 'holds' else name}" for name, n in counts.items())
    by_line = f"; of {weak} that hold only the line could be looked at" if weak else ""
    say(f"{len(verdicts)} citations: {told}{by_line}")
