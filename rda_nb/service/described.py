"""What a struct that an expression stands for gives a field: a route is described so by one value."""

from __future__ import annotations

from rda_nb.facts.vocabulary import Expression, FileFacts
from rda_nb.service.calls import Calls

Place = tuple[Expression, FileFacts, int]
_DEEPEST = 4


def given_to(calls: Calls, place: Place, field: str, depth: int = 0) -> Place | None:
    """The value of a field where the struct is written out: in place, in a local, or as all that a function gives back."""
    node, file, block = place
    if depth > _DEEPEST:
        return None
    if node.kind in ("unary", "address") and node.parts:
        return given_to(calls, (node.parts[0], file, block), field, depth + 1)
    if node.kind == "literal":
        value = next((part.parts[0] for part in node.parts if part.text == field and part.parts), None)
        return (value, file, block) if value is not None else None
    if node.kind == "name":
        bound = calls.names.local(node.text, file, node.start)
        if bound is None or len(bound[0].values) != len(bound[0].names):
            return None
        start, end = bound[0].values[bound[1]]
        value = calls.conventions.expression(file.text[start:end], start)
        return given_to(calls, (value, file, bound[0].block), field, depth + 1)
    index = file.call_at.get((node.start, node.end)) if node.kind == "call" else None
    made = calls.names.resolve(file, index).targets if index is not None else ()
    rows = made[0].returns if len(made) == 1 else []
    if len(rows) != 1 or not rows[0].values:
        return None
    start, end = rows[0].values[0]
    value = calls.conventions.expression(made[0].file.text[start:end], start)
    return given_to(calls, (value, made[0].file, rows[0].block), field, depth + 1)
