"""nbconvert exporters for an executed audit notebook: `rda_html`, the offline page, and `rda_markdown`, the report."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.exporter import Exporter
from nbconvert.filters.highlight import Highlight2HTML
from nbformat import NotebookNode
from traitlets import default

from rda_nb.report import figures, html, markdown
from rda_nb.report.embedded import AUDIT_MIME, audit_of

_BACKSTAGE = frozenset({"stage", "parameters", "injected-parameters"})
# What the vendored bundle can draw; a figure that somebody added with another trace says so instead of drawing nothing.
_TRACES = frozenset({"bar", "pie", "scatter"})


class RdaHTMLExporter(HTMLExporter):
    """The page that a run without a notebook writes, made of the cells' outputs, with the code behind a button."""

    export_from_notebook = "RDA offline page"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "rda"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(html.TEMPLATES)]

    @default("exclude_input_prompt")
    def _exclude_input_prompt_default(self) -> bool:
        return True

    @default("exclude_output_prompt")
    def _exclude_output_prompt_default(self) -> bool:
        return True

    @property
    def default_config(self) -> Any:
        """nbconvert's own, with Plotly before HTML: an output that carries both is drawn."""
        config = super().default_config
        priority = [figures.PLOTLY_MIME, "text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown"]
        config.NbConvertBase.display_data_priority = [*priority, "text/latex", "text/plain"]
        return config

    def default_filters(self) -> Any:
        """nbconvert's filters and the two that hand a cell or a figure to the page's building blocks."""
        inherited: Any = super()
        yield from inherited.default_filters()
        yield "rda_prose", lambda cell: html.prose(cell.get("id", ""), cell.source)
        yield "rda_figure", draw
        yield "rda_backstage", lambda cell: bool(_BACKSTAGE & set(cell.metadata.get("tags", ())))

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> Any:
        """The page of an executed notebook; the run's own cells come last, behind the button."""
        audit = audit_of(nb)
        shown = copy.copy(nb)
        backstage = [bool(_BACKSTAGE & set(cell.metadata.get("tags", ()))) for cell in nb.cells]
        order = sorted(range(len(nb.cells)), key=lambda index: (backstage[index], index))
        shown.cells = [_without_audit(nb.cells[index]) for index in order]
        resources = dict(resources or {})
        resources["rda"] = {"head": html.head(audit, code=True), "tail": html.tail(code=True)}
        lexer = nb.metadata.get("language_info", {}).get("pygments_lexer", "ipython3")
        untyped: Any = self
        highlight: Any = Highlight2HTML
        untyped.register_filter("highlight_code", highlight(pygments_lexer=lexer, parent=self))
        # HTMLExporter would parse the whole page again to add alternative texts: minutes on a large audit.
        return super(HTMLExporter, self).from_notebook_node(shown, resources, **kw)


class RdaMarkdownExporter(Exporter):
    """The canonical report, byte for byte, from the audit that the notebook carries."""

    export_from_notebook = "RDA canonical report"
    output_mimetype = "text/markdown"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".md"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> Any:
        """The report's text."""
        _, resources = super().from_notebook_node(nb, resources, **kw)
        return markdown.render(audit_of(nb)), resources


def draw(payload: dict[str, Any]) -> str:
    """A Plotly output as a figure of the page, whether the kit made it or a reader added it."""
    own = figures.from_plotly(payload)
    if own:
        return html.figure(own)
    layout = payload.get("layout", {})
    title = layout.get("title")
    words = (title.get("text") if isinstance(title, dict) else title) or "Figure added to the notebook"
    foreign = sorted({trace.get("type", "scatter") for trace in payload["data"]} - _TRACES)
    note = f"Not drawn here: the page's Plotly bundle has no {', '.join(foreign)} trace." if foreign else ""
    spec = None if foreign else {"data": payload["data"], "layout": {"height": 420} | layout}
    name = f"added-{hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()[:8]}"
    return html.figure(figures.Figure(name, words, words, (), (), spec, note))


def _without_audit(cell: NotebookNode) -> NotebookNode:
    """The cell without its audit payload, which the page does not show."""
    if not any(AUDIT_MIME in output.get("data", {}) for output in cell.get("outputs", ())):
        return cell
    cell = copy.deepcopy(cell)
    for output in cell.outputs:
        output.get("data", {}).pop(AUDIT_MIME, None)
    return cell
