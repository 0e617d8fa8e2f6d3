"""Runs the command line in this process and reads what it said."""

from __future__ import annotations

import hashlib
import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from rda_nb.cli import app


@dataclass(frozen=True)
class Said:
    """One run: exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The only line on standard error that is not progress, without the program's name."""
        lines = [line for line in self.err.splitlines() if line.startswith("rda: ")]
        assert 1 == len(lines), self.err
        assert "Traceback" not in self.err
        return lines[0].removeprefix("rda: ")


def rda(*arguments: object) -> Said:
    """Run `rda` with these arguments."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            app([str(argument) for argument in arguments], prog_name="rda")
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    return Said(code, out.getvalue(), err.getvalue())


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder with the digest of its bytes, directories with an empty one."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }
