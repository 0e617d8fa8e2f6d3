"""One declared limit, and how several places that declare the same one become one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rda_nb.core import Evidence, Quantity, State
from rda_nb.facts.vocabulary import FileFacts
from rda_nb.service.program import Function, Program, Span

TABLE = 4  # more places than this are a table


@dataclass(frozen=True, eq=False, slots=True)
class Knob:
    """One declared limit at the line of its default.

    `form` is flag, default (a configuration library), tag, field (a literal or assignment that fills one in), constant,
    variable, local or file (a configuration file sets a field that has no default in code). `symbol` is the name that holds
    it in code: `package#name` or `type.field`, '' for a local. `loaded` is the name by which a document sets a field that
    has no tag.
    """

    form: str
    kind: str
    name: str
    value: Quantity
    file: FileFacts
    start: int
    span: Span
    function: Function | None
    symbol: str
    configurable: bool
    evidence: Evidence
    more: tuple[Evidence, ...] = ()
    loaded: str = ""

    @property
    def timed(self) -> bool:
        """True when it is a time."""
        return self.value.unit == "s"


def one_per_default(found: list[Knob], program: Program) -> tuple[Knob, ...]:
    """One knob per line: a constant that a flag or field takes as its default carries that knob's key and place."""
    constants = {knob.symbol: knob for knob in found if knob.form in ("constant", "variable") and knob.symbol}
    kept: dict[tuple[str, int], Knob] = {}
    for knob in found:
        declared = constants.get(_named(knob, program)) if knob.form not in ("constant", "variable") else None
        if declared is not None:
            value = knob.value if knob.timed and not declared.timed else declared.value
            value = replace(value, config_key=knob.value.config_key or value.config_key)
            merged = replace(
                constants[declared.symbol], value=value, configurable=declared.configurable or knob.configurable,
                more=(*declared.more, knob.evidence), kind=knob.kind if knob.form == "flag" else declared.kind,
            )  # fmt: skip
            constants[declared.symbol] = merged
        else:
            kept.setdefault((knob.evidence.path, knob.evidence.line), knob)
    for place, knob in kept.items():
        if knob.symbol in constants and knob.form in ("constant", "variable"):
            kept[place] = constants[knob.symbol]
    return tuple(sorted(_rolled(list(kept.values())), key=lambda knob: (knob.file.path, knob.start)))


def _named(knob: Knob, program: Program) -> str:
    """The package value that a knob's default is written as, '' when it is written out."""
    node = (
        program.conventions.expression(knob.file.text[slice(*knob.span)], knob.span[0]) if knob.span != (0, 0) else None
    )
    while node is not None and node.kind in ("call", "convert") and len(node.parts) in (1, 2):
        node = node.parts[-1]
    if node is None:
        return ""
    if node.kind == "name":
        return f"{program.package_of[knob.file.path]}#{node.text}"
    if node.kind == "select" and node.parts[0].kind == "name":
        path = program.imports(knob.file).get(node.parts[0].text, "")
        return f"{path}#{node.text}" if path in program.scopes else ""
    return ""


def _rolled(found: list[Knob]) -> Iterator[Knob]:
    """A field that one file fills in many times is a table: one knob with the span of its values."""
    tables: dict[tuple[str, str], list[Knob]] = {}
    for knob in found:
        tables.setdefault((knob.file.path, knob.symbol if knob.form == "field" else str(id(knob))), []).append(knob)
    for knobs in tables.values():
        first = min(knobs, key=lambda knob: knob.start)
        if len(knobs) <= TABLE or not first.symbol:
            yield from knobs
        elif first.kind != "resource_limit" or first.timed:
            numbers = sorted(number for knob in knobs if (number := knob.value.upper) is not None)
            state = State.KNOWN if numbers[0] == numbers[-1] else State.RANGE
            number = numbers[0] if state is State.KNOWN else None
            value = replace(first.value, state=state, number=number, low=numbers[0], high=numbers[-1])
            yield replace(first, value=value, more=tuple(knob.evidence for knob in knobs if knob is not first)[:TABLE])
