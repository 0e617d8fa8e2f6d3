"""Answers that rest on each other do not depend on which was asked for first."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rda_nb.service.memo import Memo

_GRAPHS = st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=3), max_size=8)


class Reachable:
    """Which nodes each node of a graph leads to, asked through a memo."""

    def __init__(self, graph: dict[int, list[int]]) -> None:
        self.graph = graph
        self.memo: Memo[int, frozenset[int]] = Memo(frozenset())
        self.worked = 0

    def of(self, node: int) -> frozenset[int]:
        return self.memo.get(node, lambda: self._work(node))

    def _work(self, node: int) -> frozenset[int]:
        self.worked += 1
        return frozenset({node}).union(*(self.of(other) for other in self.graph.get(node, ())))


def closure(graph: dict[int, list[int]], start: int) -> frozenset[int]:
    found, pending = {start}, [start]
    while pending:
        for other in graph.get(pending.pop(), ()):
            if other not in found:
                found.add(other)
                pending.append(other)
    return frozenset(found)


@given(_GRAPHS, st.permutations(range(8)))
@example({1: [0], 5: [0, 3], 0: [1, 5], 3: [1]}, [0, 1, 2, 4, 5, 3, 6, 7])
def test_every_answer_is_whole_whatever_was_asked_before(graph: dict[int, list[int]], order: list[int]) -> None:
    """In a graph with cycles, each node's answer is all that it leads to, in any order of asking."""
    asked = Reachable(graph)
    assert {node: closure(graph, node) for node in order} == {node: asked.of(node) for node in order}


@given(_GRAPHS)
def test_a_node_is_worked_out_once_for_each_node_of_its_cycle(graph: dict[int, list[int]]) -> None:
    """Outside cycles nothing is worked out twice, whatever the graph; the work never explodes."""
    asked = Reachable(graph)
    for node in range(8):
        asked.of(node)
    reached = {node: closure(graph, node) for node in range(8)}
    cycles = {node: [other for other in reached[node] if node in reached[other]] for node in range(8)}
    assert asked.worked <= sum(map(len, cycles.values()))


def test_a_kept_answer_is_not_worked_out_again() -> None:
    """A second question costs nothing."""
    asked = Reachable({0: [1], 1: [2], 2: [1]})
    asked.of(0)
    worked = asked.worked
    asked.of(0)
    assert worked == asked.worked


def test_a_chain_that_is_too_deep_is_cut_and_its_end_is_not_kept() -> None:
    """What lies below the deepest question is missing there, and whole when it is asked for on its own."""
    asked = Reachable({node: [node + 1] for node in range(60)})
    assert 60 not in asked.of(0)
    assert 60 in asked.of(30)


def test_work_that_raises_leaves_the_memo_usable() -> None:
    """An error goes through, and the next question is answered."""
    memo: Memo[str, int] = Memo(0)

    def fails() -> int:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            memo.get("a", fails)
    assert 3 == memo.get("a", lambda: 3)
