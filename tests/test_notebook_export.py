"""The notebook file, and its exports: the same page and the same report as a run without a kernel."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup

from rda_nb import notebook
from rda_nb.core import BadInput
from rda_nb.report import embedded, figures, html, markdown
from rda_nb.report.exporters import RdaHTMLExporter, RdaMarkdownExporter

SAMPLE = Path(__file__).parent / "sample_audit.json"


def _audit() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return loaded


def _executed(audit: dict[str, Any]) -> Any:
    """The notebook with the outputs that its cells give for this audit."""
    run = nbformat.read(html.notebook_path(), as_version=4)
    for cell in run.cells:
        part = cell.metadata.get("rda", {}).get("part", "")
        if part.startswith("figure-"):
            data = notebook.Drawn(figures.FIGURES[part.removeprefix("figure-")](audit))._repr_mimebundle_()
        elif part:
            data = {"text/html": html.part(audit, part), "text/plain": part}
        elif cell.id == "render":
            data = notebook.Carried("<p>done</p>", "done", audit)._repr_mimebundle_()
        else:
            continue
        cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    return run


def _cells() -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(html.notebook_path().read_text(encoding="utf-8"))["cells"]
    return cells


def test_the_notebook_is_stored_without_outputs_and_with_stable_ids() -> None:
    """A diff of the notebook shows what a person changed and nothing else."""
    cells = _cells()
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in cells)
    ids = [cell["id"] for cell in cells]
    assert len(set(ids)) == len(ids)
    assert all(cell_id.replace("-", "").isalnum() and cell_id == cell_id.lower() for cell_id in ids)
    assert "python3" == nbformat.read(html.notebook_path(), as_version=4).metadata.kernelspec.name


def test_the_notebook_defines_nothing() -> None:
    """Cells set parameters and call one thing each; whatever needs a name lives in the package."""
    for cell in _cells():
        if cell["cell_type"] != "code":
            continue
        body = ast.parse("".join(cell["source"])).body
        assert not [node for node in ast.walk(ast.Module(body, [])) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        assert len(body) <= 3 or "parameters" in cell["metadata"]["tags"], cell["id"]


def test_each_part_is_shown_by_the_call_that_its_cell_makes() -> None:
    """A cell's metadata, by which the page is made without a kernel, names what its code shows with one."""
    shown = [
        (cell["metadata"]["rda"]["part"], "".join(cell["source"])) for cell in _cells() if "rda" in cell["metadata"]
    ]
    for part, source in shown:
        name, _, rest = part.partition("-")
        wanted = f"session.figures.{rest}()" if name == "figure" else f"session.{name}({rest})"
        assert wanted == source
    assert {f"question-{n}" for n in range(1, 11)} | {f"figure-{name}" for name in figures.FIGURES} < {
        p for p, _ in shown
    }


def test_the_page_is_the_same_with_and_without_a_kernel() -> None:
    """Every heading and every part of the exported notebook equals that of the page rendered from audit.json."""
    exported, _ = RdaHTMLExporter().from_notebook_node(_executed(_audit()))
    with_kernel, without = (BeautifulSoup(text, "html.parser") for text in (exported, html.render(_audit())))
    for selector in ("main .part", "main > .prose", ".masthead", "footer", "style"):
        assert [str(e) for e in with_kernel.select(selector)] == [str(e) for e in without.select(selector)]
    assert with_kernel.select(".code-cell") and not without.select(".code-cell")
    assert 2 == len([s for s in with_kernel.select("script") if s.get("type") != "application/json"])


def test_the_markdown_export_is_the_canonical_report() -> None:
    """The bytes are those of the report rendered from the audit itself."""
    exported, resources = RdaMarkdownExporter().from_notebook_node(_executed(_audit()))
    assert markdown.render(_audit()) == exported
    assert ".md" == resources["output_extension"]


@pytest.mark.slow
@pytest.mark.parametrize(("exporter", "ending"), [("RdaMarkdownExporter", ".md"), ("RdaHTMLExporter", ".html")])
def test_nbconvert_finds_the_exporters(tmp_path: Path, exporter: str, ending: str) -> None:
    """`jupyter nbconvert` writes the same bytes as the exporter in this process."""
    path = tmp_path / "run.ipynb"
    nbformat.write(_executed(_audit()), path)
    command = [sys.executable, "-m", "nbconvert", "--to", f"rda_nb.report.exporters.{exporter}", str(path)]
    done = subprocess.run(command, cwd=Path(notebook.__file__).parents[2], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    written = path.with_suffix(ending).read_text(encoding="utf-8")
    assert (markdown.render(_audit()) if ending == ".md" else notebook.page(path)) == written


def test_the_audit_survives_saving_and_does_not_bloat_the_notebook(tmp_path: Path) -> None:
    """The audit comes back equal, and costs no more than its own compact text and its quoting."""
    path = tmp_path / "run.ipynb"
    nbformat.write(_executed(_audit()), path)
    read: Any = nbformat.read(path, as_version=4)
    assert _audit() == embedded.audit_of(read)
    bare = _executed(_audit())
    bare.cells[-1].outputs = []
    nbformat.write(bare, tmp_path / "bare.ipynb")
    cost = path.stat().st_size - (tmp_path / "bare.ipynb").stat().st_size
    assert cost < 1.25 * len(embedded.payload(_audit()).encode())


@pytest.mark.parametrize("exporter", [RdaMarkdownExporter, RdaHTMLExporter])
def test_a_notebook_that_was_not_run_is_refused(exporter: Any) -> None:
    """No empty report: the message says what to do."""
    with pytest.raises(BadInput, match="carries no audit: run it to its last cell"):
        exporter().from_notebook_node(nbformat.read(html.notebook_path(), as_version=4))


def test_a_readers_own_figure_is_drawn_or_named() -> None:
    """A figure added to the notebook is on the page; a trace that the bundle lacks is said, not lost."""
    run = _executed(_audit())
    for title, trace in (("Mine", {"type": "bar", "y": [1, 2]}), ("Surface", {"type": "surface", "z": [[1]]})):
        data = {figures.PLOTLY_MIME: {"data": [trace], "layout": {"title": {"text": title}}}}
        run.cells.append(nbformat.v4.new_code_cell("mine", outputs=[nbformat.v4.new_output("display_data", data)]))
    exported, _ = RdaHTMLExporter().from_notebook_node(run)
    added = [f for f in BeautifulSoup(exported, "html.parser").select("figure") if "added" in f["id"]]
    assert ["Mine", "Surface"] == [figure.find("figcaption").text for figure in added]
    assert added[0].select_one("script.spec") and not added[1].select_one("script.spec")
    assert "no surface trace" in added[1].text
