"""Answers that rest on each other, kept so that it never matters which was asked for first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_DEEPEST = 40


class Memo(Generic[K, V]):
    """Answers by key. A question that is met again while it is being answered gets `cut` instead.

    An answer that rests on such a cut holds only within the question that was cut, and is forgotten when that one is
    answered; asked for on its own, it is worked out anew. So every kept answer is a function of its key alone.
    """

    def __init__(self, cut: V) -> None:
        self._cut = cut
        self._known: dict[K, V] = {}
        self._rests: dict[K, int] = {}  # provisional answers: the place in the stack of the lowest question cut
        self._rings: dict[K, frozenset[K]] = {}  # kept answers that were cut within: all questions of their cycle
        self._open: dict[K, int] = {}
        self._provisional: list[K] = []
        self._lowest = _DEEPEST + 1

    def get(self, key: K, work: Callable[[], V]) -> V:
        """The answer to `key`; `work` finds it."""
        if key in self._known and self._holds(key):
            return self._known[key]
        at = self._open.get(key)
        if at is not None or len(self._open) >= _DEEPEST:
            self._lowest = min(self._lowest, at if at is not None else 0)
            return self._cut
        depth, first, above = len(self._open), len(self._provisional), self._lowest
        self._open[key] = depth
        self._lowest = _DEEPEST + 1
        try:
            found = work()
        finally:
            del self._open[key]
            lowest, self._lowest = self._lowest, above
        if lowest < depth:
            self._keep_meanwhile(key, found, lowest)
        else:
            self._keep(key, found, self._provisional[first:])
            del self._provisional[first:]
        return found

    def _holds(self, key: K) -> bool:
        """True when the kept answer may be used here; a provisional one passes on what it rests on."""
        rests = self._rests.get(key)
        if rests is not None:
            self._lowest = min(self._lowest, rests)
            return True
        ring = self._rings.get(key)
        return ring is None or ring.isdisjoint(self._open)

    def _keep_meanwhile(self, key: K, found: V, lowest: int) -> None:
        self._rings.pop(key, None)
        self._known[key] = found
        self._rests[key] = lowest
        self._provisional.append(key)
        self._lowest = min(self._lowest, lowest)

    def _keep(self, key: K, found: V, ring: list[K]) -> None:
        for member in ring:
            self._known.pop(member, None)
            self._rests.pop(member, None)
        self._known[key] = found
        if ring:
            self._rings[key] = frozenset((key, *ring))
