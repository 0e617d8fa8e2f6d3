"""Seconds and memory of an audit beside a bare parse of the same files: `python -m tests.benchmarks.beside_parsing DIR`."""

from __future__ import annotations

import gc
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from rda_nb import facts, languages, pipeline, source


def parse_only(target: str) -> dict[str, float]:
    """tree-sitter over every file that the audit extracts facts from, and nothing else; the best of three."""
    by_kind = {kind: pack for pack in languages.packs() for kind in pack.kinds}
    read = source.read(target)
    wanted = [
        (by_kind[f.kind].parser(), f.data) for f in read.files if f.kind in by_kind and facts.wanted(f, by_kind[f.kind])
    ]
    gc.disable()
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        for parser, data in wanted:
            parser.parse(data)
        taken.append(time.perf_counter() - began)
    lines = sum(data.count(b"\n") for _, data in wanted)
    return {"files": len(wanted), "lines": lines, "seconds": min(taken)}


def audit(target: str) -> dict[str, float]:
    """One whole audit with Markdown, page and data rendered, as in a fresh process."""
    began = time.perf_counter()
    found = pipeline.run({"TARGET_SERVICE_PATH": target})
    stages = {name: found.timings[name] for name in pipeline.STAGES}
    analysed = sum(stages.values())
    found.markdown(), found.html(), found.json()
    return {**stages, "analysis": analysed, "with renderings": time.perf_counter() - began}


def apart(measure: Callable[[str], dict[str, float]], target: str) -> dict[str, float]:
    """Measure in a process of its own, with its peak memory in MiB."""

    def child(answer: Connection) -> None:
        measured = measure(target)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer.send(measured | {"peak MiB": peak / (1024 if sys.platform != "darwin" else 1024**2)})

    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=child, args=(there,))
    process.start()
    there.close()
    try:
        return dict(here.recv())
    finally:
        process.join()


def main() -> None:
    """Print both, and their ratio."""
    target = sys.argv[1] if len(sys.argv) > 1 else "."
    parsed, audited = apart(parse_only, target), apart(audit, target)
    out = [f"{parsed['files']:.0f} files, {parsed['lines']:.0f} lines; parse only: {parsed['seconds']:.3f} s"]
    out += [f"{name:>16}: {value:8.3f}{'' if 'MiB' in name else ' s'}" for name, value in audited.items()]
    out.append(f"{'analysis / parse':>16}: {audited['analysis'] / max(parsed['seconds'], 1e-9):8.2f}")
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
