"""Every call of the target, bound once: operations (calls that a library entry explains) and who calls whom."""

from __future__ import annotations

from dataclasses import dataclass, field

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import BRANCH, CASE, DEFER, FUNCTION, LOOP, SPAWN, Block, Expression, FileFacts
from rda_nb.facts.vocabulary import Call as CallRow
from rda_nb.service import terms
from rda_nb.service.names import Names, Resolution
from rda_nb.service.packages import CallEntry
from rda_nb.service.program import Function
from rda_nb.source import Target


@dataclass(eq=False, slots=True)
class Call:
    """One call of the target, with the function (or literal) it stands in; `index` is its row in `file.rows.calls`."""

    file: FileFacts
    index: int
    function: Function | None
    resolution: Resolution

    @property
    def row(self) -> CallRow:
        """The call's offsets."""
        return self.file.rows.calls[self.index]

    @property
    def path(self) -> str:
        """The file's path."""
        return self.file.path

    @property
    def line(self) -> int:
        """1-based line where the call starts: that of the called name, which a reader would click."""
        return self.file.line(self.name_start)

    @property
    def name_start(self) -> int:
        """Offset of the called name; a chained call starts lines above its last name."""
        row = self.row
        callee = self.file.text[row.start : row.callee_end]
        if "\n" not in callee:
            return row.start
        end = len(callee)
        while end and (callee[end - 1].isalnum() or callee[end - 1] == "_"):
            end -= 1
        return row.start + (end if end < len(callee) else callee.rfind(".") + 1)

    @property
    def callee(self) -> str:
        """The called expression as written."""
        return self.file.text[self.row.start : self.row.callee_end]

    @property
    def block(self) -> int:
        """The innermost region it stands in."""
        return self.row.block


@dataclass(eq=False, slots=True)
class Operation(Call):
    """A call that a library entry explains: `role` says what it does, `system` whom it talks to ('' for in-process)."""

    entry: CallEntry = field(default=CallEntry(""))
    role: str = ""
    system: str = ""
    title: str = ""
    blocking: bool = False
    library: str = ""

    @property
    def waiting(self) -> bool:
        """True for what waits for work by design: a missing limit is its nature."""
        return terms.role(self.role).waiting

    @property
    def client(self) -> str:
        """`Type.Method` or `Func` of the library."""
        return self.resolution.name

    @property
    def call_name(self) -> str:
        """`client` for a reader; the title says more where the type of what is called is not known."""
        return self.title if self.client.startswith(("!", "?")) else self.client

    @property
    def label(self) -> str:
        """The title, and what is called where that says something else."""
        return self.title if self.call_name == self.title else f"{self.title} ({self.client})"

    @property
    def package(self) -> str:
        """The library's import path."""
        return self.resolution.package


