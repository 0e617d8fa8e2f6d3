"""Calls through interfaces: which types of the target, or of a library, a value can be."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from rda_nb.facts.vocabulary import Binding, FileFacts
from rda_nb.service import stubs
from rda_nb.service.bindings import UNKNOWN, Resolution
from rda_nb.service.libraries import Libraries
from rda_nb.service.memo import Memo
from rda_nb.service.packages import Package
from rda_nb.service.program import Program, Span, TypeDeclaration
from rda_nb.service.types import Types, split_type
from rda_nb.service.unused import Unused

_MOST = 12


class Dispatch(Types):
    """Method sets, implementers, and foreign types that are given to the target's interfaces."""

    def __init__(self, program: Program, libraries: Libraries) -> None:
        super().__init__(program, libraries)
        self._calls: dict[tuple[str, int], Resolution] = {}
        self._methods: dict[tuple[str, str], Resolution] = {}
        self._functions: dict[tuple[str, str], Resolution] = {}
        self._implementers: dict[str, tuple[TypeDeclaration, ...]] = {}
        self._foreign: dict[str, set[str]] = {}
        self.stubs: dict[str, Package] = {}
        self.stubs = stubs.packages(self)
        if self.stubs:
            self.libraries = self.libraries.joined(self.stubs)
            # What was answered without them is asked anew.
            for memo in (self._types, self._members, self._calls, self._methods, self._functions):
                memo.clear()
        self._find_foreign()

    @abstractmethod
    def resolve(self, file: FileFacts, index: int) -> Resolution:
        """What a call of a file is bound to."""

    @abstractmethod
    def method(self, kind: str, name: str) -> Resolution:
        """What calling a method on a value of a type means."""

    def _dispatch(self, interface: TypeDeclaration, name: str) -> Resolution:
        if name not in self.method_names(interface):
            for embedded in interface.embedded:
                found = self.method(self.canonical(embedded, interface.file), name)
                if found.kind != "unknown":
                    return found
            return UNKNOWN
        stub = self._stub(interface, name)
        if stub is not None:
            return stub
        targets = []
        for implementer in self.implementers(interface):
            found = self.method(implementer.key, name)
            targets += [target for target in found.targets if target not in targets]
            if found.kind == "external" and not found.targets:
                return found
        given = (self.method(foreign, name) for foreign in sorted(self._foreign.get(interface.key, ())))
        foreign = next((found for found in given if found.entry is not None), None)
        if not targets and foreign is not None:
            return foreign
        # One method that very many types have by chance says nothing of the type behind the interface.
        if not targets or (len(targets) > _MOST and len(self.method_names(interface)) == 1):
            return Resolution("unknown", (), interface.package, f"{interface.name}.{name}")
        if foreign is not None:
            return foreign._replace(kind="candidate", targets=tuple(targets))
        return Resolution("resolved" if len(targets) == 1 else "candidate", tuple(targets))

    def _stub(self, interface: TypeDeclaration, name: str) -> Resolution | None:
        """What a method means that an interface has from a generated client's: a call that ends at the network.

        A server of the same program may have methods of these names; it stands behind the connection, not the interface.
        """
        for embedded in interface.embedded if self.stubs and name not in interface.signatures else ():
            found = self.method(self.canonical(embedded, interface.file), name)
            if found.package in self.stubs and found.entry is not None:
                return found
        return None

    def _find_foreign(self) -> None:
        """Types of other packages that values of the target's interfaces are given: by field, assignment, argument, result."""
        interfaces = {key for key, declared in self.program.types.items() if declared.kind == "interface"}
        if not interfaces:
            return
        found: dict[str, set[str]] = {}
        for file in self.program.files:
            for kind, span, block in self._given(file, interfaces):
                own = self.type_of_span(file, span, block)
                path, _ = split_type(own)
                if path and path not in self.program.scopes and not own.endswith((".?", ".!")):
                    found.setdefault(kind, set()).add(own)
        self._foreign = found
        # What could not be answered without this knowledge is asked anew; what was answered stays.
        self._types = {key: kind for key, kind in self._types.items() if kind}
        self._members = {key: kind for key, kind in self._members.items() if kind}
        self._calls = {key: known for key, known in self._calls.items() if known.kind != "unknown"}
        self._methods = {key: known for key, known in self._methods.items() if known.kind != "unknown"}

    def _given(self, file: FileFacts, interfaces: set[str]) -> Iterator[tuple[str, Span, int]]:
        """(interface, span of the value, block) of every value that is given to something declared as an interface."""
        text, rows = file.text, file.rows
        for entry in rows.entries:
            if entry.literal >= 0:
                literal = rows.literals[entry.literal]
                owner = self.program.types.get(self.literal_owner(file, literal))
                declared = owner.fields.get(text[slice(*entry.key)]) if owner else None
                if owner and declared and (kind := self.canonical(declared, owner.file)) in interfaces:
                    yield kind, entry.value, entry.block
        for binding in rows.bindings:
            if binding.form == "assign" and binding.block >= 0:
                # The first name takes the first of several results: the client, before the error.
                for name, span in zip(binding.names, binding.values, strict=False):
                    if (kind := self._assigned_kind(name, binding, file)) in interfaces:
                        yield kind, span, binding.block
        for row in rows.returns:
            function = self.program.enclosing(file, row.block)
            if function is not None and len(row.values) == len(function.results):
                for (_, declared), span in zip(function.results, row.values, strict=True):
                    if (kind := self.canonical(declared, file)) in interfaces:
                        yield kind, span, row.block
        for index, call in enumerate(rows.calls):
            yield from self._given_arguments(file, index, call.block, interfaces)

    def _assigned_kind(self, name: str, row: Binding, file: FileFacts) -> str:
        base, _, member = name.rpartition(".")
        if not base:
            # A variable or parameter of an interface's type that is given its value later.
            first = name == row.names[0] != "_"
            return self.type_of_span(file, (row.start, row.start + len(name)), row.block) if first else ""
        return self.member(self.type_of_span(file, (row.start, row.start + len(base)), row.block), member)

    def _given_arguments(
        self, file: FileFacts, index: int, block: int, interfaces: set[str]
    ) -> Iterator[tuple[str, Span, int]]:
        row = file.rows.calls[index]
        callee = file.text[row.start : row.callee_end]
        if row.end - row.callee_end < 3 or callee.rpartition(".")[2] not in self.program.by_name:
            return
        found = self.resolve(file, index)
        if found.kind != "resolved":
            return
        target = found.targets[0]
        kinds = [self.canonical(kind, target.file) for _, kind in target.parameters]
        if not interfaces.intersection(kinds):
            return
        arguments = self.conventions.expression(file.text[row.start : row.end], row.start).parts[1:]
        for kind, argument in zip(kinds, arguments, strict=False):
            if kind in interfaces:
                yield kind, (argument.start, argument.end), block

    def method_names(self, declared: TypeDeclaration) -> frozenset[str]:
        """The method set of an interface that the target declares (its embedded interfaces of the target included)."""
        names = set(declared.signatures)
        for embedded in declared.embedded:
            inner = self.program.types.get(self.canonical(embedded, declared.file))
            if inner is not None and inner is not declared and inner.kind == "interface":
                names |= self.method_names(inner)
        return frozenset(names)

    def implementers(self, interface: TypeDeclaration) -> tuple[TypeDeclaration, ...]:
        """The types of the target whose methods cover an interface, by name and number of parameters and results."""
        found = self._implementers.get(interface.key)
        if found is None:
            found = self._implementers[interface.key] = tuple(self._implementing(interface))
        return found

    def _implementing(self, interface: TypeDeclaration) -> Iterator[TypeDeclaration]:
        # In the order of their names: what is asked for first must not depend on the process.
        names = sorted(self.method_names(interface))
        if not names:
            return
        owners = self._reachable_owners
        rarest = min(names, key=lambda name: len(owners.get(name, ())))
        whole = [
            declared
            for declared in (self.program.types[key] for key in owners.get(rarest, ()))
            if self._reachable[declared.key].issuperset(names)
            and not self._test_double(declared)
            and all(self._has(declared, name, interface) for name in names)
        ]
        # What nothing of the program makes stands behind no value.
        yield from self.unused.made(whole) or self._completed_outside(interface, names)

    @cached_property
    def unused(self) -> Unused:
        """Functions and types that nothing of the program uses."""
        return Unused(self.program, self.conventions)

    def _completed_outside(self, interface: TypeDeclaration, names: list[str]) -> Iterator[TypeDeclaration]:
        """Types that have most of an interface's methods themselves, and embed a library's type that may have the rest."""
        shared = Counter(key for name in names for key in self._reachable_owners.get(name, ()))
        for key in sorted(shared):
            declared = self.program.types[key]
            if shared[key] * 2 <= len(names) or not self._embeds_foreign(declared) or self._test_double(declared):
                continue
            if all(self._has(declared, name, interface) for name in names if name in self._reachable[key]):
                yield declared

    def _embeds_foreign(self, declared: TypeDeclaration) -> bool:
        kinds = (self.canonical(kind, declared.file) for kind in declared.embedded)
        return any(
            path and path not in self.program.scopes and "." in path.partition("/")[0]
            for path, _ in (split_type(kind) for kind in kinds)
        )

    @cached_property
    def _reachable(self) -> dict[str, frozenset[str]]:
        """The names of the methods that each type of product code has or can get from a type of the target it embeds."""
        memo: Memo[str, frozenset[str]] = Memo(frozenset())

        def names(declared: TypeDeclaration) -> frozenset[str]:
            own = {*declared.methods, *declared.signatures}
            inner = (self.program.types.get(self.canonical(kind, declared.file)) for kind in declared.embedded)
            return frozenset(own).union(*(of(one) for one in inner if one is not None))

        def of(declared: TypeDeclaration) -> frozenset[str]:
            return memo.get(declared.key, lambda: names(declared))

        return {
            key: of(declared)
            for key, declared in self.program.types.items()
            if declared.kind != "interface" and declared.file.role != "test"
        }

    @cached_property
    def _reachable_owners(self) -> dict[str, list[str]]:
        """Method name -> the types that have it, in the order of their keys."""
        found: dict[str, list[str]] = {}
        for key in sorted(self._reachable):
            for name in self._reachable[key]:
                found.setdefault(name, []).append(key)
        return found

    def _test_double(self, declared: TypeDeclaration) -> bool:
        """True for a mock or fake that stands in product code: it would hide what the service really calls."""
        doubles = self.conventions.TEST_DOUBLES
        if not doubles.isdisjoint(declared.fields):
            return True
        held = (*declared.embedded, *(kind for kind in declared.fields.values() if "." in kind))
        return any(self.canonical(kind, declared.file) in doubles for kind in held)

    def _has(self, declared: TypeDeclaration, name: str, interface: TypeDeclaration) -> bool:
        own = declared.methods.get(name)
        if own is None:
            if not declared.embedded:
                return False
            found = self.method(declared.key, name)
            return found.kind in ("resolved", "candidate") and all(
                target.owner_type != interface.key for target in found.targets
            )
        signature = self._signature(interface, name)
        return signature is None or (
            len(self.conventions.parameters(signature[0])) == len(own.parameters)
            and len(self.conventions.parameters(signature[1])) == len(own.results)
        )

    def _signature(self, interface: TypeDeclaration, name: str) -> tuple[str, str] | None:
        """The parameters and results of an interface's method as written, also of one that it has from another interface."""
        if name in interface.signatures:
            return interface.signatures[name]
        for embedded in interface.embedded:
            inner = self.program.types.get(self.canonical(embedded, interface.file))
            if inner is not None and inner is not interface and inner.kind == "interface":
                found = self._signature(inner, name)
                if found is not None:
                    return found
        return None
