"""Answers that rest on each other, kept so that it never matters which was asked for first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_DEEPEST = 40
_NONE: frozenset[Hashable] = frozenset()


class Memo(Generic[K, V]):
    """Answers by key. A question that is met again while it is being answered gets `cut` instead.

    An answer that rests on such a cut holds only within the question that was cut, and is forgotten when that one is
    answered; asked for on its own, it is worked out anew. So every kept answer is a function of its key alone.
    """

    def __init__(self, cut: V) -> None:
        self._cut = cut
        self._kept: dict[K, V] = {}
        self._rings: dict[K, frozenset[K]] = {}  # for answers within a cycle: all questions of that cycle
        self._meanwhile: dict[K, tuple[V, int]] = {}  # with the place in the stack of the lowest question cut
        self._open: dict[K, int] = {}
        self._lowest = _DEEPEST

    def get(self, key: K, work: Callable[[], V]) -> V:
        """The answer to `key`; `work` finds it."""
        if key in self._kept and self._rings.get(key, _NONE).isdisjoint(self._open):
            return self._kept[key]
        if key in self._meanwhile:
            found, rests_on = self._meanwhile[key]
            self._lowest = min(self._lowest, rests_on)
            return found
        at = self._open.get(key)
        if at is not None or len(self._open) >= _DEEPEST:
            self._lowest = min(self._lowest, at if at is not None else 0)
            return self._cut
        return self._answer(key, work)

    def _answer(self, key: K, work: Callable[[], V]) -> V:
        depth, earlier, above = len(self._open), len(self._meanwhile), self._lowest
        self._open[key], self._lowest = depth, _DEEPEST
        try:
            found = work()
        except BaseException:
            self._forget(earlier)
            raise
        finally:
            del self._open[key]
            lowest, self._lowest = self._lowest, above
        if lowest < depth:
            # What rests on this question rests on what it rests on itself, now that it is no longer open.
            for other in list(self._meanwhile)[earlier:]:
                kept, rests_on = self._meanwhile[other]
                self._meanwhile[other] = kept, (lowest if rests_on >= depth else rests_on)
            self._meanwhile[key] = found, lowest
            self._lowest = min(above, lowest)
            return found
        if cycle := self._forget(earlier):
            self._rings[key] = frozenset((key, *cycle))
        self._kept[key] = found
        return found

    def _forget(self, earlier: int) -> list[K]:
        """Drop the answers that held only meanwhile, down to those of before; their questions."""
        return [self._meanwhile.popitem()[0] for _ in range(len(self._meanwhile) - earlier)]
