"""What the cells of an audit notebook show: parts, figures, stages, and the audit as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rda_nb.report import figures, html
from rda_nb.report.embedded import AUDIT_MIME, payload


class Shown:
    """What a cell shows: HTML with a one-line text beside it."""

    def __init__(self, markup: str, text: str) -> None:
        self._markup, self._text = markup, text

    def _repr_html_(self) -> str:
        return self._markup

    def __repr__(self) -> str:
        return self._text


class Drawn:
    """A figure in a cell: drawn by Plotly where the reader can, else the same numbers as text."""

    def __init__(self, figure: figures.Figure) -> None:
        self.figure = figure

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        if self.figure.spec is None:
            return {"text/html": html.figure(self.figure), "text/plain": repr(self)}
        return {figures.PLOTLY_MIME: self.figure.plotly(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"{self.figure.title} {self.figure.alt}"


class Carried(Shown):
    """The last cell's output: what was written where, and the audit itself as data for the exporters."""

    def __init__(self, markup: str, text: str, audit: Mapping[str, Any]) -> None:
        super().__init__(markup, text)
        self._audit = audit

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/html": self._markup, "text/plain": self._text, AUDIT_MIME: payload(self._audit)}


class Figures:
    """The figures of one audit; assumptions of a figure may be changed per call."""

    def __init__(self, audit: Callable[[], Mapping[str, Any]]) -> None:
        self._audit = audit

    def amplification(self) -> Drawn:
        """Worst-case seconds per external call."""
        return Drawn(figures.amplification(self._audit()))

    def capacity(self, **assumptions: float) -> Drawn:
        """Little's law against the declared concurrency; see `figures.capacity` for the assumptions."""
        return Drawn(figures.capacity(self._audit(), **assumptions))

    def retries(self) -> Drawn:
        """Attempts per call and path."""
        return Drawn(figures.retries(self._audit()))

    def labels(self) -> Drawn:
        """Labels per metric."""
        return Drawn(figures.labels(self._audit()))

    def priorities(self) -> Drawn:
        """Findings per question."""
        return Drawn(figures.priorities(self._audit()))


class Stage(Shown):
    """One stage of the pipeline that has run: how long it took and what it counted."""

    def __init__(self, name: str, seconds: float, counts: Mapping[str, Any]) -> None:
        self.name, self.seconds, self.counts = name, seconds, counts
        said = ", ".join(f"{value} {word}" for word, value in counts.items())
        text = f"{name}: {said or 'done'} in {seconds:.2f} s"
        super().__init__(html.stage(name, seconds, counts), text)