class Calls:
    """All calls of a program, resolved; operations by role; callers of each function."""

    def __init__(self, names: Names, target: Target) -> None:
        self.names = names
        self.target = target
        self.conventions = names.conventions
        self.operations: list[Operation] = []
        self.by_role: dict[str, list[Operation]] = {}
        self.callers: dict[str, list[Call]] = {}
        self.calls_of: dict[str, list[Call]] = {}
        self.unknown_external: dict[str, list[Call]] = {}
        self._operation_at: dict[tuple[str, int], Operation] = {}
        self._arguments: dict[tuple[str, int], tuple[Expression, ...]] = {}
        for file in names.program.files:
            for index in range(len(file.rows.calls)):
                self._add(file, index)

    def _add(self, file: FileFacts, index: int) -> None:
        found = self.names.resolve(file, index)
        if found.kind in ("builtin", "conversion"):
            return
        function = self.names.program.enclosing(file, file.rows.calls[index].block)
        call: Call
        if found.entry is not None and found.entry.role:
            call = self._operation(file, index, function, found, found.entry)
        else:
            call = Call(file, index, function, found)
            if found.kind == "external" and found.package:
                self.unknown_external.setdefault(found.package, []).append(call)
        if function is not None:
            self.calls_of.setdefault(function.key, []).append(call)
        for target in found.targets:
            self.callers.setdefault(target.key, []).append(call)

    def _operation(
        self, file: FileFacts, index: int, function: Function | None, found: Resolution, entry: CallEntry
    ) -> Operation:
        role = terms.role(entry.role)
        package = self.names.libraries.package(found.package)
        system = (role.system or (package.system if package else "")) if role.blocking else ""
        blocking = role.blocking if entry.blocking is None else entry.blocking
        library = package.library if package else found.package
        operation = Operation(file, index, function, found, entry, entry.role, system, role.title, blocking, library)
        self.operations.append(operation)
        self.by_role.setdefault(entry.role, []).append(operation)
        self._operation_at[file.path, index] = operation
        return operation

    def explain(self, call: Call, entry: CallEntry) -> Operation:
        """Make an operation of a call whose library is not known; it stands in the place of the call."""
        found = call.resolution._replace(entry=entry)
        self.names.rebind(call.file, call.index, found)
        return self._operation(call.file, call.index, call.function, found, entry)

    def change_role(self, operation: Operation, name: str) -> None:
        """Give an operation another role, which a setting of its client says that it has."""
        role, package = terms.role(name), self.names.libraries.package(operation.package)
        self.by_role[operation.role].remove(operation)
        operation.role, operation.title, operation.blocking = name, role.title, role.blocking
        operation.system = (role.system or (package.system if package else "")) if role.blocking else ""
        self.by_role.setdefault(name, []).append(operation)

    def served(self, function: Function) -> list[Call]:
        """The calls of a function; those of product code alone where it is called there: examples and tools do as they like."""
        made = self.callers.get(function.key, [])
        if function.file.role != "product":
            return made
        return [call for call in made if call.file.role == "product"] or made

    def rebound(self, call: Call, found: Resolution) -> Call:
        """A call that is now known to be bound to a function of the target; its callers are told."""
        made = Call(call.file, call.index, call.function, found)
        self.names.rebind(call.file, call.index, found)
        for target in found.targets:
            self.callers.setdefault(target.key, []).append(made)
        return made

    def operation(self, file: FileFacts, index: int) -> Operation | None:
        """The operation at a call row, or None when no library entry explains it."""
        return self._operation_at.get((file.path, index))

    def role(self, *roles: str) -> list[Operation]:
        """Operations with one of these roles; a role ending in `.` or `*` stands for all that begin so."""
        found: list[Operation] = []
        for role in roles:
            if role.endswith((".", "*")):
                head = role.rstrip("*")
                for name, operations in self.by_role.items():
                    if name.startswith(head):
                        found += operations
            else:
                found += self.by_role.get(role, ())
        return sorted(found, key=lambda operation: (operation.path, operation.row.start))

    def arguments(self, call: Call) -> tuple[Expression, ...]:
        """The call's arguments as expressions."""
        key = (call.file.path, call.index)
        found = self._arguments.get(key)
        if found is None:
            found = self._arguments[key] = self._written_arguments(call)
        return found

    def _written_arguments(self, call: Call) -> tuple[Expression, ...]:
        row = call.row
        text = call.file.text[row.start : row.end]
        if len(text) > 20_000:
            return ()
        node = self.conventions.expression(text, row.start)
        return node.parts[1:] if node.kind == "call" else ()

    def argument(self, call: Call, index: int | None) -> Expression | None:
        """One argument, or None when it is not there."""
        if index is None:
            return None
        found = self.arguments(call)
        return found[index] if -len(found) <= index < len(found) else None

    def cite(self, call: Call, role: str = "site") -> Evidence:
        """The call's first lines as evidence."""
        first = call.line
        last = min(call.file.line(call.row.end - 1), first + 5)
        return self.target.cite(call.path, first, max(first, last), role)  # type: ignore[arg-type]

    def cite_at(self, file: FileFacts, offset: int, end: int = 0, role: str = "site") -> Evidence:
        """The lines between two offsets as evidence (at most six)."""
        first = file.line(offset)
        last = min(file.line(end), first + 5) if end else first
        return self.target.cite(file.path, first, max(first, last), role)  # type: ignore[arg-type]

    @staticmethod
    def loops(call: Call) -> list[Block]:
        """The loops of the same function around a call, innermost first."""
        found = []
        blocks = call.file.rows.blocks
        number = blocks[call.block].loop if call.block >= 0 else -1
        while number >= 0:
            found.append(blocks[number])
            parent = blocks[number].parent
            number = blocks[parent].loop if parent >= 0 else -1
        return found

    @staticmethod
    def within(call: Call, kind: int) -> Block | None:
        """The innermost region of a kind (LOOP, BRANCH, SPAWN ...) of the same function around a call."""
        for _, block in call.file.chain(call.block):
            if block.kind == kind:
                return block
            if block.kind == 0:
                return None
        return None

    def conditions(self, call: Call) -> list[str]:
        """The conditions of the branches around a call in its function, innermost first, as written; not those of an `else`.

        A call in the condition itself, or in the statement before it, runs whatever the condition says.
        """
        found = []
        for _, block in call.file.chain(call.block):
            if block.kind == FUNCTION:
                break
            if block.kind == BRANCH and block.header[1] <= call.row.start:
                text = call.file.text
                other = self.conventions.alternative(text, block.start, block.header[1], block.end)
                if call.row.start < other:
                    found.append(text[slice(*block.header)])
        return found

    def spawned(self, call: Call) -> bool:
        """True when the call itself is what a go statement starts."""
        block = call.file.rows.blocks[call.block] if call.block >= 0 else None
        return block is not None and block.kind == SPAWN and block.end == call.row.end

    def deferred(self, call: Call) -> bool:
        """True when the call itself is what a defer statement runs."""
        block = call.file.rows.blocks[call.block] if call.block >= 0 else None
        return block is not None and block.kind == DEFER and block.end == call.row.end


__all__ = ["CASE", "LOOP", "Call", "Calls", "Operation"]
