"""Work shared out over processes: the same answers, nothing lost, nothing left behind."""

from __future__ import annotations

import gc
import os
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from rda_nb import checks, facts, languages, pipeline, source, workers
from rda_nb.facts import ahead

EXAMPLE = Path(__file__).parent.parent / "examples" / "orders-ingest"
forks = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux forks safely")


def document(monkeypatch: pytest.MonkeyPatch, count: int) -> dict[str, Any]:
    """The example's audit by so many processes, without the time of day."""
    monkeypatch.setattr(workers, "count", lambda: count)
    monkeypatch.setattr(facts, "_WORTH_SHARING", 0)
    monkeypatch.setattr(checks, "_WORTH_SHARING", 0)
    found = dict(pipeline.run({"TARGET_SERVICE_PATH": str(EXAMPLE)}).document)
    found["run"] = {k: v for k, v in found["run"].items() if k not in ("timestamp_utc", "duration_s")}
    return found


@forks
@pytest.mark.parametrize("count", [2, 3])
def test_an_audit_is_the_same_by_any_number_of_processes(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Every row, answer and citation is what one process finds."""
    assert document(monkeypatch, 1) == document(monkeypatch, count)


def test_an_audit_does_not_depend_on_which_table_is_filled_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one check asks of the service changes nothing for the next."""
    expected = document(monkeypatch, 1)
    monkeypatch.setattr(checks, "_side_by_side", lambda rows_in, _: {n: rows_in(n) for n in reversed(range(7))})
    assert expected == document(monkeypatch, 1)


@forks
def test_files_are_read_the_same_in_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that travelled from a child are those of this process, in the same order."""
    target, packs = source.read(EXAMPLE), languages.packs()
    monkeypatch.setattr(facts, "_WORTH_SHARING", 0)
    read = []
    for count in (1, 3):
        monkeypatch.setattr(workers, "count", lambda count=count: count)
        found = facts.extract(target, packs)
        found.ahead.join(found.documents)
        read.append([(file.path, file.text, file.rows) for file in found.files])
    assert read[0] == read[1]


@forks
def test_a_child_that_fails_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a child dies, this process does its part."""
    expected = document(monkeypatch, 1)
    here = os.getpid()

    def dies(*_: Any) -> bytes:
        if os.getpid() == here:
            raise AssertionError("only children send answers")
        raise MemoryError

    monkeypatch.setattr(facts.marshal, "dumps", dies)
    monkeypatch.setattr(checks.pickle, "dumps", dies)
    monkeypatch.setattr(ahead.pickle, "dumps", dies)
    assert expected == document(monkeypatch, 2)


@forks
def test_answers_come_in_the_order_of_their_tasks() -> None:
    """Each task answers for itself, whichever ends first, and a failed one with nothing."""
    done = []
    tasks = [lambda: b"a" * 300_000, lambda: bytes(1 // 0), lambda: b"c"]
    assert [b"a" * 300_000, None, b"c"] == workers.shared(tasks, lambda: done.append(True))
    assert [True] == done


@forks
def test_what_this_process_raises_ends_its_children() -> None:
    """An error here is raised, and no child is left behind."""

    def fails() -> None:
        raise ValueError("here")

    with pytest.raises(ValueError, match="here"):
        workers.shared([lambda: b"x" * 300_000], fails)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@forks
def test_an_answer_that_nobody_asks_for_leaves_no_process_behind() -> None:
    """A begun task that is forgotten is ended and reaped."""
    begun = workers.begin(lambda: b"x" * 300_000)
    del begun
    gc.collect()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@forks
def test_a_forgotten_task_does_not_wait_for_those_begun_after_it() -> None:
    """A later child holds the earlier one's pipe open; that must not keep it alive."""
    earlier = workers.begin(lambda: b"x" * 300_000)
    later = workers.begin(lambda: b"y" * 300_000)
    del earlier
    gc.collect()
    assert b"y" * 300_000 == later.answer()


def test_a_process_with_threads_does_not_fork() -> None:
    """Another thread may hold a lock that a child would wait for."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert 1 == workers.count()
    finally:
        stop.set()
        thread.join()
