"""papermill runs of an audit notebook: known parameters, a kernel of its own, nothing lost when a cell fails."""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rda_nb.core import BadInput, RdaError
from rda_nb.parameters import Parameters, parameters
from rda_nb.report import html

Progress = Callable[[str, int, int], None]

_SOCKET_PATH_LIMIT = 90  # a Unix socket path ends at about 100 characters; the port is appended to ours
_START_TIMEOUT_S = 60
_PATHS = ("TARGET_SERVICE_PATH", "OUTPUT_DIR", "SHARED_RULES", "REVIEW")


def execute(
    given: Mapping[str, Any], out_dir: Path, progress: Progress | None = None, notebook: Path | None = None
) -> Path:
    """Runs the notebook by papermill and returns the executed copy in `out_dir`.

    `progress` hears (cell id, cells done, cells in all). BadInput for a parameter that the notebook does not declare
    or that has the wrong type. Relative paths in parameters are those of this process: the kernel works in `out_dir`.
    When a cell fails, RdaError names the cell, the reason and the half-run notebook, which is kept.
    """
    source = notebook or html.notebook_path()
    injected = _checked(given, source)
    executed = out_dir / source.name
    out_dir.mkdir(parents=True, exist_ok=True)
    for last in (False, True):
        started: list[str] = []
        try:
            _papermill(injected, source, executed, started, progress)
            return executed
        except RdaError:
            raise
        except Exception as error:
            # A kernel that did not come up is a matter of the moment (ports, load): once more, then it is an error.
            if started or last:
                raise _failure(error, executed, started) from error
    raise AssertionError("unreachable")


def page(executed: Path) -> str:
    """The offline page of an executed notebook, as `jupyter nbconvert --to rda_html` makes it."""
    with _without_iri_grammar():
        import nbformat

        from rda_nb.report.exporters import RdaHTMLExporter

    exporter: Any = RdaHTMLExporter  # nbconvert is only partly typed
    read: Any = nbformat.read
    text, _ = exporter().from_notebook_node(read(executed, as_version=4))
    return str(text)


def declared_parameters(notebook: Path | None = None) -> tuple[str, ...]:
    """The names that the notebook's `parameters` cell assigns, in order."""
    import ast
    import json

    source = notebook or html.notebook_path()
    for cell in json.loads(source.read_text(encoding="utf-8"))["cells"]:
        if "parameters" in cell["metadata"].get("tags", ()):
            tree = ast.parse("".join(cell["source"]))
            targets = (t for node in tree.body if isinstance(node, ast.Assign) for t in node.targets)
            return tuple(t.id for t in targets if isinstance(t, ast.Name))
    raise BadInput(f"{source.name} has no cell tagged `parameters`")


def _checked(given: Mapping[str, Any], source: Path) -> dict[str, Any]:
    """Values to inject. papermill only warns about a parameter that nothing reads; here it is an error."""
    names = declared_parameters(source)
    if set(names) == set(Parameters.model_fields):
        given = {name: value for name, value in parameters(given).model_dump().items() if name in {*given, *_PATHS}}
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise BadInput(f"unknown parameter {', '.join(unknown)}; {source.name} knows {', '.join(names)}")
    return {name: os.path.abspath(value) if name in _PATHS and value else value for name, value in given.items()}


def _papermill(
    injected: Mapping[str, Any], source: Path, executed: Path, started: list[str], progress: Progress | None
) -> None:
    with _without_iri_grammar():
        import papermill
        from papermill.exceptions import PapermillExecutionError
        from traitlets.config import Config

    total = 0

    def on_notebook_start(notebook: Any) -> None:
        nonlocal total
        total = len(notebook.cells)

    def on_cell_start(cell: Any, cell_index: int) -> None:
        started.append(cell.get("id", str(cell_index)))
        if progress:
            progress(started[-1], cell_index, total)

    with _kernel_folder() as folder:
        try:
            papermill.execute_notebook(
                str(source),
                str(executed),
                parameters=dict(injected),
                kernel_name="python3",
                progress_bar=False,
                start_timeout=_START_TIMEOUT_S,
                kernel_manager_class=_kernel_manager(folder),
                config=Config({"KernelManager": _transport(folder)}),
                on_notebook_start=on_notebook_start,
                on_cell_start=on_cell_start,
                # The kernel works in the run's own folder: a module of the audited tree could otherwise be imported.
                resources={"metadata": {"path": str(executed.parent)}},
            )
        except PapermillExecutionError as error:
            kind = BadInput if error.ename == "BadInput" else RdaError
            said = error.evalue if error.ename in ("BadInput", "RdaError") else f"{error.ename}: {error.evalue}"
            raise kind(f"{said} (cell {_last(started)}; half-run notebook: {executed})") from error


def _failure(error: Exception, executed: Path, started: list[str]) -> RdaError:
    reason = str(error).strip().splitlines()
    kept = f"; half-run notebook: {executed}" if executed.is_file() else ""
    where = f"stopped in cell {_last(started)}" if started else "the kernel did not start"
    return RdaError(f"notebook run failed: {where}: {type(error).__name__}: {reason[-1] if reason else ''}{kept}")


def _last(started: list[str]) -> str:
    return started[-1] if started else "none"


@contextmanager
def _without_iri_grammar() -> Iterator[None]:
    """Lets jsonschema do without its optional IRI grammar: a second to build, and notebook schemas hold no IRI."""
    name = "rfc3987_syntax"
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # Python's own way to say "not importable"
    try:
        yield
    finally:
        del sys.modules[name]


@contextmanager
def _kernel_folder() -> Iterator[Path]:
    """A folder of this run alone for sockets, connection file and IPython state; short enough for a socket path."""
    base = tempfile.gettempdir()
    if len(base) + 40 > _SOCKET_PATH_LIMIT and os.path.isdir("/tmp"):
        base = "/tmp"
    with tempfile.TemporaryDirectory(prefix="rda-", dir=base) as folder:
        yield Path(folder)


def _transport(folder: Path) -> dict[str, str]:
    """Sockets in the run's folder: kernels that start together share neither ports nor relative socket names."""
    connection = {"connection_file": str(folder / "kernel.json")}
    path = str(folder / uuid.uuid4().hex[:8])
    if os.name != "posix" or len(path) > _SOCKET_PATH_LIMIT:
        return connection
    return connection | {"transport": "ipc", "ip": path}


def _kernel_manager(folder: Path) -> type:
    """A kernel manager that always starts this interpreter, whatever kernelspecs the machine has.

    `-P` and `ignore_cwd` keep the working directory off the import path; a folder of its own replaces the user's
    IPython profile, whose start-up files would run inside an audit.
    """
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    arguments = ["--InteractiveShellApp.ignore_cwd=True", "--HistoryManager.enabled=False"]
    spec = KernelSpec(
        argv=[sys.executable, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}", *arguments],
        display_name="Python 3 (ipykernel)",
        language="python",
        env={"IPYTHONDIR": str(folder / "ipython"), **_import_path()},
    )

    class OwnInterpreter(AsyncKernelManager):
        @property
        def kernel_spec(self) -> KernelSpec:
            return spec

    return OwnInterpreter


def _import_path() -> dict[str, str]:
    """PYTHONPATH with this package's folder, when it is run from a checkout and not installed."""
    root = str(Path(__file__).resolve().parents[2])
    if root in {str(Path(path).resolve()) for path in sysconfig.get_paths().values()}:
        return {}
    return {"PYTHONPATH": os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)}
