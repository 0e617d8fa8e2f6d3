"""The whole way once: papermill runs the notebook over the bundled example, and its exports are those of the audit."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup

import rda_nb
from rda_nb import notebook
from rda_nb.core import BadInput
from rda_nb.notebook import Session
from rda_nb.parameters import Parameters
from rda_nb.report import embedded, html, markdown
from rda_nb.report.exporters import RdaMarkdownExporter

EXAMPLE = Path(__file__).parents[1] / "examples" / "orders-ingest"
ASSUMED = {"arrival_rate_per_s": 100.0, "items_per_batch": 10}


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The executed notebook of one run over the example."""
    out = tmp_path_factory.mktemp("run")
    return notebook.execute({"TARGET_SERVICE_PATH": str(EXAMPLE), **ASSUMED}, out)


def _read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def _timeless(document: Any) -> dict[str, Any]:
    """The document without what differs between two runs over one tree."""
    plain: dict[str, Any] = json.loads(json.dumps(document))
    plain["run"] |= {"timestamp_utc": "", "duration_s": 0}
    return plain


def test_the_parameters_cell_is_the_parameters_model() -> None:
    """The notebook, a parameters file and `--set` know the same names with the same defaults."""
    cells = json.loads(html.notebook_path().read_text(encoding="utf-8"))["cells"]
    source = next("".join(c["source"]) for c in cells if "parameters" in c["metadata"].get("tags", ()))
    assigned = {n.targets[0].id: ast.literal_eval(n.value) for n in ast.parse(source).body if isinstance(n, ast.Assign)}
    assert Parameters().model_dump() == assigned
    start = next("".join(c["source"]) for c in cells if c["id"] == "start")
    assert all(f"{name}={name}," in start for name in assigned)


@pytest.mark.slow
def test_a_kernel_changes_nothing_about_the_audit(executed: Path) -> None:
    """The audit in the notebook equals the one that the library call gives, but for the time of day."""
    direct = rda_nb.audit(EXAMPLE, **ASSUMED)
    assert _timeless(direct.document) == _timeless(embedded.audit_of(_read(executed)))


@pytest.mark.slow
def test_the_exports_of_a_real_run_are_the_renderings_of_its_audit(executed: Path) -> None:
    """Markdown byte for byte; the page part by part, its figures among them."""
    audit = embedded.audit_of(_read(executed))
    report, _ = RdaMarkdownExporter().from_notebook_node(_read(executed))
    assert markdown.render(audit) == report
    pages = [BeautifulSoup(text, "html.parser") for text in (notebook.page(executed), html.render(audit))]
    parts = [[str(part) for part in page.select("main .part")] for page in pages]
    assert len(parts[0]) > 20
    assert parts[0] == parts[1]


@pytest.mark.slow
def test_every_cell_says_something_without_html(executed: Path) -> None:
    """Each shown cell has a text beside its HTML or figure, so that a terminal or a diff can read the notebook."""
    for cell in _read(executed).cells:
        if cell.cell_type != "code" or "parameters" in " ".join(cell.metadata.get("tags", ())):
            continue
        texts = [output.data["text/plain"] for output in cell.outputs]
        assert 1 == len(texts), cell.id
        assert texts[0] and not texts[0].startswith("<"), cell.id


def test_a_session_runs_what_a_cell_needs() -> None:
    """A cell run out of order, or alone, still shows its part: the stages before it run first, each once."""
    session = Session(TARGET_SERVICE_PATH=str(EXAMPLE))
    assert session.question(5)._repr_html_() == html.part(session.document, "question-5")
    assert session.read() is session.read()
    assert "files" in session.read().counts
    assert session.render()._repr_mimebundle_()[embedded.AUDIT_MIME] == embedded.payload(session.document)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"TARGET_SERVICE": "."}, "unknown parameter 'TARGET_SERVICE'; did you mean TARGET_SERVICE_PATH"),
        ({"items_per_batch": "many"}, "parameter items_per_batch: .*integer"),
    ],
)
def test_a_wrong_parameter_is_refused_by_both_ways_in(parameters: dict[str, Any], message: str, tmp_path: Path) -> None:
    """The session and the papermill run give the same one line, before anything is read or started."""
    with pytest.raises(BadInput, match=message):
        Session(**parameters)
    with pytest.raises(BadInput, match=message):
        notebook.execute(parameters, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_unknown_table_is_refused_with_the_names_that_exist() -> None:
    """A typing error in a reader's own cell is answered with the list of tables."""
    with pytest.raises(BadInput, match="unknown table 'calls'; the tables are critical_paths, controls"):
        Session(TARGET_SERVICE_PATH=str(EXAMPLE)).table("calls")


@pytest.mark.slow
def test_a_missing_target_is_one_line_with_the_notebook_that_was_kept(tmp_path: Path) -> None:
    """The same typed error as without a notebook."""
    with pytest.raises(BadInput) as caught:
        notebook.execute({"TARGET_SERVICE_PATH": str(tmp_path / "none")}, tmp_path / "out")
    assert str(tmp_path / "none") in str(caught.value)
    assert "half-run notebook" in str(caught.value) and "\n" not in str(caught.value)
