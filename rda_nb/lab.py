"""JupyterLab on a copy of the audit notebook, with its parameters set."""

from __future__ import annotations

import ast
import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rda_nb import outputs
from rda_nb.core import BadInput
from rda_nb.parameters import Parameters
from rda_nb.pipeline import now
from rda_nb.report.html import notebook_path

_PATHS = ("TARGET_SERVICE_PATH", "OUTPUT_DIR", "SHARED_RULES", "REVIEW")


def copy_of_notebook(chosen: Parameters) -> Path:
    """A copy in a run's folder of its own; paths in it are absolute, since the kernel works in that folder."""
    values = chosen.model_dump()
    values |= {name: str(Path(values[name]).resolve()) for name in _PATHS if values[name]}
    source = notebook_path()
    notebook = json.loads(source.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if "parameters" in cell["metadata"].get("tags", ()):
            cell["source"] = assigned("".join(cell["source"]), values).splitlines(keepends=True)
    name = chosen.SERVICE_NAME or Path(chosen.TARGET_SERVICE_PATH).resolve().name
    folder = outputs.run_folder(Path(chosen.OUTPUT_DIR), name, now())
    copy = folder / source.name
    copy.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return copy


def assigned(source: str, values: Mapping[str, Any]) -> str:
    """The parameters cell with other values; comments and order stay."""
    lines = source.splitlines(keepends=True)
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in values:
            at, value = node.lineno - 1, node.value
            # ast counts columns in bytes
            line = lines[at].encode()
            written = repr(values[node.targets[0].id]).encode()
            lines[at] = (line[: value.col_offset] + written + line[value.end_col_offset :]).decode()
    return "".join(lines)


def open_lab(notebook: Path, options: Sequence[str] = ()) -> int:
    """Run JupyterLab on the notebook until it is stopped; returns its exit code. BadInput when it is not installed."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise BadInput("JupyterLab is not installed; install it with: pip install 'rda-nb[lab]'")
    command = [sys.executable, "-m", "jupyterlab", notebook.name, f"--ServerApp.root_dir={notebook.parent}"]
    with subprocess.Popen([*command, *options], cwd=notebook.parent) as server:
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:
                continue  # Lab hears the same signal and asks the person itself
