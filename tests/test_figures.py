"""Figures: what they draw, what they say in words, and what they refuse to invent."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from rda_nb.report import figures

SAMPLE = Path(__file__).parent / "sample_audit.json"


@pytest.fixture
def audit() -> dict[str, Any]:
    """A hand-made audit of an imagined order worker."""
    loaded: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return loaded


def _trace(figure: figures.Figure, name: str) -> dict[str, Any]:
    assert figure.spec is not None
    return next(trace for trace in figure.spec["data"] if trace.get("name") == name)


def test_amplification_separates_bounded_unbounded_and_unknown(audit: dict[str, Any]) -> None:
    """A call without a bound is never drawn as a number, and an unknown one never as unbounded."""
    figure = figures.amplification(audit)
    calls = audit["tables"]["external_calls"]
    assert len([c for c in calls if c["bounded"] is False]) == len(_trace(figure, "unbounded")["x"])
    assert sorted(c["worst_case_s"] for c in calls if c["worst_case_s"]) == sorted(_trace(figure, "bounded")["x"])
    assert [" unknown"] == _trace(figure, "unknown")["text"]


def test_amplification_draws_the_enclosing_budgets(audit: dict[str, Any]) -> None:
    """The visibility timeout and the write timeout are lines; a read timeout bounds no call and is none."""
    figure = figures.amplification(audit)
    assert figure.spec is not None
    assert [10, 60] == [shape["x0"] for shape in figure.spec["layout"]["shapes"]]


def test_many_calls_are_drawn_as_the_worst_of_each_kind(audit: dict[str, Any]) -> None:
    """A wall of unbounded bars would hide the numbers; what is drawn stands in the table, the rest is said."""
    many = copy.deepcopy(audit)
    call = next(c for c in many["tables"]["external_calls"] if c["worst_case_s"] == 75)
    many["tables"]["external_calls"] += [{**call, "operation": f"Put{n}", "worst_case_s": n + 1} for n in range(40)]
    endless = next(c for c in many["tables"]["external_calls"] if c["bounded"] is False)
    many["tables"]["external_calls"] += [{**endless, "operation": f"Wait{n}"} for n in range(40)]
    figure = figures.amplification(many)
    assert 10 == len(_trace(figure, "unbounded")["x"])
    assert 13 == len(_trace(figure, "bounded")["x"])
    assert 75 == max(_trace(figure, "bounded")["x"])
    assert 24 == len(figure.rows)
    assert "Drawn are 24 of 89 calls" in figure.note
    assert "42 unbounded" in figure.alt


def test_capacity_is_littles_law(audit: dict[str, Any]) -> None:
    """8 workers at 50 items/s in units of 10 keep up while a unit takes 8 / 5 = 1.6 s."""
    figure = figures.capacity(audit, arrival_rate_per_s=50, items_per_batch=10)
    assert ("Ingest workers", "8", "1.6 s", "internal/queue/consumer.go:70") == figure.rows[0]
    marks = _trace(figure, "while a call meets its worst case")
    assert 375 == marks["y"][marks["x"].index(75)]
    assert "Assumed: 50 items/s" in figure.note


def test_capacity_without_an_assumed_rate_draws_nothing(audit: dict[str, Any]) -> None:
    """No arrival rate is invented: the figure says which parameter is missing."""
    audit["run"]["parameters"] = {}
    figure = figures.capacity(audit)
    assert figure.spec is None
    assert "arrival_rate_per_s" in figure.note


def test_an_unknown_attempt_count_is_not_a_bar(audit: dict[str, Any]) -> None:
    """A call whose attempts are unknown stands in the table as unknown and is not drawn as one try."""
    audit["tables"]["external_calls"][0]["attempts"] = None
    figure = figures.retries(audit)
    assert figure.spec is not None
    assert len(figure.rows) - 1 == len(figure.spec["data"][0]["x"])
    assert 1 == sum(row[2] == "unknown" for row in figure.rows)


def test_a_label_that_a_check_called_unbounded_is_marked(audit: dict[str, Any]) -> None:
    """The metric on the line of a high-cardinality hotspot comes first and is RISK."""
    figure = figures.labels(audit)
    assert ("orders_handled_total", "3", "customer_id, region, result") == figure.rows[0][:3]
    assert "RISK" == figure.rows[0][-1]


@pytest.mark.parametrize("name", sorted(figures.FIGURES))
def test_an_empty_audit_gives_no_drawing_but_a_sentence(audit: dict[str, Any], name: str) -> None:
    """A service without calls, metrics or findings gets no empty axes."""
    audit["tables"] = {table: [] for table in audit["tables"]}
    audit["findings"] = []
    figure = figures.FIGURES[name](audit)
    assert figure.spec is None
    assert figure.note


@pytest.mark.parametrize("name", sorted(figures.FIGURES))
def test_a_figure_survives_the_notebook(audit: dict[str, Any], name: str) -> None:
    """Title, text alternative and numbers travel with the Plotly output through JSON and back."""
    figure = figures.FIGURES[name](audit)
    assert figure == figures.from_plotly(json.loads(json.dumps(figure.plotly())))


@pytest.mark.parametrize("name", sorted(figures.FIGURES))
def test_names_from_the_source_are_only_text(audit: dict[str, Any], name: str) -> None:
    """plotly.js reads some HTML in its texts: names from the audited tree are escaped."""
    columns = ("operation", "formula", "gap", "metric", "control", "path", "title")
    hostile = '<a href="javascript:x">go</a>'
    for rows in audit["tables"].values():
        for row in rows:
            row |= {column: hostile for column in columns if column in row}
            row |= {"paths": [hostile]} if "paths" in row else {}
            row |= {"labels": [hostile]} if "labels" in row else {}
    assert "<a href" not in json.dumps(figures.FIGURES[name](audit).spec)
