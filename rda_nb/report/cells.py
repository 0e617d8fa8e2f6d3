"""The cells of the Markdown tables: one function per table of the specification, from rows of audit.json."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rda_nb.report import inline

Row = Mapping[str, Any]
NOTHING = "\u2013"  # an en dash, as reviewers write it by hand


class Cells:
    """Builds table cells within the limits of the rubric's `shown`."""

    def __init__(self, shown: Mapping[str, Any]) -> None:
        self.shown = shown
        self._of: Mapping[str, Callable[[Row], list[str]]] = {
            "checklist": self._checklist,
            "critical_paths": self._critical_path,
            "controls": self._control,
            "external_calls": self._external_call,
            "clickhouse": self._clickhouse,
            "hotspots": self._hotspot,
            "signals": self._signal,
        }

    def line(self, table: str, row: Row) -> str:
        """One table row as Markdown."""
        return f"| {' | '.join(cell or NOTHING for cell in self._of[table](row))} |"

    def gap_line(self, table: str, text: str) -> str:
        """The row of a table in which nothing stands: GAP with its reason, so that the silence is explained."""
        gap = f"GAP: {self._text(text)}"
        columns = {
            "critical_paths": ["—", NOTHING, gap, NOTHING, "GAP", "GAP"],
            "controls": ["—", NOTHING, NOTHING, NOTHING, gap, "GAP"],
            "external_calls": ["—", NOTHING, NOTHING, NOTHING, gap, "GAP"],
            "clickhouse": ["—", NOTHING, gap, "GAP", NOTHING],
            "hotspots": ["—", NOTHING, NOTHING, gap, "GAP", NOTHING],
            "signals": ["—", "GAP", NOTHING, NOTHING, gap],
        }
        return f"| {' | '.join(columns[table])} |"

    def _checklist(self, row: Row) -> list[str]:
        inspected = row["files_inspected"]
        files = f"{len(inspected)} file{'' if len(inspected) == 1 else 's'}"
        if row["evidence"]:
            cited = inline.cited(row["evidence"], self.shown["answer_citations"], self.shown["excerpt"], in_table=True)
            files = f"{files}: {cited}"
        elif inspected:
            files = ", ".join(inline.code(path, in_table=True) for path in inspected[:3])
        summary = self._text(row["summary"])
        elsewhere = f" Look at: {self._text(row['where_to_look'])}." if row["where_to_look"] else ""
        return [str(row["n"]), self._text(row["question"]), files, f"**{row['assessment']}** {summary}{elsewhere}"]

    def _critical_path(self, row: Row) -> list[str]:
        goal = self._text(row["goal"]) if row["goal"] else f"GAP: {self._text(row['gap'])}"
        return [
            self._names(row) + (" (hot)" if row["hot"] else ""),
            self._site(row, row["entrypoint"]),
            self._few(row["steps"], self.shown["steps"], " → "),
            self._few(row["blocking_io"], self.shown["blocking_io"], ", "),
            goal,
            self._verdict(row),
        ]

    def _control(self, row: Row) -> list[str]:
        default = self._text(row["display"]["default"])
        return [
            self._names(row),
            self._location(row),
            default,
            self._text(row["display"]["configurable"]),
            self._evidence(row),
            self._verdict(row),
        ]

    def _external_call(self, row: Row) -> list[str]:
        shown = row["display"]
        return [
            self._names(row),
            self._text(shown["timeout"]),
            self._text(shown["retries"]),
            self._text(shown["worst_case"]),
            self._evidence(row, located=False),
            self._verdict(row),
        ]

    def _clickhouse(self, row: Row) -> list[str]:
        risk = row["risk"] or (row["claim"] if row["assessment"] != "GOOD" else "")
        verdict = f"{row['assessment']}: {self._text(risk)}" if risk else row["assessment"]
        return [
            self._text(row["aspect"].replace("_", " ")),
            self._text(row["approach"]),
            self._evidence(row, located=False),
            verdict,
            self._text(row["recommendation"] or ""),
        ]

    def _hotspot(self, row: Row) -> list[str]:
        return [
            self._text(row["pattern"].replace("_", " ")),
            " in ".join(filter(None, (self._location(row), inline.code(row["function"], in_table=True)))),
            self._text(row["why"]),
            self._evidence(row),
            self._verdict(row),
            self._text(row["recommendation"] or ""),
        ]

    def _signal(self, row: Row) -> list[str]:
        metric = inline.code(row["metric"] or "", in_table=True)
        kind = f", {row['metric_type']}" if row["metric_type"] else ""
        labels = f" by {inline.code(', '.join(row['labels']), in_table=True)}" if row["labels"] else ""
        present = f"yes: {metric}{kind}{labels}" if row["present"] else "GAP" if row["assessment"] == "GAP" else "no"
        gap = row["gap"] or (row["claim"] if row["assessment"] != "GOOD" else "")
        verdict = f"{row['assessment']}: {self._text(gap)}" if gap else row["assessment"]
        return [
            self._text(row["signal"].replace("_", " ")),
            present,
            self._evidence(row, located=False),
            self._text(row["capacity_use"] or ""),
            verdict,
        ]

    def _verdict(self, row: Row) -> str:
        """The assessment, with a decision's label."""
        return f"{row['assessment']} ({row['label']})" if row["label"] else str(row["assessment"])

    def _site(self, row: Row, name: str) -> str:
        """A name with its place; a row without evidence keeps the name alone."""
        if row["evidence"] and name == f"{row['evidence'][0]['path']}:{row['evidence'][0]['line']}":
            return self._location(row)
        named = inline.code(name, in_table=True)
        return f"{self._location(row)} {named}".strip() if row["evidence"] else named

    def _location(self, row: Row) -> str:
        return inline.place(row["evidence"][0], in_table=True) if row["evidence"] else ""

    def _evidence(self, row: Row, *, located: bool = True) -> str:
        """The excerpt and further places; with the place itself when no other column shows it."""
        items: Sequence[Row] = row["evidence"]
        if not items:
            return f"GAP: {self._text(row['claim'] or 'no place in the target')}"
        most = self.shown["evidence_per_row"]
        if not located:
            return inline.cited(items, most, self.shown["excerpt"], in_table=True)
        excerpt = inline.code(
            inline.shorten(inline.one_line(items[0]["excerpt"]), self.shown["excerpt"]), in_table=True
        )
        rest = inline.places(items[1:], most - 1, in_table=True)
        return f"{excerpt}; {rest}" if rest else excerpt

    def _names(self, row: Row) -> str:
        """What the row is about; several names when it stands for several rows."""
        return self._few(row["names"], self.shown["names"], ", ")

    def _few(self, names: Sequence[str], most: int, joint: str) -> str:
        """The first names and how many more."""
        shown = joint.join(self._text(name) for name in names[:most])
        return f"{shown}{joint if joint != ', ' else ' and '}{len(names) - most} more" if len(names) > most else shown

    def _text(self, text: str) -> str:
        return inline.prose(text, in_table=True)
