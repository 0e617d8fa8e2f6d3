"""Whether a declared value is applied: read by something that acts, not only parsed, checked, logged or copied on."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from rda_nb.core import Evidence
from rda_nb.facts.vocabulary import BRANCH, Entry, FileFacts
from rda_nb.service.calls import Call
from rda_nb.service.identifiers import Place, around, declares
from rda_nb.service.program import Function

if TYPE_CHECKING:
    from rda_nb.service.model import Service

_DEEPEST = 6
_MANY = 12
# A branch that refuses a value: it ends the start or fills the value in.
_REFUSES = re.compile(r"\b(?:Errorf|errors\.|errs\b|err\b|Fatal\w*|panic|Exit)\b")
# `value, err := ` before what is done.
_GIVEN_ERROR = re.compile(r"^[^=\n\"(]*?\berrs?\b\s*:?=(?!=)")
# Names that stand alone as an argument.
_WHOLE = re.compile(r"(?:^|(?<=[,(]))\s*[&*]?([A-Za-z_]\w*(?:\.\w+)*)\s*(?=,|$|\.\.\.)")
_REFLECTS = re.compile(
    r"(?i)marshal|encod|json|yaml|xml|render|execut|print|dump|diff|hash|copy|clone|interface|any|write|send|map"
)
_READERS = frozenset({"MarshalJSON", "MarshalYAML", "MarshalText", "String", "Value"})
_IGNORED_ROLES = ("log.", "error.new", "flag.define", "config.bind", "config.default", "metric.")


class Uses:
    """Follows declared values to where they are read. Every doubt counts as a use."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.program = service.program
        self._asking: set[tuple[str, ...]] = set()
        self.identifiers = service.unused.identifiers
        self._whole: dict[str, bool] = {}

    def applied(self, symbol: str) -> bool:
        """False only when every read of `package#name` or `type.field` is seen and none of them acts on it."""
        owner, sign, name = symbol.partition("#") if "#" in symbol else symbol.rpartition(".")
        places = self.identifiers.places(name)
        if sign != "#":
            # A field is only ever read behind a dot.
            places = [(f, at) for f, at in places if f.text[at - 1] == "." and not self._of_another(f, at, owner, name)]
        if not name or len(places) > _MANY or (symbol,) in self._asking or len(self._asking) > _DEEPEST:
            return True
        self._asking.add((symbol,))
        try:
            if any(self._acts(around(file, at)) for file, at in places):
                return True
        finally:
            self._asking.discard((symbol,))
        return sign != "#" and self._leaves_whole(owner)

    def _of_another(self, file: FileFacts, at: int, owner: str, name: str) -> bool:
        """True when the base's type is known and has a field of that name itself: it is not this one."""
        block = max((i for i, b in enumerate(file.rows.blocks) if b.start <= at < b.end), default=-1)
        kind = self.service.names.type_of_span(file, (around(file, at).start, at - 1), block)
        declared = self.program.types.get(kind)
        return declared is not None and kind != owner and name in declared.field_rows

    def _leaves_whole(self, owner: str) -> bool:
        """True when a value of the type, or one that holds it, may be read by reflection or by a library."""
        known = self._whole.get(owner)
        if known is None:
            self._whole[owner] = False
            declared = self.program.types.get(owner)
            known = declared is None or declared.kind != "struct" or bool(declared.methods.keys() & _READERS)
            known = known or owner in self._outside or f"[]{owner}" in self._outside or not self._read_at_all(owner)
            known = known or any(self._leaves_whole(holder) for holder in self._holders.get(owner, ()))
            self._whole[owner] = known
        return known

    @cached_property
    def _holders(self) -> dict[str, list[str]]:
        """Type -> the types with a field of it, in a container or not."""
        found: dict[str, list[str]] = {}
        for holder in self.program.types.values():
            for written in (*holder.fields.values(), *holder.embedded, holder.definition):
                for name in re.findall(r"[A-Za-z_][\w.]*", written)[:6]:
                    kind = self.service.names.canonical(name, holder.file)
                    if kind in self.program.types and kind != holder.key:
                        found.setdefault(kind, []).append(holder.key)
        return found

    @cached_property
    def _outside(self) -> set[str]:
        """Types of which a whole value is given to a call outside the target that may read all of it."""
        found: set[str] = set()
        for file in self.program.files:
            if file.role == "test":
                continue
            for index, row in enumerate(file.rows.calls):
                arguments = file.text[row.callee_end + 1 : row.end - 1]
                if arguments and len(arguments) < 400 and self._given_away(file, index):
                    reflects = _REFLECTS.search(file.text[row.start : row.callee_end].rpartition(".")[2]) is not None
                    for match in _WHOLE.finditer(arguments):
                        start = row.callee_end + 1 + match.start(1)
                        kind = self.service.names.type_of_span(file, (start, start + len(match[1])), row.block)
                        declared = self.program.types.get(kind)
                        # A value with methods is given to a library for these, unless the call's name says more.
                        if reflects or declared is None or not declared.methods:
                            found.add(kind)
        return found

    def _given_away(self, file: FileFacts, index: int) -> bool:
        """True when a call outside the target takes the whole value; filling it in (parse, decode, bind) is no reading."""
        found = self.service.names.resolve(file, index)
        # A function value that takes the target's own type is a function of the target, whichever it is.
        if found.kind in ("resolved", "builtin", "conversion", "dynamic"):
            return False
        operation = self.service.calls.operation(file, index)
        role = operation.role if operation else ""
        fills = role.startswith(("decode", "config.", "flag.", "log."))
        name = file.text[file.rows.calls[index].start : file.rows.calls[index].callee_end].rpartition(".")[2]
        return not (fills or re.match(r"(?i)unmarshal|decode|parse|load|process|bind|read|set|defaults|validate", name))

    def _read_at_all(self, owner: str) -> bool:
        """True when code reads any field of a type: one that none is read of only gives other programs' files their shape."""
        declared = self.program.types[owner]
        for name in sorted(declared.fields):
            for file, at in self.identifiers.places(name)[:_MANY]:
                place = around(file, at)
                if "." in file.text[place.start : place.end] and not declares(place):
                    return True
        return False

    # One place

    def _acts(self, place: Place) -> bool:
        file, text = place.file, place.file.text
        name = text[place.name : place.end]
        if declares(place):
            return False
        call = self._call_at(place)
        operation = self.service.calls.operation(file, call) if call is not None else None
        if operation is not None and operation.role.startswith(_IGNORED_ROLES):
            return False
        entry = self._entry_at(place)
        if entry is not None:
            return self._copied(file, entry)
        if self._checked(place, name):
            return False
        local = self._local_copy(place, call)
        if local is not None:
            return self._local(*local)
        if call is not None:
            return self._passed(place, call)
        return True

    def _call_at(self, place: Place) -> int | None:
        """The call that takes the expression as one whole argument, conversions looked through."""
        file = place.file
        best = None
        for index, row in enumerate(file.rows.calls):
            if row.start > place.start:
                break
            if row.callee_end <= place.start and place.end < row.end:
                if self.service.names.resolve(file, index).kind not in ("conversion",):
                    best = index
        return best

    def _entry_at(self, place: Place) -> Entry | None:
        """The entry of a literal whose value is the expression, conversions looked through."""
        for row in place.file.rows.entries:
            if row.literal >= 0 and row.value[0] <= place.start and place.end <= row.value[1]:
                rest = place.file.text[row.value[0] : place.start] + place.file.text[place.end : row.value[1]]
                if re.fullmatch(r"[&*]?(?:[\w.]+\(|\()*\)*", rest):
                    return row
        return None

    def _copied(self, file: FileFacts, entry: Entry) -> bool:
        """Whether the field that takes the copy is applied."""
        literal = file.rows.literals[entry.literal]
        owner = self.service.names.literal_owner(file, literal)
        if owner not in self.program.types:
            return True
        return self.applied(f"{owner}.{file.text[slice(*entry.key)]}")

    def _checked(self, place: Place, name: str) -> bool:
        """True in a condition or message whose branch only refuses the value or fills it in."""
        file, text = place.file, place.file.text
        for block in file.rows.blocks:
            if block.kind == BRANCH and block.start <= place.start < block.end:
                body = text[block.header[1] : block.end]
                if place.start < block.header[0]:
                    continue  # `if err := apply(x); err != nil`: what stands before the condition is done
                in_header = block.header[0] <= place.start < block.header[1]
                after = text[place.end : block.header[1]]
                alone = re.match(r"\)*\s*(?:[<>=!]=?)\s*(?:-?[\d_.]+\b|nil|\")", after) is not None
                if in_header and alone and (_REFUSES.search(body) or re.search(rf"\b{name}\s*=[^=]", body)):
                    return True
                line = text[text.rfind("\n", 0, place.start) + 1 : text.find("\n", place.end)]
                if not in_header and _REFUSES.search(_GIVEN_ERROR.sub("", line)):
                    return True
        return False

    def _local_copy(self, place: Place, call: int | None) -> tuple[FileFacts, Function, str, int] | None:
        """The local that takes the value as it is; what a call makes of it is another value."""
        file = place.file
        made = file.rows.calls[call].start if call is not None else -1
        for row in file.rows.bindings:
            for position, span in enumerate(row.values):
                if (
                    span[0] <= place.start
                    and place.end <= span[1]
                    and row.form in ("define", "variable")
                    and row.block >= 0
                ):
                    rest = file.text[span[0] : place.start] + file.text[place.end : span[1]]
                    function = self.program.enclosing(file, row.block)
                    same = len(row.names) == len(row.values) and made < span[0]
                    whole = same and re.fullmatch(r"[&*]?(?:[\w.]+\(|\()*\)*", rest)
                    return (file, function, row.names[position], row.end) if whole and function else None
        return None

    def _local(self, file: FileFacts, function: Function, name: str, start: int) -> bool:
        """Whether a local is applied in the rest of its function."""
        key = (file.path, function.key, name)
        if key in self._asking or len(self._asking) > _DEEPEST:
            return True
        end = function.root.row.end
        places = [
            at for f, at in self.identifiers.places(name) if f is file and start <= at < end and f.text[at - 1] != "."
        ]
        self._asking.add(key)
        try:
            return len(places) > _MANY or any(self._acts(Place(file, at, at + len(name), at)) for at in places)
        finally:
            self._asking.discard(key)

    def documented(self, key: str) -> Evidence | None:
        """The first line of a page of the target that names a configuration key."""
        word = re.compile(rf"(?<![\w-]){re.escape(key)}(?![\w-])")
        for page in self.service.target.files:
            if page.kind == "markdown" and page.role in ("docs", "product"):
                for number, line in enumerate(page.lines, 1):
                    if word.search(line):
                        return self.service.target.cite(page.path, number, number)
        return None

    def _passed(self, place: Place, index: int) -> bool:
        """Whether the parameter that takes the value is applied in the function of the target that is called."""
        file = place.file
        found = self.service.names.resolve(file, index)
        if found.kind != "resolved" or len(found.targets) != 1:
            return True
        call = self.service.calls.operation(file, index) or Call(file, index, None, found)
        target = found.targets[0]
        for position, argument in enumerate(self.service.calls.arguments(call)):
            if argument.start <= place.start and place.end <= argument.end:
                if not re.fullmatch(r"[&*]?[\w.]+(?:\([\w.&*]+\))?", file.slice((argument.start, argument.end))):
                    return True
                return self._parameter(target, position)
        return True

    def _parameter(self, target: Function, position: int) -> bool:
        if position >= len(target.parameters):
            return True
        name = target.parameters[position][0]
        if name in ("", "_"):
            return False
        key = (target.key, str(position))
        if key in self._asking or len(self._asking) > _DEEPEST:
            return True
        row, file = target.row, target.file
        head = max(row.parameters[1], row.results[1])
        places = [at for f, at in self.identifiers.places(name) if f is file and head <= at < row.end]
        self._asking.add(key)
        try:
            own = [at for at in places if file.text[at - 1] != "."]
            return len(own) > _MANY or any(self._acts(Place(file, at, at + len(name), at)) for at in own)
        finally:
            self._asking.discard(key)


__all__ = ["Uses"]
