"""Work shared out over the machine's cores: forked children that compute, answer in bytes and end.

The audit's work is pure Python over values in memory, so that threads would wait for each other. A forked child sees
those values without a copy of them being made for it; only its answer is sent.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Sequence

Task = Callable[[], bytes]


def count() -> int:
    """How many processes may share work: 1 where forking is not safe (other systems, a process with threads)."""
    if not sys.platform.startswith("linux") or threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0))


def shared(tasks: Sequence[Task], own: Callable[[], None]) -> list[bytes | None]:
    """Run each task in a forked child while `own` runs here; the answers in order.

    An answer is None when its child failed for whatever reason: the caller then does that part itself, which raises
    what the child met.
    """
    children = [_fork(task) for task in tasks]
    try:
        own()
    except BaseException:
        for process, reading in children:
            _abandon(process, reading)
        raise
    return [_answer(process, reading) for process, reading in children]


class Begun:
    """A task that runs in a child while this process goes on."""

    def __init__(self, process: int, reading: int) -> None:
        self._answer = functools.partial(_answer, process, reading)
        # A child whose answer nobody asks for is ended with its pipe, and leaves no process behind.
        self._forgotten = weakref.finalize(self, _abandon, process, reading)

    def answer(self) -> bytes | None:
        """The answer, waited for; None when the child failed. To be asked for once."""
        return self._answer() if self._forgotten.detach() is not None else None


def begin(task: Task) -> Begun:
    """Start a task in a forked child."""
    return Begun(*_fork(task))


def _abandon(process: int, reading: int) -> None:
    """End a child whose answer is not wanted: other children may hold its pipe open, so that closing it is not enough."""
    os.kill(process, signal.SIGKILL)
    os.close(reading)
    os.waitpid(process, 0)


def _fork(task: Task) -> tuple[int, int]:
    """A child that runs the task: its process id, and where its answer can be read."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    status = 1
    try:
        os.close(reading)
        with os.fdopen(writing, "wb") as answer:
            answer.write(task())
        status = 0
    finally:
        # Nothing of the parent's is cleaned up, flushed or reported a second time.
        os._exit(status)


def _answer(process: int, reading: int) -> bytes | None:
    """All that a child wrote; None unless it ended well."""
    with os.fdopen(reading, "rb") as answer:
        found = answer.read()
    _, status = os.waitpid(process, 0)
    return found if status == 0 else None
