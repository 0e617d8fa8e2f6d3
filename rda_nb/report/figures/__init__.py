"""The figures of the report as plain Plotly dictionaries: each answers one question and carries its numbers as text.

Nothing here needs the Plotly package: plotly.js draws the dictionaries, in the notebook and in the offline page.
"""

from rda_nb.report.figures.calls import amplification, retries
from rda_nb.report.figures.capacity import capacity
from rda_nb.report.figures.counts import labels, priorities
from rda_nb.report.figures.figure import PLOTLY_MIME, Figure, from_plotly

FIGURES = {
    "amplification": amplification,
    "capacity": capacity,
    "retries": retries,
    "labels": labels,
    "priorities": priorities,
}

__all__ = [
    "FIGURES",
    "PLOTLY_MIME",
    "Figure",
    "amplification",
    "capacity",
    "from_plotly",
    "labels",
    "priorities",
    "retries",
]
