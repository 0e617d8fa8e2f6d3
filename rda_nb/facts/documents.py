"""Documents: what stands in the target's files that are not code; each property is read when it is first asked for."""

from __future__ import annotations

from functools import cached_property

from rda_nb.core import Evidence, Gap
from rda_nb.facts import doc_build, doc_config
from rda_nb.facts.doc_build import GoModule, MakeTarget
from rda_nb.facts.doc_config import Entry
from rda_nb.facts.doc_files import Files
from rda_nb.facts.doc_overrides import Overrides
from rda_nb.source import Target

__all__ = ["Documents", "read"]


class Documents:
    """The files of one target that are not code. Every tuple is sorted by path and line."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._files = Files(target)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every setting of the service's own configuration files."""
        return doc_config.entries(self._files)

    @cached_property
    def _overrides(self) -> Overrides:
        return Overrides(self._files)

    def overrides(self, key: str) -> list[tuple[str, Evidence, str]]:
        """Values that product files set for an environment variable, a dotted config path or a flag: (value, evidence,
        origin), weakest first. A bare common word (timeout, port) matches only a flag of the service's own process."""
        return self._overrides.of(key)

    @cached_property
    def make_targets(self) -> tuple[MakeTarget, ...]:
        """Targets of the Makefiles with their recipes."""
        return doc_build.make_targets(self._target)

    @cached_property
    def gomod(self) -> tuple[GoModule, ...]:
        """The go.mod files of the service, the root's first."""
        return doc_build.go_modules(self._target)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Files that could not be read, among those that were asked for so far."""
        return tuple(gap for _, gap in sorted(self._files.gaps.items()))


def read(target: Target) -> Documents:
    """The documents of a target; nothing is parsed yet."""
    return Documents(target)
